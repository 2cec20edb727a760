/* What one may see is not told to another from memory: a registry that shows an image to alice
 * alone (user "u", password "alice"), and reviews with pull secrets and without. */
#include "../pulls/world.h"

#include "crypto/digest.h"
#include "evidence/registries.h"
#include "oci/image.h"
#include "oci/media.h"

#define ALICE  "Basic dTphbGljZQ==" /* u:alice */
#define PULL   "'imagePullSecrets':[{'name':'pull'}]"
#define DENIED "r.example: it asks for a user name and a password, and none is known"

static struct registry *registry;
static struct pulls *pulls;
static struct registries *registries;
static size_t requests; /* that the registry had */
static bool open_to_all, broken, with_pulls = true;
static enum error_kind kind; /* of the last problem */
static struct str manifest, manifest_digest, config;

/* -- the registry -- */

static struct str authorization(const struct fetch_request *request)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        if (str_eq(request->headers[i].name, STR("Authorization"))) {
            return request->headers[i].value;
        }
    }
    return STR_EMPTY;
}

static void give(struct str body, const char *type, struct arena *its, struct fetch_answer *answer)
{
    const struct fetch_header headers[] = {
        {STR("Content-Type"), str_from(type)},
        {STR("Docker-Content-Digest"), digest_of(its, STR("sha256"), body)}};
    struct fetch_header *copy = ARENA_ARRAY(its, struct fetch_header, COUNT(headers));
    memcpy(copy, headers, sizeof headers);
    *answer = (struct fetch_answer){200, copy, COUNT(headers), body};
}

static void refuse(struct arena *its, struct fetch_answer *answer)
{
    struct fetch_header *header = ARENA_NEW(its, struct fetch_header);
    *header = (struct fetch_header){STR("WWW-Authenticate"), STR("Basic realm=r")};
    *answer = (struct fetch_answer){401, header, 1, STR_EMPTY};
}

static status answer(void *self, const struct fetch_request *request, struct arena *its,
                     struct fetch_answer *ret_answer, struct error *error)
{
    (void)self;
    requests++;
    if (broken) {
        return error_set(error, ERROR_UPSTREAM, "r.example: gone");
    }
    if (!open_to_all && !str_eq(authorization(request), STR(ALICE))) {
        refuse(its, ret_answer);
    } else if (strstr(request->url.p, "/blobs/") != NULL) {
        give(config, OCI_CONFIG, its, ret_answer);
    } else {
        give(manifest, OCI_MANIFEST, its, ret_answer);
    }
    if (strcmp(request->method, "HEAD") == 0) {
        ret_answer->body = STR_EMPTY;
    }
    return OK;
}

static struct fetch make_port(void *self)
{
    static const struct fetch_port PORT = {answer};
    return (struct fetch){&PORT, self};
}

static void free_port(void *self, struct fetch *port)
{
    (void)self;
    *port = (struct fetch){0};
}

static const struct registry_ports PORTS = {NULL, make_port, free_port};

static void make_image(void)
{
    config = STR("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Labels\":{\"secret\":"
                 "\"label\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
    struct str digest = digest_of(&arena, STR("sha256"), config);
    manifest = arena_printf(&arena,
                            "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST
                            "\",\"config\":{\"mediaType\":\"" OCI_CONFIG
                            "\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
                            digest.p, config.n);
    manifest_digest = digest_of(&arena, STR("sha256"), manifest);
}

/* -- of each test -- */

/* Secrets are remembered for `ttl`; tags, images and failures of registries for the whole test. */
static void start(int64_t ttl)
{
    static const struct registry_options OPTIONS = {.ports = &PORTS};
    const struct pulls_config its = {
        .kube = &api_config, .fetch = &api_port, .ttl = ttl, .failure_ttl = ttl};
    pulls = pulls_new(&its);
    registry = registry_new(&OPTIONS);
    const struct registries_config all = {.registry = registry,
                                          .pulls = with_pulls ? pulls : NULL,
                                          .max_bytes = 16 * MIB,
                                          .tag_ttl = 3600 * NS_PER_S,
                                          .failure_ttl = 3600 * NS_PER_S,
                                          .timeout = 60 * NS_PER_S};
    registries = registries_new(&all);
}

static int begin(void **state)
{
    world_begin(state);
    make_image();
    requests = 0;
    open_to_all = broken = false;
    put_secret("shop", "pull", "r.example", "alice");
    start(3600 * NS_PER_S);
    return 0;
}

static void stop(void)
{
    arena_reset(&arena); /* gives back what answers hold on to */
    registries_free(registries);
    registry_free(registry);
    pulls_free(pulls);
}

static int end(void **state)
{
    stop();
    return world_end(state);
}

static int begin_without(void **state)
{
    with_pulls = false;
    begin(state);
    with_pulls = true;
    return 0;
}

/* The same, and nothing is remembered of Secrets: as if each review came after their time. */
static int begin_forgetful(void **state)
{
    begin(state);
    stop();
    make_image();
    start(0);
    return 0;
}

/* -- questions -- */

#define TAG    "r.example/a:1"
#define DIGEST (arena_printf(&arena, "r.example/a@%s", manifest_digest.p).p)

enum way { MAY_WAIT, INLINE };

/* "tag SHORT", "image LABEL", the problem, or "later". */
static const char *found(const struct review *review, const char *text, unsigned wants,
                         enum way way)
{
    struct reference reference;
    struct evidence evidence = {.stale = false};
    bool later = false;
    assert_false(failed(reference_parse(&arena, str_from(text), &reference, &err)));
    const struct evidence_query query = {&reference, wants};
    const struct evidence_round round = {
        .queries = &query, .n = 1, .review = review, .inline_only = way == INLINE};
    struct evidence_source source = registries_source(registries);
    if (failed(source.gather(source.self, &round, &arena, &evidence, &later, &err))) {
        kind = err.kind;
        return arena_printf(&arena, "failed: %s", err.text).p;
    }
    kind = evidence.problem_kind;
    if (later || evidence.problem.n > 0) {
        return later ? "later" : evidence.problem.p;
    }
    if (evidence.image == NULL) {
        return str_eq(evidence.digest, manifest_digest) ? "digest" : "another digest";
    }
    const struct oci_config *its = &evidence.image->images[0].config;
    return its->n_labels == 1 ? its->labels[0].value.p : "no label";
}

/* Ask as one who may wait, with so many requests of the registry. */
static void assert_asked(const struct review *review, const char *text, unsigned wants,
                         const char *wanted, size_t n)
{
    size_t before = requests;
    assert_string_equal(found(review, text, wants, MAY_WAIT), wanted);
    assert_int_equal(requests - before, n);
}

/* Ask for what is at hand. */
static void assert_at_hand(const struct review *review, const char *text, unsigned wants,
                           const char *wanted)
{
    size_t before = requests, calls = api.calls;
    assert_string_equal(found(review, text, wants, INLINE), wanted);
    assert_int_equal(requests, before);
    assert_int_equal(api.calls, calls);
}

static void a_tag_is_told_to_who_may_see_it(void **state)
{
    (void)state;
    const struct review *shop = pod_of("shop", PULL), *bank = pod_of("bank", PULL);
    assert_at_hand(shop, TAG, EVIDENCE_DIGEST, "later");
    assert_asked(shop, TAG, EVIDENCE_DIGEST, "digest", 2);
    assert_at_hand(shop, TAG, EVIDENCE_DIGEST, "digest");
    assert_asked(shop, TAG, EVIDENCE_DIGEST, "digest", 0);
    /* the same Pod in another namespace, where the Secret is not */
    assert_at_hand(bank, TAG, EVIDENCE_DIGEST, "later");
    assert_asked(bank, TAG, EVIDENCE_DIGEST, DENIED, 1);
    assert_at_hand(bank, TAG, EVIDENCE_DIGEST, DENIED " (0s ago)");
    /* one without any, in the same namespace */
    assert_at_hand(pod_of("shop", ""), TAG, EVIDENCE_DIGEST, DENIED " (0s ago)");
    /* and it was not forgotten for the first */
    assert_at_hand(shop, TAG, EVIDENCE_DIGEST, "digest");
}

/* By its digest too, which cannot change: labels are told by denials. */
static void an_image_is_told_to_who_may_see_it(void **state)
{
    (void)state;
    const struct review *shop = pod_of("shop", PULL), *bank = pod_of("bank", PULL);
    assert_asked(shop, DIGEST, EVIDENCE_IMAGE, "label", 3);
    assert_at_hand(shop, DIGEST, EVIDENCE_IMAGE, "label");
    assert_at_hand(bank, DIGEST, EVIDENCE_IMAGE, "later");
    assert_asked(bank, DIGEST, EVIDENCE_IMAGE, DENIED, 1);
    assert_at_hand(bank, DIGEST, EVIDENCE_IMAGE, DENIED " (0s ago)");
    assert_at_hand(pod_of("shop", ""), DIGEST, EVIDENCE_IMAGE, DENIED " (0s ago)");
    assert_at_hand(shop, DIGEST, EVIDENCE_IMAGE, "label");
}

static void a_failure_is_of_who_had_it(void **state)
{
    (void)state;
    const struct review *shop = pod_of("shop", PULL), *bare = pod_of("shop", "");
    assert_asked(bare, TAG, EVIDENCE_DIGEST, DENIED, 1);
    assert_asked(shop, TAG, EVIDENCE_DIGEST, "digest", 2);
    assert_asked(bare, TAG, EVIDENCE_DIGEST, DENIED " (0s ago)", 0);
    assert_asked(bare, DIGEST, EVIDENCE_IMAGE, DENIED, 1);
    assert_asked(shop, DIGEST, EVIDENCE_IMAGE, "label", 2);
}

/* Copies of one Secret, as many clusters have them, are one who asks. */
static void equal_secrets_share(void **state)
{
    (void)state;
    put_secret("bank", "copy", "r.example", "alice");
    const struct review *bank = pod_of("bank", "'imagePullSecrets':[{'name':'copy'}]");
    assert_asked(pod_of("shop", PULL), TAG, EVIDENCE_DIGEST, "digest", 2);
    assert_at_hand(bank, TAG, EVIDENCE_DIGEST, "later"); /* what it says is not known yet */
    assert_asked(bank, TAG, EVIDENCE_DIGEST, "digest", 0);
}

static void those_without_share(void **state)
{
    (void)state;
    open_to_all = true;
    assert_asked(pod_of("shop", ""), TAG, EVIDENCE_DIGEST, "digest", 1);
    assert_at_hand(pod_of("bank", ""), TAG, EVIDENCE_DIGEST, "digest");
    put_account("bank", "default", "");
    assert_asked(deployment_of("bank", ""), TAG, EVIDENCE_DIGEST, "digest", 0);
    assert_at_hand(deployment_of("bank", ""), TAG, EVIDENCE_DIGEST, "digest");
}

/* Who had the right and lost it is told nothing from memory, and has it again with it. */
static void a_right_that_is_lost(void **state)
{
    (void)state;
    const struct review *shop = pod_of("shop", PULL);
    assert_asked(shop, TAG, EVIDENCE_DIGEST, "digest", 2);
    assert_asked(shop, TAG, EVIDENCE_IMAGE, "label", 2);
    put_secret("shop", "pull", "r.example", "mallory");
    assert_asked(shop, TAG, EVIDENCE_DIGEST, "r.example: access is denied to each credential", 2);
    assert_asked(shop, DIGEST, EVIDENCE_IMAGE, "r.example: access is denied to each credential", 2);
    remove_secret("shop", "pull");
    assert_asked(shop, TAG, EVIDENCE_DIGEST, DENIED, 1);
    put_secret("shop", "pull", "r.example", "alice");
    assert_asked(shop, TAG, EVIDENCE_IMAGE, "label", 0);
}

/* Nothing has to be found out about a digest alone. */
static void nobody_is_asked_about_a_digest(void **state)
{
    (void)state;
    assert_at_hand(pod_of("shop", PULL), DIGEST, EVIDENCE_DIGEST, "digest");
    assert_asked(pod_of("shop", PULL), DIGEST, EVIDENCE_DIGEST, "digest", 0);
    assert_int_equal(api.calls, 0);
}

static enum fake_fault refused(void *argument, const char *method, const char *path)
{
    (void)argument, (void)method, (void)path;
    return FAKE_ERROR;
}

/* Without what it is pulled with, nothing is asked for: not as nobody either, nor from memory. */
static void an_api_server_that_fails(void **state)
{
    (void)state;
    open_to_all = true;
    const struct review *shop = pod_of("shop", PULL);
    const char *const problem =
        "failed: pull secrets: GET /api/v1/namespaces/shop/secrets/pull: 500";
    assert_asked(pod_of("shop", ""), TAG, EVIDENCE_IMAGE, "label", 3);
    assert_asked(shop, TAG, EVIDENCE_IMAGE, "label", 3);
    api.before = refused;
    assert_string_equal(found(shop, TAG, EVIDENCE_DIGEST, INLINE), "later");
    assert_asked(shop, TAG, EVIDENCE_DIGEST, problem, 0);
    assert_asked(shop, TAG, EVIDENCE_IMAGE, problem, 0);
    assert_at_hand(pod_of("shop", ""), TAG, EVIDENCE_DIGEST, "digest"); /* needs none */
}

/* Rules may be softened where registries are away (onError: warn). Who makes the Pod chooses its
 * Secrets, and must not have that by choosing. */
static void what_the_pod_brings_about_is_never_a_registry_that_is_away(void **state)
{
    (void)state;
    const struct review *shop = pod_of("shop", PULL), *bank = pod_of("bank", PULL);
    put_secret("bank", "pull", "r.example", "mallory");
    assert_string_equal(found(pod_of("shop", ""), TAG, EVIDENCE_DIGEST, MAY_WAIT), DENIED);
    assert_int_equal(kind, ERROR_INPUT);
    assert_string_equal(found(bank, TAG, EVIDENCE_DIGEST, MAY_WAIT),
                        "r.example: access is denied to each credential");
    assert_int_equal(kind, ERROR_INPUT);
    assert_string_equal(found(bank, TAG, EVIDENCE_DIGEST, INLINE),
                        "r.example: access is denied to each credential (0s ago)");
    assert_int_equal(kind, ERROR_INPUT);
    api.before = refused;
    assert_string_equal(found(deployment_of("bank", ""), TAG, EVIDENCE_DIGEST, MAY_WAIT),
                        "failed: pull secrets: GET "
                        "/api/v1/namespaces/bank/serviceaccounts/default: 500");
    assert_int_equal(kind, ERROR_INPUT);
    broken = true;
    api.before = NULL;
    assert_string_equal(found(shop, TAG, EVIDENCE_DIGEST, MAY_WAIT), "r.example: gone");
    assert_int_equal(kind, ERROR_UPSTREAM);
}

/* Where the configuration's credentials are all that there is, they are the operator's. */
static void without_pull_secrets_nobody_chooses(void **state)
{
    (void)state;
    assert_asked(pod_of("shop", PULL), TAG, EVIDENCE_DIGEST, DENIED, 1);
    assert_int_equal(kind, ERROR_UNAUTHORIZED);
    assert_at_hand(pod_of("bank", ""), TAG, EVIDENCE_DIGEST, DENIED " (0s ago)");
    assert_int_equal(api.calls, 0);
}

/* More than one may name is no keyring, and no memory. */
static void more_than_may_be_named(void **state)
{
    (void)state;
    struct str list = STR_EMPTY;
    for (unsigned i = 0; i <= LIMIT_PULL_SECRETS; i++) {
        list = arena_printf(&arena, "%.*s%s{'name':'s%u'}", STR_ARG(list), i > 0 ? "," : "", i);
    }
    const struct review *review =
        pod_of("shop", arena_printf(&arena, "'imagePullSecrets':[%s]", list.p).p);
    open_to_all = true;
    assert_at_hand(review, TAG, EVIDENCE_DIGEST, "later");
    assert_asked(review, TAG, EVIDENCE_DIGEST, "failed: more than 32 pull secrets", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tag_is_told_to_who_may_see_it),
        TEST(an_image_is_told_to_who_may_see_it),
        TEST(a_failure_is_of_who_had_it),
        TEST(equal_secrets_share),
        TEST(those_without_share),
        cmocka_unit_test_setup_teardown(a_right_that_is_lost, begin_forgetful, end),
        TEST(nobody_is_asked_about_a_digest),
        cmocka_unit_test_setup_teardown(an_api_server_that_fails, begin_forgetful, end),
        TEST(what_the_pod_brings_about_is_never_a_registry_that_is_away),
        cmocka_unit_test_setup_teardown(without_pull_secrets_nobody_chooses, begin_without, end),
        TEST(more_than_may_be_named),
    };
    return cmocka_run_group_tests_name("asker", tests, NULL, NULL);
}
