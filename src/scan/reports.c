#include "scan/reports.h"

#include <stdlib.h>

#include "base/limits.h"
#include "kube/list.h"

/* So many namespaces in a row refuse reports: nobody takes them, and asking on is no use. */
enum { REFUSALS = 10 };

#define SELECTOR "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpratique"

/* Memory of versions: those of 100,000 reports, each also after a change. */
enum { VERSIONS_MAX = 32 * MIB };

void reports_init(struct reports *reports, enum report_format format)
{
    *reports = (struct reports){.format = format};
}

static void forget(struct reports *reports)
{
    index_done(&reports->index);
    free(reports->items);
    arena_done(&reports->arena);
    reports->items = NULL;
    reports->room = 0;
}

void reports_done(struct reports *reports)
{
    forget(reports);
}

static void begin(struct reports *reports)
{
    forget(reports);
    index_init(&reports->index, LIMIT_SCAN_REPORTS);
    arena_init(&reports->arena, VERSIONS_MAX);
}

/* -- telling -- */

void scan_tell_failure(const struct calls *calls, struct str what, enum error_kind *failing,
                       const struct error *err)
{
    const struct scan_watcher *watcher = calls->watcher;
    if (calls->over || err->kind == *failing) {
        return;
    }
    *failing = err->kind;
    watcher->tell(watcher->self,
                  &(struct scan_event){.kind = SCAN_FAILURE, .what = what, .err = err});
}

void scan_tell_recovery(const struct calls *calls, struct str what, enum error_kind *failing)
{
    const struct scan_watcher *watcher = calls->watcher;
    if (*failing != ERROR_NONE) {
        *failing = ERROR_NONE;
        watcher->tell(watcher->self, &(struct scan_event){.kind = SCAN_RECOVERED, .what = what});
    }
}

static struct str plural_of(const struct reports *reports)
{
    return str_from(report_format_info(reports->format)->plural);
}

static void tell_failure(struct reports *reports, const struct keeping *keeping,
                         const struct error *err)
{
    scan_tell_failure(keeping->calls, plural_of(reports), &reports->failing, err);
}

static void tell_missing(struct reports *reports, const struct keeping *keeping)
{
    const struct scan_watcher *watcher = keeping->calls->watcher;
    if (!reports->missing) {
        watcher->tell(watcher->self,
                      &(struct scan_event){.kind = SCAN_MISSING, .what = plural_of(reports)});
    }
    reports->missing = true;
}

/* -- those that there are -- */

/* Room for what is known of report `number`, which the index has just given. */
static struct known *place(struct reports *reports, size_t number)
{
    if (number >= reports->room) {
        reports->room = reports->room == 0 ? 64 : reports->room * 2;
        reports->items = reallocarray(reports->items, reports->room, sizeof *reports->items);
        ENSURE(reports->items != NULL);
    }
    return &reports->items[number];
}

struct lister {
    struct reports *reports;
    const struct keeping *keeping;
};

static status take(void *self, const struct kube_item *item, struct error *err)
{
    const struct lister *lister = self;
    struct reports *reports = lister->reports;
    const yyjson_val *root = item->object->root, *scope = json_get(root, "scope");
    struct index_key key = {0};
    size_t number;
    if (!report_is_ours(root, key.uid)) {
        return OK;
    }
    if (!names_add(&lister->keeping->namespaces->names, item->namespace, &key.namespace) ||
        !index_add(&reports->index, &key, &number)) {
        return error_set(err, ERROR_LIMIT, "more than %u reports of ours, or %u namespaces",
                         LIMIT_SCAN_REPORTS, LIMIT_SCAN_NAMESPACES);
    }
    *place(reports, number) = (struct known){
        .digest = report_digest(root),
        .version = arena_dup(&reports->arena, item->version),
        .resource =
            resources_of(lister->keeping->resources, json_str(json_get(scope, "apiVersion")),
                         json_str(json_get(scope, "kind"))),
    };
    return OK;
}

static status page(void *self, const struct kube_list_page *told, struct error *err)
{
    const struct lister *lister = self;
    (void)told;
    calls_note(lister->keeping->calls, SCAN_LIST, SCAN_DONE, err);
    return calls_wait(lister->keeping->calls, err);
}

static void again(void *self, const char *why)
{
    const struct lister *lister = self;
    (void)why;
    begin(lister->reports);
}

/* Nothing is known after a failure, so nothing can be compared, and nothing is written. */
static void give_up(struct reports *reports, const struct keeping *keeping, const struct error *err)
{
    begin(reports);
    if (err->kind == ERROR_NOT_FOUND) {
        calls_note(keeping->calls, SCAN_LIST, SCAN_NOT_FOUND, err);
        tell_missing(reports, keeping);
        return;
    }
    calls_note(keeping->calls, SCAN_LIST, SCAN_FAILED, err);
    tell_failure(reports, keeping, err);
}

status reports_list(struct reports *reports, const struct keeping *keeping, struct error *err)
{
    const struct report_format_info *info = report_format_info(reports->format);
    struct lister lister = {.reports = reports, .keeping = keeping};
    const struct kube_list_taker taker = {
        .self = &lister, .take = take, .page = page, .again = again};
    char path[128];
    snprintf(path, sizeof path, "/apis/%s/%s", info->api_version, info->plural);
    const struct kube_list list = {.path = path, .query = SELECTOR};
    struct kube_type type;
    struct kube_version version;
    struct error why;
    begin(reports);
    reports->refusals = 0;
    TRY(calls_wait(keeping->calls, err));
    reports->there = !failed(kube_list(keeping->calls->kube, &list, &taker, &type, &version, &why));
    if (reports->there) {
        reports->missing = false;
    } else {
        give_up(reports, keeping, &why);
    }
    return calls_check(keeping->calls, err);
}

size_t reports_count(const struct reports *reports)
{
    return reports->index.n;
}

/* -- one report -- */

static struct str path_of(const struct reports *reports, const struct keeping *keeping,
                          const struct index_key *key, bool create, struct arena *arena)
{
    const struct report_format_info *info = report_format_info(reports->format);
    struct str namespace = keeping->namespaces->names.items[key->namespace];
    char uid[UID_TEXT_MAX];
    uid_write(key->uid, uid);
    return arena_printf(arena, "/apis/%s/namespaces/%.*s/%s%s%s", info->api_version,
                        STR_ARG(namespace), info->plural, create ? "" : "/" REPORT_NAME_PREFIX,
                        create ? "" : uid);
}

/* A namespace that goes away, or one whose reports are not ours to write. */
static void note_refusal(struct reports *reports, const struct keeping *keeping, uint32_t namespace)
{
    bool *refused = &keeping->namespaces->refused[namespace];
    reports->refusals += !*refused;
    *refused = true;
    reports->there = reports->there && reports->refusals < REFUSALS;
}

/* What became of a write. Errors: as calls_check. */
static status note_write(struct reports *reports, const struct keeping *keeping,
                         const struct kept *kept, bool done, const struct error *why,
                         struct error *err)
{
    if (done) {
        reports->refusals = 0;
        scan_tell_recovery(keeping->calls, plural_of(reports), &reports->failing);
        return OK;
    }
    keeping->counts->refused++;
    tell_failure(reports, keeping, why);
    if (why->kind == ERROR_UNAUTHORIZED || why->kind == ERROR_NOT_FOUND) {
        note_refusal(reports, keeping, kept->key.namespace);
    }
    return calls_check(keeping->calls, err);
}

/* Make the call; an outcome that is not DONE is an error here. */
static status send_call(const struct keeping *keeping, enum scan_call kind,
                        const struct kube_call *call, struct json_doc *ret_object,
                        struct error *err)
{
    enum kube_outcome outcome;
    TRY(calls_make(keeping->calls, kind, call, &outcome, ret_object, err));
    if (outcome == KUBE_NOT_FOUND) {
        return error_set(err, ERROR_NOT_FOUND, "%s %.*s: there is no such thing any more",
                         call->method, STR_ARG(call->path));
    }
    return outcome == KUBE_DONE
               ? OK
               : error_set(err, ERROR_UPSTREAM, "%s %.*s: another wrote it meanwhile", call->method,
                           STR_ARG(call->path));
}

static void remember(struct reports *reports, size_t number, const struct kept *kept,
                     uint64_t digest, const struct json_doc *written)
{
    *place(reports, number) = (struct known){
        .digest = digest,
        .version = arena_dup(&reports->arena, json_str(json_get(json_get(written->root, "metadata"),
                                                                "resourceVersion"))),
        .resource = kept->resource,
        .seen = true,
    };
}

static status create(struct reports *reports, const struct keeping *keeping,
                     const struct kept *kept, struct str body, uint64_t digest, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    json_doc_auto written = {0};
    struct error why;
    size_t number;
    if (reports->index.n == reports->index.max) {
        error_fill(&why, ERROR_LIMIT, "more than %u reports", LIMIT_SCAN_REPORTS);
        return note_write(reports, keeping, kept, false, &why, err);
    }
    const struct kube_call call = {
        .method = "POST",
        .path = path_of(reports, keeping, &kept->key, true, &arena),
        .content_type = "application/json",
        .body = body,
    };
    bool done = !failed(send_call(keeping, SCAN_CREATE, &call, &written, &why));
    if (done && index_add(&reports->index, &kept->key, &number)) {
        remember(reports, number, kept, digest, &written);
        keeping->counts->created++;
    }
    return note_write(reports, keeping, kept, done, &why, err);
}

static status update(struct reports *reports, const struct keeping *keeping,
                     const struct kept *kept, struct str body, size_t number, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    json_doc_auto written = {0};
    struct error why;
    const struct kube_call call = {
        .method = "PUT",
        .path = path_of(reports, keeping, &kept->key, false, &arena),
        .content_type = "application/json",
        .body = body,
    };
    reports->items[number].seen = true;
    bool done = !failed(send_call(keeping, SCAN_UPDATE, &call, &written, &why));
    if (done) {
        remember(reports, number, kept, report_digest(written.root), &written);
        keeping->counts->updated++;
    } else if (why.kind == ERROR_NOT_FOUND) {
        why.kind = ERROR_UPSTREAM; /* it is the report that is gone; it is made in the next scan */
    }
    return note_write(reports, keeping, kept, done, &why, err);
}

static status write_other(struct reports *reports, const struct keeping *keeping,
                          const struct kept *kept, struct error *err)
{
    buf_auto body;
    json_doc_auto doc = {0};
    size_t number = 0;
    bool known = index_find(&reports->index, &kept->key, &number);
    const struct report report = {
        .format = reports->format,
        .object = &kept->object,
        .results = kept->results,
        .version = known ? reports->items[number].version : STR_EMPTY,
        .time = kept->time,
    };
    buf_init(&body, LIMIT_REPORT);
    report_write(&report, &body);
    ENSURE(!buf_overflowed(&body));
    TRY(json_parse(buf_str(&body), JSON_WITHOUT_MARKS, &doc, err));
    uint64_t digest = report_digest(doc.root);
    if (known && reports->items[number].digest == digest) {
        reports->items[number].seen = true;
        keeping->counts->unchanged++;
        return OK;
    }
    return known ? update(reports, keeping, kept, buf_str(&body), number, err)
                 : create(reports, keeping, kept, buf_str(&body), digest, err);
}

/* What cannot be written anew stays as it is. */
static void leave(struct reports *reports, const struct kept *kept)
{
    size_t number;
    if (index_find(&reports->index, &kept->key, &number)) {
        reports->items[number].seen = true;
    }
}

status reports_keep(struct reports *reports, const struct keeping *keeping, const struct kept *kept,
                    struct error *err)
{
    if (!reports->there) {
        return OK;
    }
    if (keeping->namespaces->refused[kept->key.namespace]) {
        leave(reports, kept);
        keeping->counts->refused++;
        return OK;
    }
    return write_other(reports, keeping, kept, err);
}

/* -- those that are not wanted any more -- */

static bool is_stale(const struct known *known, bool whole)
{
    return !known->seen && (known->resource != NULL ? known->resource->listed : whole);
}

static status delete_one(struct reports *reports, const struct keeping *keeping, size_t number,
                         struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    json_doc_auto answer = {0};
    enum kube_outcome outcome;
    buf_auto body;
    buf_init(&body, KIB);
    buf_add_cstr(&body, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{"
                        "\"resourceVersion\":");
    buf_add_json(&body, reports->items[number].version);
    buf_add_cstr(&body, "}}");
    const struct kube_call call = {
        .method = "DELETE",
        .path = path_of(reports, keeping, &reports->index.keys[number], false, &arena),
        .content_type = "application/json",
        .body = buf_str(&body),
    };
    struct error why;
    if (failed(calls_make(keeping->calls, SCAN_DELETE, &call, &outcome, &answer, &why))) {
        tell_failure(reports, keeping, &why);
        return calls_check(keeping->calls, err);
    }
    keeping->counts->deleted += outcome == KUBE_DONE;
    return OK;
}

status reports_sweep(struct reports *reports, const struct keeping *keeping, struct error *err)
{
    bool whole = true;
    for (size_t i = 0; i < keeping->resources->n; i++) {
        whole = whole && keeping->resources->items[i].listed;
    }
    for (size_t i = 0; reports->there && i < reports->index.n; i++) {
        if (is_stale(&reports->items[i], whole)) {
            TRY(delete_one(reports, keeping, i, err));
        }
    }
    return OK;
}
