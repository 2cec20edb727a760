#include "world.h"

#include <string.h>

#include "crypto/digest.h"

static const char CONFIG[] = "{\"os\":\"linux\",\"architecture\":\"arm64\",\"rootfs\":"
                             "{\"type\":\"layers\",\"diff_ids\":[]}}";

struct network network;

struct arena arena;
struct registries *registries;

int64_t now;
atomic_bool cancel;
struct str digest;
const struct asker NOBODY = {.scope = {"", 0}};

static struct registry *registry;
static struct str config_digest, manifest;

static struct str body_of(struct str url)
{
    if (memmem(url.p, url.n, digest.p, digest.n) != NULL) {
        return manifest;
    }
    bool config = memmem(url.p, url.n, config_digest.p, config_digest.n) != NULL;
    return config ? str_from(CONFIG) : STR_EMPTY;
}

static status send_request(void *self, const struct fetch_request *request, struct arena *its,
                           struct fetch_answer *ret_answer, struct error *err)
{
    (void)self;
    struct str body = body_of(request->url);
    bool named = body.n > 0;
    network.sent++;
    unsigned status_now = named && network.by_digest != 0 ? network.by_digest : network.status;
    if (network.failure != ERROR_NONE && !(named && network.by_digest != 0)) {
        return error_set(err, network.failure, "registry.example: no luck");
    }
    struct fetch_header *headers = ARENA_ARRAY(its, struct fetch_header, 2);
    headers[0] = (struct fetch_header){STR("Content-Type"), STR(TYPE)};
    headers[1] = (struct fetch_header){STR("Docker-Content-Digest"), str_from(network.digest)};
    *ret_answer = (struct fetch_answer){status_now, headers, named ? 1 : 2,
                                        status_now == 200 ? body : STR_EMPTY};
    return OK;
}

static struct fetch make_port(void *self)
{
    static const struct fetch_port PORT = {send_request};
    return (struct fetch){&PORT, self};
}

static void free_port(void *self, struct fetch *port)
{
    (void)self;
    *port = (struct fetch){0};
}

static int64_t tell(void *clock)
{
    (void)clock;
    return now;
}

void start(int64_t tag_ttl, int64_t failure_ttl, const struct cache_shared *shared)
{
    static const struct registry_ports PORTS = {NULL, make_port, free_port};
    static const struct registry_options OPTIONS = {.ports = &PORTS};
    registry = registry_new(&OPTIONS);
    const struct registries_config config = {
        .registry = registry,
        .cancel = &cancel,
        .max_bytes = 1 << 24,
        .tag_ttl = tag_ttl,
        .failure_ttl = failure_ttl,
        .timeout = 30 * NS_PER_S,
        .shared = shared,
        .now = tell,
    };
    registries = registries_new(&config);
}

void stop(void)
{
    registries_free(registries);
    registry_free(registry);
}

int begin(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    config_digest = digest_of(&arena, STR("sha256"), str_from(CONFIG));
    manifest = arena_printf(&arena,
                            "{\"schemaVersion\":2,\"mediaType\":\"" TYPE "\",\"config\":{"
                            "\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":"
                            "\"%.*s\",\"size\":%zu},\"layers\":[]}",
                            STR_ARG(config_digest), sizeof CONFIG - 1);
    digest = digest_of(&arena, STR("sha256"), manifest);
    network.failure = ERROR_NONE;
    network.status = 200;
    network.digest = arena_printf(&arena, "%.*s", STR_ARG(digest)).p;
    network.by_digest = network.sent = 0;
    atomic_store(&cancel, false);
    now = 1000 * NS_PER_S;
    start(30 * NS_PER_S, 0, NULL);
    return 0;
}

int end(void **state)
{
    (void)state;
    stop();
    arena_done(&arena);
    return 0;
}

struct evidence ask_as(const struct asker *asker, int64_t stale_for, unsigned wants, int64_t time)
{
    struct error err;
    struct reference reference;
    struct answer answer;
    assert_false(failed(reference_parse(&arena, STR("registry.example/app:1"), &reference, &err)));
    const struct evidence_query query = {&reference, wants, stale_for};
    if (!answer_at_hand(registries, asker, &query, &arena, &answer)) {
        answer_ask(registries, asker, &query, clock_monotonic() + time, &arena, &answer);
    }
    if (answer.entry != NULL) {
        arena_defer(&arena, image_entry_release, answer.entry);
    }
    return answer.evidence;
}

struct evidence ask(int64_t stale_for)
{
    return ask_as(&NOBODY, stale_for, EVIDENCE_DIGEST, 20 * NS_PER_S);
}

void assert_fresh(struct evidence evidence, const char *wanted)
{
    assert_true(str_eq(evidence.digest, str_from(wanted)));
    assert_false(evidence.stale);
    assert_int_equal(evidence.problem.n, 0);
}

void assert_stale(struct evidence evidence, int64_t age)
{
    assert_true(str_eq(evidence.digest, digest));
    assert_true(str_eq(evidence.media_type, STR(TYPE)));
    assert_true(evidence.stale);
    assert_int_equal(evidence.age, age);
    assert_true(evidence.problem.n > 0);
}

void assert_none(struct evidence evidence, enum error_kind kind)
{
    assert_int_equal(evidence.digest.n, 0);
    assert_false(evidence.stale);
    assert_null(evidence.image);
    assert_int_equal(evidence.problem_kind, kind);
}
