#include "policy/crd_fields.h"

#include "base/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* -- what an API server can check -- */

const struct field_check policy_label_checks[] = {
    {.cel = "!(self.operator in ['In', 'NotIn']) || (has(self.values) && self.values.size() > 0)",
     .message = "In and NotIn need values",
     .message_cel = "self.operator + ' needs values'",
     .path = ".operator"},
    {.cel = "self.operator in ['In', 'NotIn'] || !has(self.values) || self.values.size() == 0",
     .message = "Exists and DoesNotExist take no values",
     .message_cel = "self.operator + ' takes no values'",
     .path = ".operator"},
    {0},
};

const struct field_check policy_tag_checks[] = {
    {.cel = "has(self.semver) || has(self.pattern)",
     .message = "tag demands nothing; give it semver or pattern"},
    {0},
};

const struct field_check policy_rule_checks[] = {
    {.cel = "has(self.allow) || has(self.deny) || has(self.tag) || has(self.require) || "
            "has(self.image)",
     .message = "the rule demands nothing; give it allow, deny, tag, require or image, and see "
                "that none is misspelt"},
    {.cel = "[has(self.allow), has(self.deny), has(self.tag), has(self.require), "
            "has(self.image)].filter(given, given).size() <= 1",
     .message = "a rule is of one kind, and this one has several of allow, deny, tag, require and "
                "image; make two rules of it"},
    {.cel = "!has(self.onError) || has(self.image)",
     .message = "onError is for rules that look at the image",
     .path = ".onError"},
    {0},
};

const struct field_check policy_image_checks[] = {
    {.cel = "[has(self.maxAge), has(self.platforms), has(self.maxSize), has(self.maxLayers), "
            "has(self.labels), has(self.annotations), has(self.user), has(self.base), "
            "has(self.ports), has(self.entrypoint), has(self.mediaTypes)].exists(given, given)",
     .message =
         "image demands nothing; give it maxAge, platforms or another of its fields, and see "
         "that none is misspelt"},
    {0},
};

const struct field_check policy_image_user_checks[] = {
    {.cel = "has(self.notRoot) && self.notRoot",
     .message = "image.user demands nothing; give it notRoot: true"},
    {0},
};

const struct field_check policy_image_base_checks[] = {
    {.cel = "has(self.name) || has(self.digest) || has(self.layers)",
     .message = "a base in image.base is every image; give it name, digest or layers"},
    {0},
};

/* A message that names the rule would cost more than a server allows. */
const struct field_check policy_rules_checks[] = {
    {.cel = "self.all(r, self.exists_one(s, s.name == r.name))",
     .message = "the name of a rule stands twice"},
    {0},
};

const struct field_check policy_spec_checks[] = {
    {.cel = "has(self.rules) || (has(self.mutate) && (has(self.mutate.rewrite) || "
            "(has(self.mutate.resolveDigest) && self.mutate.resolveDigest)))",
     .message = "the policy does nothing; give it rules, mutate.rewrite or mutate.resolveDigest"},
    {.cel = "!has(self.staleWhileUnreachable) || (has(self.mutate) && "
            "has(self.mutate.resolveDigest) && self.mutate.resolveDigest) || (has(self.rules) && "
            "self.rules.exists(r, has(r.image)))",
     .message = "no registry is asked by this policy; staleWhileUnreachable is for those with "
                "mutate.resolveDigest or a rule that looks at the image",
     .path = ".staleWhileUnreachable"},
    {0},
};

const struct field_check policy_namespace_checks[] = {
    {.cel = "!has(self.spec.match) || !has(self.spec.match.namespaces)",
     .message = "an ImagePolicy applies to its own namespace alone; remove this, or make it a "
                "ClusterImagePolicy",
     .path = ".spec.match.namespaces"},
    {.cel = "!has(self.spec.accept)",
     .message = "an ImagePolicy can only tighten; a ClusterImagePolicy may accept this",
     .path = ".spec.accept"},
    {0},
};

const struct field_check policy_excused_checks[] = {
    {.cel = "self.exists(p, !p.startsWith('!'))",
     .message = "an exception names the policies that it is for, and this list only excludes"},
    {0},
};

/* -- status -- */

static const char *const TRUTHS[] = {"True", "False", "Unknown", NULL};

/* Bounds of Kubernetes' own Condition; Spec: k8s.io/apimachinery meta/v1 Condition. */
static const struct field CONDITION_MEMBERS[] = {
    {.name = "type",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .max = 316,
     .doc = "What it is about.",
     .example = "Ready"},
    {.name = "status",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = TRUTHS,
     .doc = "Whether it is so."},
    {.name = "observedGeneration",
     .type = FIELD_SIZE,
     .doc = "The generation of the object that this was said of."},
    {.name = "lastTransitionTime",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED,
     .doc = "Since when it is so.",
     .example = "2026-12-31T00:00:00Z"},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .max = LIMIT_NAME,
     .doc = "Why, in a word for programs.",
     .example = "Loaded"},
    {.name = "message",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = 32 * KIB,
     .doc = "Why, for people."},
};

static const struct fields CONDITION_FIELDS = {
    .name = "Condition",
    .doc = "One thing that is so or not. `Ready` tells whether the object is in use.",
    .members = CONDITION_MEMBERS,
    .n = COUNT(CONDITION_MEMBERS),
};

#define CONDITIONS_AND_GENERATION                                                                  \
    {.name = "conditions",                                                                         \
     .type = FIELD_OBJECTS,                                                                        \
     .max = 16,                                                                                    \
     .object = &CONDITION_FIELDS,                                                                  \
     .item_key = "type",                                                                           \
     .doc = "What is so, and why."},                                                               \
    {                                                                                              \
        .name = "observedGeneration", .type = FIELD_SIZE,                                          \
        .doc = "The generation of the object that the status is about."                            \
    }

static const struct field STATUS_MEMBERS[] = {
    CONDITIONS_AND_GENERATION,
    {.name = "rules", .type = FIELD_SIZE, .doc = "How many rules it has."},
    {.name = "judged", .type = FIELD_SIZE, .doc = "Images that it judged."},
    {.name = "denied", .type = FIELD_SIZE, .doc = "Of these, those that it denied."},
    {.name = "warned", .type = FIELD_SIZE, .doc = "Of these, those that it warned of."},
};

const struct fields policy_status_fields = {
    .name = "ImagePolicyStatus",
    .doc = "How a policy is doing in a cluster. The program writes it.",
    .members = STATUS_MEMBERS,
    .n = COUNT(STATUS_MEMBERS),
};

static const struct field EXCEPTION_STATUS_MEMBERS[] = {
    CONDITIONS_AND_GENERATION,
    {.name = "excused", .type = FIELD_SIZE, .doc = "Failures that it excused."},
};

const struct fields policy_exception_status_fields = {
    .name = "ImagePolicyExceptionStatus",
    .doc = "How an exception is doing in a cluster. The program writes it.",
    .members = EXCEPTION_STATUS_MEMBERS,
    .n = COUNT(EXCEPTION_STATUS_MEMBERS),
};
