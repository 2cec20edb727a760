#include "fixture.h"

#define GROUP   "pratique.dev"
#define VERSION "v1alpha1"

/* What an API server asks: of which kind, doing what, with which object. */
#define ASKED(group, version, kind, operation, more, object)                                       \
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"           \
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"" group "\",\"version\":\"" version                     \
    "\",\"kind\":\"" kind "\"},\"name\":\"p\",\"operation\":\"" operation                          \
    "\",\"userInfo\":{\"username\":\"alice\"}," more "\"object\":" object "}}"
#define OBJECT(kind, metadata, spec)                                                               \
    "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":\"" kind "\",\"metadata\":{\"name\":"      \
    "\"p\"" metadata "},\"spec\":" spec "}"
#define CLUSTER(spec) OBJECT("ClusterImagePolicy", "", spec)
#define CREATE(spec)  ASKED(GROUP, VERSION, "ClusterImagePolicy", "CREATE", "", CLUSTER(spec))

#define SOUND   "{\"rules\":[{\"name\":\"r\",\"deny\":[\"**:latest\"]}]}"
#define BROKEN  "{\"rules\":[{\"name\":\"r\",\"denny\":[\"**:latest\"]}]}"
#define LEAVING ",\"deletionTimestamp\":\"2026-06-01T00:00:00Z\",\"finalizers\":[]"

#define ANSWER(rest)                                                                               \
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{"          \
    "\"uid\":\"u-1\",\"allowed\":" rest "}}\n"
#define ALLOWED ANSWER("true")
#define DENIED(message)                                                                            \
    ANSWER("false,\"status\":{\"status\":\"Failure\",\"code\":403,\"reason\":\"Forbidden\","       \
           "\"message\":\"" message "\"}")
#define INVALID(kind, message, causes)                                                             \
    ANSWER("false,\"status\":{\"status\":\"Failure\",\"code\":422,\"reason\":\"Invalid\","         \
           "\"message\":\"" message "\",\"details\":{\"group\":\"pratique.dev\",\"kind\":\"" kind  \
           "\",\"name\":\"p\",\"causes\":[" causes "]}}")
#define CAUSE(field, message)                                                                      \
    "{\"reason\":\"FieldValueInvalid\",\"message\":\"" message "\",\"field\":\"" field "\"}"
#define NOT_OURS(what)                                                                             \
    DENIED("/policies answers for ClusterImagePolicy, ImagePolicy and ImagePolicyException of "    \
           "pratique.dev/v1alpha1; this is " what)
#define MISSPELT                                                                                   \
    INVALID(                                                                                       \
        "ClusterImagePolicy",                                                                      \
        "spec.rules[0].denny: unknown field \\\"denny\\\" (did you mean \\\"deny\\\"?)",           \
        CAUSE("spec.rules[0].denny", "unknown field \\\"denny\\\" (did you mean \\\"deny\\\"?)"))

static void expect(const char *body, const char *wanted)
{
    struct job *job;
    const struct error *err = walk(ENDPOINT_POLICIES, str_from(body), &job);
    if (err != NULL) {
        fail_msg("%s\n%s", err->text, body);
    }
    if (!str_eq(buf_str(&job->response), str_from(wanted))) {
        fail_msg("%s\ngot    %.*swanted %s", body, STR_ARG(buf_str(&job->response)), wanted);
    }
}

static void sound_and_broken(void **state)
{
    (void)state;
    expect(CREATE(SOUND), ALLOWED);
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE", "\"oldObject\":null,",
                 CLUSTER(SOUND)),
           ALLOWED);
    expect(CREATE(BROKEN), MISSPELT);
    expect(CREATE("{\"mode\":\"enforc\",\"match\":null," /* two at once */
                  "\"rules\":[{\"name\":\"r\",\"deny\":[\"a\"]}]}"),
           INVALID("ClusterImagePolicy",
                   "2 errors\\nspec.mode: must be one of \\\"enforce\\\", \\\"warn\\\", "
                   "\\\"audit\\\", found \\\"enforc\\\" (did you mean \\\"enforce\\\"?)\\n"
                   "spec.match: must be an object, found null; give it a value or leave it out",
                   CAUSE("spec.mode",
                         "must be one of \\\"enforce\\\", \\\"warn\\\", "
                         "\\\"audit\\\", found \\\"enforc\\\" (did you mean "
                         "\\\"enforce\\\"?)") "," CAUSE("spec.match",
                                                        "must be an object, found null; give it a "
                                                        "value or leave it out")));
}

static void warnings(void **state)
{
    (void)state;
    expect(CREATE("{\"rules\":[{\"name\":\"r\",\"allow\":[\"ghcr.io\",\"ghcr.io/acme/**\"]}]}"),
           ANSWER("true,\"warnings\":[\"spec.rules[0].allow[1]: redundant: \\\"ghcr.io\\\" means "
                  "all of it already\"]"));
    expect(ASKED(GROUP, VERSION, "ImagePolicyException", "CREATE", "",
                 OBJECT("ImagePolicyException", "",
                        "{\"policies\":[\"a\"],\"until\":\"2020-01-01T00:00:00Z\",\"reason\":"
                        "\"x\"}")),
           ANSWER("true,\"warnings\":[\"spec.until: the exception has ended and excuses nothing "
                  "any more; remove it\"]"));
}

/* A policy of a namespace only tightens. */
static void namespaced(void **state)
{
    (void)state;
    expect(ASKED(GROUP, VERSION, "ImagePolicy", "CREATE", "\"namespace\":\"shop\",",
                 OBJECT("ImagePolicy", ",\"namespace\":\"shop\"", SOUND)),
           ALLOWED);
    expect(ASKED(GROUP, VERSION, "ImagePolicy", "CREATE", "\"namespace\":\"shop\",",
                 OBJECT("ImagePolicy", ",\"namespace\":\"shop\"",
                        "{\"accept\":[\"imageID\"],\"rules\":[{\"name\":\"r\",\"deny\":[\"a\"]}]"
                        "}")),
           INVALID("ImagePolicy",
                   "spec.accept: an ImagePolicy can only tighten; a ClusterImagePolicy may accept "
                   "this",
                   CAUSE("spec.accept", "an ImagePolicy can only tighten; a ClusterImagePolicy may "
                                        "accept this")));
}

static void other_kinds(void **state)
{
    (void)state;
    expect(ASKED("", "v1", "Pod", "CREATE", "", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}"),
           NOT_OURS("\\\"Pod\\\" of \\\"/v1\\\""));
    expect(ASKED(GROUP, "v1", "ClusterImagePolicy", "CREATE", "", CLUSTER(SOUND)),
           NOT_OURS("\\\"ClusterImagePolicy\\\" of \\\"pratique.dev/v1\\\""));
    expect(ASKED("example.com", VERSION, "ClusterImagePolicy", "CREATE", "",
                 "{\"apiVersion\":\"example.com/v1alpha1\",\"kind\":\"ClusterImagePolicy\"}"),
           NOT_OURS("\\\"ClusterImagePolicy\\\" of \\\"example.com/v1alpha1\\\""));
    expect(ASKED(GROUP, VERSION, "ImagePolicyTest", "CREATE", "",
                 OBJECT("ImagePolicyTest", ",\"x\":1", "{}")),
           NOT_OURS("\\\"ImagePolicyTest\\\" of \\\"pratique.dev/v1alpha1\\\""));
    /* the object is of another kind than the request */
    expect(ASKED(GROUP, VERSION, "ImagePolicy", "CREATE", "", CLUSTER(SOUND)),
           DENIED("request.kind is \\\"ImagePolicy\\\", but the object says that it is "
                  "\\\"ClusterImagePolicy\\\""));
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "CREATE", "", "null"),
           DENIED("request.object must be an object, found null"));
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE", "\"subResource\":\"scale\",",
                 CLUSTER(SOUND)),
           DENIED("subresource \\\"scale\\\" of a policy is not known"));
}

/* What is never in the way: deleting, the status, and finalizers coming off. */
static void free_to_go(void **state)
{
    (void)state;
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "DELETE", "", "null"), ALLOWED);
    expect(ASKED("", "v1", "Pod", "DELETE", "", "null"), ALLOWED);
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE", "\"subResource\":\"status\",",
                 CLUSTER(BROKEN)),
           ALLOWED);
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE",
                 "\"oldObject\":" CLUSTER(BROKEN) ",",
                 OBJECT("ClusterImagePolicy", LEAVING, BROKEN)),
           ALLOWED);
    /* but not with another spec, nor of what stays, nor of what is new */
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE",
                 "\"oldObject\":" CLUSTER(SOUND) ",",
                 OBJECT("ClusterImagePolicy", LEAVING, BROKEN)),
           MISSPELT);
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "UPDATE",
                 "\"oldObject\":" CLUSTER(BROKEN) ",", CLUSTER(BROKEN)),
           MISSPELT);
    expect(ASKED(GROUP, VERSION, "ClusterImagePolicy", "CREATE",
                 "\"oldObject\":" CLUSTER(BROKEN) ",",
                 OBJECT("ClusterImagePolicy", LEAVING, BROKEN)),
           MISSPELT);
}

static void unanswerable(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\"}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{}}",
        "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"spec\":{}}",
    };
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        struct job *job;
        const struct error *err = walk(ENDPOINT_POLICIES, str_from(BODIES[i]), &job);
        assert_non_null(err);
        assert_int_equal(err->kind, ERROR_INPUT);
        assert_false(job->answer.allowed);
    }
}

static void is_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *body, *verdict, *problem;
    } CASES[] = {
        {CREATE(SOUND), "\"verdict\":\"allow\"", NULL},
        {CREATE(BROKEN), "\"verdict\":\"deny\"",
         "\"problem\":\"spec.rules[0].denny: unknown field \\\"denny\\\" (did you mean "
         "\\\"deny\\\"?)\""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct job *job;
        assert_null(walk(ENDPOINT_POLICIES, str_from(CASES[i].body), &job));
        buf_auto line;
        buf_init(&line, 64 * KIB);
        record_phrase(job, NULL, THEN, &line);
        buf_add_char(&line, '\0');
        assert_non_null(strstr(line.p, "\"endpoint\":\"/policies\""));
        assert_non_null(strstr(line.p, "\"user\":\"alice\""));
        assert_non_null(strstr(line.p, CASES[i].verdict));
        assert_true(CASES[i].problem == NULL ? strstr(line.p, "problem") == NULL
                                             : strstr(line.p, CASES[i].problem) != NULL);
    }
}

int policy_review_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_and_broken), cmocka_unit_test(warnings),
        cmocka_unit_test(namespaced),       cmocka_unit_test(other_kinds),
        cmocka_unit_test(free_to_go),       cmocka_unit_test(unanswerable),
        cmocka_unit_test(is_recorded),
    };
    return cmocka_run_group_tests_name("policy reviews", tests, fixture_start, fixture_end);
}
