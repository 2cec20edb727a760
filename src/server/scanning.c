#include "server/scanning.h"

#include "base/clock.h"
#include "cluster/cluster.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/leading.h"

static const char *const VERDICTS[] = {"allow", "warn", "deny"};
static const char *const RESULTS[] = {"complete", "partial", "abandoned"};

static struct metric_series *labelled(enum metric metric, const char *label)
{
    struct str value = str_from(label);
    return metric_series(metric, &value, 1);
}

static void set(enum metric metric, int64_t value)
{
    metric_set(metric_series(metric, NULL, 0), value);
}

/* -- metrics -- */

static void set_objects(const struct scanning *scanning, const struct scan_counts *counts)
{
    const size_t verdicts[] = {counts->allowed, counts->warned, counts->denied};
    for (size_t i = 0; i < sizeof VERDICTS / sizeof *VERDICTS; i++) {
        metric_set(labelled(METRIC_SCAN_OBJECTS, VERDICTS[i]), (int64_t)verdicts[i]);
    }
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        if (scanning->config.formats[i]) {
            metric_set(labelled(METRIC_SCAN_REPORTS, report_format_info(i)->name),
                       (int64_t)counts->reports[i]);
        }
    }
}

static void count_call(enum scan_call call, enum scan_outcome outcome, int64_t n)
{
    const struct str labels[] = {str_from(scan_call_name(call)),
                                 str_from(scan_outcome_name(outcome))};
    metric_add(metric_series(METRIC_SCAN_CALLS, labels, 2), n);
}

/* So that each series is there before the first scan. */
static void make_series(const struct scanning *scanning)
{
    const struct scan_counts none = {0};
    set_objects(scanning, &none);
    for (enum scan_call call = 0; call < SCAN_CALLS; call++) {
        for (enum scan_outcome outcome = 0; outcome < SCAN_OUTCOMES; outcome++) {
            count_call(call, outcome, 0);
        }
    }
    for (size_t i = 0; i < sizeof RESULTS / sizeof *RESULTS; i++) {
        metric_add(labelled(METRIC_SCANS, RESULTS[i]), 0);
    }
    metric_add(metric_series(METRIC_SCAN_REFUSED, NULL, 0), 0);
    set(METRIC_SCAN_RUNNING, 0);
    set(METRIC_SCAN_PROGRESS, 0);
}

/* -- what is told -- */

static void tell_begin(void)
{
    set(METRIC_SCAN_RUNNING, 1);
    set(METRIC_SCAN_PROGRESS, 0);
    set(METRIC_SCAN_START, clock_wall() / NS_PER_S);
    LOG(LOG_INFO, "judging what runs already");
}

static void tell_end(const struct scanning *scanning, const struct scan_event *event)
{
    const struct scan_counts *counts = event->counts;
    const char *result = RESULTS[event->kind - SCAN_COMPLETE];
    metric_add(labelled(METRIC_SCANS, result), 1);
    metric_add(metric_series(METRIC_SCAN_REFUSED, NULL, 0), (int64_t)counts->refused);
    set(METRIC_SCAN_RUNNING, 0);
    set(METRIC_SCAN_COMPLETE, event->kind == SCAN_COMPLETE);
    set(METRIC_SCAN_SECONDS, (event->duration + NS_PER_S - 1) / NS_PER_S);
    if (event->kind != SCAN_ABANDONED) {
        set_objects(scanning, counts);
    }
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)event->policies);
    LOG(event->kind == SCAN_COMPLETE ? LOG_INFO : LOG_WARNING, "what runs already is judged",
        LOG_FIELD_CSTR("result", result),
        LOG_FIELD_CSTR("why", event->err == NULL ? "" : event->err->text),
        LOG_FIELD_INT("objects", counts->objects), LOG_FIELD_INT("leftOut", counts->left_out),
        LOG_FIELD_INT("denied", counts->denied), LOG_FIELD_INT("warned", counts->warned),
        LOG_FIELD_INT("created", counts->created), LOG_FIELD_INT("updated", counts->updated),
        LOG_FIELD_INT("deleted", counts->deleted), LOG_FIELD_INT("unchanged", counts->unchanged),
        LOG_FIELD_INT("refused", counts->refused),
        LOG_FIELD_INT("milliseconds", event->duration / NS_PER_MS),
        LOG_FIELD_CSTR("policyHash", hash));
}

static void tell(void *self, const struct scan_event *event)
{
    const struct scanning *scanning = self;
    switch (event->kind) {
    case SCAN_BEGUN:
        tell_begin();
        return;
    case SCAN_PROGRESS:
        set(METRIC_SCAN_PROGRESS, (int64_t)(event->counts->objects + event->counts->left_out));
        return;
    case SCAN_COMPLETE:
    case SCAN_PARTIAL:
    case SCAN_ABANDONED:
        tell_end(scanning, event);
        return;
    case SCAN_CALL:
        count_call(event->call, event->outcome, 1);
        return;
    case SCAN_MISSING:
        LOG(LOG_WARNING, "the API server knows no such reports; none are written",
            LOG_FIELD_STR("reports", event->what));
        return;
    case SCAN_FAILURE:
        LOG(LOG_ERROR, "judging what runs already fails in part; it is tried again",
            LOG_FIELD_STR("what", event->what), LOG_FIELD_CSTR("error", event->err->text),
            LOG_FIELD_CSTR("kind", error_kind_info(event->err->kind)->label));
        return;
    case SCAN_RECOVERED:
        LOG(LOG_INFO, "judging what runs already goes on", LOG_FIELD_STR("what", event->what));
        return;
    }
}

/* -- what is asked -- */

/* A replica that does not lead any more shows nothing, lest a sum counts everything twice. */
static bool leads(void *self)
{
    struct scanning *scanning = self;
    bool now = leading_holds(scanning->service);
    if (scanning->led && !now) {
        const struct scan_counts none = {0};
        set_objects(scanning, &none);
        set(METRIC_SCAN_COMPLETE, 0);
    }
    scanning->led = now;
    return now;
}

static struct policy_set *policies(void *self)
{
    struct scanning *scanning = self;
    return snapshot_take(&scanning->service->snapshot);
}

/* As long as they are not known, they count as at a review. */
static bool labels(void *self, struct str namespace, yyjson_val **ret_labels)
{
    struct scanning *scanning = self;
    struct cluster *cluster = atomic_load(&scanning->service->cluster);
    json_doc_done(&scanning->labels);
    scanning->labels = (struct json_doc){0};
    bool known = cluster != NULL && cluster_namespace_labels(cluster, namespace, &scanning->labels);
    *ret_labels = scanning->labels.root;
    return known;
}

static const struct evidence_source *source(void *self)
{
    struct scanning *scanning = self;
    asking_release(scanning->asking);
    scanning->asking = asking_take(&scanning->service->asking);
    return asking_source(scanning->asking);
}

/* -- life -- */

status scanning_start(struct scanning *scanning, struct service *service, struct error *err)
{
    const struct server_config *config = service->config;
    *scanning = (struct scanning){.service = service};
    if (!config->reports_set) {
        return OK;
    }
    TRY(leading_need(service, "kubernetes.reports", err));
    scanning->config = config->reports;
    scanning->config.kube = &service->kube;
    scanning->config.kinds = config->kinds;
    scanning->watcher = (struct scan_watcher){.self = scanning,
                                              .leads = leads,
                                              .policies = policies,
                                              .labels = labels,
                                              .source = source,
                                              .tell = tell};
    make_series(scanning);
    return scan_start(&scanning->config, &scanning->watcher, &scanning->scan, err);
}

void scanning_stop(struct scanning *scanning)
{
    scan_stop(scanning->scan);
    scanning->scan = NULL;
    asking_release(scanning->asking);
    scanning->asking = NULL;
    json_doc_done(&scanning->labels);
    scanning->labels = (struct json_doc){0};
}
