#include "server/health.h"

#include <stdio.h>

#include "base/clock.h"
#include "observe/metrics.h"

static const char *const NAMES[LOADABLE_COUNT] = {"policies", "certificate", "client_ca"};

const char *loadable_name(enum loadable what)
{
    return NAMES[what];
}

void health_init(struct health *health)
{
    *health = (struct health){.draining = false};
    pthread_mutex_init(&health->lock, NULL);
}

void health_done(struct health *health)
{
    pthread_mutex_destroy(&health->lock);
}

void health_loaded(struct health *health, enum loadable what, const struct error *err)
{
    pthread_mutex_lock(&health->lock);
    health->used[what] = true;
    snprintf(health->broken[what], sizeof health->broken[what], "%s", err == NULL ? "" : err->text);
    pthread_mutex_unlock(&health->lock);

    struct str name = str_from(NAMES[what]);
    struct str result = err == NULL ? STR("success") : STR("error");
    metric_add(metric_series(METRIC_RELOADS, (struct str[]){name, result}, 2), 1);
    metric_set(metric_series(METRIC_RELOAD_BROKEN, &name, 1), err != NULL);
    if (err == NULL) {
        metric_set(metric_series(METRIC_RELOAD_TIME, &name, 1), clock_wall() / NS_PER_S);
    }
}

unsigned health_ready(struct health *health, struct buf *body)
{
    bool draining = atomic_load(&health->draining);
    buf_printf(body, "{\"ready\":%s,\"checks\":{", draining ? "false" : "true");
    buf_printf(body, "\"draining\":{\"ok\":%s}", draining ? "false" : "true");
    pthread_mutex_lock(&health->lock);
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        if (!health->used[what]) {
            continue;
        }
        bool fresh = health->broken[what][0] == '\0';
        buf_printf(body, ",\"%s\":{\"ok\":true,\"fresh\":%s", NAMES[what],
                   fresh ? "true" : "false");
        if (!fresh) {
            buf_add_cstr(body, ",\"detail\":");
            buf_add_json(body, str_from(health->broken[what]));
        }
        buf_add_char(body, '}');
    }
    pthread_mutex_unlock(&health->lock);
    buf_add_cstr(body, "}}\n");
    return draining ? 503 : 200;
}
