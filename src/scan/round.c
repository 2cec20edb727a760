#include "scan/round.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "kube/list.h"

void round_init(struct round *round, const struct scan_config *config,
                const struct scan_watcher *watcher, struct kube *kube, const atomic_bool *stop)
{
    *round = (struct round){.config = config, .watcher = watcher};
    calls_init(&round->calls, kube, watcher, stop);
    resources_init(&round->resources, config->resources, config->n_resources);
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        reports_init(&round->reports[i], i);
    }
    arena_init(&round->arena, LIMIT_REVIEW_ARENA);
}

static void forget(struct round *round)
{
    policy_set_unref(round->policies);
    names_done(&round->namespaces.names);
    free(round->namespaces.refused);
    index_done(&round->owners);
    free(round->findings);
    arena_done(&round->memory);
    round->policies = NULL;
    round->namespaces.refused = NULL;
    round->findings = NULL;
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        reports_done(&round->reports[i]);
    }
}

void round_done(struct round *round)
{
    forget(round);
    resources_done(&round->resources);
    arena_done(&round->arena);
}

static struct keeping keeping_of(struct round *round)
{
    return (struct keeping){.calls = &round->calls,
                            .namespaces = &round->namespaces,
                            .resources = &round->resources,
                            .counts = &round->counts};
}

/* -- who made an object -- */

/* The template that made it, if that is looked at too. */
static bool find_template(struct round *round, const yyjson_val *metadata,
                          struct index_key *ret_key)
{
    yyjson_val *owners = json_get(metadata, "ownerReferences"), *owner;
    size_t i, max;
    yyjson_arr_foreach(owners, i, max, owner)
    {
        if (yyjson_get_bool(json_get(owner, "controller"))) {
            return resources_of(&round->resources, json_str(json_get(owner, "apiVersion")),
                                json_str(json_get(owner, "kind"))) != NULL &&
                   uid_parse(json_str(json_get(owner, "uid")), ret_key->uid);
        }
    }
    return false;
}

/* What was found of a template; empty if nothing was, or it was not kept. */
static struct str findings_of(const struct round *round, const struct index_key *key)
{
    size_t number;
    return index_find(&round->owners, key, &number) ? round->findings[number] : STR_EMPTY;
}

/* Keep it for what was made by this one. What has no room is reported of each object by itself. */
static void keep_findings(struct round *round, const struct index_key *key, struct str findings)
{
    size_t number;
    if (findings.n == 0 || round->memory.used + findings.n + 64 > LIMIT_SCAN_FINDINGS) {
        return;
    }
    if (index_add(&round->owners, key, &number)) {
        round->findings[number] = arena_dup(&round->memory, findings);
    }
}

/* An old ReplicaSet that its Deployment keeps for a rollback. */
static bool is_idle(const struct scan_resource *resource, const yyjson_val *object)
{
    yyjson_val *replicas = json_get(json_get(object, "spec"), "replicas");
    return str_eq(resource->name, STR("replicasets")) && yyjson_is_uint(replicas) &&
           yyjson_get_uint(replicas) == 0;
}

/* -- judging -- */

static void add_labels(struct round *round, struct review *review)
{
    const struct scan_watcher *watcher = round->watcher;
    review->namespace_labels_known =
        watcher->labels != NULL && policy_set_asks_labels(round->policies) &&
        watcher->labels(watcher->self, review->namespace, &review->namespace_labels);
}

static status judge(struct round *round, const struct kube_item *item,
                    struct decision *ret_decision, struct error *err)
{
    struct review review;
    struct review_answer answer;
    const struct scan_watcher *watcher = round->watcher;
    const struct evaluate_options options = {
        .now = clock_wall(),
        .source = watcher->source != NULL ? watcher->source(watcher->self) : NULL,
    };
    TRY(review_from_manifest(&round->arena, round->config->kinds, item->object->root,
                             item->namespace, &review, err));
    add_labels(round, &review);
    return evaluate_review(round->policies, &review, &options, &round->arena, ret_decision, &answer,
                           err);
}

static void count(struct round *round, const struct decision *decision)
{
    bool warned = false;
    for (size_t i = 0; i < decision->n_images; i++) {
        warned = warned || decision->images[i].warned;
    }
    round->counts.objects++;
    round->counts.denied += decision->verdict != VERDICT_ALLOW;
    round->counts.warned += decision->verdict == VERDICT_ALLOW && warned;
    round->counts.allowed += decision->verdict == VERDICT_ALLOW && !warned;
}

/* -- one object -- */

struct lister {
    struct round *round;
    struct scan_resource *resource;
    struct scan_counts before; /* this list */
};

static status report(struct round *round, const struct kept *kept, struct error *err)
{
    const struct keeping keeping = keeping_of(round);
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        TRY(reports_keep(&round->reports[i], &keeping, kept, err));
    }
    return OK;
}

static bool describe(const struct lister *lister, const struct kube_item *item,
                     struct kept *ret_kept)
{
    const yyjson_val *root = item->object->root;
    *ret_kept = (struct kept){.resource = lister->resource, .time = clock_wall()};
    ret_kept->object = (struct report_object){
        .api_version = json_str(json_get(root, "apiVersion")),
        .kind = json_str(json_get(root, "kind")),
        .namespace = item->namespace,
        .name = item->name,
    };
    if (!uid_parse(json_str(json_get(json_get(root, "metadata"), "uid")), ret_kept->object.uid)) {
        return false;
    }
    memcpy(ret_kept->key.uid, ret_kept->object.uid, UID_BYTES);
    return names_add(&lister->round->namespaces.names, item->namespace, &ret_kept->key.namespace);
}

static status look_at(struct lister *lister, const struct kube_item *item, struct kept *kept,
                      struct error *err)
{
    struct round *round = lister->round;
    const struct scan_config *config = round->config;
    const yyjson_val *root = item->object->root;
    struct index_key template = {.namespace = kept->key.namespace};
    bool made = find_template(round, json_get(root, "metadata"), &template);
    struct decision decision = {0};
    struct results *results = ARENA_NEW(&round->arena, struct results);
    if (made && is_idle(lister->resource, root)) {
        round->counts.left_out++;
        return OK;
    }
    TRY(judge(round, item, &decision, err));
    results_make(&decision, config->audit, &round->arena, results);
    struct str findings = results_findings(results, &round->arena);
    keep_findings(round, &kept->key, findings);
    if (made && (findings.n == 0 || str_eq(findings, findings_of(round, &template)))) {
        round->counts.left_out++;
        return OK;
    }
    count(round, &decision);
    kept->results = results;
    bool wanted = results->n_findings > 0 || (config->passes && results->n > 0);
    return wanted ? report(round, kept, err) : OK;
}

static status take(void *self, const struct kube_item *item, struct error *err)
{
    struct lister *lister = self;
    struct kept kept;
    arena_reset(&lister->round->arena);
    if (item->namespace.n == 0 || !describe(lister, item, &kept)) {
        lister->round->counts.left_out++;
        return OK;
    }
    return look_at(lister, item, &kept, err);
}

/* -- lists -- */

static void tell(const struct round *round, enum scan_event_kind kind)
{
    round->watcher->tell(round->watcher->self,
                         &(struct scan_event){.kind = kind, .counts = &round->counts});
}

/* The policies in use now, for the next page. Errors: TIMEOUT (there are none). */
static status take_policies(struct round *round, struct error *err)
{
    struct policy_set *newest = round->watcher->policies(round->watcher->self);
    if (newest == NULL) {
        return error_set(err, ERROR_TIMEOUT, "there are no policies yet");
    }
    policy_set_unref(round->policies);
    round->policies = newest;
    return OK;
}

static status page(void *self, const struct kube_list_page *told, struct error *err)
{
    const struct lister *lister = self;
    struct round *round = lister->round;
    (void)told;
    calls_note(&round->calls, SCAN_LIST, SCAN_DONE, err);
    tell(round, SCAN_PROGRESS);
    TRY(take_policies(round, err));
    return calls_wait(&round->calls, err);
}

/* What was written is known, and will be found as it should be. */
static void again(void *self, const char *why)
{
    const struct lister *lister = self;
    struct scan_counts *counts = &lister->round->counts;
    (void)why;
    counts->objects = lister->before.objects;
    counts->left_out = lister->before.left_out;
    counts->allowed = lister->before.allowed;
    counts->warned = lister->before.warned;
    counts->denied = lister->before.denied;
}

static status list(struct round *round, struct scan_resource *resource, struct error *err)
{
    struct lister lister = {.round = round, .resource = resource, .before = round->counts};
    const struct kube_list_taker taker = {
        .self = &lister, .take = take, .page = page, .again = again};
    struct kube_type type;
    struct kube_version version;
    if (resource->kind.n == 0) {
        TRY(resources_find(&round->resources, resource, &round->calls, err));
    }
    if (resource->absent) {
        return OK;
    }
    TRY(calls_wait(&round->calls, err));
    const struct kube_list list = {
        .path = arena_dup(&round->memory, resource->path).p}; /* ends with a NUL */
    status st = kube_list(round->calls.kube, &list, &taker, &type, &version, err);
    if (failed(st)) {
        bool absent = err->kind == ERROR_NOT_FOUND;
        calls_note(&round->calls, SCAN_LIST, absent ? SCAN_NOT_FOUND : SCAN_FAILED, err);
    }
    return st;
}

/* -- all of it -- */

static void begin(struct round *round)
{
    round->counts = (struct scan_counts){0};
    round->calls.over = false;
    round->calls.failures = 0;
    resources_reset(&round->resources);
    names_init(&round->namespaces.names, LIMIT_SCAN_NAMESPACES);
    round->namespaces.refused = calloc(LIMIT_SCAN_NAMESPACES, sizeof(bool));
    index_init(&round->owners, LIMIT_SCAN_REPORTS);
    round->findings = calloc(LIMIT_SCAN_REPORTS, sizeof *round->findings);
    ENSURE(round->namespaces.refused != NULL && round->findings != NULL);
    arena_init(&round->memory, LIMIT_SCAN_FINDINGS + MIB);
}

/* Ask for what is not known of custom kinds, before anything is recognised by it. */
static void find_resources(struct round *round)
{
    struct error err;
    for (size_t i = 0; i < round->resources.n && !round->calls.over; i++) {
        struct scan_resource *it = &round->resources.items[i];
        if (it->custom && failed(resources_find(&round->resources, it, &round->calls, &err))) {
            it->kind = STR_EMPTY; /* asked for again when it is its turn */
        }
    }
}

static bool list_all(struct round *round)
{
    bool whole = true;
    struct error err;
    for (size_t i = 0; i < round->resources.n && !round->calls.over; i++) {
        struct scan_resource *it = &round->resources.items[i];
        it->listed = !failed(list(round, it, &err));
        if (it->listed) {
            scan_tell_recovery(&round->calls, it->name, &it->failing);
        } else {
            scan_tell_failure(&round->calls, it->name, &it->failing, &err);
        }
        whole = whole && it->listed;
    }
    return whole;
}

static status run(struct round *round, bool *ret_whole, struct error *err)
{
    const struct keeping keeping = keeping_of(round);
    TRY(take_policies(round, err));
    round->hash = policy_set_hash(round->policies);
    find_resources(round);
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        if (round->config->formats[i]) {
            TRY(reports_list(&round->reports[i], &keeping, err));
        }
    }
    *ret_whole = list_all(round);
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        TRY(reports_sweep(&round->reports[i], &keeping, err));
    }
    return calls_check(&round->calls, err);
}

enum round_result round_run(struct round *round)
{
    bool whole = false;
    struct error err;
    begin(round);
    tell(round, SCAN_BEGUN);
    bool over = failed(run(round, &whole, &err));
    if (over) {
        round->calls.why = err;
    }
    for (enum report_format i = 0; i < REPORT_FORMATS; i++) {
        round->counts.reports[i] = reports_count(&round->reports[i]);
    }
    forget(round);
    return over ? ROUND_ABANDONED : whole ? ROUND_COMPLETE : ROUND_PARTIAL;
}
