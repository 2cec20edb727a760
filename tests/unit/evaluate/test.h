#pragma once
/* The groups of tests of evaluate/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluate/evaluate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEX64        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define DOCUMENT(kind, metadata, spec)                                                             \
    "---\napiVersion: pratique.dev/v1alpha1\nkind: " kind "\nmetadata: {" metadata                 \
    "}\nspec: {" spec "}\n"
#define POLICY(name, spec) DOCUMENT("ClusterImagePolicy", "name: " name, spec)
#define NAMESPACED(name, space, spec)                                                              \
    DOCUMENT("ImagePolicy", "name: " name ", namespace: " space, spec)
#define EXCEPTION(name, spec) DOCUMENT("ImagePolicyException", "name: " name, spec)

/* The request of an AdmissionReview of v1, about a Pod in namespace shop; ' stands for ". */
#define REQUEST(operation, object)                                                                 \
    "{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':{'uid':'u','kind':"    \
    "{'group':'','version':'v1','kind':'Pod'},'resource':{'group':'','version':'v1','resource':"   \
    "'pods'},'namespace':'shop','operation':'" operation                                           \
    "','userInfo':{'username':'alice'}," object "}}"
#define CONTAINER(name, image) "{'name':'" name "','image':'" image "'}"
#define POD(containers)        "'object':{'metadata':{},'spec':{'containers':[" containers "]}}"
#define CREATE(containers)     REQUEST("CREATE", POD(containers))
#define ONE(image)             CREATE(CONTAINER("c", image))

/* 2026-06-01T00:00:00Z */
#define NOW (INT64_C(1780272000) * 1000000000)

/* A review from its bytes to its answer. */
struct walk {
    struct arena arena;
    struct json_doc body, labels;
    struct policy_set *set;
    struct review review;
    struct evaluate_options options;
    struct decision decision;
    struct review_answer answer;
    struct error err;
};

/* Start with the policies, which must load, and the body, which must decode. */
void walk_start(struct walk *walk, const char *policies, const char *body);
void walk_done(struct walk *walk);

/* Tell the labels of the namespace, as JSON with ' for ". */
void walk_namespace_labels(struct walk *walk, const char *labels);

/* Evaluate, which must succeed; returns the verdict. */
enum verdict walk_run(struct walk *walk);

/* Start and run. */
enum verdict walk_through(struct walk *walk, const char *policies, const char *body);

/* The value of the answer's annotation; "" if there is none. */
struct str walk_annotation(const struct walk *walk, const char *key);

#define assert_str(actual, expected) assert_str_at((actual), (expected), __FILE__, __LINE__)
void assert_str_at(struct str actual, const char *expected, const char *file, int line);

int answer_tests(void);
int gather_tests(void);
int pin_tests(void);
int property_tests(void);
int rewrite_tests(void);
int room_tests(void);
int stale_tests(void);
int walk_tests(void);
