#include "server/page_gather.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "history/query.h"
#include "observe/metrics.h"
#include "server/request.h"
#include "ui/ui.h"

/* The history's page, and what is described of policies: LIMIT_UI_ROWS of them, with 32 rules. */
enum { ARENA_MAX = LIMIT_HISTORY_PAGE_BYTES + 16 * MIB };

void page_source_init(struct page_source *source, struct service *service)
{
    *source = (struct page_source){.service = service, .started = clock_wall()};
    const char *name = getenv("HOSTNAME");
    if (name != NULL && *name != '\0') {
        snprintf(source->replica, sizeof source->replica, "%s", name);
    } else if (gethostname(source->replica, sizeof source->replica - 1) != 0) {
        snprintf(source->replica, sizeof source->replica, "unknown");
    }
    arena_init(&source->arena, ARENA_MAX);
}

void page_source_done(struct page_source *source)
{
    arena_done(&source->arena);
}

struct ui_frame page_frame(const struct page_source *source, const struct ui_request *request)
{
    return (struct ui_frame){
        .now = clock_wall(),
        .version = STR(PRATIQUE_VERSION),
        .replica = str_from(source->replica),
        .request = request,
    };
}

unsigned page_message(const struct page_source *source, unsigned code, const char *heading,
                      const char *text, struct buf *html)
{
    struct ui_frame frame = page_frame(source, NULL);
    ui_refusal(&frame, heading, str_from(text), html);
    return code;
}

static int64_t value(enum metric metric, const struct str *labels, size_t n)
{
    return metric_value(metric_series(metric, labels, n));
}

static uint64_t count(enum metric metric, const struct str *labels, size_t n)
{
    int64_t number = value(metric, labels, n);
    return number < 0 ? 0 : (uint64_t)number;
}

static uint64_t count_lost(void)
{
    uint64_t sum = 0;
    for (enum history_loss loss = 0; loss < HISTORY_LOSS_COUNT; loss++) {
        struct str reason = str_from(history_loss_name(loss));
        sum += count(METRIC_HISTORY_LOST, &reason, 1);
    }
    return sum;
}

/* -- decisions -- */

static struct history_filter filter_of(const struct ui_request *request, int64_t now)
{
    const struct str *values = request->values;
    struct str namespace = values[UI_NAMESPACE];
    struct str dry_run = values[UI_DRY_RUN];
    return (struct history_filter){
        .verdict = values[UI_VERDICT],
        .namespace = str_eq(namespace, STR(UI_NO_NAMESPACE)) ? STR_EMPTY : namespace,
        .kind = values[UI_KIND],
        .user = values[UI_USER],
        .policy = values[UI_POLICY],
        .image = values[UI_IMAGE],
        .dry_run = str_eq(dry_run, STR("only"))   ? HISTORY_DRY_ONLY
                   : str_eq(dry_run, STR("none")) ? HISTORY_DRY_NOT
                                                  : HISTORY_DRY_TOO,
        .from = request->since_ns > 0 && now > request->since_ns ? now - request->since_ns : 0,
        .cursor = request->before,
        .limit = LIMIT_UI_ROWS,
        .deadline = clock_monotonic() + LIMIT_UI_LOOK_MS * NS_PER_MS,
    };
}

static status read_decisions(struct page_source *source, const struct history_filter *filter,
                             struct ui_decisions *decisions, struct error *err)
{
    struct history_reader *reader;
    struct history_page page = {0};
    struct history_span span = {0};
    TRY(history_reader_open(source->service->config->history.path, &reader, err));
    status st = history_query(reader, filter, &source->arena, &page, err);
    if (!failed(st)) {
        st = history_span(reader, &span, err);
    }
    history_reader_close(reader);
    TRY(st);
    *decisions = (struct ui_decisions){
        .history = UI_HISTORY_READ,
        .entries = page.entries,
        .n = page.n,
        .cursor = page.cursor,
        .looked = page.looked,
        .reached = page.reached,
        .left = page.cursor > span.first ? (uint64_t)(page.cursor - span.first) : 0,
    };
    return OK;
}

static unsigned gather_decisions(struct page_source *source, const struct ui_request *request,
                                 struct buf *html)
{
    struct ui_frame frame = page_frame(source, request);
    struct ui_decisions decisions = {.history = UI_HISTORY_OFF};
    struct error err;
    unsigned code = MHD_HTTP_OK;
    if (source->service->config->history.path != NULL) {
        struct history_filter filter = filter_of(request, frame.now);
        if (failed(read_decisions(source, &filter, &decisions, &err))) {
            decisions =
                (struct ui_decisions){.history = UI_HISTORY_FAILED, .problem = str_from(err.text)};
            code = MHD_HTTP_SERVICE_UNAVAILABLE;
        }
        decisions.losing = count_lost() > 0;
    }
    ui_decisions(&frame, &decisions, html);
    return code;
}

static unsigned gather_decision(struct page_source *source, const struct ui_request *request,
                                struct buf *html)
{
    struct ui_frame frame = page_frame(source, request);
    struct ui_decisions decisions = {0};
    struct error err;
    if (source->service->config->history.path == NULL) {
        return page_message(source, MHD_HTTP_NOT_FOUND, "No history is kept",
                            "The list of decisions says how to turn it on.", html);
    }
    struct history_filter filter = {.cursor = request->id + 1, .limit = 1};
    if (failed(read_decisions(source, &filter, &decisions, &err))) {
        return page_message(source, MHD_HTTP_SERVICE_UNAVAILABLE, "The history cannot be read now",
                            err.text, html);
    }
    if (decisions.n == 0 || decisions.entries[0]->id != request->id) {
        return page_message(source, MHD_HTTP_NOT_FOUND, "There is no such decision",
                            "It may have been so old that it was dropped, or another replica may "
                            "have made it: each keeps its own.",
                            html);
    }
    ui_decision(&frame, decisions.entries[0], html);
    return MHD_HTTP_OK;
}

/* -- the replica -- */

int64_t page_time_of_load(enum loadable what)
{
    struct str name = str_from(loadable_name(what));
    return value(METRIC_RELOAD_TIME, &name, 1) * NS_PER_S;
}

enum { CHECKS_MAX = LOADABLE_COUNT + 1 };

static void read_checks(struct service *service, struct arena *arena, struct ui_replica *replica)
{
    struct ui_check *checks = ARENA_ARRAY(arena, struct ui_check, CHECKS_MAX);
    size_t n = 0;
    bool draining = atomic_load(&service->health.draining);
    replica->ready = !draining;
    checks[n++] = (struct ui_check){STR("draining"), draining ? UI_BAD : UI_GOOD,
                                    draining ? STR("this replica is stopping")
                                             : STR("it is not asked to stop")};
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        struct health_check check;
        health_read(&service->health, what, &check);
        if (check.used) {
            replica->ready = replica->ready && !check.waiting;
            checks[n++] = (struct ui_check){
                .name = str_from(loadable_name(what)),
                .state = check.waiting             ? UI_BAD
                         : check.detail[0] != '\0' ? UI_STALE
                                                   : UI_GOOD,
                .detail = check.detail[0] == '\0' ? STR("the newest are in use")
                                                  : arena_dup(arena, str_from(check.detail)),
            };
        }
    }
    replica->checks = checks;
    replica->n_checks = n;
}

static void read_reviews(struct arena *arena, struct ui_replica *replica)
{
    struct ui_reviews *reviews = ARENA_ARRAY(arena, struct ui_reviews, ENDPOINT_COUNT);
    size_t n = 0;
    for (enum endpoint i = 0; i < ENDPOINT_COUNT; i++) {
        if (endpoint_reviews(i)) {
            struct str path = str_from(endpoint_path(i));
            reviews[n++] = (struct ui_reviews){
                .endpoint = path,
                .allowed = count(METRIC_REVIEWS, (struct str[]){path, STR("allow")}, 2),
                .denied = count(METRIC_REVIEWS, (struct str[]){path, STR("deny")}, 2),
                .failed = count(METRIC_REVIEWS, (struct str[]){path, STR("error")}, 2),
            };
        }
    }
    replica->reviews = reviews;
    replica->n_reviews = n;
}

static void read_losses(struct arena *arena, struct ui_replica *replica)
{
    struct ui_count *lost = ARENA_ARRAY(arena, struct ui_count, HISTORY_LOSS_COUNT);
    size_t n = 0;
    for (enum history_loss loss = 0; loss < HISTORY_LOSS_COUNT; loss++) {
        struct str reason = str_from(history_loss_name(loss));
        uint64_t number = count(METRIC_HISTORY_LOST, &reason, 1);
        if (number > 0) {
            lost[n++] = (struct ui_count){reason, number};
        }
    }
    replica->lost = lost;
    replica->n_lost = n;
    replica->written = count(METRIC_HISTORY_WRITTEN, NULL, 0);
}

static void read_set(struct service *service, struct ui_replica *replica)
{
    struct policy_counts counts;
    struct policy_set *set = snapshot_take(&service->snapshot);
    if (set == NULL) {
        return;
    }
    policy_set_counts(set, &counts);
    replica->policy_hash = policy_set_hash(set);
    policy_set_unref(set);
    replica->n_policies = counts.policies;
    replica->n_rules = counts.rules;
    replica->n_exceptions = counts.exceptions;
    replica->policies_loaded = page_time_of_load(LOADABLE_POLICIES);
}

static unsigned gather_replica(struct page_source *source, const struct ui_request *request,
                               struct buf *html)
{
    struct service *service = source->service;
    const struct server_config *config = service->config;
    struct ui_frame frame = page_frame(source, request);
    int64_t connections = metric_value(service->connections);
    struct ui_replica replica = {
        .started = source->started,
        .certificate_end = tls_expiry(service->tls) * NS_PER_S,
        .certificate_managed = config->managed_set,
        .connections = connections < 0 ? 0 : (uint64_t)connections,
        .connections_max = config->connections,
        .in_flight = atomic_load(&service->budget.reviews),
        .in_flight_max = config->reviews_in_flight,
        .history = config->history.path != NULL,
        .audit_lost = count(METRIC_AUDIT_LOST, NULL, 0),
    };
    read_set(service, &replica);
    read_checks(service, &source->arena, &replica);
    read_reviews(&source->arena, &replica);
    if (replica.history) {
        read_losses(&source->arena, &replica);
    }
    ui_replica(&frame, &replica, html);
    return MHD_HTTP_OK;
}

/* -- routes -- */

unsigned page_gather(struct page_source *source, struct str target, struct buf *html)
{
    static unsigned (*const PAGES[UI_PAGE_COUNT])(struct page_source *, const struct ui_request *,
                                                  struct buf *) = {
        [UI_DECISIONS] = gather_decisions,
        [UI_DECISION] = gather_decision,
        [UI_POLICIES] = page_policies,
        [UI_REPLICA] = gather_replica,
    };
    struct ui_request request;
    struct error err;
    arena_reset(&source->arena);
    if (!failed(ui_request_parse(target, &source->arena, &request, &err))) {
        return PAGES[request.page](source, &request, html);
    }
    return err.kind == ERROR_NOT_FOUND
               ? page_message(source, MHD_HTTP_NOT_FOUND, "Not found", err.text, html)
               : page_message(source, MHD_HTTP_BAD_REQUEST, "This cannot be asked", err.text, html);
}
