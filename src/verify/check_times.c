/* When it was signed: the times that logs and timestamp authorities vouch for. */
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/timestamp.h"
#include "verify/checking.h"

static void add_time(struct checking *c, struct verify_time time)
{
    c->times[c->n_times++] = time;
}

/* -- of logs -- */

static status add_log_times(struct checking *c)
{
    for (size_t i = 0; i < c->bundle.n_entries; i++) {
        const struct log_entry *entry = &c->bundle.entries[i];
        if (c->logs[i].promised) {
            if (entry->integrated > INT64_MAX / NS_PER_S) {
                return error_set(c->err, ERROR_EVIDENCE, "a log's time is no time");
            }
            add_time(c,
                     (struct verify_time){entry->integrated * NS_PER_S, true, c->logs[i].log->url});
        }
    }
    return OK;
}

/* -- of authorities -- */

static struct timestamp_authority *make_stampers(const struct checking *c)
{
    size_t n = c->trust->n_stampers;
    struct timestamp_authority *all = ARENA_ARRAY(c->arena, struct timestamp_authority, n);
    for (size_t i = 0; i < n; i++) {
        const struct trust_authority *it = &c->trust->stampers[i];
        all[i] = (struct timestamp_authority){
            .chain = (const struct x509_certificate *const *)it->chain,
            .n = it->n,
            .from = it->window.from,
            .until = it->window.until,
        };
    }
    return all;
}

static status check_distinct(struct checking *c)
{
    for (size_t i = 0; i < c->bundle.n_timestamps; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(c->bundle.timestamps[i], c->bundle.timestamps[j])) {
                return error_set(c->err, ERROR_EVIDENCE, "timestamp %zu stands twice", i + 1);
            }
        }
    }
    return OK;
}

static status add_timestamps(struct checking *c)
{
    const struct timestamp_authority *stampers = make_stampers(c);
    TRY(check_distinct(c));
    if (c->bundle.n_timestamps > 0 && c->trust->n_stampers == 0) {
        return error_set(c->err, ERROR_EVIDENCE,
                         "the bundle has a timestamp, and no timestamp authority is trusted");
    }
    for (size_t i = 0; i < c->bundle.n_timestamps; i++) {
        struct timestamp stamp;
        if (failed(timestamp_verify(c->bundle.timestamps[i], checking_signature(c), stampers,
                                    c->trust->n_stampers, &stamp, c->err))) {
            return error_wrap(c->err, "timestamp %zu", i + 1);
        }
        add_time(c,
                 (struct verify_time){stamp.time, false, c->trust->stampers[stamp.authority].uri});
    }
    return OK;
}

/* -- how many -- */

/* Times of one authority count once: whoever errs or lies does it as often as it is asked. */
static size_t count(const struct checking *c, bool stamps_alone)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_times; i++) {
        bool counts = !(stamps_alone && c->times[i].by_log);
        for (size_t j = 0; j < i; j++) {
            counts = counts && (c->times[j].by_log != c->times[i].by_log ||
                                !str_eq(c->times[j].whose, c->times[i].whose));
        }
        n += counts ? 1 : 0;
    }
    return n;
}

static status check_count(struct checking *c, size_t has, unsigned wanted, const char *what)
{
    if (has >= wanted) {
        return OK;
    }
    return has == 0 ? error_set(c->err, ERROR_EVIDENCE, "there is no trusted %s", what)
                    : error_set(c->err, ERROR_EVIDENCE,
                                "there are %zu trusted sources of a %s, and %u are asked for", has,
                                what, wanted);
}

/* -- when logs were trusted -- */

/* A log's key speaks for what was signed while it was trusted. Where no time is known, that cannot
 * be told of a key that is retired. */
static status check_log_windows(struct checking *c)
{
    for (size_t i = 0; i < c->bundle.n_entries; i++) {
        const struct trust_log *log = c->logs[i].log;
        bool trusted = c->n_times > 0 || log->window.until == INT64_MAX;
        for (size_t j = 0; j < c->n_times; j++) {
            trusted = trusted && trust_window_has(log->window, c->times[j].at);
        }
        if (!trusted) {
            return error_set(c->err, ERROR_EVIDENCE,
                             "entry %zu of a transparency log: the log's key was not trusted when "
                             "it was signed",
                             i + 1);
        }
    }
    return OK;
}

status check_times(struct checking *c)
{
    unsigned least = c->bundle.n_certificates > 0 && c->policy->times == 0 ? 1 : c->policy->times;
    c->times =
        ARENA_ARRAY(c->arena, struct verify_time, LIMIT_BUNDLE_ENTRIES + LIMIT_BUNDLE_TIMESTAMPS);
    TRY(add_log_times(c));
    TRY(add_timestamps(c));
    TRY(check_count(c, count(c, true), c->policy->timestamps, "timestamp"));
    TRY(check_count(c, count(c, false), least, "time of signing"));
    return check_log_windows(c);
}
