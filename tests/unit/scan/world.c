#include "world.h"

#include "base/limits.h"

#define UID "00000000-0000-0000-0000-%012u"

const char world_policies[] = "apiVersion: pratique.dev/v1alpha1\n"
                              "kind: ClusterImagePolicy\n"
                              "metadata: {name: baseline}\n"
                              "spec: {rules: [{name: ours, allow: [registry.example.com]}]}\n"
                              "---\n"
                              "apiVersion: pratique.dev/v1alpha1\n"
                              "kind: ClusterImagePolicy\n"
                              "metadata: {name: next}\n"
                              "spec: {mode: warn, rules: [{name: web, allow: [\"**/web\"]}]}\n";

struct world world;

static const struct {
    const char *collection, *api_version, *kind;
} TYPES[] = {
    {DEPLOYMENTS, "apps/v1", "Deployment"},
    {"/apis/apps/v1/statefulsets", "apps/v1", "StatefulSet"},
    {"/apis/apps/v1/daemonsets", "apps/v1", "DaemonSet"},
    {REPLICASETS, "apps/v1", "ReplicaSet"},
    {"/apis/batch/v1/cronjobs", "batch/v1", "CronJob"},
    {JOBS, "batch/v1", "Job"},
    {"/api/v1/replicationcontrollers", "v1", "ReplicationController"},
    {PODS, "v1", "Pod"},
    {POLICYREPORTS, "wgpolicyk8s.io/v1alpha2", "PolicyReport"},
    {REPORTS, "openreports.io/v1alpha1", "Report"},
    {SHIPS, "example.com/v3", "Ship"},
};

/* -- objects -- */

static struct world_object *find(const char *collection, const char *namespace, const char *name)
{
    for (size_t i = 0; i < world.n; i++) {
        struct world_object *it = &world.objects[i];
        if (it->text != NULL && strcmp(it->collection, collection) == 0 &&
            strcmp(it->namespace, namespace) == 0 && strcmp(it->name, name) == 0) {
            return it;
        }
    }
    return NULL;
}

void world_put(const char *collection, const char *namespace, const char *name, const char *text)
{
    struct world_object *it = find(collection, namespace, name);
    if (it == NULL) {
        assert_true(world.n < COUNT(world.objects));
        it = &world.objects[world.n++];
        snprintf(it->collection, sizeof it->collection, "%s", collection);
        snprintf(it->namespace, sizeof it->namespace, "%s", namespace);
        snprintf(it->name, sizeof it->name, "%s", name);
    }
    char *copy = strdup(text);
    free(it->text);
    it->text = copy;
    it->version = ++world.version;
}

void world_delete(const char *collection, const char *namespace, const char *name)
{
    struct world_object *it = find(collection, namespace, name);
    assert_non_null(it);
    free(it->text);
    it->text = NULL;
}

static void put_workload(const char *collection, const char *namespace, unsigned number,
                         const char *owner_kind, unsigned owner, const char *spec)
{
    char text[2048], owners[512] = "", name[32];
    if (owner != 0) {
        snprintf(owners, sizeof owners,
                 ",\"ownerReferences\":[{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"controller\":true,"
                 "\"name\":\"o%u\",\"uid\":\"" UID "\"}]",
                 strcmp(owner_kind, "Job") == 0    ? "batch/v1"
                 : strcmp(owner_kind, "Node") == 0 ? "v1"
                                                   : "apps/v1",
                 owner_kind, owner, owner);
    }
    snprintf(name, sizeof name, "o%u", number);
    snprintf(text, sizeof text,
             "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"uid\":\"" UID "\"%s},%s}", name,
             namespace, number, owners, spec);
    world_put(collection, namespace, name, text);
}

#define CONTAINERS "{\"containers\":[{\"name\":\"c\",\"image\":\"%s\"}]}"

void world_pod(const char *namespace, unsigned number, const char *image, const char *owner_kind,
               unsigned owner)
{
    char spec[512];
    snprintf(spec, sizeof spec, "\"spec\":" CONTAINERS, image);
    put_workload(PODS, namespace, number, owner_kind, owner, spec);
}

void world_template(const char *collection, const char *namespace, unsigned number,
                    const char *image, const char *owner_kind, unsigned owner, int replicas)
{
    char spec[512];
    snprintf(spec, sizeof spec, "\"spec\":{\"replicas\":%d,\"template\":{\"spec\":" CONTAINERS "}}",
             replicas, image);
    put_workload(collection, namespace, number, owner_kind, owner, spec);
}

const char *world_report(const char *collection, const char *namespace, unsigned number)
{
    char name[64];
    snprintf(name, sizeof name, "pratique-" UID, number);
    const struct world_object *it = find(collection, namespace, name);
    return it == NULL ? NULL : it->text;
}

size_t world_count(const char *collection)
{
    size_t n = 0;
    for (size_t i = 0; i < world.n; i++) {
        n += world.objects[i].text != NULL && strcmp(world.objects[i].collection, collection) == 0;
    }
    return n;
}

/* -- answers -- */

static yyjson_mut_doc *parse(const char *text)
{
    yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
    assert_non_null(doc);
    yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);
    yyjson_doc_free(doc);
    return copy;
}

static yyjson_mut_val *metadata_of(yyjson_mut_doc *doc)
{
    return yyjson_mut_obj_get(yyjson_mut_doc_get_root(doc), "metadata");
}

/* The object as it is answered: with its version, and members as an API server sorts them. */
static void add_object(struct buf *buf, const struct world_object *it)
{
    char version[32];
    snprintf(version, sizeof version, "%llu", (unsigned long long)it->version);
    yyjson_mut_doc *doc = parse(it->text);
    yyjson_mut_obj_put(metadata_of(doc), yyjson_mut_str(doc, "resourceVersion"),
                       yyjson_mut_strcpy(doc, version));
    char *text = yyjson_mut_write(doc, 0, NULL);
    buf_add_cstr(buf, text);
    free(text);
    yyjson_mut_doc_free(doc);
}

static bool is_selected(const struct world_object *it, const char *collection, bool labelled)
{
    return it->text != NULL && strcmp(it->collection, collection) == 0 &&
           (!labelled || strstr(it->text, "managed-by\":\"pratique\"") != NULL);
}

static unsigned number_of(const char *query, const char *name)
{
    unsigned number = 0;
    const char *at = query == NULL ? NULL : strstr(query, name);
    for (at = at == NULL ? "" : at + strlen(name); *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (unsigned)(*at - '0');
    }
    return number;
}

static void list(size_t type, const char *query, struct buf *buf)
{
    size_t limit = world.page > 0 ? world.page : number_of(query, "limit="), n = 0;
    size_t i = number_of(query, "continue=");
    bool labelled = strstr(query, "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpratique");
    world.lists++;
    buf_printf(buf, "{\"apiVersion\":\"%s\",\"kind\":\"%sList\",\"items\":[",
               TYPES[type].api_version, TYPES[type].kind);
    for (; i < world.n && n < limit; i++) {
        if (is_selected(&world.objects[i], TYPES[type].collection, labelled)) {
            buf_add_cstr(buf, n++ > 0 ? "," : "");
            add_object(buf, &world.objects[i]);
        }
    }
    buf_printf(buf, "],\"metadata\":{\"resourceVersion\":\"%llu\"",
               (unsigned long long)world.version);
    if (i < world.n) {
        buf_printf(buf, ",\"continue\":\"%zu\"", i);
    }
    buf_add_cstr(buf, "}}");
}

static unsigned get(const char *path, const char *query, struct buf *buf)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        if (strcmp(TYPES[i].collection, path) == 0 && query != NULL) {
            list(i, query, buf);
            return 200;
        }
    }
    for (size_t i = 0; i < world.n; i++) { /* discovery */
        if (world.objects[i].text != NULL && strcmp(world.objects[i].collection, path) == 0) {
            buf_add_cstr(buf, world.objects[i].text);
            return 200;
        }
    }
    return 404;
}

static void say(const char *method, const char *namespace, const char *name)
{
    size_t n = strlen(world.log);
    snprintf(world.log + n, sizeof world.log - n, "%s %s/%s\n", method, namespace,
             name + strlen(name) - 2);
    world.writes++;
}

/* Create, replace or delete a report; the version must be the one that there is. */
static unsigned write_one(const char *method, const char *collection, const char *namespace,
                          const char *name, struct str body, struct buf *buf)
{
    char text[LIMIT_REPORT + 1], version[32];
    snprintf(text, sizeof text, "%.*s", STR_ARG(body));
    yyjson_mut_doc *doc = parse(text);
    bool delete = strcmp(method, "DELETE") == 0, create = strcmp(method, "POST") == 0;
    yyjson_mut_val *place = delete
                                ? yyjson_mut_obj_get(yyjson_mut_doc_get_root(doc), "preconditions")
                                : metadata_of(doc);
    const char *given = yyjson_mut_get_str(yyjson_mut_obj_get(place, "resourceVersion"));
    const char *own = create ? yyjson_mut_get_str(yyjson_mut_obj_get(place, "name")) : name;
    struct world_object *it = find(collection, namespace, own);
    say(method, namespace, own);
    snprintf(version, sizeof version, "%llu", it == NULL ? 0ull : (unsigned long long)it->version);
    unsigned code = create                        ? (it == NULL ? 201 : 409)
                    : it == NULL                  ? 404
                    : given == NULL               ? 422
                    : strcmp(given, version) != 0 ? 409
                                                  : 200;
    if (code < 300 && delete) {
        world_delete(collection, namespace, own);
        buf_add_cstr(buf, "{}");
    } else if (code < 300) {
        yyjson_mut_obj_remove_key(place, "resourceVersion");
        char *stored = yyjson_mut_write(doc, 0, NULL);
        world_put(collection, namespace, own, stored);
        free(stored);
        add_object(buf, find(collection, namespace, own));
    }
    yyjson_mut_doc_free(doc);
    return code;
}

static unsigned perform(const struct fetch_request *request, char *path, struct buf *buf)
{
    char group[64] = "", namespace[32] = "", plural[32] = "", name[64] = "", collection[128];
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    if (strcmp(request->method, "GET") == 0) {
        return get(path, query, buf);
    }
    int n = sscanf(path, "/apis/%63[^/]/v1alpha%*1[12]/namespaces/%31[^/]/%31[^/]/%63s", group,
                   namespace, plural, name);
    assert_in_range(n, 3, 4);
    snprintf(collection, sizeof collection, "/apis/%s/%s/%s", group,
             group[0] == 'w' ? "v1alpha2" : "v1alpha1", plural);
    return write_one(request->method, collection, namespace, name, request->body, buf);
}

static bool is_missing(const char *path)
{
    return (world.missing[REPORT_WGPOLICYK8S] && strstr(path, "wgpolicyk8s.io") != NULL) ||
           (world.missing[REPORT_OPENREPORTS] && strstr(path, "openreports.io") != NULL);
}

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument;
    char path[512];
    buf_auto buf;
    buf_init(&buf, 8 << 20);
    snprintf(path, sizeof path, "%.*s", STR_ARG(str_sub(request->url, 11, request->url.n)));
    if (world.calls > 0 && world.now - world.last < world.least) {
        world.least = world.now - world.last;
    }
    world.last = world.now;
    world.calls++;
    unsigned code = world.fault == NULL ? 0 : world.fault(&world, request->method, path);
    if (code == 1) {
        return error_set(err, ERROR_UPSTREAM, "api: cannot be reached");
    }
    code = code > 0 ? code : is_missing(path) ? 404 : perform(request, path, &buf);
    *ret_answer = (struct fetch_answer){.status = code, .body = arena_dup(arena, buf_str(&buf))};
    if (code == 429) {
        static const struct fetch_header RETRY = {{"Retry-After", 11}, {"3", 1}};
        ret_answer->headers = &RETRY;
        ret_answer->n_headers = 1;
    }
    return OK;
}

/* -- what a scan asks and tells -- */

static int64_t now(void *self)
{
    (void)self;
    return world.now;
}

static void wait(void *self, int64_t until, const atomic_bool *cancel)
{
    (void)self, (void)cancel;
    world.now = until > world.now ? until : world.now;
}

static bool leads(void *self)
{
    (void)self;
    return world.calls < world.leads;
}

static struct policy_set *policies(void *self)
{
    (void)self;
    return world.policies == NULL ? NULL : policy_set_ref(world.policies);
}

static void tell(void *self, const struct scan_event *event)
{
    static const char *const WORDS[] = {
        [SCAN_BEGUN] = "begun",       [SCAN_PROGRESS] = "",       [SCAN_CALL] = "",
        [SCAN_MISSING] = "missing",   [SCAN_FAILURE] = "failure", [SCAN_RECOVERED] = "recovered",
        [SCAN_COMPLETE] = "complete", [SCAN_PARTIAL] = "partial", [SCAN_ABANDONED] = "abandoned"};
    (void)self;
    if (WORDS[event->kind][0] != '\0' && event->kind != SCAN_BEGUN) {
        size_t n = strlen(world.told);
        snprintf(world.told + n, sizeof world.told - n, "%s %.*s%s%s\n", WORDS[event->kind],
                 STR_ARG(event->what), event->err != NULL ? ": " : "",
                 event->err != NULL ? event->err->text : "");
    }
}

/* -- life -- */

void world_use(const char *text)
{
    struct diagnostics list;
    struct error err;
    const struct policy_options options = {.now = clock_wall()};
    diagnostics_init(&list, &world.arena);
    policy_set_unref(world.policies);
    assert_false(failed(
        policy_parse(STR("p.yaml"), str_from(text), &options, &list, &world.policies, &err)));
}

void world_follow(void)
{
    round_done(&world.round);
    round_init(&world.round, &world.config, &world.watcher, world.kube, NULL);
    world.leads = SIZE_MAX;
}

int world_begin(void **state)
{
    struct error err;
    (void)state;
    memset(&world, 0, sizeof world);
    arena_init(&world.arena, 256 << 20);
    assert_false(failed(kinds_build(&world.arena, NULL, 0, NULL, 0, &world.kinds, &err)));
    world.version = 100;
    world.least = INT64_MAX;
    world.leads = SIZE_MAX;
    world.now = 1000 * NS_PER_S;
    world.kube_config.server = STR("https://api");
    world.scripted.script = answer;
    world.port = fetch_scripted_port(&world.scripted);
    world.kube = kube_new(&world.kube_config, &world.port, NULL);
    world.time = (struct kube_time){now, wait, NULL};
    kube_set_time(world.kube, &world.time);
    world.config = (struct scan_config){.kinds = world.kinds};
    world.config.formats[REPORT_WGPOLICYK8S] = true;
    world.watcher = (struct scan_watcher){.leads = leads, .policies = policies, .tell = tell};
    world_use(world_policies);
    round_init(&world.round, &world.config, &world.watcher, world.kube, NULL);
    return 0;
}

int world_end(void **state)
{
    (void)state;
    round_done(&world.round);
    kube_free(world.kube);
    policy_set_unref(world.policies);
    for (size_t i = 0; i < world.n; i++) {
        free(world.objects[i].text);
    }
    arena_done(&world.arena);
    return 0;
}

enum round_result world_scan(void)
{
    world.log[0] = world.told[0] = '\0';
    world.calls = world.lists = world.writes = 0;
    enum round_result result = round_run(&world.round);
    world.counts = world.round.counts;
    return result;
}
