/* `pratique serve`: the webhook server. */
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/diagnose.h"
#include "cli/options.h"
#include "cli/output.h"
#include "observe/log.h"
#include "server/config.h"
#include "server/server.h"

static enum log_level level_of(struct str name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } LEVELS[] = {{"debug", LOG_DEBUG}, {"warning", LOG_WARNING}, {"error", LOG_ERROR}};
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++) {
        if (str_eq(str_from(LEVELS[i].name), name)) {
            return LEVELS[i].level;
        }
    }
    return LOG_INFO;
}

static enum log_format format_of(struct str name)
{
    if (str_eq(name, STR("json"))) {
        return LOG_JSON;
    }
    return str_eq(name, STR("text")) ? LOG_TEXT : LOG_AUTO;
}

static status load_config(struct invocation *invocation, struct server_config *ret_config,
                          struct error *err)
{
    struct diagnostics list;
    diagnostics_init(&list, &invocation->arena);
    status st = server_config_load(&invocation->arena, option_argument(invocation, "config"), &list,
                                   ret_config, err);
    diagnose(invocation, &list);
    return st;
}

static status check_policies(struct invocation *invocation, const struct server_config *config,
                             struct error *err)
{
    struct policy_options options = config->policy_options;
    options.now = clock_wall();
    struct diagnostics list;
    diagnostics_init(&list, &invocation->arena);
    struct policy_set *set;
    const struct policy_sources sources = {.paths = config->policies,
                                           .n_paths = config->n_policies,
                                           .cluster = config->watch_policies};
    status st = policy_load_all(&sources, &options, &list, &set, err);
    diagnose(invocation, &list);
    TRY(st);
    policy_set_unref(set);
    return OK;
}

/* Whether the files that the server opens can be read; what is in them, the server sees. */
static status check_certificates(struct invocation *invocation, const struct server_config *config,
                                 struct error *err)
{
    const char *paths[] = {config->certificate, config->key, config->client_ca};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct str text;
        if (paths[i] != NULL) {
            TRY(file_read(&invocation->arena, paths[i], LIMIT_CERTIFICATE_FILE, &text, err));
        }
    }
    return OK;
}

static status check_all(struct invocation *invocation, const struct server_config *config,
                        struct error *err)
{
    TRY(check_policies(invocation, config, err));
    TRY(check_certificates(invocation, config, err));
    fputs("configuration and policies are sound\n", invocation->out);
    return OK;
}

/* Read the configuration and, with --check-config, what it names. Whatever is wrong there, a
 * missing file too, is for the operator to mend. */
static status prepare(struct invocation *invocation, struct server_config *ret_config,
                      struct error *err)
{
    status st = load_config(invocation, ret_config, err);
    if (!failed(st) && option_given(invocation, "check-config")) {
        st = check_all(invocation, ret_config, err);
    }
    if (failed(st)) {
        err->kind = ERROR_CONFIG;
    }
    return st;
}

static int run(struct invocation *invocation)
{
    struct error err = {.kind = ERROR_CONFIG,
                        .text = "--config is missing: it names the configuration file"};
    struct server_config config;
    if (!option_given(invocation, "config") || failed(prepare(invocation, &config, &err))) {
        return output_error(invocation, &err);
    }
    if (option_given(invocation, "check-config")) {
        return EXIT_CODE_YES;
    }
    log_setup(STDERR_FILENO, level_of(config.log_level), format_of(config.log_format));
    if (failed(server_run(&config, &err))) {
        log_error("the server ended", &err);
        return error_kind_info(err.kind)->exit_code;
    }
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "config", .letter = 'c', .argument = "FILE", .help = "the configuration file"},
    {.name = "check-config",
     .help = "check the configuration, its policies and that its\n"
             "certificates can be read, and do not serve"},
    OPTION_END,
};

const struct command command_serve = {
    .name = "serve",
    .summary = "run the webhook server",
    .operands = "",
    .options = OPTIONS,
    .about = "Answers kube-apiserver over HTTPS: POST /validate, /mutate, /imagepolicy and\n"
             "/policies; GET /healthz, /readyz and /metrics. Certificates and policies are\n"
             "read again when their files change and on SIGHUP; SIGTERM drains and stops. The\n"
             "log goes to stderr.\n\n"
             "'pratique policy schema --of server --reference' describes the configuration.",
    .exits = "0  stopped by SIGTERM or SIGINT, or the configuration is sound\n"
             "2  the command line, the configuration, a policy or a certificate is wrong\n"
             "3  the server could not start or go on",
    .examples = "pratique serve --config /etc/pratique/server.yaml\n"
                "pratique serve --config server.yaml --check-config",
    .run = run,
};
