#include "test.h"

#include <string.h>

/* What an author writes to be read in one way here and in another by whoever runs it. */

#define POD_KIND "'kind':{'group':'','version':'v1','kind':'Pod'}"

/* -- a text that two readers may read differently is refused before it is decoded -- */

static const struct {
    const char *text;
    const char *error;
} TEXTS[] = {
    {"{'request':{},'request':{}}", "duplicate"},
    {"{'request':{'uid':'a','uid':'b'}}", "duplicate"},
    {"{'request':{'operation':'DELETE','operation':'CREATE'}}", "duplicate"},
    {"{'request':{'kind':{'kind':'Pod','kind':'Thing'}}}", "duplicate"},
    {"{'request':{'object':{},'object':{}}}", "duplicate"},
    {"{'request':{'object':{'spec':{},'spec':{}}}}", "duplicate"},
    {"{'request':{'object':{'spec':{'containers':[],'containers':[]}}}}", "duplicate"},
    {"{'request':{'object':{'spec':{'containers':[{'image':'a','image':'b'}]}}}}", "duplicate"},
    {"{'request':{'object':{'spec':{'containers':[{'image':'a','im\\u0061ge':'b'}]}}}}",
     "duplicate"},
    {"{'request':{'object':{'spec':{'volumes':[{'image':{},'image':{}}]}}}}", "duplicate"},
    {"{'request':{'object':{'metadata':{'labels':{'a':'1','a':'2'}}}}}", "duplicate"},
    {"{'request':{'oldObject':{'spec':{'containers':[{'image':'a','image':'b'}]}}}}", "duplicate"},
    {"\xef\xbb\xbf{}", "line 1, column 1"},
    {"{}{}", "line 1, column 3"},
    {"{'image':'\\ud800'}", "line 1"},
    {"{'image':'\\udc00\\ud800'}", "line 1"},
    {"{'image':'\xc0\xaf'}", "line 1"},
    {"{'image':'a\nb'}", "line 1"},
    {"{/**/}", "line 1"},
    {"{'spec':{'containers':[],}}", "line 1"},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(TEXTS); i++) {
        struct json_doc doc = {0};
        struct error err = {0};
        bool refused =
            failed(json_parse(str_from(json(TEXTS[i].text)), JSON_WITHOUT_MARKS, &doc, &err));
        bool twice = strstr(err.text, "stands twice") != NULL;
        bool right = strcmp(TEXTS[i].error, "duplicate") == 0
                         ? twice
                         : !twice && strstr(err.text, TEXTS[i].error) != NULL;
        if (!refused || !right || err.kind != ERROR_INPUT) {
            fail_msg("%s: \"%s\"", TEXTS[i].text, err.text);
        }
    }
}

/* -- objects -- */

static const struct {
    const char *request; /* what stands between the braces, beside the uid */
    const char *problem; /* NULL: none */
    const char *images;
} REQUESTS[] = {
    /* names are exact, as for the API server: one of another case is another, beside it or alone */
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'Spec':{'containers':[{'image':'evil'}]},'spec':{'containers':[{'image':'a'}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'Containers':[{'image':'evil'}],'containers':[{'Image':'evil','image':'a'}"
     "],'InitContainers':[{'image':'evil'}],'volumes':[{'Image':{'reference':'evil'}}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE'," POD_KIND ",'object':{'spec':{'CONTAINERS':[{'image':'evil'}]}}",
     "spec.containers is missing", ""},
    {"'operation':'CREATE'," POD_KIND ",'Object':{'spec':{'containers':[{'image':'a'}]}}",
     "request.object is missing", ""},
    {"'Operation':'DELETE','operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'containers':[{'image':'a'}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'Operation':'DELETE'," POD_KIND ",'object':{'spec':{'containers':[{'image':'a'}]}}",
     "request.operation is missing", "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE','kind':{'group':'','version':'v1','kind':'pod'},"
     "'object':{'spec':{'containers':[{'image':'a'}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE','kind':{'group':'Apps','version':'v1','kind':'Deployment'},"
     "'object':{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     NULL, "c.@spec.template.spec.containers[0].image=a"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'containers\\u0000':[{'image':'evil'}],'containers':[]}}",
     NULL, ""},

    /* the text of an image is judged whole */
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'containers':[{'image':'good\\u0000evil'}]}}",
     NULL, "c.@spec.containers[0].image=good\\u0000evil"},
    {"'operation':'CREATE'," POD_KIND ",'object':{'spec':{'containers':[{'image':'\\u0000'}]}}",
     NULL, "c.@spec.containers[0].image=\\u0000"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'containers':[{'image':'\\t nginx\\u00a0'}]}}",
     NULL, "c.@spec.containers[0].image=\t nginx\xc2\xa0"},
    {"'operation':'CREATE'," POD_KIND ",'object':{'spec':{'containers':[{'image':' '}]}}", NULL,
     "c.@spec.containers[0].image= "},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'spec':{'containers':[{'image':'a','name':'\\ud83d\\udea2'}]}}",
     NULL, "c.\xf0\x9f\x9a\xa2@spec.containers[0].image=a"},

    /* a CREATE that claims to be deleted, and an old object that a CREATE has not */
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},"
     "'spec':{'containers':[{'image':'a'}]}},"
     "'oldObject':{'metadata':{},'spec':{'containers':[{'image':'a'}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},"
     "'spec':{'containers':null}},'oldObject':{'metadata':{},'spec':{'containers':null}}",
     "spec.containers must be a list, found null", ""},
    {"'operation':'UPDATE'," POD_KIND
     ",'object':{'kind':'Pod','metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}},"
     "'oldObject':{'kind':'Pod','metadata':{},'spec':{'containers':null}}",
     NULL, ""},
    {"'operation':'UPDATE','kind':{'group':'','version':'v1','kind':'Pod'},"
     "'object':{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null},'kind':null},"
     "'oldObject':{'metadata':{},'spec':{'containers':null},'kind':'Thing'}",
     "spec.containers must be a list, found null", ""},

    /* lists and other wrappings */
    {"'operation':'CREATE','kind':{'group':'','version':'v1','kind':'List'},"
     "'object':{'kind':'List','apiVersion':'v1','items':[{'kind':'Pod','apiVersion':'v1',"
     "'metadata':{'containers':[{'image':'m'}]},'spec':{'containers':[{'image':'a'}]}},"
     "{'kind':'List','items':[{'spec':{'initContainers':[{'image':'b'}]}}]}]}",
     NULL,
     "c.@items[0].metadata.containers[0].image=m c.@items[0].spec.containers[0].image=a "
     "i.@items[1].items[0].spec.initContainers[0].image=b"},
    {"'operation':'CREATE'," POD_KIND
     ",'object':{'kind':'List','apiVersion':'v1','items':[{'spec':{'containers':[]}}]}",
     "request.kind is \"Pod\", but the object says that it is \"List\"", ""},
    {"'operation':'CREATE'," POD_KIND ",'object':{'items':[{'spec':{'containers':[]}}]}",
     "spec is missing", ""},

    /* a kind of Kubernetes' own in a group that does not hold it is found by content */
    {"'operation':'CREATE','kind':{'group':'apps','version':'v1','kind':'Pod'},"
     "'object':{'kind':'Pod','apiVersion':'apps/v1','spec':{'containers':[{'image':'a'}]}}",
     NULL, "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE','kind':{'group':'apps','version':'v1','kind':'Pod'},"
     "'resource':{'group':'','version':'v1','resource':'pods'},"
     "'object':{'spec':{'containers':[{'image':'a'}]}}",
     "request.resource is \"pods\", but request.kind is \"Pod\" of group \"apps\"",
     "c.@spec.containers[0].image=a"},
    {"'operation':'CREATE','kind':{'group':'batch','version':'v1','kind':'Deployment'},"
     "'object':{'apiVersion':'apps/v1','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}"
     "}",
     "request.kind is of group \"batch\", but the object says \"apps\"",
     "c.@spec.template.spec.containers[0].image=a"},
    {"'operation':'CREATE','kind':{'group':'extensions','version':'v1beta1','kind':'StatefulSet'},"
     "'object':{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     NULL, "c.@spec.template.spec.containers[0].image=a"},
};

/* A NUL is shown as it is written in JSON. */
static const char *shown(const struct decoded *d)
{
    const struct review_image *image = &d->review.images[0];
    if (d->review.n_images != 1 || str_find(image->text, '\0') == image->text.n) {
        return describe_images(d);
    }
    struct str head, tail;
    str_cut(image->text, '\0', &head, &tail);
    struct arena *arena = (struct arena *)(uintptr_t)&d->arena;
    return arena_printf(arena, "c.@%.*s=%.*s\\u0000%.*s", STR_ARG(image->path), STR_ARG(head),
                        STR_ARG(tail))
        .p;
}

static void requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(REQUESTS); i++) {
        char text[2048];
        snprintf(text, sizeof text, "{'uid':'u',%s}", REQUESTS[i].request);
        decoded_auto d;
        decode_request(&d, json(text));
        const char *problem = REQUESTS[i].problem;
        bool right = problem == NULL
                         ? d.review.problem.n == 0
                         : d.review.problem.n > 0 && strstr(d.review.problem.p, problem) != NULL;
        if (d.failed || !right || strcmp(shown(&d), REQUESTS[i].images) != 0) {
            fail_msg("%s: \"%.*s\" \"%s\"", text, STR_ARG(d.review.problem), shown(&d));
        }
        encode_both(&d);
    }
}

/* -- annotations -- */

/* They are no evidence, whatever they are: not those of an ImageReview, and not an object's. */
static void annotations(void **state)
{
    (void)state;
    static const char *const ANNOTATIONS[] = {
        "{'break-glass.image-policy.k8s.io/x':'true'}",     "{'a':7}", "[]", "null", "'x'",
        "{'alpha.image-policy.k8s.io/failed-open':'true'}",
    };
    for (size_t i = 0; i < N(ANNOTATIONS); i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':"
                 "{'annotations':%s,'containers':[{'image':'a'}],'namespace':'n'}}",
                 ANNOTATIONS[i]);
        decoded_auto image;
        decode_review(&image, str_from(json(text)), false);
        assert_true(!image.failed && image.review.problem.n == 0);
        assert_string_equal(describe_images(&image), "c.@spec.containers[0].image=a");
        encode_both(&image);

        snprintf(text, sizeof text,
                 "{'metadata':{'annotations':%s},'spec':{'containers':"
                 "[{'image':'a'}]}}",
                 ANNOTATIONS[i]);
        decoded_auto pod;
        decode_create(&pod, "", "Pod", json(text));
        assert_string_equal(describe_images(&pod), "c.@spec.containers[0].image=a");
        encode_both(&pod);
    }
}

int hostile_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(requests),
        cmocka_unit_test(annotations),
    };
    return cmocka_run_group_tests_name("hostile", TESTS, NULL, NULL);
}
