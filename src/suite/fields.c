/* size: table */
#include "suite/fields.h"

#include "base/limits.h"
#include "suite/suite.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define COUNT(members)   (sizeof(members) / sizeof *(members))

static const char *const API_VERSIONS[] = {"pratique.dev/v1alpha1", NULL};
static const char *const KINDS[] = {"ImagePolicyTest", NULL};
static const char *const UNCOVERED[] = {"deny", "allow", NULL};
static const char *const RUNTIMES[] = {"containerd", "cri-o", NULL};
static const char *const WEBHOOKS[] = {"validate", "mutate", NULL};
static const char *const VERDICTS[] = {"allowed", "denied", "malformed", NULL};

/* clang-format off */
static const struct field EXPECT_MEMBERS[] = {
    {.name = "verdict", .type = FIELD_CHOICE, AT(suite_expect_doc, verdict), .choices = VERDICTS,
     .doc = "What is answered; `malformed` is what cannot be answered at all (HTTP 400).", .example = "denied"},
    {.name = "rules", .type = FIELD_TEXTS, AT(suite_expect_doc, rules), .max = LIMIT_LIST_ITEMS,
     .doc = "The rules that fail in any mode and are not excused, as POLICY/RULE and in any order; `uncovered` where no policy covers an image, and `unreadable` where it is no sound reference.",
     .example = "[baseline/no-latest]"},
    {.name = "messages", .type = FIELD_TEXTS, AT(suite_expect_doc, messages), .max = LIMIT_LIST_ITEMS,
     .doc = "What the person who is denied reads, one a violation, in any order."},
    {.name = "warnings", .type = FIELD_TEXTS, AT(suite_expect_doc, warnings), .max = LIMIT_LIST_ITEMS,
     .doc = "What kubectl prints as a warning."},
    {.name = "patch", .type = FIELD_ANY,
     .doc = "The operations of the JSON Patch, in order; not checked but for being a list.",
     .example = "[{op: replace, path: /spec/containers/0/image, value: \"mirror.example.com/nginx\"}]"},
};
static const struct fields EXPECT = {"Expectation", "What is expected of a case. A field that is left out is not compared.", sizeof(struct suite_expect_doc), EXPECT_MEMBERS, COUNT(EXPECT_MEMBERS)};

static const struct field CASE_MEMBERS[] = {
    {.name = "name", .type = FIELD_TEXT, AT(suite_case_doc, name), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = LIMIT_NAME,
     .doc = "What the case shows.", .example = "latest is denied"},
    {.name = "image", .type = FIELD_TEXT, AT(suite_case_doc, image), .max = LIMIT_IMAGE_TEXT,
     .doc = "An image, judged as the only one of a Pod. One of `image`, `object`, `resource` and `review` says what is judged.", .example = "nginx:latest"},
    {.name = "object", .type = FIELD_ANY,
     .doc = "An object, judged as if it were created.", .example = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{image: nginx}]}}"},
    {.name = "resource", .type = FIELD_TEXT, AT(suite_case_doc, resource), .flags = FIELD_NONEMPTY,
     .doc = "A file of manifests, judged as if they were created; all of them must be allowed.", .example = "deployment.yaml"},
    {.name = "review", .type = FIELD_TEXT, AT(suite_case_doc, review), .flags = FIELD_NONEMPTY,
     .doc = "A file with an AdmissionReview, ImageReview or bare AdmissionRequest.", .example = "review.json"},
    {.name = "webhook", .type = FIELD_CHOICE, AT(suite_case_doc, webhook), .choices = WEBHOOKS,
     .doc = "Which webhook is asked: `mutate` rewrites first.", .default_text = "validate for a review, else mutate"},
    {.name = "namespace", .type = FIELD_TEXT, AT(suite_case_doc, namespace), .max = 253,
     .doc = "The namespace of objects that name none. A review names its own.", .example = "shop", .default_text = "default"},
    {.name = "namespaceLabels", .type = FIELD_MAP, AT(suite_case_doc, namespace_labels),
     .doc = "The labels of the namespace.", .example = "{env: production}", .default_text = "not known: counts as matching, but covers nothing"},
    {.name = "user", .type = FIELD_TEXT, AT(suite_case_doc, user), .flags = FIELD_NONEMPTY, .max = LIMIT_NAME,
     .doc = "Who creates the object. A review names its own.", .example = "alice", .default_text = "not known: counts as matching, but covers nothing"},
    {.name = "expect", .type = FIELD_OBJECT, AT(suite_case_doc, expect), .set_offset = offsetof(struct suite_case_doc, expect_set), .object = &EXPECT,
     .doc = "What is expected. `pratique test --update` writes it."},
};
static const struct fields CASE = {"Case", "One question and its answer.", sizeof(struct suite_case_doc), CASE_MEMBERS, COUNT(CASE_MEMBERS)};

static const struct field IMAGE_MEMBERS[] = {
    {.name = "reference", .type = FIELD_TEXT, AT(suite_image_doc, reference), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = LIMIT_IMAGE_TEXT,
     .doc = "What the image is called. By its digest it is found under the same name, too.", .example = "nginx:1.27"},
    {.name = "digest", .type = FIELD_TEXT, AT(suite_image_doc, digest),
     .doc = "What the reference points to."},
    {.name = "error", .type = FIELD_TEXT, AT(suite_image_doc, error), .flags = FIELD_NONEMPTY, .max = LIMIT_NAME,
     .doc = "Instead of a digest: why the registry gives no answer.", .example = "connection refused"},
    {.name = "age", .type = FIELD_DURATION, AT(suite_image_doc, age), .set_offset = offsetof(struct suite_image_doc, age_set),
     .doc = "Beside an error and a digest: how long ago the registry told that digest, for `staleWhileUnreachable`.", .example = "2h"},
    {.name = "created", .type = FIELD_TIME, AT(suite_image_doc, created),
     .doc = "When it was made.", .example = "2026-12-01T00:00:00Z", .default_text = "it does not say"},
    {.name = "platforms", .type = FIELD_TEXTS, AT(suite_image_doc, platforms), .flags = FIELD_NONEMPTY, .max = LIMIT_IMAGE_PLATFORMS,
     .doc = "What it is for; several make it an index, and are alike.", .example = "[linux/amd64, linux/arm64]", .default_text = "[linux/amd64]"},
    {.name = "user", .type = FIELD_TEXT, AT(suite_image_doc, user), .max = LIMIT_NAME,
     .doc = "As whom it runs.", .example = "\"1000\"", .default_text = "none, which is root"},
    {.name = "size", .type = FIELD_SIZE, AT(suite_image_doc, size), .max = LIMIT_BLOB_SIZE,
     .doc = "Bytes of all layers together, compressed.", .example = "52428800", .default_text = "0"},
    {.name = "layers", .type = FIELD_TEXTS, AT(suite_image_doc, layers), .flags = FIELD_NONEMPTY, .max = LIMIT_IMAGE_LAYERS,
     .doc = "Digests of the layers, the base first.", .default_text = "one, of zeros"},
    {.name = "labels", .type = FIELD_MAP, AT(suite_image_doc, labels),
     .doc = "Labels of the configuration.", .example = "{team: payments}"},
    {.name = "annotations", .type = FIELD_MAP, AT(suite_image_doc, annotations),
     .doc = "Annotations of the manifest.", .example = "{org.opencontainers.image.base.name: \"debian:12\"}"},
    {.name = "ports", .type = FIELD_TEXTS, AT(suite_image_doc, ports), .max = LIMIT_LIST_ITEMS,
     .doc = "Ports that it exposes.", .example = "[8080/tcp]"},
    {.name = "entrypoint", .type = FIELD_TEXTS, AT(suite_image_doc, entrypoint), .max = LIMIT_LIST_ITEMS,
     .doc = "What it runs.", .example = "[/app, --serve]"},
};
static const struct fields IMAGE = {"TestImage", "An image that there is, as a registry would tell. No registry is asked in a test: one that is not listed, nor in a layout of --layout, is not found.", sizeof(struct suite_image_doc), IMAGE_MEMBERS, COUNT(IMAGE_MEMBERS)};

static const struct field METADATA_MEMBERS[] = {
    {.name = "name", .type = FIELD_TEXT, AT(suite_metadata_doc, name), .max = 253,
     .doc = "A name for the report.", .example = "baseline"},
};
static const struct fields METADATA = {"TestMetadata", "The suite's name.", sizeof(struct suite_metadata_doc), METADATA_MEMBERS, COUNT(METADATA_MEMBERS)};

static const struct field SUITE_MEMBERS[] = {
    {.name = "apiVersion", .type = FIELD_CHOICE, AT(suite_doc, api_version), .flags = FIELD_REQUIRED, .choices = API_VERSIONS,
     .doc = "The version of this format."},
    {.name = "kind", .type = FIELD_CHOICE, AT(suite_doc, kind), .flags = FIELD_REQUIRED, .choices = KINDS,
     .doc = "What this document is."},
    {.name = "metadata", .type = FIELD_OBJECT, AT(suite_doc, metadata), .object = &METADATA,
     .doc = "The suite's name.", .default_text = "it has none"},
    {.name = "policies", .type = FIELD_TEXTS, AT(suite_doc, policies), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 256,
     .doc = "Policy files, or directories of *.yaml, *.yml and *.json, relative to this file.", .example = "[policy.yaml]"},
    {.name = "uncovered", .type = FIELD_CHOICE, AT(suite_doc, uncovered), .choices = UNCOVERED,
     .doc = "The verdict on an image that no policy covers.", .default_text = "deny"},
    {.name = "runtime", .type = FIELD_CHOICE, AT(suite_doc, runtime), .choices = RUNTIMES,
     .doc = "How nodes read a name without a registry.", .default_text = "containerd"},
    {.name = "now", .type = FIELD_TIME, AT(suite_doc, now),
     .doc = "The time of the reviews, for exceptions that end.", .example = "2026-12-31T00:00:00Z", .default_text = "the clock's"},
    {.name = "images", .type = FIELD_OBJECTS, AT(suite_doc, images), .object = &IMAGE,
     .doc = "The images that there are, for rules that look at them and for `mutate.resolveDigest`."},
    {.name = "cases", .type = FIELD_OBJECTS, AT(suite_doc, cases), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .object = &CASE,
     .doc = "The cases."},
};
const struct fields suite_fields = {"ImagePolicyTest", "Cases that `pratique test` runs.", sizeof(struct suite_doc), SUITE_MEMBERS, COUNT(SUITE_MEMBERS)};
/* clang-format on */

static const struct fields *const DOCUMENTS[] = {&suite_fields};

void suite_schema(struct buf *buf)
{
    fields_schema(DOCUMENTS, COUNT(DOCUMENTS), "https://pratique.dev/schema/v1alpha1/test.json",
                  buf);
}

void suite_reference(struct buf *buf)
{
    fields_reference(DOCUMENTS, COUNT(DOCUMENTS), buf);
}
