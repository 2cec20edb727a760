#include "net.h"

#include "crypto/digest.h"

#define R      "https://r.example/v2/a/b/manifests/"
#define BEARER "Bearer realm=\"https://r.example/token\",service=\"s\""
#define TOKEN  "GET https://r.example/token?service=s&scope=repository%3Aa%2Fb%3Apull guarded"

static void by_head(void **state)
{
    (void)state;
    struct registry_resolved resolved;
    struct registry_steps steps = {.arena = &arena};
    call.steps = &steps;
    struct reference reference = reference_of("r.example/a/b:1");
    NET({"HEAD " R "1 guarded", FOUND});
    assert_false(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_string_equal(resolved.digest.p, ONE);
    assert_string_equal(resolved.media_type.p, OCI_INDEX);
    assert_string_equal(resolved.source.host.p, "r.example");
    assert_string_equal(resolved.source.repository.p, "a/b");
    assert_int_equal(resolved.source.credential.n, 0);
    assert_int_equal(steps.n, 1);
    assert_string_equal(steps.items[0].method.p, "HEAD");
    assert_string_equal(steps.items[0].url.p, R "1");
    assert_int_equal(steps.items[0].status, 200);
}

static void docker_hub(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"nginx", "docker.io/library/nginx:latest",
                                        "index.docker.io/library/nginx"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        NET({"HEAD " HUB "latest guarded", FOUND});
        assert_resolves(NAMES[i], ONE);
    }
}

static void by_get(void **state)
{
    (void)state;
    NET({"HEAD " R "1 guarded", 200, .type = OCI_INDEX},
        {"GET " R "1 guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_resolves("r.example/a/b:1", MANIFEST_DIGEST);
    NET({"HEAD " R "1 guarded", 405},
        {"GET " R "1 guarded", 200, .type = OCI_INDEX "; x=y", .body = MANIFEST});
    assert_resolves("r.example/a/b:1", MANIFEST_DIGEST);
}

/* sha512 is kept where it is what the registry says. */
static void other_algorithms(void **state)
{
    (void)state;
    static struct hop hops[] = {
        {"HEAD " R "1 guarded", 200, .type = "x/y"},
        {"GET " R "1 guarded", 200, .type = OCI_INDEX, .body = MANIFEST},
    };
    hops[1].digest = hops[0].digest = digest_of(&arena, STR("sha512"), STR(MANIFEST)).p;
    net(hops, COUNT(hops));
    assert_resolves("r.example/a/b:1", hops[0].digest);
}

static void digests(void **state)
{
    (void)state;
    static const char *const TEXT = "r.example/a/b:7@" ONE; /* the tag says nothing beside it */
    NET({"HEAD " R ONE " guarded", FOUND});
    assert_resolves(TEXT, ONE);
    NET({"HEAD " R ONE " guarded", 404});
    assert_fails(TEXT, ERROR_NOT_FOUND, "r.example: not found");
    NET({"HEAD " R ONE " guarded", 200, .type = OCI_INDEX},
        {"GET " R ONE " guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_fails(TEXT, ERROR_EVIDENCE,
                 "r.example: the bytes that were sent do not have the digest " ONE);
}

static void lies(void **state)
{
    (void)state;
    NET({"HEAD " R "1 guarded", 200, .type = OCI_INDEX},
        {"GET " R "1 guarded", 200, .type = OCI_INDEX, .digest = ONE, .body = MANIFEST});
    assert_fails("r.example/a/b:1", ERROR_EVIDENCE,
                 "r.example: the bytes that were sent do not have the digest " ONE);
    NET({"HEAD " R "1 guarded", 200, .digest = ONE, .type = "text/html"}, /* HEAD and GET differ */
        {"GET " R "1 guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_fails("r.example/a/b:1", ERROR_EVIDENCE,
                 "r.example: the bytes that were sent do not have the digest " ONE);
    NET({"HEAD " R "1 guarded", 200, .type = "text/html"},
        {"GET " R "1 guarded", 200, .type = "text/html", .body = "<html>"});
    struct registry_resolved resolved;
    struct reference reference = reference_of("r.example/a/b:1");
    assert_true(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    NET({"HEAD " R "1 guarded", 200, .type = OCI_MANIFEST},
        {"GET " R "1 guarded", 200, .type = OCI_MANIFEST, .body = MANIFEST});
    assert_true(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE); /* an index that is said to be a manifest */
    net_is_over();
}

static void tokens_are_kept(void **state)
{
    (void)state;
    NET({"HEAD " R "1 guarded", 401, BEARER},
        {TOKEN, 200, .body = "{\"token\":\"t\",\"expires_in\":300}"},
        {"HEAD " R "1 [Bearer t] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    now += 290 * NS_PER_S;
    call.deadline = now + 60 * NS_PER_S;
    NET({"HEAD " R "2 [Bearer t] guarded", FOUND});
    assert_resolves("r.example/a/b:2", ONE);
    now += 6 * NS_PER_S; /* four seconds before its end */
    NET({"HEAD " R "1 guarded", 401, BEARER}, {TOKEN, 200, .body = "{\"token\":\"u\"}"},
        {"HEAD " R "1 [Bearer u] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " R "1 [Bearer u] guarded", 401, BEARER}, /* no longer good */
        {TOKEN, 200, .body = "{\"token\":\"v\"}"}, {"HEAD " R "1 [Bearer v] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " R "1 [Bearer v] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD https://r.example:444/v2/a/b/manifests/1 guarded", FOUND}); /* not for others */
    assert_resolves("r.example:444/a/b:1", ONE);
    NET({"HEAD https://r.example/v2/a/c/manifests/1 guarded", FOUND});
    assert_resolves("r.example/a/c:1", ONE);
}

static void names_of_people(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {{.name = STR("r.example"), .plain = true}};
    options.hosts = (struct registry_hosts){HOSTS, 1};
    call.trusted_name = true;
    NET({"HEAD http://r.example:5000/v2/a/b/manifests/1", 401,
         "Bearer realm=\"http://r.example:5001/token\""},
        {"GET http://r.example:5001/token?scope=repository%3Aa%2Fb%3Apull", 200,
         .body = "{\"token\":\"t\"}"},
        {"HEAD http://r.example:5000/v2/a/b/manifests/1 [Bearer t]", 307,
         .location = "https://other/"},
        {"GET http://r.example:5000/v2/a/b/manifests/1 [Bearer t]", 307,
         .location = "http://r.example:6443/x"},
        {"GET http://r.example:6443/x guarded", 307, .location = "https://other/x"},
        {"GET https://other/x guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_resolves("r.example:5000/a/b:1", MANIFEST_DIGEST);
    NET({"HEAD " HUB "1", 401, "Bearer realm=\"https://auth.docker.io/token\""},
        {"GET https://auth.docker.io/token?scope=repository%3Alibrary%2Fnginx%3Apull guarded", 200,
         .body = "{\"token\":\"t\"}"},
        {"HEAD " HUB "1 [Bearer t]", FOUND});
    assert_resolves("nginx:1", ONE);
}

static void no_host(void **state)
{
    (void)state;
    assert_fails("r.example:99999/a/b", ERROR_INPUT,
                 "\"r.example:99999\" is no host that can be asked");
}

static void endless_tokens(void **state)
{
    (void)state;
    NET({"HEAD " R "1 guarded", 401, BEARER}, {TOKEN, 200, .body = "{\"token\":\"t\"}"},
        {"HEAD " R "1 [Bearer t] guarded", 401, BEARER});
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "r.example: access is denied without credentials");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int resolve_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_head), TEST(docker_hub),     TEST(by_get),          TEST(other_algorithms),
        TEST(digests), TEST(lies),           TEST(tokens_are_kept), TEST(names_of_people),
        TEST(no_host), TEST(endless_tokens),
    };
    return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
