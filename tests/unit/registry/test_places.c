#include "net.h"

#define ORIGIN "HEAD https://r.example/v2/a/b/manifests/1"
#define MIRROR "HEAD https://mirror.example:5000/v2/cache/a/b/manifests/1"

static const struct str MIRRORS[] = {STR("mirror.example:5000/cache"), STR("second.example")};

static void mirrors(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .mirrors = MIRRORS, .n_mirrors = 2},
        {.name = STR("mirror.example"), .inside_network = true, .ca = STR("mirror's")}};
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    options.ca = STR("all");
    NET({MIRROR " ca mirror's", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({MIRROR " ca mirror's", 404},
        {"HEAD https://second.example/v2/a/b/manifests/1 guarded ca all", .body = "refused"},
        {ORIGIN " guarded ca all", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({MIRROR " ca mirror's", 404},
        {"HEAD https://second.example/v2/a/b/manifests/1 guarded ca all", 404},
        {ORIGIN " guarded ca all", 403});
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "r.example: access is denied without credentials");
}

/* What a mirror sends is checked before it is believed. */
static void mirrors_that_lie(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .mirrors = MIRRORS, .n_mirrors = 1}};
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    NET({MIRROR " guarded", 200},
        {"GET https://mirror.example:5000/v2/cache/a/b/manifests/1 guarded", 200, .type = OCI_INDEX,
         .digest = ONE, .body = MANIFEST},
        {ORIGIN " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void credentials_of_mirrors(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .mirrors = MIRRORS, .n_mirrors = 1}};
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    use_credentials("{\"auths\":{\"r.example\":{\"username\":\"a\",\"password\":\"b\"}}}");
    call.trusted_name = true; /* the name of the mirror is not a person's */
    NET({MIRROR " guarded", 401, "Basic realm=r"}, {ORIGIN, 401, "Basic realm=r"},
        {ORIGIN " [Basic YTpi]", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void a_mirror_takes_half_of_the_time(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .mirrors = MIRRORS, .n_mirrors = 1}};
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    NET({MIRROR " guarded", 429, .retry_after = "31"}, {ORIGIN " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    now += 40 * NS_PER_S;
    call.deadline = now + 60 * NS_PER_S;
    NET({MIRROR " guarded", 429, .retry_after = "29"}, {MIRROR " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

/* What is said of a host is said of a token service on it, too. */
static void what_is_said(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("sts.example"), .ca = STR("its"), .proxy = STR("http://proxy:3128")},
        {.name = STR("inside.example:80"), .plain = true}};
    const struct registry_options said = {.hosts = {HOSTS, COUNT(HOSTS)}, .ca = STR("all")};
    struct cloud_way way;
    registry_options_say(&said, STR("https://sts.example/x?y"), &way);
    assert_true(str_eq(way.ca, STR("its")) && str_eq(way.proxy, STR("http://proxy:3128")));
    assert_false(way.plain);
    registry_options_say(&said, STR("http://inside.example/"), &way);
    assert_true(way.plain && str_eq(way.ca, STR("all")) && way.proxy.n == 0);
    registry_options_say(&said, STR("http://inside.example:81/"), &way);
    assert_false(way.plain);
    registry_options_say(&said, STR("not a URL"), &way);
    assert_false(way.plain);
}

static void remaps(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("docker.io"), .location = STR("cache.example/hub")},
        {.name = STR("old.example"), .location = STR("docker.io")},
        {.name = STR("r.example:5000"),
         .client_certificate = STR("us"),
         .client_key = STR("key"),
         .proxy = STR("http://proxy:3128")},
    };
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    NET({"HEAD https://cache.example/v2/hub/library/nginx/manifests/latest guarded", FOUND});
    assert_resolves("nginx", ONE);
    NET({"HEAD https://registry-1.docker.io/v2/x/manifests/1 guarded", FOUND});
    assert_resolves("old.example/x:1", ONE);
    NET({"HEAD https://r.example:5000/v2/x/manifests/1 guarded client us proxy http://proxy:3128",
         FOUND});
    assert_resolves("r.example:5000/x:1", ONE);
    NET({"HEAD https://r.example/v2/x/manifests/1 guarded", FOUND});
    assert_resolves("r.example/x:1", ONE);
}

static void no_place(void **state)
{
    (void)state;
    static const struct str NONE[] = {STR("https://mirror/")};
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .mirrors = NONE, .n_mirrors = 1}};
    options.hosts = (struct registry_hosts){HOSTS, COUNT(HOSTS)};
    assert_fails("r.example/x:1", ERROR_CONFIG,
                 "\"https://mirror/\" is no host that can be asked for r.example");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int places_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mirrors),
        TEST(mirrors_that_lie),
        TEST(credentials_of_mirrors),
        TEST(a_mirror_takes_half_of_the_time),
        TEST(remaps),
        TEST(what_is_said),
        TEST(no_place),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
