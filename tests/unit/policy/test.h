#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decision.h"
#include "policy/policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEX64        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA256       "sha256:" HEX64

#define DOCUMENT(kind, metadata, spec)                                                             \
    "---\napiVersion: pratique.dev/v1alpha1\nkind: " kind "\nmetadata: {" metadata                 \
    "}\nspec: {" spec "}\n"
#define POLICY(name, spec) DOCUMENT("ClusterImagePolicy", "name: " name, spec)
#define NAMESPACED(name, space, spec)                                                              \
    DOCUMENT("ImagePolicy", "name: " name ", namespace: " space, spec)
#define EXCEPTION(name, spec) DOCUMENT("ImagePolicyException", "name: " name, spec)

/* 2026-06-01T00:00:00Z */
#define NOW (INT64_C(1780272000) * 1000000000)

/* A set of policies and a review of a Pod by alice in namespace shop, decided together. */
struct fixture {
    struct arena arena;
    struct policy_options options;
    struct policy_set *set;
    struct review review;
    struct review_image images[64];
    int64_t now;
    bool rewrite;
    struct plan plan;
    struct decision decision;
};

/* Start with the policies in `text`, which must load; warnings are fine. */
void fixture_start(struct fixture *fixture, const char *text);
void fixture_start_with(struct fixture *fixture, const char *text,
                        const struct policy_options *options);
void fixture_done(struct fixture *fixture);

/* Add a container with this image. */
void fixture_image(struct fixture *fixture, const char *image);

/* Select and decide; returns the verdict. */
enum verdict fixture_decide(struct fixture *fixture);

/* Start, decide on one image, and finish. */
enum verdict verdict_on(const char *policies, const char *image);

/* Write a file of its own, to be removed; *path, of 64 bytes, becomes its name, which is returned.
 */
const char *write_policies(char *path, struct str text);

/* Load a text and return all diagnostics as printed, in memory to be freed; *ret_loaded says
 * whether there is a set. */
char *diagnose(const char *text, bool *ret_loaded);

int check_tests(void);
int crd_tests(void);
int decide_tests(void);
int describe_tests(void);
int exception_tests(void);
int explain_tests(void);
int image_tests(void);
int index_tests(void);
int limit_tests(void);
int load_tests(void);
int match_tests(void);
int object_tests(void);
int rewrite_tests(void);
int rule_tests(void);
int select_tests(void);
int words_tests(void);
