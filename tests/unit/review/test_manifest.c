#include "test.h"

#include <string.h>

static void from_manifest(struct decoded *d, const char *text, const char *namespace)
{
    decoded_start(d, str_from(json(text)));
    d->failed = failed(review_from_manifest(&d->arena, d->kinds, d->doc.root, str_from(namespace),
                                            &d->review, &d->err));
}

static const struct {
    const char *manifest, *namespace;
    const char *failure; /* NULL: none */
    const char *problem; /* NULL: none */
    const char *images;
    const char *identity; /* "GROUP VERSION KIND NAMESPACE NAME" */
} MANIFESTS[] = {
    {"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},"
     "'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "", NULL, NULL, "c.c@spec.containers[0].image=a", " v1 Pod default p"},
    {"{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'d','namespace':'own'},"
     "'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     "given", NULL, NULL, "c.@spec.template.spec.containers[0].image=a",
     "apps v1 Deployment own d"},
    {"{'apiVersion':'batch/v1','kind':'Job','metadata':{'generateName':'j-','namespace':''},"
     "'spec':{'template':{'spec':{'containers':[]}}}}",
     "given", NULL, NULL, "", "batch v1 Job given j-"},
    {"{'apiVersion':'v1','kind':'ConfigMap','data':{'a':'b'}}", "", NULL, NULL, "",
     " v1 ConfigMap default "},
    {"{'apiVersion':'example.com/v1','kind':'Thing','a':{'containers':[{'image':'x'}]}}", "", NULL,
     NULL, "c.@a.containers[0].image=x", "example.com v1 Thing default "},
    {"{'apiVersion':'extensions/v1beta1','kind':'DaemonSet',"
     "'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     "", NULL, NULL, "c.@spec.template.spec.containers[0].image=a",
     "extensions v1beta1 DaemonSet default "},
    /* the same problems as in the cluster */
    {"{'apiVersion':'v1','kind':'Pod','spec':{'containers':null}}", "", NULL,
     "spec.containers must be a list, found null", "", " v1 Pod default "},
    {"{'apiVersion':'v1','kind':'Pod','metadata':{'namespace':7},'spec':{'containers':[]}}", "",
     NULL, "metadata.namespace must be a string, found a number", "", " v1 Pod default "},
    {"{'apiVersion':'v1','kind':'Pod','metadata':{'labels':{'a':true}},'spec':{'containers':[]}}",
     "", NULL, "metadata.labels must be an object of strings", "", " v1 Pod default "},
    /* what is no object of Kubernetes */
    {"[]", "", "a manifest must be an object, found a list", NULL, NULL, NULL},
    {"'text'", "", "found a string", NULL, NULL, NULL},
    {"{}", "", "apiVersion is missing: an object needs apiVersion and kind", NULL, NULL, NULL},
    {"{'kind':'Pod'}", "", "apiVersion is missing", NULL, NULL, NULL},
    {"{'apiVersion':'v1'}", "", "kind is missing", NULL, NULL, NULL},
    {"{'apiVersion':'','kind':'Pod'}", "", "apiVersion is missing", NULL, NULL, NULL},
    {"{'apiVersion':'v1','kind':null}", "", "kind is missing", NULL, NULL, NULL},
    {"{'apiVersion':1,'kind':'Pod'}", "", "apiVersion must be a string, found a number", NULL, NULL,
     NULL},
    {"{'apiVersion':'v1','kind':['Pod']}", "", "kind must be a string, found a list", NULL, NULL,
     NULL},
};

static void manifests(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(MANIFESTS); i++) {
        decoded_auto d;
        from_manifest(&d, MANIFESTS[i].manifest, MANIFESTS[i].namespace);
        if (MANIFESTS[i].failure != NULL) {
            if (!d.failed || d.err.kind != ERROR_INPUT ||
                strstr(d.err.text, MANIFESTS[i].failure) == NULL) {
                fail_msg("%s: \"%s\"", MANIFESTS[i].manifest, d.err.text);
            }
            continue;
        }
        const struct review *r = &d.review;
        struct str identity = arena_printf(&d.arena, "%.*s %.*s %.*s %.*s %.*s", STR_ARG(r->group),
                                           STR_ARG(r->version), STR_ARG(r->kind),
                                           STR_ARG(r->namespace), STR_ARG(r->name));
        bool right = MANIFESTS[i].problem == NULL
                         ? r->problem.n == 0
                         : r->problem.n > 0 && strstr(r->problem.p, MANIFESTS[i].problem) != NULL;
        if (d.failed || !right || !str_eq(identity, str_from(MANIFESTS[i].identity)) ||
            strcmp(describe_images(&d), MANIFESTS[i].images) != 0) {
            fail_msg("%s: \"%s\" \"%.*s\" \"%s\" %s", MANIFESTS[i].manifest, d.err.text,
                     STR_ARG(r->problem), describe_images(&d), identity.p);
        }
        assert_true(r->api == REVIEW_MANIFEST && r->operation == REVIEW_CREATE);
        assert_true(!r->user_known && r->labels_known && r->uid.n == 0);
        struct review_answer answer = {.allowed = true};
        buf_auto buf;
        buf_init(&buf, 100);
        review_encode(r, &answer, &buf);
        assert_int_equal(buf.n, 0);
    }
}

static const struct {
    const char *document;
    const char *kinds; /* of the items; NULL: it fails */
    const char *failure;
} LISTS[] = {
    {"{'kind':'Pod'}", "Pod", NULL},
    {"{'kind':'List','items':[]}", "", NULL},
    {"{'kind':'List','items':[{'kind':'A'},{'kind':'B'}]}", "A B", NULL},
    {"{'kind':'DeploymentList','items':[{'kind':'A'}]}", "A", NULL},
    {"{'kind':'List','items':[{'kind':'List','items':[{'kind':'A'},{'kind':'PodList','items':[{'"
     "kind':'B'}]}]},"
     "{'kind':'C'}]}",
     "A B C", NULL},
    /* kinds that merely end so */
    {"{'kind':'AllowList','spec':{}}", "AllowList", NULL},
    /* what stands in a List and is no object: the item itself says so later */
    {"{'kind':'List','items':[7]}", "?", NULL},
    {"7", "?", NULL},
    {"{'kind':'List'}", NULL, "items is missing, it must be a list"},
    {"{'kind':'List','items':null}", NULL, "items must be a list, found null"},
    {"{'kind':'List','items':{'kind':'A'}}", NULL, "items must be a list, found an object"},
    {"{'kind':'PodList','items':'x'}", NULL, "items must be a list, found a string"},
    {"{'kind':'List','items':[{'kind':'List','items':7}]}", NULL,
     "items must be a list, found a number"},
};

static void lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(LISTS); i++) {
        decoded_auto d;
        decoded_start(&d, str_from(json(LISTS[i].document)));
        yyjson_val **items;
        size_t n = 0;
        bool fails = failed(review_items(&d.arena, d.doc.root, &items, &n, &d.err));
        if (LISTS[i].kinds == NULL) {
            if (!fails || d.err.kind != ERROR_INPUT ||
                strstr(d.err.text, LISTS[i].failure) == NULL) {
                fail_msg("%s: \"%s\"", LISTS[i].document, d.err.text);
            }
            continue;
        }
        buf_auto kinds;
        buf_init(&kinds, 1000);
        for (size_t j = 0; j < n; j++) {
            yyjson_val *kind = json_get(items[j], "kind");
            buf_printf(&kinds, "%s%s", j == 0 ? "" : " ",
                       kind != NULL ? yyjson_get_str(kind) : "?");
        }
        if (fails || !str_eq(buf_str(&kinds), str_from(LISTS[i].kinds))) {
            fail_msg("%s: \"%.*s\"", LISTS[i].document, STR_ARG(buf_str(&kinds)));
        }
    }
}

int manifest_tests(void)
{
    static const struct CMUnitTest TESTS[] = {cmocka_unit_test(manifests), cmocka_unit_test(lists)};
    return cmocka_run_group_tests_name("manifest", TESTS, NULL, NULL);
}
