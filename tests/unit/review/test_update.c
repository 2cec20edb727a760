#include "test.h"

#include <string.h>

/* UPDATE: which images count as unchanged. One row per trap. */
static const struct {
    const char *group, *kind;
    const char *object, *old;
    const char *problem; /* NULL: none */
    const char *images;
} UPDATES[] = {
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL, "c.c@spec.containers[0].image=a!"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'b'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL, "c.c@spec.containers[0].image=b"},
    /* by name, not by place in the list */
    {"", "Pod", "{'spec':{'containers':[{'name':'d','image':'b'},{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'d','image':'b'}]}}", NULL,
     "c.d@spec.containers[0].image=b! c.c@spec.containers[1].image=a!"},
    /* the text of another container is no excuse */
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'b'},{'name':'d','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'d','image':'b'}]}}", NULL,
     "c.c@spec.containers[0].image=b c.d@spec.containers[1].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'new','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a! c.new@spec.containers[1].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'renamed','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.renamed@spec.containers[0].image=a"},
    /* nor is the same name in another role */
    {"", "Pod", "{'spec':{'containers':[],'initContainers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "i.c@spec.initContainers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[],'ephemeralContainers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[],'initContainers':[{'name':'c','image':'a'}]}}", NULL,
     "e.c@spec.ephemeralContainers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[],'volumes':[{'name':'c','image':{'reference':'a'}}]}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':{'reference':'a'}}]}}",
     "{'spec':{'containers':[],'volumes':[{'name':'v','image':{'reference':'a'}}]}}", NULL,
     "v.v@spec.volumes[0].image.reference=a!"},
    /* the debug container is new, all else is not */
    {"", "Pod",
     "{'spec':{'containers':[{'name':'c','image':'a'}],'ephemeralContainers':[{'name':'e','image':'"
     "x'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a! e.e@spec.ephemeralContainers[0].image=x"},
    /* names that stand twice are not told apart */
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'c','image':'b'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a c.c@spec.containers[1].image=b"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'c','image':'b'}]}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'},{'image':'b'}]}}",
     "{'spec':{'containers':[{'image':'b'},{'image':'a'}]}}", NULL,
     "c.@spec.containers[0].image=a c.@spec.containers[1].image=b"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}]}}",
     "{'spec':{'containers':[{'image':'a'}]}}", NULL, "c.@spec.containers[0].image=a!"},
    /* texts are compared as they are */
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a:latest'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a:latest"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a '}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL, "c.c@spec.containers[0].image=a "},

    /* an old object that cannot be read vouches for nothing, not even in part */
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}", "null", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}", "{}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}", "[]", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'}],'volumes':null}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'spec':{'containers':[{'name':'c','image':'a'},{'name':'d'}]}}", NULL,
     "c.c@spec.containers[0].image=a"},

    /* nor does one of another kind; what it leaves out it does not contradict */
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'kind':'Pod','apiVersion':'v1','spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a!"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'kind':'Thing','apiVersion':'v1','spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'kind':'Pod','apiVersion':'example.com/"
     "v1','spec':{'containers':[{'name':'c','image':'a'}]}}",
     NULL, "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'kind':7,'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'name':'c','image':'a'}]}}",
     "{'apiVersion':['v1'],'spec':{'containers':[{'name':'c','image':'a'}]}}", NULL,
     "c.c@spec.containers[0].image=a"},
    {"apps", "Deployment",
     "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'a'}]}}}}",
     "{'apiVersion':'apps/v1beta2','kind':'Deployment',"
     "'spec':{'template':{'spec':{'containers':[{'name':'c','image':'a'}]}}}}",
     NULL, "c.c@spec.template.spec.containers[0].image=a!"},

    /* pod specs are told apart */
    {"apps", "Deployment",
     "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'a'}]}},'containers':[]}}",
     "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'a'}]}}}}", NULL,
     "c.c@spec.template.spec.containers[0].image=a!"},
    {"jobset.x-k8s.io", "JobSet",
     "{'spec':{'replicatedJobs':[{'template':{'spec':{'template':{'spec':{'containers':"
     "[{'name':'c','image':'a'}]}}}}},{'template':{'spec':{'template':{'spec':{'containers':"
     "[{'name':'c','image':'a'}]}}}}}]}}",
     "{'spec':{'replicatedJobs':[{'template':{'spec':{'template':{'spec':{'containers':"
     "[{'name':'c','image':'a'}]}}}}}]}}",
     NULL,
     "c.c@spec.replicatedJobs[0].template.spec.template.spec.containers[0].image=a! "
     "c.c@spec.replicatedJobs[1].template.spec.template.spec.containers[0].image=a"},
    {"example.com", "Thing", "{'a':{'containers':[{'name':'c','image':'a'}]}}",
     "{'b':{'containers':[{'name':'c','image':'a'}]}}", NULL, "c.c@a.containers[0].image=a"},
    {"example.com", "Thing", "{'a':{'containers':[{'name':'x'},{'name':'c','image':'a'}]}}",
     "{'a':{'containers':[{'name':'c','image':'a'}]}}", NULL, "c.c@a.containers[1].image=a!"},
    {"", "EphemeralContainers",
     "{'ephemeralContainers':[{'name':'f','image':'b'},{'name':'e','image':'a'}]}",
     "{'ephemeralContainers':[{'name':'e','image':'a'}]}", NULL,
     "e.f@ephemeralContainers[0].image=b e.e@ephemeralContainers[1].image=a!"},
    /* an image outside of a pod spec has only its place */
    {"tekton.dev", "Task", "{'spec':{'steps':[{'name':'s','image':'a'},{'name':'t','image':'b'}]}}",
     "{'spec':{'steps':[{'name':'s','image':'a'},{'name':'t','image':'c'}]}}", NULL,
     "x.@spec.steps[0].image=a! x.@spec.steps[1].image=b"},

    /* what cannot be judged is denied, whatever the old object was ... */
    {"", "Pod", "{'spec':{'containers':null}}", "{'spec':{'containers':null}}",
     "spec.containers must be a list, found null", ""},
    {"apps", "Deployment", "{'spec':{'template':{'spec':{'containers':[{'name':'c'}]}}}}",
     "{'spec':{'template':{'spec':{'containers':[{'name':'c'}]}}}}",
     "spec.template.spec.containers[0].image is missing", ""},
    /* ... but for what lets go of an object that is being deleted, as removing a finalizer does */
    {"apps", "Deployment",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'template':{'spec':{'containers':"
     "[{'name':'b','image':'b'},{'name':'c'}]}}}}",
     "{'metadata':{'deletionTimestamp':'t','finalizers':['f']},'spec':{'template':{'spec':{'"
     "containers':"
     "[{'name':'b','image':'b'},{'name':'c'}]}}}}",
     NULL, "c.b@spec.template.spec.containers[0].image=b!"},
    {"", "Pod",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':[1,{'y':2.5}]}}",
     "{'metadata':{},'spec':{'containers':null,'x':[1,{'y':2.5}]}}", NULL, ""},
    {"", "Pod",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':[1,{'y':2.5}]}}",
     "{'metadata':{},'spec':{'containers':null,'x':[1,{'y':2.6}]}}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':[1,{'y':2}]}}",
     "{'metadata':{},'spec':{'containers':null,'x':[1]}}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':'ab'}}",
     "{'metadata':{},'spec':{'containers':null,'x':'ac'}}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':true}}",
     "{'metadata':{},'spec':{'containers':null,'x':false}}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null,'x':{'metadata':1}}}",
     "{'metadata':{},'spec':{'containers':null,'x':{'metadata':2}}}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}}",
     "{'spec':{'containers':null},'metadata':{}}", "spec.containers must be a list, found null",
     ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}}",
     "{'spec':{'containers':null}}", "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}}",
     "{'metadata':{},'spec':{'containers':[]}}", "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null},'x':1}",
     "{'metadata':{},'spec':{'containers':null}}", "spec.containers must be a list, found null",
     ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}}",
     "{'metadata':{},'spec':{'containers':null},'x':1}",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':null}}", "null",
     "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'metadata':{'deletionTimestamp':null},'spec':{'containers':null}}",
     "{'metadata':{'deletionTimestamp':null},'spec':{'containers':null}}",
     "spec.containers must be a list, found null", ""},
    /* and a deletion lets no changed image through */
    {"", "Pod",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':[{'name':'c','image':'b'}]}}",
     "{'metadata':{'deletionTimestamp':'t'},'spec':{'containers':[{'name':'c','image':'a'}]}}",
     NULL, "c.c@spec.containers[0].image=b"},
};

static void updates(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(UPDATES); i++) {
        char text[4096];
        snprintf(text, sizeof text,
                 "{'uid':'u','operation':'UPDATE','kind':{'group':'%s','version':'v1','kind':'%s'},"
                 "'object':%s,'oldObject':%s}",
                 UPDATES[i].group, UPDATES[i].kind, UPDATES[i].object, UPDATES[i].old);
        decoded_auto d;
        decode_request(&d, json(text));
        const char *problem = UPDATES[i].problem;
        const char *images = describe_images(&d);
        bool right = problem == NULL
                         ? d.review.problem.n == 0
                         : d.review.problem.n > 0 && strstr(d.review.problem.p, problem) != NULL;
        if (d.failed || !right || strcmp(images, UPDATES[i].images) != 0) {
            fail_msg("%s: \"%.*s\" \"%s\"", text, STR_ARG(d.review.problem), images);
        }
        encode_both(&d);
    }
}

/* Only an UPDATE has an old object that counts. */
static void create_with_old(void **state)
{
    (void)state;
    decoded_auto d;
    decode_request(&d, json("{'uid':'u','operation':'CREATE','kind':{'group':'','kind':'Pod'},"
                            "'object':{'spec':{'containers':[{'name':'c','image':'a'}]}},"
                            "'oldObject':{'spec':{'containers':[{'name':'c','image':'a'}]}}}"));
    assert_string_equal(describe_images(&d), "c.c@spec.containers[0].image=a");
}

int update_tests(void)
{
    static const struct CMUnitTest TESTS[] = {cmocka_unit_test(updates),
                                              cmocka_unit_test(create_with_old)};
    return cmocka_run_group_tests_name("update", TESTS, NULL, NULL);
}
