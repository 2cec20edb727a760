#include "world.h"

#include "base/base64.h"
#include "base/buf.h"
#include "json/doc.h"

struct world world;

/* -- what is served and what verifies -- */

static struct str decode(struct arena *arena, struct str text)
{
    struct str bytes = STR_EMPTY;
    struct error err;
    return failed(base64_decode(arena, text, &bytes, &err)) ? STR_EMPTY : bytes;
}

static bool bundle_verifies(struct arena *arena, struct str bundle, struct str leaf)
{
    struct certificate_list list = {0};
    struct error err;
    if (failed(certificates_read(arena, bundle, &list, &err))) {
        return false;
    }
    for (size_t i = 0; i < list.n; i++) {
        if (!failed(certificate_check_issuer(leaf, list.items[i].pem, NAME, &err))) {
            return true;
        }
    }
    return false;
}

/* Each webhook of the configuration verifies what each replica serves. */
static bool configuration_verifies(struct arena *arena, const char *path)
{
    const char *text = fake_api_get(&world.api, path);
    struct error err;
    json_doc_auto doc = {0};
    if (text == NULL) {
        return true;
    }
    assert_false(failed(json_parse(str_from(text), JSON_WITHOUT_MARKS, &doc, &err)));
    yyjson_val *item, *list = json_get(doc.root, "webhooks");
    size_t index, max;
    yyjson_arr_foreach(list, index, max, item)
    {
        const yyjson_val *client = json_get(item, "clientConfig");
        struct str bundle = decode(arena, json_str(json_get(client, "caBundle")));
        if (json_get(client, "service") == NULL) {
            continue;
        }
        for (size_t i = 0; i < REPLICAS; i++) {
            const struct replica *replica = &world.replicas[i];
            if (replica->alive && !replica->stale && replica->leaf.n > 0 &&
                !bundle_verifies(arena, bundle, replica->leaf)) {
                return false;
            }
        }
    }
    return true;
}

static void check_world(void *argument, const char *method, const char *path)
{
    (void)argument;
    if (!world.watched || strcmp(method, "GET") == 0 || strstr(path, "/leases") != NULL) {
        return;
    }
    arena_auto arena;
    arena_init(&arena, 16 << 20);
    world.looks++;
    if (!configuration_verifies(&arena, VALIDATING) || !configuration_verifies(&arena, MUTATING)) {
        fail_msg("after %s %s at %llds: a caBundle does not verify what a replica serves", method,
                 path, (long long)(world.now / S));
    }
}

/* -- replicas -- */

static status use(void *self, struct str certificate, struct str key, struct error *err)
{
    struct replica *replica = self;
    (void)key;
    if (replica->refuses) {
        return error_set(err, ERROR_CONFIG, "the server does not take it");
    }
    replica->leaf = arena_dup(&test_arena, certificate);
    check_world(NULL, "use", "");
    return OK;
}

static void tell(void *self, const struct certificates_event *event)
{
    struct replica *replica = self;
    replica->events[event->kind]++;
    replica->repeated += event->again;
    if (event->kind == CERTIFICATES_WAITING) {
        snprintf(replica->waiting, sizeof replica->waiting, "%s", event->err->text);
    }
}

static int64_t clock_of_the_world(void)
{
    return world.now;
}

void world_start(size_t index)
{
    struct replica *replica = &world.replicas[index];
    *replica = (struct replica){.alive = true, .next = world.now};
    replica->watcher = (struct certificates_watcher){replica, use, tell};
    replica->kube = kube_new(&world.config.kube, &world.port, NULL);
    manager_init(&replica->manager, &world.config, &replica->watcher, replica->kube);
    replica->manager.clock = clock_of_the_world;
}

void world_kill(size_t index)
{
    struct replica *replica = &world.replicas[index];
    kube_free(replica->kube);
    *replica = (struct replica){.alive = false};
}

struct replica *world_leader(void)
{
    for (size_t i = 0; i < REPLICAS; i++) {
        if (world.replicas[i].alive && world.replicas[i].manager.leading) {
            return &world.replicas[i];
        }
    }
    return NULL;
}

/* -- time -- */

static void look(struct replica *replica)
{
    struct replica *before = world.acting;
    bool stale = replica->stale;
    world.acting = replica;
    const struct manager_time now = {T + world.now + world.wall_error, world.now};
    enum manager_result result = manager_look(&replica->manager, now);
    if (replica->alive) { /* it may have been killed meanwhile */
        replica->next = world.now + (result == MANAGER_AGAIN ? 0 : 2 * S);
        replica->stale = replica->stale && !stale;
    }
    world.acting = before;
}

/* The one whose time comes first until `end`; one that is in the middle of a look does not look. */
static struct replica *first_until(int64_t end)
{
    struct replica *first = NULL;
    for (size_t i = 0; i < REPLICAS; i++) {
        struct replica *one = &world.replicas[i];
        if (one->alive && one != world.acting && one->next <= end &&
            (first == NULL || one->next < first->next)) {
            first = one;
        }
    }
    return first;
}

void world_pass(int64_t seconds)
{
    int64_t end = world.now + seconds * S;
    struct replica *next;
    while ((next = first_until(end)) != NULL) {
        world.now = next->next > world.now ? next->next : world.now;
        look(next);
    }
    world.now = end;
}

void world_until(bool (*condition)(void), int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i += 2) {
        if (condition()) {
            return;
        }
        world_pass(2);
    }
    fail_msg("it did not happen until %llds", (long long)(world.now / S));
}

/* -- the cluster -- */

static enum fake_fault before_call(void *argument, const char *method, const char *path)
{
    (void)argument;
    return world.call == NULL ? FAKE_NO_FAULT : world.call(method, path);
}

void world_register(const char *path)
{
    fake_api_put(&world.api, path,
                 "{\"metadata\":{\"name\":\"x\"},\"webhooks\":["
                 "{\"name\":\"one\",\"clientConfig\":{\"service\":{\"name\":\"pratique\"}}},"
                 "{\"name\":\"url\",\"clientConfig\":{\"url\":\"https://elsewhere\"}},"
                 "{\"name\":\"two\",\"clientConfig\":{\"service\":{\"name\":\"pratique\"}}}]}");
}

int world_begin(void **state)
{
    static const struct str WEBHOOKS[] = {{"pratique", 8}, {"late", 4}};
    start(state);
    memset(&world, 0, sizeof world);
    fake_api_init(&world.api);
    world.api.before = before_call;
    world.api.after = check_world;
    world.scripted = (struct fetch_scripted){fake_api_answer, &world.api};
    world.port = fetch_scripted_port(&world.scripted);
    world.now = S;
    world.config = (struct certificates_config){
        .kube = {.server = STR("https://api")},
        .namespace = STR("ns"),
        .secret = STR("tls"),
        .lease = STR("tls"),
        .service = STR("pratique"),
        .webhooks = WEBHOOKS,
        .n_webhooks = COUNT(WEBHOOKS),
        .times = {.validity = 60 * S, .authority_validity = 120 * S, .overlap = WORLD_OVERLAP},
    };
    world_register(VALIDATING);
    world_register(MUTATING);
    return 0;
}

int world_end(void **state)
{
    for (size_t i = 0; i < REPLICAS; i++) {
        world_kill(i);
    }
    fake_api_done(&world.api);
    return stop(state);
}

struct certificates_secret world_secret(void)
{
    const char *text = fake_api_get(&world.api, SECRET);
    struct certificates_secret secret = {0};
    struct error err;
    json_doc_auto doc = {0};
    if (text != NULL && !failed(json_parse(str_from(text), JSON_WITHOUT_MARKS, &doc, &err))) {
        const yyjson_val *data = json_get(doc.root, "data");
        secret.leaf = decode(&test_arena, json_str(json_get(data, "tls.crt")));
        secret.key = decode(&test_arena, json_str(json_get(data, "tls.key")));
        secret.authorities = decode(&test_arena, json_str(json_get(data, "ca.crt")));
        secret.authority_key = decode(&test_arena, json_str(json_get(data, "ca.key")));
    }
    return secret;
}

struct certificates_state world_state(void)
{
    struct certificates_secret secret = world_secret();
    struct certificates_state state;
    state_read(&test_arena, &secret, NAME, &state);
    return state;
}

static void add_entry(struct buf *buf, const char *key, struct str value, const char *other)
{
    buf_printf(buf, "\"%s\":\"", key);
    buf_add_base64(buf, other == NULL ? value : str_from(other));
    buf_add_cstr(buf, "\",");
}

void world_damage(const char *leaf, const char *key, const char *authorities,
                  const char *authority_key)
{
    struct certificates_secret secret = world_secret();
    buf_auto buf;
    buf_init(&buf, 1 << 20);
    buf_add_cstr(&buf, "{\"metadata\":{\"name\":\"tls\"},\"data\":{");
    add_entry(&buf, "tls.crt", secret.leaf, leaf);
    add_entry(&buf, "tls.key", secret.key, key);
    add_entry(&buf, "ca.crt", secret.authorities, authorities);
    add_entry(&buf, "ca.key", secret.authority_key, authority_key);
    buf.n--;
    buf_add_cstr(&buf, "}}");
    buf_add_char(&buf, '\0');
    fake_api_put(&world.api, SECRET, buf.p);
}

/* -- a settled world -- */

/* Whether the text of each caBundle is that of ca.crt. */
static bool bundles_are(struct arena *arena, const char *path, struct str authorities)
{
    const char *text = fake_api_get(&world.api, path);
    struct error err;
    json_doc_auto doc = {0};
    if (text == NULL) {
        return true;
    }
    assert_false(failed(json_parse(str_from(text), JSON_WITHOUT_MARKS, &doc, &err)));
    yyjson_val *item, *list = json_get(doc.root, "webhooks");
    size_t index, max;
    yyjson_arr_foreach(list, index, max, item)
    {
        const yyjson_val *client = json_get(item, "clientConfig");
        struct str bundle = decode(arena, json_str(json_get(client, "caBundle")));
        if (json_get(client, "service") == NULL ? bundle.n > 0 : !str_eq(bundle, authorities)) {
            return false;
        }
    }
    return true;
}

bool world_settled(void)
{
    struct certificates_secret secret = world_secret();
    for (size_t i = 0; i < REPLICAS; i++) {
        const struct replica *replica = &world.replicas[i];
        if (replica->alive && !str_eq(replica->leaf, secret.leaf)) {
            return false;
        }
    }
    if (!bundles_are(&test_arena, VALIDATING, secret.authorities) ||
        !bundles_are(&test_arena, MUTATING, secret.authorities)) {
        return false;
    }
    struct certificates_state state = world_state();
    return state.signs && state.by_first && state.authorities.n == 1 &&
           state_is_usable(&state, T + world.now);
}
