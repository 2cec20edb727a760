#include "server/health.h"

#include <stdio.h>

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"

static const char *const NAMES[LOADABLE_COUNT] = {"policies", "certificate", "client_ca",
                                                  "registries", "cluster"};

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
    health->waiting[what] = health->waiting[what] && err != NULL;
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

void health_certificate(int64_t expiry)
{
    metric_set(metric_series(METRIC_CERTIFICATE_EXPIRY, NULL, 0), expiry);
    char text[CLOCK_TEXT_MAX];
    clock_format(expiry * NS_PER_S, text);
    if (expiry * NS_PER_S < clock_wall()) {
        LOG(LOG_WARNING, "the certificate has ended", LOG_FIELD_CSTR("expiry", text));
    } else {
        LOG(LOG_INFO, "certificate loaded", LOG_FIELD_CSTR("expiry", text));
    }
}

void health_waiting(struct health *health, enum loadable what, const char *why)
{
    pthread_mutex_lock(&health->lock);
    health->used[what] = true;
    health->waiting[what] = true;
    snprintf(health->broken[what], sizeof health->broken[what], "%s", why);
    pthread_mutex_unlock(&health->lock);
}

void health_read(struct health *health, enum loadable what, struct health_check *ret_check)
{
    pthread_mutex_lock(&health->lock);
    ret_check->used = health->used[what];
    ret_check->waiting = health->waiting[what];
    snprintf(ret_check->detail, sizeof ret_check->detail, "%s", health->broken[what]);
    pthread_mutex_unlock(&health->lock);
}

void health_note(struct health *health, enum loadable what, const char *wrong)
{
    pthread_mutex_lock(&health->lock);
    health->used[what] = true;
    health->waiting[what] = false;
    snprintf(health->broken[what], sizeof health->broken[what], "%s", wrong);
    pthread_mutex_unlock(&health->lock);
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

/* Append the check of each part, under the lock; returns whether none is waited for. */
static bool write_checks(const struct health *health, struct buf *body)
{
    bool ready = true;
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        if (!health->used[what]) {
            continue;
        }
        bool fresh = health->broken[what][0] == '\0';
        ready = ready && !health->waiting[what];
        buf_printf(body, ",\"%s\":{\"ok\":%s,\"fresh\":%s", NAMES[what],
                   truth(!health->waiting[what]), truth(fresh));
        if (!fresh) {
            buf_add_cstr(body, ",\"detail\":");
            buf_add_json(body, str_from(health->broken[what]));
        }
        buf_add_char(body, '}');
    }
    return ready;
}

unsigned health_ready(struct health *health, struct buf *body)
{
    bool draining = atomic_load(&health->draining);
    buf_auto checks;
    buf_init(&checks, LOADABLE_COUNT * 8 * ERROR_TEXT_MAX);
    pthread_mutex_lock(&health->lock);
    bool ready = write_checks(health, &checks) && !draining;
    pthread_mutex_unlock(&health->lock);
    buf_printf(body, "{\"ready\":%s,\"checks\":{\"draining\":{\"ok\":%s}", truth(ready),
               truth(!draining));
    buf_add(body, buf_str(&checks));
    buf_add_cstr(body, "}}\n");
    return ready ? 200 : 503;
}
