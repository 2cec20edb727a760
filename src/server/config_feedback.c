/* Where decisions are told beside the answer: the parts `traces`, `kubernetes.events` and
 * `kubernetes.reports`. */
#include "base/clock.h"
#include "base/limits.h"
#include "server/config_loading.h"

enum { DEFAULT_TRACE_QUEUE = 8192, DEFAULT_TRACE_RATE = 1000000, DEFAULT_EVENTS_QUEUE = 1024 };

static const int64_t DEFAULT_TRACE_TIMEOUT = 10 * NS_PER_S;
static const int64_t LEAST_TRACE_TIMEOUT = 100 * NS_PER_MS;
static const int64_t MOST_TRACE_TIMEOUT = 60 * NS_PER_S;
static const int64_t TRACE_GATHER = NS_PER_S;
static const int64_t TRACE_RETRY = NS_PER_S;
static const int64_t DEFAULT_REPORTS = 3600 * NS_PER_S;
static const int64_t LEAST_REPORTS = 10 * NS_PER_S;
static const int64_t MOST_REPORTS = 168 * 3600 * NS_PER_S;

static bool is_plain_text(struct str text)
{
    bool sound = true;
    for (size_t i = 0; i < text.n; i++) {
        sound = sound && text.p[i] > ' ' && text.p[i] < 0x7f;
    }
    return sound;
}

/* The collector's URL, with the path that OTLP has unless another is given. */
static struct str read_endpoint(struct loading *loading, const struct traces_doc *doc)
{
    struct str url = doc->endpoint.text, scheme, host, path;
    str_cut(url, ':', &scheme, &host);
    bool plain = str_eq(scheme, STR("http"));
    bool sound = is_plain_text(url) && (plain || str_eq(scheme, STR("https"))) &&
                 str_starts(host, STR("//"));
    bool has_path = str_cut(str_sub(host, 2, host.n), '/', &host, &path);
    if (!sound || host.n == 0 || str_find(url, '#') < url.n) {
        loading_complain(loading, &doc->endpoint,
                         "must be a URL, such as https://collector.example:4318");
    } else if (str_find(host, '@') < host.n) {
        loading_complain(loading, &doc->endpoint,
                         "must not hold a password; put it into the file traces.headers");
    } else if (plain && !doc->plain) {
        loading_complain(loading, &doc->endpoint,
                         "is not encrypted: give https, or allow http by plain: true");
    }
    const struct str parts[] = {url, has_path ? STR_EMPTY : STR("/"),
                                path.n > 0 ? STR_EMPTY : STR("v1/traces")};
    return arena_join(loading->arena, parts, sizeof parts / sizeof *parts);
}

void loading_traces(struct loading *loading)
{
    const struct traces_doc *doc = &loading->doc->traces;
    struct trace_config *traces = &loading->config->traces;
    if (!loading->doc->traces_set) {
        return;
    }
    *traces = (struct trace_config){
        .url = read_endpoint(loading, doc),
        .plain = doc->plain,
        .ca = loading_optional_file(loading, &doc->ca),
        .headers = loading_optional_file(loading, &doc->headers),
        .per_million = doc->rate_set ? doc->rate : DEFAULT_TRACE_RATE,
        .queue = loading_or(doc->queue, DEFAULT_TRACE_QUEUE),
        .timeout_ns = doc->timeout_set ? doc->timeout : DEFAULT_TRACE_TIMEOUT,
        .gather_ns = TRACE_GATHER,
        .retry_ns = TRACE_RETRY,
        .resource.service = doc->service.text.n > 0 ? arena_dup(loading->arena, doc->service.text)
                                                    : STR("pratique"),
    };
    loading_check_time(loading, "traces.timeout", traces->timeout_ns, LEAST_TRACE_TIMEOUT,
                       MOST_TRACE_TIMEOUT);
}

void loading_events(struct loading *loading)
{
    const struct kubernetes_doc *doc = &loading->doc->kubernetes;
    struct server_config *config = loading->config;
    if (doc->events_set) {
        config->events_queue = loading_or(doc->events.queue, DEFAULT_EVENTS_QUEUE);
        config->events_warnings = doc->events.warnings;
    }
}

/* -- reports -- */

static void read_formats(struct loading *loading)
{
    const struct texts *names = &loading->doc->kubernetes.reports.format;
    for (size_t i = 0; i < names->n; i++) {
        for (enum report_format format = 0; format < REPORT_FORMATS; format++) {
            if (str_eq(names->items[i].text, str_from(report_format_info(format)->name))) {
                loading->config->reports.formats[format] = true;
            }
        }
    }
}

void loading_reports(struct loading *loading)
{
    const struct reports_doc *doc = &loading->doc->kubernetes.reports;
    struct scan_config *reports = &loading->config->reports;
    loading->config->reports_set = loading->doc->kubernetes.reports_set;
    if (!loading->config->reports_set) {
        return;
    }
    struct str *resources = ARENA_ARRAY(loading->arena, struct str, doc->resources.n);
    for (size_t i = 0; i < doc->resources.n; i++) {
        const struct text *name = &doc->resources.items[i];
        if (!kube_name_is_sound(name->text) || str_find(name->text, '.') == name->text.n) {
            loading_complain(loading, name,
                             "must be plural and group, such as rollouts.argoproj.io");
        }
        resources[i] = arena_dup(loading->arena, name->text);
    }
    reports->resources = resources;
    reports->n_resources = doc->resources.n;
    reports->passes = doc->passes;
    reports->audit = str_eq(doc->audit.text, STR("fail"))   ? SCAN_AUDIT_FAIL
                     : str_eq(doc->audit.text, STR("none")) ? SCAN_AUDIT_NONE
                                                            : SCAN_AUDIT_WARN;
    reports->interval = doc->interval_set ? doc->interval : DEFAULT_REPORTS;
    loading_check_time(loading, "kubernetes.reports.interval", reports->interval, LEAST_REPORTS,
                       MOST_REPORTS);
    read_formats(loading);
}
