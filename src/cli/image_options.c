#include "cli/image_options.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"

/* One that is written so is named by a person as much as that of a reference. */
static bool has_port(struct str name)
{
    size_t from = str_starts(name, STR("[")) ? str_find(name, ']') : 0;
    return str_find(str_sub(name, from, name.n), ':') < name.n - from;
}

static status read_hosts(struct image_asker *asker, struct invocation *invocation,
                         struct error *err)
{
    struct arena *arena = &invocation->arena;
    size_t n;
    const char **names = option_arguments(invocation, "plain-http", &n);
    struct registry_host *hosts = ARENA_ARRAY(arena, struct registry_host, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct url url;
        if (!url_parse_host(arena, str_from(names[i]), true, &url)) {
            return error_set(err, ERROR_CONFIG, "--plain-http \"%s\": it takes HOST or HOST:PORT",
                             names[i]);
        }
        hosts[i] = (struct registry_host){.name = str_from(names[i]), .plain = true};
        hosts[i].inside_network = has_port(hosts[i].name);
    }
    asker->options.hosts = (struct registry_hosts){hosts, n};
    return OK;
}

/* Where docker keeps it; NULL: nowhere. */
static const char *default_config(struct arena *arena)
{
    const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
    if (folder != NULL && *folder != '\0') {
        return arena_printf(arena, "%s/config.json", folder).p;
    }
    return home != NULL && *home != '\0' ? arena_printf(arena, "%s/.docker/config.json", home).p
                                         : NULL;
}

static status read_keyring(struct image_asker *asker, struct invocation *invocation,
                           struct error *err)
{
    const char *given = option_argument(invocation, "docker-config");
    const char *path = given != NULL ? given : default_config(&invocation->arena);
    asker->keyring = keyring_new();
    if (path == NULL) {
        return OK;
    }
    status st = keyring_load_docker_config(asker->keyring, path, KEYRING_DOCKER, err);
    return failed(st) && given == NULL && err->kind == ERROR_NOT_FOUND ? OK : st;
}

const char *const image_clouds[] = {"aws", "gcp", "azure", NULL};

static status read_clouds(struct image_asker *asker, struct invocation *invocation,
                          struct error *err)
{
    struct clouds_config config = {0};
    const struct cloud_options options = {.say = registry_options_say, .said = &asker->options};
    size_t n;
    const char **names = option_arguments(invocation, "cloud", &n);
    for (size_t i = 0; i < n; i++) {
        config.aws = config.aws || strcmp(names[i], "aws") == 0;
        config.gcp = config.gcp || strcmp(names[i], "gcp") == 0;
        config.azure = config.azure || strcmp(names[i], "azure") == 0;
    }
    return failed(clouds_new(&config, &options, asker->keyring, &asker->clouds, err))
               ? error_wrap(err, "--cloud")
               : OK;
}

static status read_timeout(struct image_asker *asker, const struct invocation *invocation,
                           struct error *err)
{
    const char *text = option_argument(invocation, "timeout");
    asker->timeout = 30 * NS_PER_S;
    if (text == NULL) {
        return OK;
    }
    if (failed(clock_parse_duration(str_from(text), &asker->timeout, err))) {
        err->kind = ERROR_CONFIG;
        return error_wrap(err, "--timeout");
    }
    if (asker->timeout == 0 || asker->timeout > 24 * 60 * 60 * NS_PER_S) {
        return error_set(err, ERROR_CONFIG, "--timeout \"%s\": it takes up to a day, such as 30s",
                         text);
    }
    return OK;
}

/* To be ended also where it fails. */
static status start(struct image_asker *asker, struct invocation *invocation, struct error *err)
{
    const char *ca = option_argument(invocation, "ca");
    *asker = (struct image_asker){0};
    TRY(read_hosts(asker, invocation, err));
    TRY(read_timeout(asker, invocation, err));
    if (ca != NULL) {
        TRY(file_read(&invocation->arena, ca, LIMIT_CERTIFICATE_FILE, &asker->options.ca, err));
    }
    TRY(read_keyring(asker, invocation, err));
    TRY(read_clouds(asker, invocation, err));
    asker->registry = registry_new(&asker->options);
    return OK;
}

int image_run(struct invocation *invocation,
              int (*ask)(struct invocation *invocation, const struct image_asker *asker))
{
    struct image_asker asker;
    struct error err;
    int code = EXIT_CODE_USAGE;
    if (failed(start(&asker, invocation, &err))) {
        output_error(invocation, &err);
    } else {
        code = ask(invocation, &asker);
    }
    registry_free(asker.registry);
    keyring_free(asker.keyring);
    clouds_free(asker.clouds);
    return code;
}

struct registry_call image_call(const struct image_asker *asker, struct arena *arena,
                                struct registry_steps *steps)
{
    return (struct registry_call){
        .deadline = clock_monotonic() + asker->timeout,
        .keyring = asker->keyring,
        .trusted_name = true,
        .max_blob = LIMIT_IMAGE_CONFIG,
        .arena = arena,
        .steps = steps,
    };
}

struct str image_name(struct arena *arena, struct reference *reference)
{
    if (reference->tag.n == 0 && reference->digest.n == 0) {
        reference->tag = STR("latest");
    }
    return reference_print(arena, reference);
}
