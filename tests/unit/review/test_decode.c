#include "test.h"

#include <string.h>

#define POD      "{'spec':{'containers':[{'name':'c','image':'nginx'}]}}"
#define POD_KIND "'kind':{'group':'','version':'v1','kind':'Pod'}"
#define CREATE   "'uid':'u','operation':'CREATE'," POD_KIND ",'object':" POD

/* -- what cannot be answered fails -- */

static const struct {
    const char *text;
    bool accept_bare;
    const char *failure; /* NULL: it decodes */
} ENVELOPES[] = {
    {"null", false, "a review must be an object, found null"},
    {"[]", false, "found a list"},
    {"'AdmissionReview'", false, "found a string"},
    {"{}", false,
     "expected an AdmissionReview of admission.k8s.io/v1 or v1beta1, or an ImageReview "
     "of imagepolicy.k8s.io/v1alpha1"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v2','request':{" CREATE "}}", false,
     "apiVersion \"admission.k8s.io/v2\""},
    {"{'kind':'AdmissionReview','request':{" CREATE "}}", false, "apiVersion \"\""},
    {"{'kind':'Admissionreview','apiVersion':'admission.k8s.io/v1','request':{" CREATE "}}", false,
     "kind \"Admissionreview\""},
    {"{'kind':'AdmissionReview','apiVersion':['admission.k8s.io/v1'],'request':{" CREATE "}}",
     false, "expected"},
    {"{'kind':'ImageReview','apiVersion':'admission.k8s.io/v1','spec':{}}", false, "expected"},
    {"{'kind':'AdmissionReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{}}", false,
     "expected"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1'}", false,
     "request is missing, it must be an object"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':null}", false,
     "request must be an object, found null"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':[]}", false,
     "request must be an object, found a list"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/"
     "v1','request':{'operation':'CREATE'}}",
     false, "request.uid is missing"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':null}}", false,
     "request.uid is missing"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':''}}", false,
     "request.uid is missing"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':7}}", false,
     "request.uid must be a string, found a number"},
    /* a uid from elsewhere does not stand in */
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','uid':'u','request':{}}", false,
     "request.uid is missing"},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{" CREATE "}}", false,
     NULL},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1beta1','request':{" CREATE "}}",
     false, NULL},
    {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{" CREATE "}}", true,
     NULL},
    {"{" CREATE "}", true, NULL},
    {"{" CREATE "}", false, "expected an AdmissionReview"},
    {"{'uid':'u'," POD_KIND "}", true, "expected an AdmissionReview"},            /* no operation */
    {"{'operation':'CREATE'," POD_KIND "}", true, "expected an AdmissionReview"}, /* no uid */
    {"{'kind':'Pod','uid':'u','operation':'CREATE'}", true, "kind \"Pod\""},
    {"{'apiVersion':'v1','uid':'u','operation':'CREATE'}", true, "apiVersion \"v1\""},
    {"{'uid':'','operation':'CREATE'}", true, "request.uid is missing"},
    {"{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{}}", false, NULL},
};

static void envelopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(ENVELOPES); i++) {
        decoded_auto d;
        const char *text = json(ENVELOPES[i].text);
        decode_review(&d, str_from(text), ENVELOPES[i].accept_bare);
        bool as_wanted = ENVELOPES[i].failure == NULL
                             ? !d.failed && d.review.problem.n == 0
                             : d.failed && d.err.kind == ERROR_INPUT &&
                                   strstr(d.err.text, ENVELOPES[i].failure) != NULL;
        if (!as_wanted) {
            fail_msg("%s: \"%s\" \"%.*s\"", text, d.err.text, STR_ARG(d.review.problem));
        }
    }
}

/* -- what is understood but cannot be judged is a problem -- */

static const struct {
    const char *request; /* what stands between the braces, beside the uid */
    const char *problem; /* NULL: none */
    const char *images;
} REQUESTS[] = {
    {"'operation':'CREATE'," POD_KIND ",'object':" POD, NULL, "c.c@spec.containers[0].image=nginx"},
    /* operation */
    {POD_KIND ",'object':" POD, "request.operation is missing",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':null," POD_KIND ",'object':" POD,
     "request.operation must be a string, found null", "c.c@spec.containers[0].image=nginx"},
    {"'operation':['CREATE']," POD_KIND ",'object':" POD,
     "request.operation must be a string, found a list", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'create'," POD_KIND ",'object':" POD,
     "request.operation must be CREATE, UPDATE, DELETE or CONNECT, found \"create\"",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'PATCH'," POD_KIND ",'object':" POD, "found \"PATCH\"",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':''," POD_KIND ",'object':" POD, "found \"\"",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'DELETE\\u0000'," POD_KIND ",'object':" POD, "request.operation must be CREATE",
     "c.c@spec.containers[0].image=nginx"},
    /* kind: without one the content tells */
    {"'operation':'CREATE','object':" POD, "request.kind is missing, it must be an object",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':null,'object':" POD, "request.kind must be an object, found null",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':'Pod','object':" POD,
     "request.kind must be an object, found a string", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':{},'object':" POD, "request.kind.kind is missing",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':{'kind':''},'object':" POD, "request.kind.kind is missing",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':{'kind':1},'object':" POD,
     "request.kind.kind must be a string, found a number", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':{'group':{},'kind':'Pod'},'object':" POD,
     "request.kind.group must be a string, found an object", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE','kind':{'kind':'Pod'},'object':" POD, NULL,
     "c.c@spec.containers[0].image=nginx"},
    /* object */
    {"'operation':'CREATE'," POD_KIND, "request.object is missing, it must be an object", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':null",
     "request.object must be an object, found null", ""},
    {"'operation':'UPDATE'," POD_KIND ",'object':null,'oldObject':" POD,
     "request.object must be an object, found null", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':[" POD "]",
     "request.object must be an object, found a list", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':'{}'",
     "request.object must be an object, found a string", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{}", "spec is missing, it must be an object", ""},
    /* the rest of the request */
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'userInfo':'alice'",
     "request.userInfo must be an object, found a string", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'userInfo':{'username':[]}",
     "request.userInfo.username must be a string, found a list",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'dryRun':'true'",
     "request.dryRun must be true or false, found a string", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'dryRun':1",
     "request.dryRun must be true or false, found a number", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'dryRun':null", NULL,
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'name':{}",
     "request.name must be a string, found an object", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'namespace':false",
     "request.namespace must be a string, found true or false",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'subResource':['status']",
     "request.subResource must be a string, found a list", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'resource':'pods'",
     "request.resource must be an object, found a string", "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'resource':{'resource':7}",
     "request.resource.resource must be a string, found a number",
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'userInfo':null,'resource':null", NULL,
     "c.c@spec.containers[0].image=nginx"},
    {"'operation':'CREATE'," POD_KIND ",'object':" POD ",'somethingNew':{'a':[1]}", NULL,
     "c.c@spec.containers[0].image=nginx"},
    /* metadata */
    {"'operation':'CREATE'," POD_KIND ",'object':{'metadata':[],'spec':{'containers':[]}}",
     "metadata must be an object, found a list", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'metadata':null,'spec':{'containers':[]}}", NULL,
     ""},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'metadata':{'labels':[]},'spec':{'containers':[]}}",
     "metadata.labels must be an object of strings", ""},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'metadata':{'labels':{'a':1}},'spec':{'containers':[]}}",
     "metadata.labels must be an object of strings", ""},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'metadata':{'labels':null},'spec':{'containers':[]}}",
     NULL, ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'metadata':{'name':3},'spec':{'containers':[]}}",
     "metadata.name must be a string, found a number", ""},
    /* kinds that contradict each other */
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'kind':'Deployment','spec':{'containers':[{'image':'a'}]}}",
     "request.kind is \"Pod\", but the object says that it is \"Deployment\"",
     "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'kind':'Pod','apiVersion':'apps/v1','spec':{'containers':[]}}",
     "request.kind is of group \"\", but the object says \"apps\"", ""},
    {"'operation':'CREATE','kind':{'group':'apps','version':'v1','kind':'Deployment'},"
     "'object':{'apiVersion':'v1','spec':{'template':{'spec':{'containers':[]}}}}",
     "request.kind is of group \"apps\", but the object says \"\"", ""},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'kind':'Pod','apiVersion':'v1','spec':{'containers':[]}}",
     NULL, ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'kind':'Pod','spec':{'containers':[]}}", NULL,
     ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'apiVersion':'v2','spec':{'containers':[]}}",
     NULL, ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'kind':{},'spec':{'containers':[]}}",
     "kind must be a string, found an object", ""},
    {"'operation':'CREATE','kind':{'group':'','version':'v1','kind':'ConfigMap'},"
     "'resource':{'group':'','version':'v1','resource':'pods'},'object':{'kind':'ConfigMap'}",
     "request.resource is \"pods\", but request.kind is \"ConfigMap\" of group \"\"", ""},
    {"'operation':'CREATE','kind':{'group':'x','version':'v1','kind':'Pod'},"
     "'resource':{'group':'','version':'v1','resource':'pods'},'object':{'spec':{}}",
     "request.kind is \"Pod\" of group \"x\"", ""},
    {"'operation':'CREATE','kind':{'group':'','version':'v1','kind':'ConfigMap'},"
     "'resource':{'group':'','version':'v1','resource':'configmaps'},'object':{'data':{'a':'b'}}",
     NULL, ""},
};

static bool is_as_wanted(const struct decoded *d, const char *problem, const char *images)
{
    bool right_problem =
        problem == NULL ? d->review.problem.n == 0
                        : d->review.problem.n > 0 && strstr(d->review.problem.p, problem) != NULL;
    return !d->failed && right_problem && strcmp(describe_images(d), images) == 0;
}

static void requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(REQUESTS); i++) {
        char text[2048];
        snprintf(text, sizeof text, "{'uid':'u',%s}", REQUESTS[i].request);
        decoded_auto d;
        decode_request(&d, json(text));
        if (!is_as_wanted(&d, REQUESTS[i].problem, REQUESTS[i].images)) {
            fail_msg("%s: \"%.*s\" \"%s\"", text, STR_ARG(d.review.problem), describe_images(&d));
        }
        assert_true(str_eq(d.review.uid, STR("u")));
        encode_both(&d);
    }
}

/* -- nothing ever blocks DELETE and CONNECT -- */

static void leaving(void **state)
{
    (void)state;
    static const char *const REQUESTS_OUT[] = {
        "{'uid':'u','operation':'DELETE'," POD_KIND ",'object':null,'oldObject':" POD "}",
        "{'uid':'u','operation':'DELETE'," POD_KIND ",'object':" POD ",'oldObject':7}",
        "{'uid':'u','operation':'DELETE'}",
        "{'uid':'u','operation':'DELETE','kind':[],'userInfo':'x','dryRun':7,'subResource':{}}",
        "{'uid':'u','operation':'DELETE'," POD_KIND ",'subResource':'other'}",
        "{'uid':'u','operation':'CONNECT','kind':{'group':'','version':'v1','kind':'PodExecOptions'"
        "},"
        "'resource':{'group':'','version':'v1','resource':'pods'},'subResource':'exec',"
        "'object':{'kind':'PodExecOptions','container':'c','command':['sh']}}",
        "{'uid':'u','operation':'CONNECT'," POD_KIND ",'subResource':'new','object':" POD "}",
    };
    for (size_t i = 0; i < N(REQUESTS_OUT); i++) {
        decoded_auto d;
        decode_request(&d, json(REQUESTS_OUT[i]));
        if (d.failed || d.review.problem.n > 0 || d.review.n_images > 0 ||
            d.review.object != NULL) {
            fail_msg("%s: \"%.*s\"", REQUESTS_OUT[i], STR_ARG(d.review.problem));
        }
        encode_both(&d);
    }
}

/* -- subresources -- */

static const struct {
    const char *resource, *subresource, *group, *kind, *object;
    const char *problem;
    const char *images;
} SUBRESOURCES[] = {
    {"pods", "status", "", "Pod", POD, NULL, "c.c@spec.containers[0].image=nginx"},
    {"pods", "resize", "", "Pod", POD, NULL, "c.c@spec.containers[0].image=nginx"},
    {"pods", "ephemeralcontainers", "", "Pod",
     "{'spec':{'containers':[],'ephemeralContainers':[{'name':'d','image':'busybox'}]}}", NULL,
     "e.d@spec.ephemeralContainers[0].image=busybox"},
    {"pods", "ephemeralcontainers", "", "EphemeralContainers",
     "{'kind':'EphemeralContainers','ephemeralContainers':[{'name':'d','image':'busybox'}]}", NULL,
     "e.d@ephemeralContainers[0].image=busybox"},
    {"pods", "binding", "", "Binding", "{'target':{'kind':'Node','name':'n'}}", NULL, ""},
    {"pods", "eviction", "policy", "Eviction", "{'metadata':{'name':'p'}}", NULL, ""},
    {"deployments", "scale", "autoscaling", "Scale", "{'spec':{'replicas':2}}", NULL, ""},
    {"pods", "exec", "", "PodExecOptions", "{}", NULL, ""},
    {"pods", "attach", "", "PodAttachOptions", "{}", NULL, ""},
    {"pods", "portforward", "", "PodPortForwardOptions", "{}", NULL, ""},
    {"pods", "proxy", "", "PodProxyOptions", "{}", NULL, ""},
    {"pods", "log", "", "PodLogOptions", "{}", NULL, ""},
    {"pods", "harmless", "", "Thing", "{}", NULL, ""}, /* configured */
    {"pods", "harmless", "", "Pod", POD, NULL, "c.c@spec.containers[0].image=nginx"},
    {"pods", "swap", "", "Pod", POD,
     "subresource \"swap\" of pods is not known; if no image can come in by it, add it to "
     "`subresources` in the server configuration",
     "c.c@spec.containers[0].image=nginx"},
    {"pods", "Status", "", "Pod", POD, "subresource \"Status\"",
     "c.c@spec.containers[0].image=nginx"},
    {"pods", "swap", "", "PodSwap", "{'with':'nginx'}", "subresource \"swap\" of pods is not known",
     ""},
    {"deployments", "rollback", "apps", "DeploymentRollback", "{'name':'d'}", NULL, ""},
    {"things", "swap", "", "Pod", POD, "subresource \"swap\" of things is not known",
     "c.c@spec.containers[0].image=nginx"},
    {"things", "swap", "example.com", "Thing", "{'containers':[{'image':'a'}]}",
     "subresource \"swap\" of things is not known", "c.@containers[0].image=a"},
    {"serviceaccounts", "token", "authentication.k8s.io", "TokenRequest", "{'spec':{}}", NULL, ""},
};

static void subresources(void **state)
{
    (void)state;
    static const struct str KNOWN[] = {{"harmless", 8}};
    for (size_t i = 0; i < N(SUBRESOURCES); i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{"
                 "'uid':'u','operation':'UPDATE','kind':{'group':'%s','version':'v1','kind':'%s'},"
                 "'resource':{'group':'','version':'v1','resource':'%s'},'subResource':'%s',"
                 "'object':%s}}",
                 SUBRESOURCES[i].group, SUBRESOURCES[i].kind, SUBRESOURCES[i].resource,
                 SUBRESOURCES[i].subresource, SUBRESOURCES[i].object);
        decoded_auto d;
        decoded_start(&d, str_from(json(text)));
        assert_false(failed(kinds_build(&d.arena, NULL, 0, KNOWN, N(KNOWN), &d.kinds, &d.err)));
        d.failed = failed(review_decode(&d.arena, d.kinds, &d.doc, false, &d.review, &d.err));
        if (!is_as_wanted(&d, SUBRESOURCES[i].problem, SUBRESOURCES[i].images)) {
            fail_msg("%s: \"%.*s\" \"%s\"", text, STR_ARG(d.review.problem), describe_images(&d));
        }
        assert_true(str_eq(d.review.subresource, str_from(SUBRESOURCES[i].subresource)));
    }
}

/* -- what is carried along -- */

static void carried(void **state)
{
    (void)state;
    decoded_auto d;
    decode_request(
        &d, json("{'uid':'0b1e-\\u00e9','operation':'UPDATE',"
                 "'kind':{'group':'apps','version':'v1','kind':'Deployment'},"
                 "'resource':{'group':'apps','version':'v1','resource':'deployments'},"
                 "'name':'web','namespace':'shop','dryRun':true,"
                 "'userInfo':{'username':'alice','groups':['dev']},"
                 "'object':{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'other',"
                 "'namespace':'kube-system','labels':{'app':'web'},"
                 "'deletionTimestamp':'2026-03-06T12:34:56Z'},"
                 "'spec':{'template':{'spec':{'containers':[]}}}},"
                 "'oldObject':{'metadata':{'labels':{'app':'old'}}}}"));
    assert_false(d.failed);
    assert_true(str_eq(d.review.problem, STR("")));
    assert_int_equal(d.review.api, REVIEW_ADMISSION_V1);
    assert_int_equal(d.review.operation, REVIEW_UPDATE);
    assert_true(str_eq(d.review.uid, STR("0b1e-\xc3\xa9")));
    assert_true(str_eq(d.review.group, STR("apps")) && str_eq(d.review.version, STR("v1")));
    assert_true(str_eq(d.review.kind, STR("Deployment")));
    assert_true(str_eq(d.review.name, STR("web")) && str_eq(d.review.namespace, STR("shop")));
    assert_true(d.review.user_known && str_eq(d.review.user, STR("alice")));
    assert_true(d.review.dry_run && d.review.deleting && d.review.labels_known);
    assert_true(str_eq(json_str(json_get(d.review.labels, "app")), STR("web")));
    assert_true(str_eq(json_str(json_get(d.review.old_labels, "app")), STR("old")));
    assert_false(d.review.namespace_labels_known);
    assert_ptr_equal(d.review.object, json_get(json_get(d.doc.root, "request"), "object"));
    encode_both(&d);
}

/* The namespace is the request's alone, and a user or label that is not told is not known. */
static void not_guessed(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *name, *namespace, *user;
        bool deleting;
    } CASES[] = {
        {"'object':{'metadata':{'name':'a','generateName':'b-','namespace':'kube-system'},"
         "'spec':{'containers':[]}}",
         "a", "", "", false},
        {"'object':{'metadata':{'generateName':'b-'},'spec':{'containers':[]}}", "b-", "", "",
         false},
        {"'name':'r','object':{'metadata':{'name':'a'},'spec':{'containers':[]}}", "r", "", "",
         false},
        {"'userInfo':{},'object':{'spec':{'containers':[]}}", "", "", "", false},
        {"'userInfo':{'username':''},'object':{'spec':{'containers':[]}}", "", "", "", false},
        {"'object':{'metadata':{'deletionTimestamp':null},'spec':{'containers':[]}}", "", "", "",
         false},
        {"'object':{'metadata':{'deletionTimestamp':'x'},'spec':{'containers':[]}}", "", "", "",
         true},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        char text[1024];
        snprintf(text, sizeof text, "{'uid':'u','operation':'CREATE'," POD_KIND ",%s}",
                 CASES[i].request);
        decoded_auto d;
        decode_request(&d, json(text));
        if (d.failed || !str_eq(d.review.name, str_from(CASES[i].name)) ||
            !str_eq(d.review.namespace, str_from(CASES[i].namespace)) ||
            !str_eq(d.review.user, str_from(CASES[i].user)) ||
            d.review.deleting != CASES[i].deleting) {
            fail_msg("%s", text);
        }
        assert_false(d.review.user_known);
        assert_null(d.review.labels);
    }
}

/* -- ImageReview -- */

static const struct {
    const char *spec;
    const char *problem;
    const char *images;
} IMAGE_REVIEWS[] = {
    {",'spec':{'containers':[{'image':'nginx:1.27'},{'image':'a@b'},{'image':'nginx:1.27'}],"
     "'annotations':{'x.image-policy.k8s.io/y':'z'},'namespace':'shop'}",
     NULL,
     "c.@spec.containers[0].image=nginx:1.27 c.@spec.containers[1].image=a@b "
     "c.@spec.containers[2].image=nginx:1.27"},
    /* the plugin leaves an empty list out */
    {",'spec':{'namespace':'shop'}", NULL, ""},
    {",'spec':{'containers':[],'namespace':'shop'}", NULL, ""},
    {",'spec':{'containers':null,'namespace':'shop'}", "spec.containers must be a list, found null",
     ""},
    {",'spec':{'containers':{},'namespace':'shop'}",
     "spec.containers must be a list, found an object", ""},
    {",'spec':{'containers':[{'image':'a'},'b'],'namespace':'shop'}",
     "spec.containers[1] must be an object, found a string", "c.@spec.containers[0].image=a"},
    {",'spec':{'containers':[{}],'namespace':'shop'}", "spec.containers[0].image is missing", ""},
    {",'spec':{'containers':[{'image':''}],'namespace':'shop'}",
     "spec.containers[0].image is missing", ""},
    {",'spec':{'containers':[{'image':null}],'namespace':'shop'}",
     "spec.containers[0].image is missing", ""},
    {",'spec':{'containers':[{'image':['a']}],'namespace':'shop'}",
     "spec.containers[0].image must be a string, found a list", ""},
    {"", "spec is missing, it must be an object", ""},
    {",'spec':null", "spec must be an object, found null", ""},
    {",'spec':{'namespace':7}", "spec.namespace must be a string, found a number", ""},
};

static void image_reviews(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(IMAGE_REVIEWS); i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1',"
                 "'metadata':{'creationTimestamp':null}%s,'status':{'allowed':false}}",
                 IMAGE_REVIEWS[i].spec);
        decoded_auto d;
        decode_review(&d, str_from(json(text)), false);
        if (!is_as_wanted(&d, IMAGE_REVIEWS[i].problem, IMAGE_REVIEWS[i].images)) {
            fail_msg("%s: \"%.*s\" \"%s\"", text, STR_ARG(d.review.problem), describe_images(&d));
        }
        assert_int_equal(d.review.api, REVIEW_IMAGE_V1ALPHA1);
        assert_int_equal(d.review.operation, REVIEW_OPERATION_UNKNOWN);
        assert_true(str_eq(d.review.kind, STR("Pod")) && str_eq(d.review.group, STR("")));
        assert_true(!d.review.user_known && !d.review.labels_known && d.review.object == NULL);
        assert_true(d.review.uid.n == 0);
        bool namespaced = strstr(text, "'shop'") != NULL && IMAGE_REVIEWS[i].spec[0] != '\0';
        assert_int_equal(str_eq(d.review.namespace, STR("shop")), namespaced);
        encode_both(&d);
    }
}

static void operation_names(void **state)
{
    (void)state;
    assert_string_equal(review_operation_name(REVIEW_OPERATION_UNKNOWN), "");
    assert_string_equal(review_operation_name(REVIEW_CREATE), "CREATE");
    assert_string_equal(review_operation_name(REVIEW_UPDATE), "UPDATE");
    assert_string_equal(review_operation_name(REVIEW_DELETE), "DELETE");
    assert_string_equal(review_operation_name(REVIEW_CONNECT), "CONNECT");
}

int decode_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(envelopes),     cmocka_unit_test(requests),
        cmocka_unit_test(leaving),       cmocka_unit_test(subresources),
        cmocka_unit_test(carried),       cmocka_unit_test(not_guessed),
        cmocka_unit_test(image_reviews), cmocka_unit_test(operation_names),
    };
    return cmocka_run_group_tests_name("decode", TESTS, NULL, NULL);
}
