#include "registry/registry.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "registry/registry_parts.h"

static int64_t machine_now(void *self)
{
    (void)self;
    return clock_monotonic();
}

static int64_t machine_wall(void *self)
{
    (void)self;
    return clock_wall();
}

static void machine_wait(void *self, int64_t until, const atomic_bool *cancel)
{
    (void)self;
    clock_wait(until, cancel);
}

static const struct registry_time MACHINE = {NULL, machine_now, machine_wall, machine_wait};

void registry_options_say(const void *options, struct str url, struct cloud_way *ret_way)
{
    const struct registry_options *said = options;
    arena_auto arena;
    struct url parsed;
    arena_init(&arena, 4 * LIMIT_URL);
    *ret_way = (struct cloud_way){.ca = said->ca};
    if (url_parse(&arena, url, &parsed)) {
        const struct registry_host *host = registry_host_of(&said->hosts, &parsed);
        ret_way->plain = host->plain;
        ret_way->ca = host->ca.n > 0 ? host->ca : said->ca;
        ret_way->proxy = host->proxy;
    }
}

struct registry *registry_new(const struct registry_options *options)
{
    struct registry *registry = calloc(1, sizeof *registry);
    ENSURE(registry != NULL);
    *registry = (struct registry){
        .options = options,
        .time = options->time == NULL ? &MACHINE : options->time,
        .ports = ports_new(options->ports),
        .gates = gates_new(),
        .tokens = tokens_new(),
        .plain = calloc(options->hosts.n + 1, sizeof *registry->plain),
    };
    ENSURE(registry->plain != NULL);
    for (size_t i = 0; i < options->hosts.n; i++) {
        if (options->hosts.items[i].plain) {
            registry->plain[registry->n_plain++] = options->hosts.items[i].name;
        }
    }
    return registry;
}

void registry_free(struct registry *registry)
{
    if (registry != NULL) {
        ports_free(registry->ports);
        gates_free(registry->gates);
        tokens_free(registry->tokens);
        free(registry->plain);
        free(registry);
    }
}
