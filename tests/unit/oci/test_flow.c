#include "flow_script.h"

#define M       "https://r.example/v2/a/b/manifests/1"
#define SOUND   .status = 200, .digest = ONE, .type = INDEX
#define RESOLVE .want = want_of(FLOW_RESOLVE, M)
#define GET     .want = want_of(FLOW_MANIFEST, M)
#define BLOB    .want = want_of(FLOW_BLOB, "https://r.example/v2/a/b/blobs/" ONE)
#define B       "https://r.example/v2/a/b/blobs/" ONE

static struct flow_want of_digest(enum flow_kind kind)
{
    struct flow_want want = want_of(kind, "https://r.example/v2/a/b/manifests/" ONE);
    want.digest = STR(ONE);
    return want;
}

static void heads(void **state)
{
    (void)state;
    const struct script scripts[] = {
        {"told", RESOLVE, {{"HEAD " M, SOUND}}, ONE " " INDEX " 7"},
        {"parameters of a type",
         RESOLVE,
         {{"HEAD " M, 200, .digest = ONE, .type = INDEX " ; charset=utf-8"}},
         ONE " " INDEX " 7"},
        {"no digest",
         RESOLVE,
         {{"HEAD " M, 200, .type = INDEX}, {"GET " M, 200, .type = INDEX, .body = "{}"}},
         "body {} "},
        {"a digest that is none",
         RESOLVE,
         {{"HEAD " M, 200, .digest = "sha256:0", .type = INDEX}, {"GET " M, SOUND, .body = "{}"}},
         "body {} " ONE},
        {"another type",
         RESOLVE,
         {{"HEAD " M, 200, .digest = ONE, .type = "text/html"}, {"GET " M, SOUND, .body = "{}"}},
         "body {} " ONE " promised " ONE},
        {"HEAD is not known",
         RESOLVE,
         {{"HEAD " M, 405}, {"GET " M, SOUND, .body = "{}"}},
         "body {} " ONE},
        {"HEAD is redirected",
         RESOLVE,
         {{"HEAD " M, 307, .location = "https://other/x"},
          {"GET " M, 307, .location = "https://other/x"},
          {"GET https://other/x elsewhere", SOUND, .body = "{}"}},
         "body {} " ONE " redirected"},
        {"by digest",
         .want = of_digest(FLOW_RESOLVE),
         {{"HEAD https://r.example/v2/a/b/manifests/" ONE, SOUND}},
         ONE " " INDEX " 7"},
        {"by digest, another algorithm is told",
         .want = of_digest(FLOW_RESOLVE),
         {{"HEAD https://r.example/v2/a/b/manifests/" ONE, 200, .digest = "sha512:" HEX64 HEX64,
           .type = INDEX},
          {"GET https://r.example/v2/a/b/manifests/" ONE, 200, .type = INDEX, .body = "{}"}},
         "body {} "},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_NONE);
    }
    const struct script wrong = {
        "by digest, another is told",
        .want = of_digest(FLOW_RESOLVE),
        {{"HEAD https://r.example/v2/a/b/manifests/" ONE, 200, .digest = TWO, .type = INDEX}},
        "r.example answers with " TWO " where " ONE " was asked for"};
    play(&wrong, ERROR_UPSTREAM);
}

static void statuses(void **state)
{
    (void)state;
    const struct {
        struct script script;
        enum error_kind kind;
    } scripts[] = {
        {{"missing", RESOLVE, {{"HEAD " M, 404}}, "r.example: not found"}, ERROR_NOT_FOUND},
        {{"forbidden",
          RESOLVE,
          {{"HEAD " M, 403}},
          "r.example: access is denied without credentials"},
         ERROR_UNAUTHORIZED},
        {{"gone", GET, {{"GET " M, 410}}, "r.example: not found"}, ERROR_NOT_FOUND},
        {{"forbidden by law",
          GET,
          {{"GET " M, 451}},
          "r.example: access is denied without credentials"},
         ERROR_UNAUTHORIZED},
        {{"a part", GET, {{"GET " M, 206}}, "r.example: the registry answered with status 206"},
         ERROR_UPSTREAM},
        {{"nothing", GET, {{"GET " M, 204}}, "r.example: the registry answered with status 204"},
         ERROR_UPSTREAM},
        {{"HEAD of another kind",
          RESOLVE,
          {{"HEAD " M, 418}},
          "r.example: the registry answered with status 418"},
         ERROR_UPSTREAM},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i].script, scripts[i].kind);
    }
}

static void trying_again(void **state)
{
    (void)state;
    const struct script good[] = {
        {"busy, and says how long",
         RESOLVE,
         {{"HEAD " M, 429, .retry_after = 7}, {"HEAD " M " after 7000", SOUND}},
         ONE " " INDEX " 7"},
        {"busy", RESOLVE, {{"HEAD " M, 429}, {"HEAD " M " after 1000", SOUND}}, ONE " " INDEX " 7"},
        {"broken",
         RESOLVE,
         {{"HEAD " M, 500}, {"HEAD " M " after 200", 503}, {"HEAD " M " after 400", SOUND}},
         ONE " " INDEX " 7"},
        {"the token server is busy",
         RESOLVE,
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET https://r.example/token?service=s&scope=repository%3Aa%2Fb%3Apull", 429,
           .retry_after = 2},
          {"GET https://r.example/token?service=s&scope=repository%3Aa%2Fb%3Apull after 2000", 200,
           .body = "{\"token\":\"t\"}"},
          {"HEAD " M " [Bearer t]", SOUND}},
         ONE " " INDEX " 7"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        play(&good[i], ERROR_NONE);
    }
    const struct script bad[] = {
        {"always broken",
         GET,
         {{"GET " M, 502}, {"GET " M " after 200", 504}, {"GET " M " after 400", 502}},
         "r.example: the registry answered with status 502"},
        {"always busy",
         GET,
         {{"GET " M, 429}, {"GET " M " after 1000", 429}, {"GET " M " after 1000", 429}},
         "r.example: the registry answered with status 429"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        play(&bad[i], ERROR_UPSTREAM);
    }
}

static void redirects(void **state)
{
    (void)state;
    struct flow_want signed_in = want_of(FLOW_BLOB, B);
    signed_in.credentials = &alice;
    signed_in.n_credentials = 1;
    const struct script good[] = {
        {"to a store",
         BLOB,
         {{"GET " B, 307, .location = "https://store.example/x?sign=1"},
          {"GET https://store.example/x?sign=1 elsewhere", 200, .body = "b"}},
         "body b  redirected"},
        {"on the same host, credentials stay",
         .want = signed_in,
         {{"GET " B, 401, "Basic realm=r"},
          {"GET " B " [Basic YWxpY2U6cGE6c3M=]", 302, .location = "/x"},
          {"GET https://r.example/x [Basic YWxpY2U6cGE6c3M=]", 200, .body = "b"}},
         "body b "},
        {"to another host and back, credentials are gone",
         .want = signed_in,
         {{"GET " B, 401, "Basic realm=r"},
          {"GET " B " [Basic YWxpY2U6cGE6c3M=]", 302, .location = "https://store.example/x"},
          {"GET https://store.example/x elsewhere", 302, .location = "https://r.example/y"},
          {"GET https://r.example/y", 200, .body = "b"}},
         "body b  redirected"},
        {"to another port, credentials are gone",
         .want = signed_in,
         {{"GET " B, 401, "Basic realm=r"},
          {"GET " B " [Basic YWxpY2U6cGE6c3M=]", 302, .location = "https://r.example:444/x"},
          {"GET https://r.example:444/x beside", 200, .body = "b"}},
         "body b  redirected"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        play(&good[i], ERROR_NONE);
    }
}

static void redirects_that_are_refused(void **state)
{
    (void)state;
    const struct script scripts[] = {
        {"to http",
         BLOB,
         {{"GET " B, 307, .location = "http://r.example/x"}},
         "r.example redirects from https to http"},
        {"to http of another host",
         .want = want_of(FLOW_BLOB, "http://r.example:5000/v2/b"),
         {{"GET http://r.example:5000/v2/b", 307, .location = "http://other/x"}},
         "r.example:5000 redirects to other over plain HTTP, which is not allowed there"},
        {"nowhere", BLOB, {{"GET " B, 302}}, "r.example redirects to what is no address"},
        {"to a user",
         BLOB,
         {{"GET " B, 302, .location = "https://u:p@other/"}},
         "r.example redirects to what is no address"},
        {"to a file",
         BLOB,
         {{"GET " B, 302, .location = "file:///etc/passwd"}},
         "r.example redirects to what is no address"},
        {"in a circle",
         BLOB,
         {{"GET " B, 302, .location = B},
          {"GET " B, 302, .location = B},
          {"GET " B, 302, .location = B},
          {"GET " B, 302, .location = B},
          {"GET " B, 302, .location = B},
          {"GET " B, 302, .location = B}},
         "r.example: more than 5 redirects"},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_UPSTREAM);
    }
    const struct script asked = {
        "asks who we are",
        BLOB,
        {{"GET " B, 302, .location = "https://other/x"},
         {"GET https://other/x elsewhere", 401, BEARER("https://other/token")}},
        "other, to which r.example redirected, asks who we are; it is not told"};
    play(&asked, ERROR_UNAUTHORIZED);
}

static void plain_redirects_where_allowed(void **state)
{
    (void)state;
    static const struct str PLAIN[] = {STR("store:9000")};
    const struct flow_rules rules = {.plain = PLAIN, .n_plain = 1};
    struct flow_want want = want_of(FLOW_BLOB, "http://r.example:5000/v2/b");
    want.rules = &rules;
    const struct script script = {
        "to a store over plain HTTP",
        .want = want,
        {{"GET http://r.example:5000/v2/b", 307, .location = "http://store:9000/x"},
         {"GET http://store:9000/x elsewhere", 200, .body = "b"}},
        "body b  redirected"};
    play(&script, ERROR_NONE);
    want.at.port = 443;
    want.at.plain = false;
    const struct script never = {
        "never from https",
        .want = want,
        {{"GET https://r.example/v2/b", 307, .location = "http://store:9000/x"}},
        "r.example redirects from https to http"};
    play(&never, ERROR_UPSTREAM);
}

int flow_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(heads, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(statuses, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(trying_again, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(redirects, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(redirects_that_are_refused, flow_arena_start,
                                        flow_arena_end),
        cmocka_unit_test_setup_teardown(plain_redirects_where_allowed, flow_arena_start,
                                        flow_arena_end),
    };
    return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
