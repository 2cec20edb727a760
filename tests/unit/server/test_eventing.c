/* Which decisions become an Event, and whom it regards. */
#include "fixture.h"

#include "server/eventing.h"

/* A review: what is asked beside the object, the object's metadata, the image. */
#define ASKED(kind, more, metadata, image)                                                         \
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"           \
    "\"uid\":\"u-1\",\"kind\":" kind ",\"userInfo\":{\"username\":\"alice\"}," more                \
    ",\"object\":{\"metadata\":{" metadata "},\"spec\":{\"containers\":[{\"name\":\"a\","          \
    "\"image\":\"" image "\"}]}}}}"
#define POD    "{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"}"
#define SHIP   "{\"group\":\"example.com\",\"version\":\"v2\",\"kind\":\"Ship\"}"
#define CREATE "\"operation\":\"CREATE\",\"name\":\"web\""
#define UPDATE "\"operation\":\"UPDATE\",\"name\":\"web\""
#define SHOP   ",\"namespace\":\"shop\""
#define BAD    "bad.example.com/x:1"
#define OWNER(version, kind, name, uid, more)                                                      \
    "{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"name\":\"" name "\",\"uid\":\"" uid   \
    "\"" more "}"
#define CONTROLLER ",\"controller\":true"
#define SET        OWNER("apps/v1", "ReplicaSet", "web-1", "u-set", CONTROLLER)
#define OWNED(by)  "\"uid\":\"u-pod\",\"ownerReferences\":[" by "]"

static bool becomes(enum endpoint endpoint, const char *body, bool warnings, struct event *event)
{
    struct job *job;
    const struct error *err = walk(endpoint, str_from(body), &job);
    if (err != NULL) {
        fail_msg("%s\n%s", err->text, body);
    }
    return eventing_event(job, warnings, event);
}

static void whom(void **state)
{
    (void)state;
    static const struct {
        const char *body, *regarding, *subject;
    } CASES[] = {
        {ASKED(POD, CREATE SHOP, OWNED(SET), BAD), "apps/v1 ReplicaSet web-1 u-set", "Pod web"},
        {ASKED(POD, UPDATE SHOP, OWNED(SET), BAD), "apps/v1 ReplicaSet web-1 u-set", "Pod web"},
        {ASKED(POD, "\"operation\":\"CREATE\"" SHOP, "\"generateName\":\"web-1-\"," OWNED(SET),
               BAD),
         "apps/v1 ReplicaSet web-1 u-set", "Pod web-1-"},
        /* An API server has made its name by then, another at each try. */
        {ASKED(POD, CREATE SHOP, "\"name\":\"web-1-x7k2p\",\"generateName\":\"web-1-\"," OWNED(SET),
               BAD),
         "apps/v1 ReplicaSet web-1 u-set", "Pod web-1-"},
        {ASKED(POD, UPDATE SHOP, "\"generateName\":\"web-1-\"," OWNED(SET), BAD),
         "apps/v1 ReplicaSet web-1 u-set", "Pod web"},
        /* Of several owners, the one that is the controller. */
        {ASKED(POD, CREATE SHOP,
               OWNED(OWNER("a/v1", "A", "a", "u-a", "") "," OWNER("a/v1", "B", "b", "u-b",
                                                                  ",\"controller\":false") "," SET),
               BAD),
         "apps/v1 ReplicaSet web-1 u-set", "Pod web"},
        {ASKED(POD, CREATE SHOP,
               OWNED(OWNER("v1", "ReplicationController", "rc", "u-rc", CONTROLLER)), BAD),
         "v1 ReplicationController rc u-rc", "Pod web"},
        /* What is no controller of the namespace is left alone. */
        {ASKED(POD, CREATE SHOP, OWNED(OWNER("v1", "Node", "n", "n", CONTROLLER)), BAD),
         "v1 Namespace shop ", "Pod web"},
        {ASKED(POD, CREATE SHOP, OWNED(OWNER("v1", "Namespace", "kube-system", "u", CONTROLLER)),
               BAD),
         "v1 Namespace shop ", "Pod web"},
        {ASKED(POD, CREATE SHOP, OWNED(OWNER("a/v1", "A", "a", "u-a", "")), BAD),
         "v1 Namespace shop ", "Pod web"},
        {ASKED(POD, CREATE SHOP, OWNED(OWNER("a/v1", "A", "", "u-a", CONTROLLER)), BAD),
         "v1 Namespace shop ", "Pod web"},
        {ASKED(POD, CREATE SHOP, OWNED("7,null,{\"controller\":true}"), BAD), "v1 Namespace shop ",
         "Pod web"},
        {ASKED(POD, CREATE SHOP, "\"ownerReferences\":{\"controller\":true}", BAD),
         "v1 Namespace shop ", "Pod web"},
        /* What is updated is there. */
        {ASKED(POD, UPDATE SHOP, "\"uid\":\"u-pod\"", BAD), "v1 Pod web u-pod", "Pod web"},
        {ASKED(SHIP, UPDATE SHOP, "\"uid\":\"u-ship\"", BAD), "example.com/v2 Ship web u-ship",
         "Ship web"},
        {ASKED(POD, UPDATE SHOP, "\"uid\":7", BAD), "v1 Pod web ", "Pod web"},
        {ASKED(POD, CREATE SHOP, "\"uid\":\"u-pod\"", BAD), "v1 Namespace shop ", "Pod web"},
        /* An object that cannot be judged is denied, too. */
        {ASKED(POD, CREATE SHOP, OWNED(SET) ",\"labels\":7", BAD), "apps/v1 ReplicaSet web-1 u-set",
         "Pod web"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct event event;
        if (!becomes(ENDPOINT_VALIDATE, CASES[i].body, false, &event)) {
            fail_msg("none: %s", CASES[i].body);
        }
        char *regarding = text_of("%.*s %.*s %.*s %.*s", STR_ARG(event.regarding.api_version),
                                  STR_ARG(event.regarding.kind), STR_ARG(event.regarding.name),
                                  STR_ARG(event.regarding.uid));
        assert_string_equal(regarding, CASES[i].regarding);
        free(regarding);
        assert_true(str_eq(event.subject, str_from(CASES[i].subject)));
        assert_true(event.denied && str_eq(event.namespace, STR("shop")));
        assert_true(event.message.n > 0 && event.time > 0);
    }
}

static void none(void **state)
{
    (void)state;
    static const struct {
        enum endpoint endpoint;
        const char *body;
    } CASES[] = {
        {ENDPOINT_VALIDATE, ASKED(POD, CREATE SHOP ",\"dryRun\":true", OWNED(SET), BAD)},
        {ENDPOINT_VALIDATE, ASKED(POD, CREATE, OWNED(SET), BAD)}, /* no namespace */
        {ENDPOINT_VALIDATE, ASKED(POD, CREATE SHOP, OWNED(SET), "good.example.com/x:1")},
        {ENDPOINT_VALIDATE,
         ASKED(POD, "\"operation\":\"DELETE\",\"name\":\"web\"" SHOP, OWNED(SET), BAD)},
        {ENDPOINT_MUTATE, ASKED(POD, CREATE SHOP, OWNED(SET), BAD)},
        {ENDPOINT_IMAGE_POLICY,
         "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"spec\":{"
         "\"namespace\":\"shop\",\"containers\":[{\"image\":\"" BAD "\"}]}}"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct event event;
        if (becomes(CASES[i].endpoint, CASES[i].body, true, &event)) {
            fail_msg("one: %s", CASES[i].body);
        }
    }
}

/* Of the fixture's policies, soft warns about :latest. */
static void warnings(void **state)
{
    (void)state;
    struct event event;
    static const char WARNED[] = ASKED(POD, CREATE SHOP, OWNED(SET), "good.example.com/x:latest");
    assert_false(becomes(ENDPOINT_VALIDATE, WARNED, false, &event));
    assert_true(becomes(ENDPOINT_VALIDATE, WARNED, true, &event));
    assert_false(event.denied);
    assert_non_null(memmem(event.message.p, event.message.n, "policy soft", 11));
}

int eventing_tests(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(whom, fixture_start, fixture_end),
        cmocka_unit_test_setup_teardown(none, fixture_start, fixture_end),
        cmocka_unit_test_setup_teardown(warnings, fixture_start, fixture_end),
    };
    return cmocka_run_group_tests_name("eventing", TESTS, NULL, NULL);
}
