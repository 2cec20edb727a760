#include "test.h"

#include <string.h>

/* One row per trap: the object of a CREATE, and what must come of it. */
static const struct {
    const char *group, *kind, *object;
    const char *problem; /* NULL: none */
    const char *images;
} OBJECTS[] = {
    /* every role, in the order in which people read a pod spec */
    {"", "Pod",
     "{'spec':{'volumes':[{'name':'w','emptyDir':{}},{'name':'m','image':{'reference':'v:1'}}],"
     "'ephemeralContainers':[{'name':'e','image':'e:1'}],'initContainers':[{'name':'i','image':'i:"
     "1'}],"
     "'containers':[{'name':'c','image':'c:1'},{'name':'d','image':'c:1'}]}}",
     NULL,
     "c.c@spec.containers[0].image=c:1 c.d@spec.containers[1].image=c:1 "
     "i.i@spec.initContainers[0].image=i:1 e.e@spec.ephemeralContainers[0].image=e:1 "
     "v.m@spec.volumes[1].image.reference=v:1"},

    /* every kind, in every group that held it */
    {"", "PodTemplate", "{'template':{'spec':{'containers':[{'image':'a'}]}}}", NULL,
     "c.@template.spec.containers[0].image=a"},
    {"", "ReplicationController", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     NULL, "c.@spec.template.spec.containers[0].image=a"},
    {"apps", "Deployment", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", NULL,
     "c.@spec.template.spec.containers[0].image=a"},
    {"apps", "ReplicaSet", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", NULL,
     "c.@spec.template.spec.containers[0].image=a"},
    {"apps", "StatefulSet", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", NULL,
     "c.@spec.template.spec.containers[0].image=a"},
    {"apps", "DaemonSet", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", NULL,
     "c.@spec.template.spec.containers[0].image=a"},
    {"extensions", "Deployment", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     NULL, "c.@spec.template.spec.containers[0].image=a"},
    {"extensions", "DaemonSet", "{'spec':{'template':{'spec':{'containers':[{}]}}}}",
     "spec.template.spec.containers[0].image is missing", ""},
    {"extensions", "ReplicaSet", "{'spec':{'template':{'spec':{}}}}",
     "spec.template.spec.containers is missing", ""},
    {"batch", "Job", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", NULL,
     "c.@spec.template.spec.containers[0].image=a"},
    {"batch", "CronJob",
     "{'spec':{'jobTemplate':{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}}}", NULL,
     "c.@spec.jobTemplate.spec.template.spec.containers[0].image=a"},

    /* the way to the pod spec */
    {"", "Pod", "{}", "spec is missing, it must be an object", ""},
    {"", "Pod", "{'spec':null}", "spec must be an object, found null", ""},
    {"", "Pod", "{'spec':[]}", "spec must be an object, found a list", ""},
    {"", "Pod", "{'Spec':{'containers':[{'image':'a'}]}}", "spec is missing", ""},
    {"apps", "Deployment", "{'spec':{}}", "spec.template is missing, it must be an object", ""},
    {"apps", "Deployment", "{'spec':{'template':null}}",
     "spec.template must be an object, found null", ""},
    {"apps", "Deployment", "{'spec':{'template':{}}}",
     "spec.template.spec is missing, it must be an object", ""},
    {"apps", "Deployment", "{'spec':{'template':{'spec':'x'}}}",
     "spec.template.spec must be an object, found a string", ""},
    {"", "ReplicationController", "{'spec':{'template':null}}", "spec.template must be an object",
     ""},
    {"", "PodTemplate", "{'spec':{'containers':[{'image':'a'}]}}", "template is missing", ""},
    {"batch", "CronJob", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     "spec.jobTemplate is missing", ""},
    {"batch", "CronJob", "{'spec':{'jobTemplate':{'spec':{'template':7}}}}",
     "spec.jobTemplate.spec.template must be an object, found a number", ""},

    /* lists */
    {"", "Pod", "{'spec':{}}", "spec.containers is missing, it must be a list", ""},
    {"", "Pod", "{'spec':{'initContainers':[{'image':'a'}]}}", "spec.containers is missing",
     "i.@spec.initContainers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':null}}", "spec.containers must be a list, found null", ""},
    {"", "Pod", "{'spec':{'containers':{'0':{'image':'a'}}}}",
     "spec.containers must be a list, found an object", ""},
    {"", "Pod", "{'spec':{'containers':'a'}}", "spec.containers must be a list, found a string",
     ""},
    {"", "Pod", "{'spec':{'containers':[]}}", NULL, ""},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'initContainers':null}}",
     "spec.initContainers must be a list, found null", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'initContainers':{'image':'b'}}}",
     "spec.initContainers must be a list, found an object", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'ephemeralContainers':null}}",
     "spec.ephemeralContainers must be a list, found null", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'ephemeralContainers':true}}",
     "spec.ephemeralContainers must be a list, found true or false",
     "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'volumes':null}}",
     "spec.volumes must be a list, found null", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'volumes':{}}}",
     "spec.volumes must be a list, found an object", "c.@spec.containers[0].image=a"},

    /* items */
    {"", "Pod", "{'spec':{'containers':[null]}}",
     "spec.containers[0] must be an object, found null", ""},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'},['b']]}}",
     "spec.containers[1] must be an object, found a list", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':['nginx']}}",
     "spec.containers[0] must be an object, found a string", ""},
    {"", "Pod", "{'spec':{'containers':[{'name':'c'}]}}", "spec.containers[0].image is missing",
     ""},
    {"", "Pod", "{'spec':{'containers':[{'image':null}]}}", "spec.containers[0].image is missing",
     ""},
    {"", "Pod", "{'spec':{'containers':[{'image':''}]}}", "spec.containers[0].image is missing",
     ""},
    {"", "Pod", "{'spec':{'containers':[{'Image':'a'}]}}", "spec.containers[0].image is missing",
     ""},
    {"", "Pod", "{'spec':{'containers':[{'image':7}]}}",
     "spec.containers[0].image must be a string, found a number", ""},
    {"", "Pod", "{'spec':{'containers':[{'image':{'reference':'a'}}]}}",
     "spec.containers[0].image must be a string, found an object", ""},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'initContainers':[{'image':''}]}}",
     "spec.initContainers[0].image is missing", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a'}],'ephemeralContainers':[{}]}}",
     "spec.ephemeralContainers[0].image is missing", "c.@spec.containers[0].image=a"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a','name':7}]}}",
     "spec.containers[0].name must be a string, found a number", "c.@spec.containers[0].image=a"},
    /* the first wrong thing is told, and what comes after it is found */
    {"", "Pod",
     "{'spec':{'containers':[7,{'name':'n','image':'a'},{'image':8},{'image':'b'}],"
     "'initContainers':{},'ephemeralContainers':[{'image':'c'}],"
     "'volumes':[{'image':9},{'image':{'reference':'d'}}]}}",
     "spec.containers[0] must be an object, found a number",
     "c.n@spec.containers[1].image=a c.@spec.containers[3].image=b "
     "e.@spec.ephemeralContainers[0].image=c v.@spec.volumes[1].image.reference=d"},
    {"", "Pod", "{'spec':{'containers':[{'image':'a','name':null}]}}", NULL,
     "c.@spec.containers[0].image=a"},
    /* white space stays: it is the reference that is not one */
    {"", "Pod", "{'spec':{'containers':[{'image':' nginx\\n'}]}}", NULL,
     "c.@spec.containers[0].image= nginx\n"},
    /* templates too: the API takes an empty image there, but nothing can run without one */
    {"apps", "Deployment", "{'spec':{'template':{'spec':{'containers':[{'image':''}]}}}}",
     "spec.template.spec.containers[0].image is missing", ""},

    /* volumes */
    {"", "Pod", "{'spec':{'containers':[],'volumes':[null]}}",
     "spec.volumes[0] must be an object, found null", ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':['a']}}",
     "spec.volumes[0] must be an object, found a string", ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':null}]}}", NULL, ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':'a'}]}}",
     "spec.volumes[0].image must be an object, found a string", ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':{}}]}}",
     "spec.volumes[0].image.reference is missing", ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':{'reference':''}}]}}",
     "spec.volumes[0].image.reference is missing", ""},
    {"", "Pod", "{'spec':{'containers':[],'volumes':[{'name':'v','image':{'reference':[]}}]}}",
     "spec.volumes[0].image.reference must be a string, found a list", ""},
    {"apps", "Deployment",
     "{'spec':{'template':{'spec':{'containers':[],'volumes':[{'image':{'reference':''}}]}}}}",
     "spec.template.spec.volumes[0].image.reference is missing", ""},
    {"", "Pod",
     "{'spec':{'containers':[],'volumes':[{'name':'r','rbd':{'image':'disk','monitors':['m']}}]}}",
     NULL, ""},

    /* a kind of Kubernetes itself has images nowhere else */
    {"", "Pod",
     "{'spec':{'containers':[]},'status':{'containerStatuses':[{'image':'a','imageID':'b'}],"
     "'containers':[{'image':'s'}]},'metadata':{'annotations':{'a':'{}'}}}",
     NULL, ""},

    /* by content */
    {"", "ConfigMap", "{'data':{'pod.yaml':'containers: [{image: a}]'}}", NULL, ""},
    {"example.com", "Thing", "{'a':{'b':[{'containers':[{'image':'x','name':'n'}]}]}}", NULL,
     "c.n@a.b[0].containers[0].image=x"},
    {"example.com", "Thing", "{'containers':[{'image':'x'}]}", NULL, "c.@containers[0].image=x"},
    {"example.com", "Thing",
     "{'spec':{'initContainers':[{'image':'x'}],'volumes':[{'image':{'reference':'v'}}]}}", NULL,
     "i.@spec.initContainers[0].image=x v.@spec.volumes[0].image.reference=v"},
    /* a template that leaves its containers to an operator, but brings an image volume */
    {"example.com", "Thing",
     "{'spec':{'volumes':[{'emptyDir':{}},{'name':'v','image':{'reference':'x'}}],"
     "'containers':[{'name':'c'}]}}",
     NULL, "v.v@spec.volumes[1].image.reference=x"},
    {"example.com", "Thing", "{'volumes':[{'image':{'reference':'x'}},7]}",
     "volumes[1] must be an object, found a number", "v.@volumes[0].image.reference=x"},
    {"example.com", "Thing", "{'volumes':[{'image':'x'},{'image':{'reference':['x']}},'y',null]}",
     NULL, ""},
    {"example.com", "Thing", "{'spec':{'ephemeralContainers':[{'image':'x'}]}}", NULL,
     "e.@spec.ephemeralContainers[0].image=x"},
    {"example.com", "Thing",
     "{'spec':{'containers':[{'name':'default'},{'image':'x'},{'image':null},{'image':''}]}}", NULL,
     "c.@spec.containers[1].image=x"},
    {"example.com", "Thing", "{'spec':{'containers':[{'image':'x'},{'image':{'tag':'1'}}]}}",
     "spec.containers[1].image must be a string, found an object", "c.@spec.containers[0].image=x"},
    {"example.com", "Thing", "{'spec':{'containers':[{'image':'x'},'y']}}",
     "spec.containers[1] must be an object, found a string", "c.@spec.containers[0].image=x"},
    {"example.com", "Thing", "{'spec':{'containers':[{'image':'x'}],'initContainers':'y'}}",
     "spec.initContainers must be a list, found a string", "c.@spec.containers[0].image=x"},
    {"example.com", "Thing", "{'spec':{'containers':[{'image':'x'}],'initContainers':null}}", NULL,
     "c.@spec.containers[0].image=x"},
    {"example.com", "Thing", "{'spec':{'containers':null}}", NULL, ""},
    {"example.com", "Thing", "{'spec':{'containers':[]}}", NULL, ""},
    {"example.com", "Thing", "{'spec':{'containers':['a','b']}}", NULL, ""},
    {"example.com", "Thing", "{'spec':{'containers':[{'name':'usage','cpu':'1'}]}}", NULL, ""},
    {"example.com", "Thing", "{'spec':{'containers':{'items':{'image':'x'}}}}", NULL, ""},
    /* pod specs inside pod specs, and inside of containers */
    {"example.com", "Thing",
     "{'containers':[{'image':'x','inner':{'containers':[{'image':'y'}]}}],"
     "'more':{'containers':[{'image':'z'}]}}",
     NULL,
     "c.@containers[0].image=x c.@containers[0].inner.containers[0].image=y "
     "c.@more.containers[0].image=z"},
    /* the object's own metadata is not its content; metadata further down is anything */
    {"example.com", "Thing",
     "{'metadata':{'managedFields':[{'containers':[{'image':'no'}]}]},"
     "'spec':{'metadata':{'containers':[{'image':'yes'}]}}}",
     NULL, "c.@spec.metadata.containers[0].image=yes"},
    /* keys that are no plain names */
    {"example.com", "Thing",
     "{'a.b/c~d':{'':{'x "
     "y':{'containers':[{'image':'i'}]}}},'\\u001b[':{'containers':[{'image':'j'}]}}",
     NULL, "c.@[a.b/c~d][][x y].containers[0].image=i c.@[?[].containers[0].image=j"},
    /* kinds of the same name in other groups are other kinds */
    {"example.com", "Pod", "{'spec':{}}", NULL, ""},
    {"example.com", "Deployment", "{'spec':{'template':{'spec':{'containers':[{}]}}}}", NULL, ""},
    {"apps", "ControllerRevision",
     "{'data':{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}}", NULL,
     "c.@data.spec.template.spec.containers[0].image=a"},
    /* schemas and patterns run nothing */
    {"apiextensions.k8s.io", "CustomResourceDefinition",
     "{'spec':{'versions':[{'schema':{'openAPIV3Schema':{'properties':{'containers':{'items':"
     "{'properties':{'image':{'type':'string'}}}},'spec':{'default':{'containers':[{'image':'a'}]}}"
     "}}}}]}}",
     NULL, ""},
    {"kyverno.io", "ClusterPolicy",
     "{'spec':{'rules':[{'validate':{'pattern':{'spec':{'containers':[{'image':'!*:latest'}]}}}}]}"
     "}",
     NULL, ""},

    /* custom kinds by path: what is absent is no image, what has another type cannot be judged */
    {"argoproj.io", "Rollout", "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
     NULL, "c.@spec.template.spec.containers[0].image=a"},
    {"argoproj.io", "Rollout", "{'spec':{'workloadRef':{'name':'d'}}}", NULL, ""},
    {"argoproj.io", "Rollout", "{'spec':{'template':null}}", NULL, ""},
    {"argoproj.io", "Rollout", "{'spec':{'template':'x'}}",
     "spec.template must be an object, found a string", ""},
    {"argoproj.io", "Rollout", "{'spec':{'template':{'spec':{'containers':'x'}}}}",
     "spec.template.spec.containers must be a list, found a string", ""},
    {"tekton.dev", "Task",
     "{'spec':{'steps':[{'name':'s','image':'a'},{'name':'t'}],'sidecars':[{'image':'b'}],"
     "'stepTemplate':{'image':'c'},'volumes':[{'image':{'reference':'d'}}]}}",
     NULL,
     "v.@spec.volumes[0].image.reference=d x.@spec.steps[0].image=a x.@spec.sidecars[0].image=b "
     "x.@spec.stepTemplate.image=c"},
    {"tekton.dev", "Task", "{'spec':{'steps':{'image':'a'}}}",
     "spec.steps must be a list, found an object", ""},
    {"tekton.dev", "Task", "{'spec':{'steps':[{'image':['a']}]}}",
     "spec.steps[0].image must be a string, found a list", ""},
    {"kubeflow.org", "PyTorchJob",
     "{'spec':{'pytorchReplicaSpecs':{'Master':{'template':{'spec':{'containers':[{'image':'a'}]}}}"
     ","
     "'Worker':{'template':{'spec':{'containers':[{'image':'b'}]}}}}}}",
     NULL,
     "c.@spec.pytorchReplicaSpecs.Master.template.spec.containers[0].image=a "
     "c.@spec.pytorchReplicaSpecs.Worker.template.spec.containers[0].image=b"},
    /* by path first, and then what no path reached, each image once */
    {"monitoring.coreos.com", "Prometheus",
     "{'spec':{'image':'p','containers':[{'name':'patch'},{'image':'s'}],"
     "'other':{'containers':[{'image':'o'}]}}}",
     NULL, "c.@spec.containers[1].image=s x.@spec.image=p c.@spec.other.containers[0].image=o"},
    {"argoproj.io", "Workflow",
     "{'spec':{'templates':[{'container':{'image':'a'},'sidecars':[{'image':'b'}],"
     "'initContainers':[{'image':'c'}]},{'script':{'image':'d'}},"
     "{'containerSet':{'containers':[{'image':'e'}]}},"
     "{'steps':[[{'inline':{'container':{'image':'f'}}}]]}]}}",
     NULL,
     "i.@spec.templates[0].initContainers[0].image=c x.@spec.templates[0].container.image=a "
     "x.@spec.templates[1].script.image=d x.@spec.templates[0].sidecars[0].image=b "
     "c.@spec.templates[2].containerSet.containers[0].image=e "
     "x.@spec.templates[3].steps[0][0].inline.container.image=f"},
};

static void objects(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(OBJECTS); i++) {
        decoded_auto d;
        decode_create(&d, OBJECTS[i].group, OBJECTS[i].kind, json(OBJECTS[i].object));
        const char *problem = OBJECTS[i].problem;
        const char *images = describe_images(&d);
        bool right = problem == NULL
                         ? d.review.problem.n == 0
                         : d.review.problem.n > 0 && strstr(d.review.problem.p, problem) != NULL;
        if (d.failed || !right || strcmp(images, OBJECTS[i].images) != 0) {
            fail_msg("%s/%s %s: \"%.*s\" \"%s\"", OBJECTS[i].group, OBJECTS[i].kind,
                     OBJECTS[i].object, STR_ARG(d.review.problem), images);
        }
        encode_both(&d);
    }
}

/* A pointer leads to the image where the path could not. */
static void pointers(void **state)
{
    (void)state;
    decoded_auto d;
    decode_create(&d, "example.com", "Thing",
                  json("{'a.b/c~d':{'':{'containers':[{},{'image':'i'}]}}}"));
    assert_int_equal(d.review.n_images, 1);
    assert_true(str_eq(d.review.images[0].pointer, STR("/a.b~1c~0d//containers/1/image")));
}

/* An image tells which pod spec it stands in, which says how it is pulled. */
static void pod_specs(void **state)
{
    (void)state;
    decoded_auto d;
    decode_create(&d, "apps", "Deployment",
                  json("{'spec':{'template':{'spec':{'containers':[{'name':'a','image':'i'}],"
                       "'volumes':[{'name':'v','image':{'reference':'j'}}]}}}}"));
    assert_int_equal(d.review.n_images, 2);
    for (size_t i = 0; i < 2; i++) {
        const yyjson_val *spec = yyjson_ptr_get(d.review.object, "/spec/template/spec");
        assert_non_null(spec);
        assert_ptr_equal(d.review.images[i].pod_spec, spec);
    }
    decoded_auto alone;
    decode_create(&alone, "tekton.dev", "Task", json("{'spec':{'steps':[{'image':'i'}]}}"));
    assert_int_equal(alone.review.n_images, 1);
    assert_null(alone.review.images[0].pod_spec);
}

int extract_tests(void)
{
    static const struct CMUnitTest TESTS[] = {cmocka_unit_test(objects), cmocka_unit_test(pointers),
                                              cmocka_unit_test(pod_specs)};
    return cmocka_run_group_tests_name("extract", TESTS, NULL, NULL);
}
