#include "test.h"

#include "base/limits.h"
#include "kube/list.h"
#include "kube/query.h"
#include "script.h"

static struct script script;
static struct error err;
static struct kube_type type;
static struct kube_version version;

static int begin(void **state)
{
    script_init(&script);
    return start(state);
}

static int end(void **state)
{
    script_done(&script);
    return stop(state);
}

static status take(void *self, const struct kube_item *item, struct error *problem)
{
    script_say(self, "  %.*s %.*s/%.*s %.*s",
               STR_ARG(json_str(json_get(item->object->root, "kind"))), STR_ARG(item->namespace),
               STR_ARG(item->name), STR_ARG(item->version));
    return str_eq(item->name, STR("enough")) ? error_set(problem, ERROR_INTERNAL, "enough") : OK;
}

static status page(void *self, const struct kube_list_page *it, struct error *problem)
{
    (void)problem;
    script_say(self, "  %zu, %llu more", it->n, (unsigned long long)it->remaining);
    return OK;
}

static void again(void *self, const char *why)
{
    script_say(self, "  again: %s", why);
}

static const struct kube_list_taker TAKER = {&script, take, page, again};

static bool lists(const struct kube_list *list)
{
    return !failed(kube_list(script.kube, list, &TAKER, &type, &version, &err));
}

static const struct kube_list PODS = {.path = "/api/v1/pods"};

#define PAGE(metadata, items)                                                                      \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{" metadata "},\"items\":[" items "]}"
#define POD(name, version)                                                                         \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\",\"resourceVersion\":\"" version   \
    "\"}}"

static void answers(unsigned code, const char *text)
{
    script_add(&script, (struct script_step){.status = code, .pieces = {text}});
}

static void pages(void **state)
{
    (void)state;
    answers(200, PAGE("\"resourceVersion\":\"9\",\"continue\":\"a+b/=\",\"remainingItemCount\":1",
                      POD("a", "1") "," POD("b", "2")));
    answers(200, PAGE("\"resourceVersion\":\"9\"", POD("c", "3")));
    assert_true(lists(&PODS));
    script_expect(&script, "GET /api/v1/pods?limit=500\n"
                           "  Pod shop/a 1\n  Pod shop/b 2\n  2, 1 more\n"
                           "GET /api/v1/pods?limit=500&continue=a%2Bb%2F%3D\n"
                           "  Pod shop/c 3\n  3, 0 more\n");
    assert_string_equal(version.text, "9");
    assert_string_equal(type.kind, "Pod");
    assert_string_equal(type.version, "v1");
    assert_string_equal(script.accept, "application/json");
    assert_true(script.time_allowed > KUBE_CALL_TIME && script.time_allowed <= KUBE_LIST_TIME);
}

static void objects_say_what_they_are(void **state)
{
    (void)state;
    const struct kube_list list = {
        .path = "/api/v1/pods", .query = "labelSelector=a%3Db", .metadata = true, .limit = 7};
    answers(200, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
                 "\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[{\"kind\":"
                 "\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"
                 "\"name\":\"a\",\"resourceVersion\":\"1\"}}]}");
    assert_true(lists(&list));
    script_expect(&script, "GET /api/v1/pods?limit=7&labelSelector=a%3Db\n"
                           "  PartialObjectMetadata /a 1\n  1, 0 more\n");
    assert_string_equal(script.accept,
                        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
}

static void an_empty_list(void **state)
{
    (void)state;
    answers(200, PAGE("\"resourceVersion\":\"9\"", ""));
    answers(200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\","
                 "\"metadata\":{\"resourceVersion\":\"9\"},\"items\":null}");
    assert_true(lists(&PODS));
    assert_true(lists(&PODS));
    script_expect(&script, "GET /api/v1/pods?limit=500\n  0, 0 more\n"
                           "GET /api/v1/pods?limit=500\n  0, 0 more\n");
}

/* A list that is no list, or holds what cannot be. */
static void what_is_no_list(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *text, *wanted;
        enum error_kind kind;
    } CASES[] = {
        {200, "{}", "GET /api/v1/pods: not a list but \"\"", ERROR_UPSTREAM},
        {200, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}",
         "GET /api/v1/pods: not a list but \"Pod\"", ERROR_UPSTREAM},
        {200, "{\"kind\":\"List\",\"apiVersion\":\"v1\"}",
         "GET /api/v1/pods: not a list but \"List\"", ERROR_UPSTREAM},
        {200, "{\"kind\":\"PodList\"}", "GET /api/v1/pods: not a list but \"PodList\"",
         ERROR_UPSTREAM},
        {200, PAGE("", ""), "GET /api/v1/pods: no resourceVersion", ERROR_UPSTREAM},
        {200,
         "{\"kind\":\"PodList\",\"apiVersion\":\"v1\","
         "\"metadata\":{\"resourceVersion\":\"9\"}}",
         "GET /api/v1/pods: a list without items", ERROR_UPSTREAM},
        {200, PAGE("\"resourceVersion\":\"9\"", "7"),
         "GET /api/v1/pods: an object that is no Pod of v1", ERROR_UPSTREAM},
        {200, PAGE("\"resourceVersion\":\"9\"", "{\"kind\":\"Node\",\"apiVersion\":\"v1\"}"),
         "GET /api/v1/pods: an object that is no Pod of v1", ERROR_UPSTREAM},
        {200, PAGE("\"resourceVersion\":\"9\"", "{}"),
         "GET /api/v1/pods: an object without a name that can be one", ERROR_UPSTREAM},
        {200, PAGE("\"resourceVersion\":\"9\"", POD("enough", "1")), "GET /api/v1/pods: enough",
         ERROR_INTERNAL},
        {200, "{\"kind\":", "GET /api/v1/pods: the answer is no JSON", ERROR_UPSTREAM},
        {404, "{}", "GET /api/v1/pods: there is no such resource", ERROR_NOT_FOUND},
        {410, "{}", "GET /api/v1/pods: the list expires again and again", ERROR_UPSTREAM},
        {500, "{}", "GET /api/v1/pods: 500", ERROR_UPSTREAM},
        {403, "{}", "GET /api/v1/pods: 403", ERROR_UNAUTHORIZED},
        {0, NULL, "GET /api/v1/pods: api: the connection broke", ERROR_UPSTREAM},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        script.n = script.at = 0;
        answers(CASES[i].status, CASES[i].text);
        snprintf(version.text, sizeof version.text, "untouched");
        assert_false(lists(&PODS));
        assert_string_equal(err.text, CASES[i].wanted);
        assert_int_equal(err.kind, CASES[i].kind);
        assert_string_equal(version.text, "untouched");
    }
}

static void another_namespace(void **state)
{
    (void)state;
    answers(200, PAGE("\"resourceVersion\":\"9\"",
                      "{\"metadata\":{\"name\":\"a\",\"namespace\":\"a/b\"}}"));
    assert_false(lists(&PODS));
    assert_string_equal(err.text,
                        "GET /api/v1/pods: object a is of a namespace that it cannot be of");
    const struct kube_list list = {.path = "/api/v1/namespaces/kube-system/pods"};
    answers(200, PAGE("\"resourceVersion\":\"9\"", POD("a", "1")));
    assert_false(lists(&list));
    assert_string_equal(
        err.text,
        "GET /api/v1/namespaces/kube-system/pods: object a is of a namespace that it cannot be of");
}

#define BIG_POD "{\"metadata\":{\"name\":\"big\",\"resourceVersion\":\"1\",\"x\":\"%*s\"}}"

/* A page of one object with a text of `n` bytes in it. */
static const char *page_of(int n, const char *token)
{
    static char text[16][4096];
    static size_t at;
    at = (at + 1) % COUNT(text);
    snprintf(text[at], sizeof text[at],
             PAGE("\"resourceVersion\":\"9\",\"continue\":\"%s\"", BIG_POD), token, n, "");
    return text[at];
}

/* Halved until it fits; doubled where objects are small. */
static void pages_that_are_too_large(void **state)
{
    (void)state;
    const struct kube_list list = {
        .path = "/api/v1/pods", .limit = 5, .max_page = 1000, .max_object = 2000};
    answers(200, page_of(1000, "x")); /* 5: too large */
    answers(200, page_of(1000, "x")); /* 2: too large */
    answers(200, page_of(1000, "x")); /* 1 */
    answers(200, page_of(10, "y"));   /* 1: small */
    answers(200, page_of(10, "z"));   /* 2: small */
    answers(200, page_of(500, "u"));  /* 4: not so small */
    answers(200, page_of(10, "v"));   /* 4 */
    answers(200, page_of(10, ""));    /* 5 */
    assert_true(lists(&list));
    script_expect(&script, "GET /api/v1/pods?limit=5\n"
                           "GET /api/v1/pods?limit=2\n"
                           "GET /api/v1/pods?limit=1\n  Pod /big 1\n  1, 0 more\n"
                           "GET /api/v1/pods?limit=1&continue=x\n  Pod /big 1\n  2, 0 more\n"
                           "GET /api/v1/pods?limit=2&continue=y\n  Pod /big 1\n  3, 0 more\n"
                           "GET /api/v1/pods?limit=4&continue=z\n  Pod /big 1\n  4, 0 more\n"
                           "GET /api/v1/pods?limit=4&continue=u\n  Pod /big 1\n  5, 0 more\n"
                           "GET /api/v1/pods?limit=5&continue=v\n  Pod /big 1\n  6, 0 more\n");
}

static void an_object_that_is_too_large(void **state)
{
    (void)state;
    size_t n = strlen(page_of(1000, ""));
    const struct kube_list list = {
        .path = "/api/v1/pods", .limit = 1, .max_page = 100, .max_object = n};
    answers(200, page_of(1000, ""));
    assert_true(lists(&list));
    answers(200, page_of(1001, ""));
    assert_false(lists(&list));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

/* What one object holds somewhere deep does not hide the others. */
static void an_object_that_is_too_deep(void **state)
{
    (void)state;
    enum { DEEP = 200 };
    char open[DEEP + 1] = "", closed[DEEP + 1] = "", text[1024];
    memset(open, '[', DEEP);
    memset(closed, ']', DEEP);
    snprintf(
        text, sizeof text,
        PAGE("\"resourceVersion\":\"9\"",
             "{\"x\":%s%s,\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}," POD("b", "2")),
        open, closed);
    answers(200, text);
    assert_true(lists(&PODS));
    script_expect(&script, "GET /api/v1/pods?limit=500\n  Pod /a 1\n  Pod shop/b 2\n  2, 0 more\n");
}

static void the_rest_expires(void **state)
{
    (void)state;
    answers(200, PAGE("\"resourceVersion\":\"8\",\"continue\":\"x\"", POD("a", "1")));
    answers(410, "{}");
    answers(200, PAGE("\"resourceVersion\":\"9\",\"continue\":\"y\"", POD("b", "2")));
    answers(200, PAGE("\"resourceVersion\":\"9\"", POD("c", "3")));
    assert_true(lists(&PODS));
    script_expect(&script, "GET /api/v1/pods?limit=500\n  Pod shop/a 1\n  1, 0 more\n"
                           "GET /api/v1/pods?limit=500&continue=x\n"
                           "  again: the rest of the list expired before it was had\n"
                           "GET /api/v1/pods?limit=500\n  Pod shop/b 2\n  1, 0 more\n"
                           "GET /api/v1/pods?limit=500&continue=y\n  Pod shop/c 3\n  2, 0 more\n");
    assert_string_equal(version.text, "9");
}

static void the_rest_expires_again_and_again(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        answers(200, PAGE("\"resourceVersion\":\"8\",\"continue\":\"x\"", ""));
        answers(410, "{}");
    }
    assert_false(lists(&PODS));
    assert_string_equal(err.text, "GET /api/v1/pods: the list expires again and again");
    assert_int_equal(script.at, 8);
}

/* A watch goes on from what all pages have seen. */
static void pages_of_two_versions(void **state)
{
    (void)state;
    answers(200, PAGE("\"resourceVersion\":\"8\",\"continue\":\"x\"", POD("a", "1")));
    answers(200, PAGE("\"resourceVersion\":\"9\"", POD("b", "2")));
    assert_true(lists(&PODS));
    assert_string_equal(version.text, "8");
}

static void being_asked_for_patience(void **state)
{
    (void)state;
    script_add(&script, (struct script_step){.status = 429, .retry_after = "7"});
    script_add(&script, (struct script_step){.status = 503, .retry_after = "2"});
    answers(429, NULL);
    answers(200, PAGE("\"resourceVersion\":\"9\"", ""));
    int64_t began = script.now;
    assert_true(lists(&PODS));
    assert_int_equal(script.now - began, 10 * NS_PER_S);
    script.n = script.at = 0;
    for (int i = 0; i < 12; i++) {
        script_add(&script, (struct script_step){.status = 429, .retry_after = "1"});
    }
    assert_false(lists(&PODS));
    assert_string_equal(err.text, "GET /api/v1/pods: 429");
    assert_int_equal(script.at, 12);
}

static void tokens_have_a_bound(void **state)
{
    (void)state;
    static char token[LIMIT_KUBE_CONTINUE + 2], text[sizeof token + 200];
    for (size_t n = LIMIT_KUBE_CONTINUE; n <= LIMIT_KUBE_CONTINUE + 1; n++) {
        memset(token, '+', n); /* three bytes of the path each */
        script.n = script.at = 0;
        script.log[0] = '\0';
        snprintf(text, sizeof text, PAGE("\"resourceVersion\":\"9\",\"continue\":\"%s\"", ""),
                 token);
        answers(200, text);
        answers(200, PAGE("\"resourceVersion\":\"9\"", ""));
        assert_int_equal(lists(&PODS), n == LIMIT_KUBE_CONTINUE);
    }
    assert_string_equal(err.text, "GET /api/v1/pods: a continue token larger than 8192 bytes");
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void namespaces_of_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *wanted;
    } CASES[] = {{"/api/v1/pods", ""},
                 {"/api/v1/namespaces", ""},
                 {"/api/v1/namespaces/x", ""},
                 {"/api/v1/namespaces/x/pods", "x"},
                 {"/apis/pratique.dev/v1alpha1/namespaces/x-y/imagepolicies", "x-y"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_true(str_eq(kube_query_namespace(CASES[i].path), str_from(CASES[i].wanted)));
    }
}

#define LISTED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int list_tests(void)
{
    const struct CMUnitTest tests[] = {
        LISTED(pages),
        LISTED(objects_say_what_they_are),
        LISTED(an_empty_list),
        LISTED(what_is_no_list),
        LISTED(another_namespace),
        LISTED(pages_that_are_too_large),
        LISTED(an_object_that_is_too_large),
        LISTED(an_object_that_is_too_deep),
        LISTED(the_rest_expires),
        LISTED(the_rest_expires_again_and_again),
        LISTED(pages_of_two_versions),
        LISTED(being_asked_for_patience),
        LISTED(tokens_have_a_bound),
        LISTED(namespaces_of_paths),
    };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
