#pragma once
/* Policies as custom resources: what an API server is told of them, and what is wrong with one that
 * it asks about. Both come from the tables that read files. Pure. */
#include "policy/policy.h"
#include "json/diagnostic.h"
#include "json/doc.h"

#define POLICY_GROUP   "pratique.dev"
#define POLICY_VERSION "v1alpha1"

/* Append the CustomResourceDefinitions of the three kinds, as a YAML stream.
 * Spec: k8s.io/apiextensions-apiserver v1. */
void policy_crds(struct buf *buf);

/* Whether `kind`, of POLICY_GROUP and POLICY_VERSION, is one of the three. */
bool policy_is_kind(struct str kind);

/* Add to `list` all that is wrong with one policy or exception: `object`, a value of `doc`, which
 * has marks. It has errors if and only if loading a file with it, beside a sound policy, would have
 * errors; what only a whole set can tell (an exception that names no policy) is not looked at.
 * Texts live in list->arena, which should have room for LIMIT_POLICY_ARENA.
 * Limits: LIMIT_POLICY_OBJECT_ITEMS, an error. */
void policy_check_object(const struct json_doc *doc, yyjson_val *object, int64_t now,
                         struct diagnostics *list);
