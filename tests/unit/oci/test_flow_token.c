#include "flow_script.h"

#include "oci/flow_token.h"

#define M        "https://r.example/v2/a/b/manifests/1"
#define SOUND    .status = 200, .digest = ONE, .type = INDEX
#define DONE     ONE " " INDEX " 7"
#define QUERY    "service=s&scope=repository%3Aa%2Fb%3Apull"
#define TOKEN    "https://r.example/token?" QUERY
#define AS_ALICE " [Basic YWxpY2U6cGE6c3M=]"
#define AS_BOB   " [Basic Ym9iOndvcmQ=]"
#define GIVEN    200, .body = "{\"token\":\"t\"}"

static struct flow_want with(const struct flow_credential *credentials, size_t n)
{
    struct flow_want want = want_of(FLOW_RESOLVE, M);
    want.credentials = credentials;
    want.n_credentials = n;
    return want;
}

static void signing_in(void **state)
{
    (void)state;
    const struct flow_credential both[] = {alice, bob}, mixed[] = {identity, alice};
    const struct script scripts[] = {
        {"anonymous",
         .want = with(NULL, 0),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN, GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"with a password",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"of the host, at another port",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example:5001/token")},
          {"GET https://r.example:5001/token?" QUERY "&account=alice" AS_ALICE " beside", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"basic",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, "Basic realm=r"}, {"HEAD " M AS_ALICE, SOUND}},
         DONE},
        {"bearer before basic",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, "Basic realm=r, " BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"an identity token",
         .want = with(&identity, 1),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"POST https://r.example/token {grant_type=refresh_token&client_id=pratique&" QUERY
           "&refresh_token=refresh%2Fme}",
           GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"a registry token",
         .want = with(&registry_token, 1),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"HEAD " M " [Bearer given]", SOUND}},
         DONE},
        {"each in turn, at the registry",
         .want = with(both, 2),
         {{"HEAD " M, 401, "Basic realm=r"},
          {"HEAD " M AS_ALICE, 401, "Basic realm=r"},
          {"HEAD " M AS_BOB, SOUND}},
         DONE},
        {"each in turn, also where nothing is found",
         .want = with(both, 2),
         {{"HEAD " M, 401, "Basic realm=r"}, {"HEAD " M AS_ALICE, 404}, {"HEAD " M AS_BOB, SOUND}},
         DONE},
        {"each in turn, at the token server",
         .want = with(both, 2),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, 401},
          {"GET " TOKEN "&account=bob" AS_BOB, GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"a token that is not good for it",
         .want = with(both, 2),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, GIVEN},
          {"HEAD " M " [Bearer t]", 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=bob" AS_BOB, 200, .body = "{\"access_token\":\"u\"}"},
          {"HEAD " M " [Bearer u]", SOUND}},
         DONE},
        {"what cannot be used for basic is passed over",
         .want = with(mixed, 2),
         {{"HEAD " M, 401, "Basic realm=r"}, {"HEAD " M AS_ALICE, SOUND}},
         DONE},
        {"the realm has a query already",
         .want = with(NULL, 0),
         {{"HEAD " M, 401, BEARER("https://r.example/token?x=1")},
          {"GET https://r.example/token?x=1&" QUERY, GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_NONE);
    }
}

static void scopes(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"Bearer realm=\"https://r.example/t\"", "scope=repository%3Aa%2Fb%3Apull"},
        {"Bearer realm=\"https://r.example/t\",scope=\"repository:x/y:pull,push,delete\"",
         "scope=repository%3Ax%2Fy%3Apull"},
        {"Bearer realm=\"https://r.example/t\",scope=\"repository:x:* repository:y:push\"",
         "scope=repository%3Ax%3Apull&scope=repository%3Ay%3Apull"},
        {"Bearer realm=\"https://r.example/t\",scope=\"aws\"", "scope=aws"},
        {"Bearer realm=\"https://r.example/t\",scope=\"a&account=root\"",
         "scope=a%26account%3Droot"},
        {"Bearer realm=\"https://r.example/t\",scope=\" \"", "scope=repository%3Aa%2Fb%3Apull"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct script script = {
            CASES[i][0],
            .want = with(NULL, 0),
            {{"HEAD " M, 401, CASES[i][0]},
             {arena_printf(&flow_arena, "GET https://r.example/t?%s", CASES[i][1]).p, GIVEN},
             {"HEAD " M " [Bearer t]", SOUND}},
            DONE};
        play(&script, ERROR_NONE);
    }
}

static void denied(void **state)
{
    (void)state;
    const struct flow_credential both[] = {alice, bob};
    const struct script scripts[] = {
        {"nobody is let in",
         .want = with(NULL, 0),
         {{"HEAD " M, 401, BEARER("https://r.example/token")}, {"GET " TOKEN, 401}},
         "r.example: access is denied without credentials"},
        {"no token helps",
         .want = with(NULL, 0),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN, GIVEN},
          {"HEAD " M " [Bearer t]", 401, BEARER("https://r.example/token")}},
         "r.example: access is denied without credentials"},
        {"nobody of them",
         .want = with(both, 2),
         {{"HEAD " M, 401, "Basic realm=r"},
          {"HEAD " M AS_ALICE, 401, "Basic realm=r"},
          {"HEAD " M AS_BOB, 403}},
         "r.example: access is denied to each credential"},
        {"basic, and none is known",
         .want = with(NULL, 0),
         {{"HEAD " M, 401, "Basic realm=r"}},
         "r.example: it asks for a user name and a password, and none is known"},
        {"another way",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, "Negotiate"}},
         "r.example: it asks for a way to sign in that is not known"},
        {"no way",
         .want = with(&alice, 1),
         {{"HEAD " M, 401}},
         "r.example: it denies access, and does not say how to sign in"},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_UNAUTHORIZED);
    }
}

/* -- where credentials go -- */

static void other_realms_get_none(void **state)
{
    (void)state;
    const struct script scripts[] = {
        {"another host",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://evil.example/token")},
          {"GET https://evil.example/token?" QUERY " elsewhere", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"of the same suffix",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://auth.r.example/token")},
          {"GET https://auth.r.example/token?" QUERY " elsewhere", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"that looks like the registry's",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example.evil/r.example")},
          {"GET https://r.example.evil/r.example?" QUERY " elsewhere", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"a refresh token stays here too",
         .want = with(&identity, 1),
         {{"HEAD " M, 401, BEARER("https://evil.example/token")},
          {"GET https://evil.example/token?" QUERY " elsewhere", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_NONE);
    }
    const struct flow_credential both[] = {alice, bob};
    const struct script denied = {
        "one question, whatever the number of credentials",
        .want = with(both, 2),
        {{"HEAD " M, 401, BEARER("https://evil.example/token")},
         {"GET https://evil.example/token?" QUERY " elsewhere", 401}},
        "r.example: access is denied; its credentials were not sent to the token server "
        "https://evil.example/token, which is another host"};
    play(&denied, ERROR_UNAUTHORIZED);
}

static void listed_realms(void **state)
{
    (void)state;
    static const struct str REALMS[] = {STR("auth.example:444")};
    const struct flow_rules rules = {.realms = REALMS, .n_realms = 1};
    struct flow_want want = with(&alice, 1);
    want.rules = &rules;
    const struct script scripts[] = {
        {"listed",
         .want = want,
         {{"HEAD " M, 401, BEARER("https://auth.example:444/token")},
          {"GET https://auth.example:444/token?" QUERY "&account=alice" AS_ALICE " elsewhere",
           GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
        {"another port of it is not",
         .want = want,
         {{"HEAD " M, 401, BEARER("https://auth.example/token")},
          {"GET https://auth.example/token?" QUERY " elsewhere", GIVEN},
          {"HEAD " M " [Bearer t]", SOUND}},
         DONE},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        play(&scripts[i], ERROR_NONE);
    }
}

static void docker_hub(void **state)
{
    (void)state;
    struct flow_want want = want_of(FLOW_RESOLVE, "https://registry-1.docker.io/v2/x");
    want.credentials = &alice;
    want.n_credentials = 1;
    const struct script script = {
        "the pair that is known",
        .want = want,
        {{"HEAD https://registry-1.docker.io/v2/x", 401, BEARER("https://auth.docker.io/token")},
         {"GET https://auth.docker.io/token?" QUERY "&account=alice" AS_ALICE " elsewhere", GIVEN},
         {"HEAD https://registry-1.docker.io/v2/x [Bearer t]", SOUND}},
        DONE};
    play(&script, ERROR_NONE);
    struct flow_want other = with(&alice, 1);
    const struct script alone = {"not for others",
                                 .want = other,
                                 {{"HEAD " M, 401, BEARER("https://auth.docker.io/token")},
                                  {"GET https://auth.docker.io/token?" QUERY " elsewhere", GIVEN},
                                  {"HEAD " M " [Bearer t]", SOUND}},
                                 DONE};
    play(&alone, ERROR_NONE);
}

static void plain_realms(void **state)
{
    (void)state;
    static const struct str PLAIN[] = {STR("r.example"), STR("auth.example:80")};
    const struct flow_rules rules = {.plain = PLAIN, .n_plain = 2};
    struct flow_want want = want_of(FLOW_RESOLVE, "http://r.example:5000/v2/x");
    want.credentials = &alice;
    want.n_credentials = 1;
    want.rules = &rules;
    const struct script good[] = {
        {"of the plain registry",
         .want = want,
         {{"HEAD http://r.example:5000/v2/x", 401, BEARER("http://r.example:5001/token")},
          {"GET http://r.example:5001/token?" QUERY "&account=alice" AS_ALICE " beside", GIVEN},
          {"HEAD http://r.example:5000/v2/x [Bearer t]", SOUND}},
         DONE},
        {"of another that is plain: without credentials",
         .want = want,
         {{"HEAD http://r.example:5000/v2/x", 401, BEARER("http://auth.example/token")},
          {"GET http://auth.example/token?" QUERY " elsewhere", GIVEN},
          {"HEAD http://r.example:5000/v2/x [Bearer t]", SOUND}},
         DONE},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        play(&good[i], ERROR_NONE);
    }
    const struct script bad[] = {
        {"of a registry that is not plain",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("http://r.example/token")}},
         "r.example names the token server r.example over plain HTTP, which is not allowed"},
        {"of another host",
         .want = want,
         {{"HEAD http://r.example:5000/v2/x", 401, BEARER("http://evil/token")}},
         "r.example:5000 names the token server evil over plain HTTP, which is not allowed"},
        {"no URL",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example@evil/token")}},
         "r.example names a token server that is no URL"},
        {"no challenge",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, "Bearer realm=\"https://r.example/token"}},
         "r.example: WWW-Authenticate is malformed at byte 38"},
        {"a token server redirects",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, 302, .location = "https://evil/"}},
         "r.example: the token server answered with status 302"},
        {"no token",
         .want = with(&alice, 1),
         {{"HEAD " M, 401, BEARER("https://r.example/token")},
          {"GET " TOKEN "&account=alice" AS_ALICE, 200, .body = "pa:ss"}},
         "r.example: the token server's answer is no JSON object"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        play(&bad[i], ERROR_UPSTREAM);
    }
}

/* -- tokens that were kept -- */

static void kept_tokens(void **state)
{
    (void)state;
    const struct flow_want want = with(&alice, 1);
    const struct flow_token kept = {.token = {STR("old"), 1}, .credential = &alice};
    const struct str challenge = STR(BEARER("https://r.example/token"));
    struct flow_answer answer = {.status = 401, .challenges = &challenge, .n_challenges = 1};
    struct flow flow;
    struct flow_move move;
    struct error err;
    flow_start(&flow, &flow_arena, &want, &move);
    flow_start_with(&flow, &kept, 0, &move);
    assert_string_equal(move.request.authorization.p, "Bearer old");
    assert_false(failed(flow_take(&flow, &answer, 0, &move, &err)));
    assert_true(move.request.token); /* the same credential again, and a new token */
    assert_true(flow.token.fresh);
    assert_true(flow.token.credential == &alice);
    answer = (struct flow_answer){.status = 200, .body = STR("{\"token\":\"new\"}")};
    assert_false(failed(flow_take(&flow, &answer, 0, &move, &err)));
    assert_string_equal(move.request.authorization.p, "Bearer new");
    assert_string_equal(flow.token.token.text.p, "new");
    answer = (struct flow_answer){.status = 401, .challenges = &challenge, .n_challenges = 1};
    assert_true(failed(flow_take(&flow, &answer, 0, &move, &err)));
    assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
}

static void kept_tokens_for_what_is_asked(void **state)
{
    (void)state;
    const struct flow_want want = with(NULL, 0);
    const struct str challenge = STR(BEARER("https://r.example/token"));
    const struct flow_answer answer = {.status = 401, .challenges = &challenge, .n_challenges = 1};
    const struct token token = {STR("kept"), 1};
    struct flow flow;
    struct flow_move move;
    struct error err;
    flow_start(&flow, &flow_arena, &want, &move);
    assert_false(failed(flow_take(&flow, &answer, 0, &move, &err)));
    assert_true(move.request.token);
    assert_string_equal(flow.token.scope.p, "repository:a/b:pull");
    flow_use_token(&flow, &token, &move);
    assert_string_equal(move.request.authorization.p, "Bearer kept");
    assert_false(failed(flow_take(&flow, &answer, 0, &move, &err)));
    assert_true(move.request.token);
    assert_true(flow.token.fresh);
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *host, *url;
        bool names;
    } CASES[] = {
        {"h", "https://h/", true},
        {"H", "https://h:5000/", true},
        {"h:443", "https://h/", true},
        {"h:443", "http://h/", false},
        {"h:5000", "https://h/", false},
        {"h:5000", "https://h:5000/", true},
        {"h:x", "https://h/", false},
        {"h:", "https://h/", false},
        {"[::1]", "https://[::1]:5/", true},
        {"[::1]:5", "https://[::1]:5/", true},
        {"[::1]:6", "https://[::1]:5/", false},
        {"g", "https://h/", false},
        {"", "https://h/", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct url url;
        assert_true(url_parse(&flow_arena, str_from(CASES[i].url), &url));
        if (flow_names(str_from(CASES[i].host), &url) != CASES[i].names) {
            fail_msg("%s, %s", CASES[i].host, CASES[i].url);
        }
    }
}

int flow_token_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signing_in, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(scopes, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(denied, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(other_realms_get_none, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(listed_realms, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(docker_hub, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(plain_realms, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(kept_tokens, flow_arena_start, flow_arena_end),
        cmocka_unit_test_setup_teardown(kept_tokens_for_what_is_asked, flow_arena_start,
                                        flow_arena_end),
        cmocka_unit_test_setup_teardown(names, flow_arena_start, flow_arena_end),
    };
    return cmocka_run_group_tests_name("flow_token", tests, NULL, NULL);
}
