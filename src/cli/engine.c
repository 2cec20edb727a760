#include "cli/engine.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/diagnose.h"
#include "cli/options.h"
#include "server/config.h"
#include "json/diagnostic.h"

const char *const engine_defaults[] = {"allow", "deny", NULL};
const char *const engine_runtimes[] = {"containerd", "cri-o", NULL};

struct sources {
    const char *const *paths;
    size_t n;
    struct policy_options options;
    const struct kinds *kinds;
};

/* What the configuration file says, or the defaults where none is given. */
static status read_config(struct invocation *invocation, struct sources *ret_sources,
                          struct error *err)
{
    const char *path = option_argument(invocation, "config");
    if (path == NULL) {
        *ret_sources = (struct sources){0};
        return kinds_build(&invocation->arena, NULL, 0, NULL, 0, &ret_sources->kinds, err);
    }
    struct diagnostics list;
    diagnostics_init(&list, &invocation->arena);
    struct server_config config;
    status st = server_config_load(&invocation->arena, path, &list, &config, err);
    diagnose(invocation, &list);
    TRY(st);
    *ret_sources = (struct sources){
        .paths = config.policies,
        .n = config.n_policies,
        .options = config.policy_options,
        .kinds = config.kinds,
    };
    return OK;
}

/* Options stand above the configuration file. */
static void apply_options(struct invocation *invocation, struct sources *sources)
{
    size_t n;
    const char **paths = option_arguments(invocation, "policy", &n);
    if (n > 0) {
        sources->paths = paths;
        sources->n = n;
    }
    const char *verdict = option_argument(invocation, "default");
    if (verdict != NULL) {
        sources->options.allow_uncovered = strcmp(verdict, "allow") == 0;
    }
    const char *runtime = option_argument(invocation, "runtime");
    if (runtime != NULL) {
        sources->options.runtime =
            strcmp(runtime, "cri-o") == 0 ? POLICY_RUNTIME_CRIO : POLICY_RUNTIME_CONTAINERD;
    }
    sources->options.now = clock_wall();
}

/* Standard input can be read once only. */
static status check_standard_input(const struct invocation *invocation,
                                   const struct sources *sources, struct error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < sources->n; i++) {
        n += strcmp(sources->paths[i], "-") == 0 ? 1 : 0;
    }
    for (size_t i = 0; i < invocation->n_operands; i++) {
        n += strcmp(invocation->operands[i], "-") == 0 ? 1 : 0;
    }
    if (n > 1) {
        return error_set(err, ERROR_CONFIG, "standard input (-) can be read once only");
    }
    return OK;
}

/* Load the policies of `sources` and tell what is wrong with them. */
static status load_policies(struct invocation *invocation, const struct sources *sources,
                            struct engine *ret_engine, struct error *err)
{
    TRY(check_standard_input(invocation, sources, err));
    struct diagnostics list;
    diagnostics_init(&list, &invocation->arena);
    struct policy_set *set;
    status st = policy_load(sources->paths, sources->n, &sources->options, &list, &set, err);
    diagnose(invocation, &list);
    TRY(st);
    *ret_engine = (struct engine){.set = set, .kinds = sources->kinds};
    return OK;
}

static status load(struct invocation *invocation, struct engine *ret_engine, struct error *err)
{
    struct sources sources;
    TRY(read_config(invocation, &sources, err));
    apply_options(invocation, &sources);
    if (sources.n == 0) {
        return error_set(err, ERROR_CONFIG, "no policy to decide by: give --policy or --config");
    }
    return load_policies(invocation, &sources, ret_engine, err);
}

status engine_load(struct invocation *invocation, struct engine *ret_engine, struct error *err)
{
    if (failed(load(invocation, ret_engine, err))) {
        err->kind = ERROR_CONFIG;
        return FAILED;
    }
    return OK;
}

static status load_other(struct invocation *invocation, const char *name, struct engine *ret_engine,
                         struct error *err)
{
    struct sources sources;
    TRY(read_config(invocation, &sources, err));
    apply_options(invocation, &sources);
    sources.paths = option_arguments(invocation, name, &sources.n);
    if (sources.n == 0) {
        *ret_engine = (struct engine){.kinds = sources.kinds};
        return OK;
    }
    return load_policies(invocation, &sources, ret_engine, err);
}

status engine_load_other(struct invocation *invocation, const char *name, struct engine *ret_engine,
                         struct error *err)
{
    if (failed(load_other(invocation, name, ret_engine, err))) {
        err->kind = ERROR_CONFIG;
        return FAILED;
    }
    return OK;
}

void engine_done(struct engine *engine)
{
    policy_set_unref(engine->set);
    engine->set = NULL;
}
