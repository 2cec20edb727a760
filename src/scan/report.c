#include "scan/report.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"

/* One result at its longest: message, image, path and names, all quotes. */
enum { RESULT_ROOM = 32 * KIB };

const struct report_format_info *report_format_info(enum report_format format)
{
    static const struct report_format_info FORMATS[REPORT_FORMATS] = {
        [REPORT_WGPOLICYK8S] = {"wgpolicyk8s", "wgpolicyk8s.io/v1alpha2", "PolicyReport",
                                "policyreports"},
        [REPORT_OPENREPORTS] = {"openreports", "openreports.io/v1alpha1", "Report", "reports"},
    };
    return &FORMATS[format];
}

/* -- texts -- */

/* Append at most `max` bytes of a text as a JSON string, cut at a character's border; what acts
 * instead of showing is a question mark. */
static void add_text(struct buf *buf, struct str text, size_t max)
{
    bool cut = text.n > max;
    text.n = utf8_cut(text.p, text.n, max);
    buf_auto clean;
    buf_init(&clean, LIMIT_REPORT_MESSAGE + 1024);
    while (text.n > 0) {
        size_t n = utf8_length(text.p, text.n);
        bool shown = n > 0 && !utf8_acts(text.p, n);
        n = n == 0 ? 1 : n;
        buf_add(&clean, shown ? str_sub(text, 0, n) : STR("?"));
        text = str_sub(text, n, text.n);
    }
    buf_add_cstr(&clean, cut ? "…" : "");
    buf_add_json(buf, buf_str(&clean));
}

static void add_member(struct buf *buf, const char *name, struct str text)
{
    buf_printf(buf, ",\"%s\":", name);
    add_text(buf, text, LIMIT_REPORT_MESSAGE);
}

/* -- one result -- */

static void add_properties(struct buf *buf, const struct result *result)
{
    const struct {
        const char *name;
        struct str text;
    } properties[] = {{"image", result->image},
                      {"path", result->path},
                      {"mode", result->mode},
                      {"cause", result->cause},
                      {"exception", result->exception}};
    bool first = true;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (properties[i].text.n == 0) {
            continue;
        }
        buf_printf(buf, "%s\"%s\":", first ? ",\"properties\":{" : ",", properties[i].name);
        add_text(buf, properties[i].text, LIMIT_REPORT_MESSAGE);
        first = false;
    }
    buf_add_cstr(buf, first ? "" : "}");
}

static void add_result(struct buf *buf, const struct result *result, int64_t time)
{
    buf_printf(buf, "{\"source\":\"%s\",\"policy\":", REPORT_SOURCE);
    add_text(buf, result->policy, LIMIT_REPORT_MESSAGE);
    if (result->rule.n > 0) {
        add_member(buf, "rule", result->rule);
    }
    if (result->message.n > 0) {
        add_member(buf, "message", result->message);
    }
    add_properties(buf, result);
    buf_printf(buf, ",\"result\":\"%s\",\"timestamp\":{\"seconds\":%lld,\"nanos\":%lld}}",
               scan_result_name(result->result), (long long)(time / NS_PER_S),
               (long long)(time % NS_PER_S));
}

/* -- all of them -- */

struct summary {
    size_t counts[SCAN_RESULTS];
};

static void add_counted(struct buf *buf, const struct result *result, int64_t time,
                        struct summary *summary)
{
    size_t listed = 0;
    for (size_t i = 0; i < SCAN_RESULTS; i++) {
        listed += summary->counts[i];
    }
    buf_add_cstr(buf, listed > 0 ? "," : "");
    add_result(buf, result, time);
    summary->counts[result->result]++;
}

static void add_results(struct buf *buf, const struct report *report, struct summary *summary)
{
    const struct results *results = report->results;
    size_t i = 0;
    buf_add_cstr(buf, ",\"results\":[");
    for (; i < results->n && buf->n < LIMIT_REPORT - 2 * RESULT_ROOM; i++) {
        add_counted(buf, &results->items[i], report->time, summary);
    }
    size_t left = results->n - i + results->n_dropped;
    if (left > 0) {
        char text[96];
        snprintf(text, sizeof text, "%zu more result%s: they are not listed, to keep this small",
                 left, left == 1 ? "" : "s");
        const struct result more = {
            .result = SCAN_SKIP, .policy = STR("more"), .message = str_from(text)};
        add_counted(buf, &more, report->time, summary);
    }
    buf_add_char(buf, ']');
}

static void add_summary(struct buf *buf, const struct summary *summary)
{
    buf_add_cstr(buf, ",\"summary\":{");
    for (enum scan_result i = 0; i < SCAN_RESULTS; i++) {
        buf_printf(buf, "%s\"%s\":%zu", i == 0 ? "" : ",", scan_result_name(i), summary->counts[i]);
    }
    buf_add_char(buf, '}');
}

/* Name and kind as the API server gave them: they must be its own to be found by. */
static void add_reference(struct buf *buf, const struct report_object *object)
{
    char uid[UID_TEXT_MAX];
    uid_write(object->uid, uid);
    buf_add_cstr(buf, "\"apiVersion\":");
    buf_add_json(buf, object->api_version);
    buf_add_member(buf, "kind", object->kind);
    buf_add_member(buf, "name", object->name);
    buf_add_member(buf, "uid", str_from(uid));
}

static void add_metadata(struct buf *buf, const struct report *report)
{
    char uid[UID_TEXT_MAX];
    uid_write(report->object->uid, uid);
    buf_printf(buf, ",\"metadata\":{\"name\":\"%s%s\"", REPORT_NAME_PREFIX, uid);
    buf_add_member(buf, "namespace", report->object->namespace);
    buf_printf(buf, ",\"labels\":{\"%s\":\"%s\"}", REPORT_MANAGED_BY, REPORT_SOURCE);
    if (report->version.n > 0) {
        buf_add_member(buf, "resourceVersion", report->version);
    }
    buf_add_cstr(buf, ",\"ownerReferences\":[{");
    add_reference(buf, report->object);
    buf_add_cstr(buf, "}]}");
}

void report_write(const struct report *report, struct buf *buf)
{
    const struct report_format_info *info = report_format_info(report->format);
    struct summary summary = {{0}};
    buf_printf(buf, "{\"apiVersion\":\"%s\",\"kind\":\"%s\"", info->api_version, info->kind);
    add_metadata(buf, report);
    if (report->format == REPORT_OPENREPORTS) {
        buf_add_member(buf, "source", STR(REPORT_SOURCE));
    }
    buf_add_cstr(buf, ",\"scope\":{");
    add_reference(buf, report->object);
    buf_add_member(buf, "namespace", report->object->namespace);
    buf_add_char(buf, '}');
    add_results(buf, report, &summary);
    add_summary(buf, &summary);
    buf_add_char(buf, '}');
}

/* -- comparing -- */

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

/* Members of an object may come in any order. Recursion is as deep as a document may be. */
static uint64_t digest(const yyjson_val *value, const char *but)
{
    yyjson_val *it = (yyjson_val *)(uintptr_t)value, *key, *member;
    uint64_t hash = mix(1, yyjson_get_type(it));
    size_t i, max;
    if (yyjson_is_str(it)) {
        return mix(hash, str_hash(json_str(it)));
    }
    if (yyjson_is_arr(it)) {
        yyjson_arr_foreach(it, i, max, member)
        {
            hash = mix(hash, digest(member, but));
        }
    } else if (yyjson_is_obj(it)) {
        yyjson_obj_foreach(it, i, max, key, member)
        {
            bool passed = but != NULL && yyjson_equals_str(key, but);
            hash += passed ? 0 : mix(str_hash(json_str(key)), digest(member, but));
        }
    } else if (yyjson_is_int(it)) {
        return mix(hash, (uint64_t)yyjson_get_sint(it));
    }
    return hash;
}

uint64_t report_digest(const yyjson_val *report)
{
    static const char *const MEMBERS[] = {"source", "scope", "results", "summary"};
    const yyjson_val *metadata = json_get(report, "metadata");
    const yyjson_val *label = json_get(json_get(metadata, "labels"), REPORT_MANAGED_BY);
    uint64_t hash = mix(digest(json_get(metadata, "ownerReferences"), NULL), digest(label, NULL));
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        hash = mix(hash, digest(json_get(report, MEMBERS[i]), "timestamp"));
    }
    return hash;
}

/* -- whose it is -- */

static bool is_of_our_source(const yyjson_val *report)
{
    yyjson_val *results = json_get(report, "results"), *result;
    const yyjson_val *source = json_get(report, "source");
    size_t i, max;
    if (source != NULL && !str_eq(json_str(source), STR(REPORT_SOURCE))) {
        return false;
    }
    yyjson_arr_foreach(results, i, max, result)
    {
        if (!str_eq(json_str(json_get(result, "source")), STR(REPORT_SOURCE))) {
            return false;
        }
    }
    return true;
}

bool report_is_ours(const yyjson_val *report, unsigned char ret_uid[UID_BYTES])
{
    const yyjson_val *metadata = json_get(report, "metadata");
    struct str name = json_str(json_get(metadata, "name"));
    struct str label = json_str(json_get(json_get(metadata, "labels"), REPORT_MANAGED_BY));
    struct str prefix = STR(REPORT_NAME_PREFIX);
    return str_eq(label, STR(REPORT_SOURCE)) && is_of_our_source(report) &&
           str_starts(name, prefix) && uid_parse(str_sub(name, prefix.n, name.n), ret_uid);
}
