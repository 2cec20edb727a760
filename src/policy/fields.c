/* size: table */
#include "policy/fields.h"

#include "base/limits.h"
#include "policy/crd_fields.h"
#include "policy/policy.h"

/* What Kubernetes allows as the name of an object and as one label of a DNS name: RFC 1123. */
enum { SUBDOMAIN_MAX = 253, LABEL_MAX = 63 };
/* A rule's own words leave most of a message for what was wrong. */
enum { RULE_MESSAGE_MAX = LIMIT_MESSAGE / 4 };
/* Each may name many layers, all of which are compared; few teams have more than a dozen. */
enum { BASES_MAX = 64 };

#define COUNT(array)         (sizeof(array) / sizeof((array)[0]))
#define OFFSET(type, member) offsetof(struct type, member)

#define RESERVED(field_name)                                                                       \
    {                                                                                              \
        .name = (field_name), .type = FIELD_ANY, .flags = FIELD_RESERVED,                          \
        .doc = "Not part of this version."                                                         \
    }
#define ANY(field_name)                                                                            \
    {                                                                                              \
        .name = (field_name), .type = FIELD_ANY, .doc = "Kept by Kubernetes; not looked at."       \
    }

static const char *const API_VERSIONS[] = {"pratique.dev/v1alpha1", NULL};
static const char *const MODES[] = {"enforce", "warn", "audit", NULL};
static const char *const OPERATIONS[] = {"CREATE", "UPDATE", NULL};
static const char *const LABEL_OPERATORS[] = {"In", "NotIn", "Exists", "DoesNotExist", NULL};
static const char *const REQUIREMENTS[] = {"digest", "tag", "fullyQualified", NULL};
static const char *const ON_ERROR[] = {"fail", "warn", NULL};
static const char *const QUIRKS[] = {"shortName", "upperCaseHost", "imageID", NULL};

static const char *const CLUSTER_KIND[] = {"ClusterImagePolicy", NULL};
static const char *const NAMESPACE_KIND[] = {"ImagePolicy", NULL};
static const char *const EXCEPTION_KIND[] = {"ImagePolicyException", NULL};

const char *const policy_kind_names[] = {"ClusterImagePolicy", "ImagePolicy",
                                         "ImagePolicyException", NULL};

/* -- match -- */

static const struct field LABEL_MEMBERS[] = {
    {.name = "key",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_label_doc, key),
     .doc = "The label's key.",
     .example = "team"},
    {.name = "operator",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = OFFSET(policy_label_doc, operator_),
     .choices = LABEL_OPERATORS,
     .doc = "How the label's value relates to `values`. As in Kubernetes, `NotIn` also holds where "
            "the label is absent."},
    {.name = "values",
     .type = FIELD_TEXTS,
     .offset = OFFSET(policy_label_doc, values),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Needed for `In` and `NotIn`, an error for `Exists` and `DoesNotExist`.",
     .example = "[payments, shop]"},
};

static const struct fields LABEL_FIELDS = {
    .name = "LabelRequirement",
    .doc = "One requirement on the labels of an object.",
    .checks = policy_label_checks,
    .size = sizeof(struct policy_label_doc),
    .members = LABEL_MEMBERS,
    .n = COUNT(LABEL_MEMBERS),
};

static const struct field SELECTOR_MEMBERS[] = {
    {.name = "matchLabels",
     .type = FIELD_MAP,
     .offset = OFFSET(policy_selector_doc, match_labels),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Labels that must all be there with these values.",
     .example = "{environment: production}"},
    {.name = "matchExpressions",
     .type = FIELD_OBJECTS,
     .offset = OFFSET(policy_selector_doc, match_expressions),
     .max = LIMIT_LIST_ITEMS,
     .object = &LABEL_FIELDS,
     .doc = "Requirements that must all hold."},
};

static const struct fields SELECTOR_FIELDS = {
    .name = "LabelSelector",
    .doc = "A label selector of Kubernetes. An empty one selects everything.",
    .size = sizeof(struct policy_selector_doc),
    .members = SELECTOR_MEMBERS,
    .n = COUNT(SELECTOR_MEMBERS),
};

static const struct field MATCH_MEMBERS[] = {
    {.name = "namespaces",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_match_doc, namespaces),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Namespaces by name. `*` stands for any run of characters, and a name that begins with "
            "`!` is excluded. Not in an ImagePolicy, which applies to its own namespace alone.",
     .example = "[\"*\", \"!kube-system\"]",
     .default_text = "every namespace"},
    {.name = "namespaceSelector",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_match_doc, namespace_selector),
     .object = &SELECTOR_FIELDS,
     .doc = "Namespaces by their labels.",
     .default_text = "every namespace"},
    {.name = "objectSelector",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_match_doc, object_selector),
     .object = &SELECTOR_FIELDS,
     .doc = "Objects by their labels. An update matches if the new or the old object does, so that "
            "taking a label off does not take an object out of reach.",
     .default_text = "every object"},
    {.name = "kinds",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_match_doc, kinds),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Kinds of objects, as globs with exclusions.",
     .example = "[Pod, Deployment]",
     .default_text = "every kind that carries images"},
    {.name = "operations",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_match_doc, operations),
     .choices = OPERATIONS,
     .max = LIMIT_LIST_ITEMS,
     .doc = "What is being done to the object.",
     .example = "[CREATE]",
     .default_text = "CREATE and UPDATE"},
    {.name = "users",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_match_doc, users),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Who asks, as globs with exclusions.",
     .example = "[\"!system:serviceaccount:ci:deployer\"]",
     .default_text = "every user"},
};

static const struct fields MATCH_FIELDS = {
    .name = "Match",
    .doc =
        "Which requests a policy applies to. All parts that are given must match. What a review "
        "does not tell counts as matching, but covers nothing: an ImageReview names no user, for "
        "example, so the rules of a policy for some users hold for it.",
    .size = sizeof(struct policy_match_doc),
    .members = MATCH_MEMBERS,
    .n = COUNT(MATCH_MEMBERS),
};

/* -- rules -- */

static const struct field TAG_MEMBERS[] = {
    {.name = "semver",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_tag_doc, semver),
     .max = LIMIT_PATTERN_TEXT,
     .doc = "The tag is a version in this range.",
     .example = "\">=1.2 <3\""},
    {.name = "pattern",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_tag_doc, pattern),
     .max = LIMIT_REGEX_TEXT,
     .doc = "The whole tag matches this regular expression (PCRE2). A match that takes too many "
            "steps counts as none.",
     .example = "'v?\\d+\\.\\d+\\.\\d+'"},
};

static const struct fields TAG_FIELDS = {
    .name = "Tag",
    .doc = "What the tag must be. One of the two at least; if both are given, both must hold. The "
           "tag as written is judged, also beside a digest; an image without a tag fails.",
    .checks = policy_tag_checks,
    .size = sizeof(struct policy_tag_doc),
    .members = TAG_MEMBERS,
    .n = COUNT(TAG_MEMBERS),
};

#define IMAGE_TEXTS(field_name, member, description, sample)                                       \
    {                                                                                              \
        .name = (field_name), .type = FIELD_TEXTS, .flags = FIELD_NONEMPTY,                        \
        .offset = OFFSET(policy_image_doc, member), .max = LIMIT_LIST_ITEMS, .doc = (description), \
        .example = (sample)                                                                        \
    }

static const struct field IMAGE_KEYS_MEMBERS[] = {
    {.name = "required",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_keys_doc, required),
     .max = LIMIT_LIST_ITEMS,
     .doc =
         "Each of these is there: `KEY`, or `KEY=VALUE`; `*` in either is any run of characters.",
     .example = "[org.opencontainers.image.source, \"team=payments-*\"]"},
    {.name = "forbidden",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_keys_doc, forbidden),
     .max = LIMIT_LIST_ITEMS,
     .doc = "None of these is there; written in the same way.",
     .example = "[\"stage=development\"]"},
};

static const struct fields IMAGE_KEYS_FIELDS = {
    .name = "ImageKeys",
    .doc = "What must be written into an image, and what must not.",
    .size = sizeof(struct policy_image_keys_doc),
    .members = IMAGE_KEYS_MEMBERS,
    .n = COUNT(IMAGE_KEYS_MEMBERS),
};

static const struct field IMAGE_USER_MEMBERS[] = {
    {.name = "notRoot",
     .type = FIELD_BOOL,
     .offset = OFFSET(policy_image_user_doc, not_root),
     .doc =
         "The image names a user, and by a number that is not root's. A name, `root` apart, tells "
         "nothing: which number it has stands in the image's files.",
     .example = "true"},
    {.name = "byName",
     .type = FIELD_BOOL,
     .offset = OFFSET(policy_image_user_doc, by_name),
     .doc = "A name that is not `root` is taken for a user that is not.",
     .example = "true",
     .default_text = "a name fails"},
};

static const struct fields IMAGE_USER_FIELDS = {
    .name = "ImageUser",
    .doc = "As whom the image runs, if the workload does not say.",
    .checks = policy_image_user_checks,
    .size = sizeof(struct policy_image_user_doc),
    .members = IMAGE_USER_MEMBERS,
    .n = COUNT(IMAGE_USER_MEMBERS),
};

static const struct field IMAGE_BASE_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_base_doc, name),
     .max = LIMIT_PATTERN_TEXT,
     .doc = "The annotation `org.opencontainers.image.base.name` matches this pattern. Whoever "
            "builds an image writes it, and can write anything.",
     .example = "gcr.io/distroless/**"},
    {.name = "digest",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_base_doc, digest),
     .doc = "The annotation `org.opencontainers.image.base.digest` is this digest; the same holds "
            "of it."},
    {.name = "layers",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_base_doc, layers),
     .max = LIMIT_IMAGE_LAYERS,
     .doc = "The image begins with these layers, which nobody can make up: their digests as "
            "`config.rootfs.diff_ids` or `manifest.layers` have them."},
};

static const struct fields IMAGE_BASE_FIELDS = {
    .name = "ImageBase",
    .doc = "What an image may be built on. All parts that are given must hold.",
    .checks = policy_image_base_checks,
    .size = sizeof(struct policy_image_base_doc),
    .members = IMAGE_BASE_MEMBERS,
    .n = COUNT(IMAGE_BASE_MEMBERS),
};

static const struct field IMAGE_MEMBERS[] = {
    {.name = "maxAge",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_doc, max_age),
     .max = LABEL_MAX,
     .doc =
         "How long ago the image was made at most, as a duration. One that does not say when, or "
         "says a time to come, fails.",
     .example = "90d"},
    IMAGE_TEXTS("platforms", platforms,
                "There is an image for each of these: `OS/ARCHITECTURE`, or with `/VARIANT`.",
                "[linux/amd64, linux/arm64]"),
    {.name = "maxSize",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_doc, max_size),
     .max = LABEL_MAX,
     .doc = "How large the layers of a platform are together at most, compressed as they are "
            "pulled; written as Kubernetes writes sizes, without exponents.",
     .example = "500Mi"},
    {.name = "maxLayers",
     .type = FIELD_SIZE,
     .offset = OFFSET(policy_image_doc, max_layers),
     .min = 1,
     .max = LIMIT_IMAGE_LAYERS,
     .doc = "How many layers a platform has at most.",
     .example = "40"},
    {.name = "labels",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_image_doc, labels),
     .object = &IMAGE_KEYS_FIELDS,
     .doc = "Labels of the configuration."},
    {.name = "annotations",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_image_doc, annotations),
     .object = &IMAGE_KEYS_FIELDS,
     .doc = "Annotations of the manifest; those of an index count for all its platforms."},
    {.name = "user",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_image_doc, user),
     .set_offset = OFFSET(policy_image_doc, user.set),
     .object = &IMAGE_USER_FIELDS,
     .doc = "As whom it runs.",
     .example = "{notRoot: true}"},
    {.name = "base",
     .type = FIELD_OBJECTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_image_doc, base),
     .max = BASES_MAX,
     .object = &IMAGE_BASE_FIELDS,
     .doc = "It is built on one of these."},
    {.name = "ports",
     .type = FIELD_TEXTS,
     .offset = OFFSET(policy_image_doc, ports),
     .max = LIMIT_LIST_ITEMS,
     .doc = "It exposes no other ports than these: `PORT` or `FIRST-LAST`, and `/tcp`, `/udp` or "
            "`/sctp` where only that is meant. An empty list allows none.",
     .example = "[\"443\", \"8000-8999/tcp\"]"},
    IMAGE_TEXTS("entrypoint", entrypoint,
                "What it runs, if the workload does not say, matches one of these: the words of "
                "`Entrypoint`, or without one of `Cmd`, with a space between them; `*` is any run "
                "of characters.",
                "[\"/usr/bin/tini -- *\"]"),
    IMAGE_TEXTS("mediaTypes", media_types,
                "Every media type in it (index, manifests, configurations, layers) matches one of "
                "these; `*` is any run of characters.",
                "[\"application/vnd.oci.image.*\"]"),
};

static const struct fields IMAGE_FIELDS = {
    .name = "Image",
    .doc = "What the image itself says, in its manifest and configuration. Of an index, every "
           "platform must satisfy it; attestations that stand beside them are no platforms. All "
           "parts that are given must hold.",
    .checks = policy_image_checks,
    .size = sizeof(struct policy_image_doc),
    .members = IMAGE_MEMBERS,
    .n = COUNT(IMAGE_MEMBERS),
};

static const struct field RULE_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_rule_doc, name),
     .max = LABEL_MAX,
     .pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
     .doc = "Lower-case letters, digits and `-`; unique in the policy. Messages and exceptions "
            "name the rule by it.",
     .example = "trusted-registries"},
    {.name = "message",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_rule_doc, message),
     .max = RULE_MESSAGE_MAX,
     .doc = "Help from those who run the platform, put behind what the program says when the rule "
            "fails.",
     .example = "Ask in the channel images for another registry."},
    {.name = "onError",
     .type = FIELD_CHOICE,
     .offset = OFFSET(policy_rule_doc, on_error),
     .choices = ON_ERROR,
     .doc = "Only of a rule that looks at the image itself, and only where those who were asked "
            "gave no answer: a registry that is down, too slow, or wants other credentials. `fail` "
            "fails the rule; `warn` admits with a warning. What is found and speaks against the "
            "image fails the rule whatever is written here, and so does an image that is missing, "
            "malformed or too large.",
     .example = "warn",
     .default_text = "fail"},
    {.name = "allow",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_rule_doc, allow),
     .max = LIMIT_LIST_ITEMS,
     .doc = "The image matches one of these patterns.",
     .example = "[registry.example.com, \"docker.io/library/*\", \"ghcr.io/acme/**\"]"},
    {.name = "deny",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_rule_doc, deny),
     .max = LIMIT_LIST_ITEMS,
     .doc = "The image matches none of these patterns; one without a port is about every port.",
     .example = "[\"**:latest\"]"},
    {.name = "tag",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_rule_doc, tag),
     .set_offset = OFFSET(policy_rule_doc, tag.set),
     .object = &TAG_FIELDS,
     .doc = "What the tag must be.",
     .example = "{semver: \">=1.2 <3\"}"},
    {.name = "require",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_rule_doc, require),
     .choices = REQUIREMENTS,
     .max = LIMIT_LIST_ITEMS,
     .doc = "What must be written: a digest, a tag, or `fullyQualified`, which is the registry and "
            "a tag or digest.",
     .example = "[digest]"},
    {.name = "image",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_rule_doc, image),
     .set_offset = OFFSET(policy_rule_doc, image.set),
     .object = &IMAGE_FIELDS,
     .doc = "What the image itself must be. A registry is asked for it.",
     .example = "{maxAge: 90d, platforms: [linux/amd64], user: {notRoot: true}}"},
    RESERVED("signature"),
    RESERVED("vulnerability"),
    RESERVED("attestation"),
};

static const struct fields RULE_FIELDS = {
    .name = "Rule",
    .doc = "One rule: exactly one of `allow`, `deny`, `tag`, `require` and `image`, with a name.",
    .checks = policy_rule_checks,
    .size = sizeof(struct policy_rule_doc),
    .members = RULE_MEMBERS,
    .n = COUNT(RULE_MEMBERS),
};

/* -- mutate -- */

static const struct field REWRITE_MEMBERS[] = {
    {.name = "from",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_rewrite_doc, from),
     .max = LIMIT_PATTERN_TEXT,
     .doc = "A host, everything below a path (`host/path/**`) or one repository.",
     .example = "\"docker.io/**\""},
    {.name = "to",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_rewrite_doc, to),
     .max = LIMIT_PATTERN_TEXT,
     .doc = "What takes its place, in the same form.",
     .example = "\"mirror.example.com/hub/**\""},
};

static const struct fields REWRITE_FIELDS = {
    .name = "Rewrite",
    .doc = "Take an image from another place. Tag and digest stay as written. An image that is "
           "already in a place that some rewrite of its kind of policy leads to is left alone.",
    .size = sizeof(struct policy_rewrite_doc),
    .members = REWRITE_MEMBERS,
    .n = COUNT(REWRITE_MEMBERS),
};

static const struct field MUTATE_MEMBERS[] = {
    {.name = "rewrite",
     .type = FIELD_OBJECTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_mutate_doc, rewrite),
     .max = LIMIT_LIST_ITEMS,
     .object = &REWRITE_FIELDS,
     .doc = "Rewrites, of which the first that matches is done; over several policies, in their "
            "order. Those of an ImagePolicy come first; what comes out of them, those of a "
            "ClusterImagePolicy may rewrite once more."},
    {.name = "resolveDigest",
     .type = FIELD_BOOL,
     .offset = OFFSET(policy_mutate_doc, resolve_digest),
     .doc = "Write the digest that a tag points to behind the tag: `repo:tag` becomes "
            "`repo:tag@sha256:…`, after rewriting, for the images to which the policy certainly "
            "applies and whose digest is not written. If it cannot be found out, that counts as a "
            "rule `resolveDigest` that fails: the policy's mode decides, and an exception may "
            "excuse it.",
     .example = "true",
     .default_text = "tags are left as they are"},
};

static const struct fields MUTATE_FIELDS = {
    .name = "Mutate",
    .doc = "What the mutating webhook changes. The result is what the rules judge.",
    .size = sizeof(struct policy_mutate_doc),
    .members = MUTATE_MEMBERS,
    .n = COUNT(MUTATE_MEMBERS),
};

/* -- policies -- */

static const struct field SPEC_MEMBERS[] = {
    {.name = "mode",
     .type = FIELD_CHOICE,
     .offset = OFFSET(policy_spec_doc, mode),
     .choices = MODES,
     .preset = "enforce",
     .doc = "What a failing rule leads to: `enforce` denies, `warn` admits with a warning, `audit` "
            "admits and records. The strictest failing policy decides.",
     .default_text = "enforce"},
    {.name = "match",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_spec_doc, match),
     .object = &MATCH_FIELDS,
     .doc = "Which requests the policy applies to.",
     .default_text = "all requests"},
    {.name = "images",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_spec_doc, images),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Which images the policy applies to, as patterns; one that begins with `!` excludes.",
     .example = "[\"**\", \"!registry.example.com/legacy/**\"]",
     .default_text = "all images"},
    {.name = "rules",
     .type = FIELD_OBJECTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_spec_doc, rules),
     .max = LIMIT_RULES_PER_POLICY,
     .object = &RULE_FIELDS,
     .checks = policy_rules_checks,
     .doc = "Every rule must hold for every image that the policy applies to. A "
            "ClusterImagePolicy with a rule covers the images that it applies to; an image that no "
            "policy covers is denied unless the configuration says otherwise."},
    {.name = "mutate",
     .type = FIELD_OBJECT,
     .offset = OFFSET(policy_spec_doc, mutate),
     .object = &MUTATE_FIELDS,
     .doc = "What the mutating webhook changes, whatever the mode."},
    {.name = "staleWhileUnreachable",
     .type = FIELD_TEXT,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_spec_doc, stale_while_unreachable),
     .max = LABEL_MAX,
     .doc = "While the registry of an image cannot be reached, the digest that its tag had last is "
            "written with a warning, if it was had no longer ago than this: a duration, seven days "
            "at most. Only where a digest is written, and only if each policy that wants to know "
            "something of the image allows it, for the shortest time that one of them says.",
     .example = "12h",
     .default_text = "what cannot be asked fails"},
    {.name = "accept",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_spec_doc, accept),
     .choices = QUIRKS,
     .max = LIMIT_LIST_ITEMS,
     .doc = "References that runtimes read differently and that are refused otherwise: `shortName` "
            "(no registry is written; refused where the runtime is CRI-O), `upperCaseHost`, "
            "`imageID` (a bare `sha256:…`). Counts only in a ClusterImagePolicy of mode "
            "`enforce`, for the images and requests to which it certainly applies.",
     .example = "[shortName]",
     .default_text = "none is accepted"},
};

static const struct fields SPEC_FIELDS = {
    .name = "ImagePolicySpec",
    .doc = "What a policy demands, and of what.",
    .checks = policy_spec_checks,
    .size = sizeof(struct policy_spec_doc),
    .members = SPEC_MEMBERS,
    .n = COUNT(SPEC_MEMBERS),
};

/* Everything of ObjectMeta but name and namespace. */
#define KUBERNETES_METADATA                                                                        \
    ANY("annotations"), ANY("creationTimestamp"), ANY("deletionGracePeriodSeconds"),               \
        ANY("deletionTimestamp"), ANY("finalizers"), ANY("generateName"), ANY("generation"),       \
        ANY("labels"), ANY("managedFields"), ANY("ownerReferences"), ANY("resourceVersion"),       \
        ANY("selfLink"), ANY("uid")

static const struct field CLUSTER_METADATA_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_metadata_doc, name),
     .max = SUBDOMAIN_MAX,
     .doc = "Unique among the documents of its kind.",
     .example = "baseline"},
    {.name = "namespace",
     .type = FIELD_TEXT,
     .offset = OFFSET(policy_metadata_doc, namespace),
     .max = LABEL_MAX,
     .doc = "An error: this kind belongs to the whole cluster."},
    KUBERNETES_METADATA,
};

static const struct fields CLUSTER_METADATA_FIELDS = {
    .name = "ClusterMetadata",
    .doc = "ObjectMeta of Kubernetes, for a kind without a namespace.",
    .size = sizeof(struct policy_metadata_doc),
    .members = CLUSTER_METADATA_MEMBERS,
    .n = COUNT(CLUSTER_METADATA_MEMBERS),
};

static const struct field NAMESPACE_METADATA_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_metadata_doc, name),
     .max = SUBDOMAIN_MAX,
     .doc = "Unique among the documents of its kind and namespace.",
     .example = "team-rules"},
    {.name = "namespace",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_metadata_doc, namespace),
     .max = LABEL_MAX,
     .doc = "The one namespace that the policy applies to.",
     .example = "shop"},
    KUBERNETES_METADATA,
};

static const struct fields NAMESPACE_METADATA_FIELDS = {
    .name = "NamespaceMetadata",
    .doc = "ObjectMeta of Kubernetes, for a kind with a namespace.",
    .size = sizeof(struct policy_metadata_doc),
    .members = NAMESPACE_METADATA_MEMBERS,
    .n = COUNT(NAMESPACE_METADATA_MEMBERS),
};

/* The five members of every document. */
#define DOCUMENT(document, kinds, metadata_fields, spec_fields, status_fields)                     \
    {.name = "apiVersion",                                                                         \
     .type = FIELD_CHOICE,                                                                         \
     .flags = FIELD_REQUIRED,                                                                      \
     .offset = OFFSET(document, api_version),                                                      \
     .choices = API_VERSIONS,                                                                      \
     .doc = "The version of the language."},                                                       \
        {.name = "kind",                                                                           \
         .type = FIELD_CHOICE,                                                                     \
         .flags = FIELD_REQUIRED,                                                                  \
         .offset = OFFSET(document, kind),                                                         \
         .choices = (kinds),                                                                       \
         .doc = "The kind of the document."},                                                      \
        {.name = "metadata",                                                                       \
         .type = FIELD_OBJECT,                                                                     \
         .flags = FIELD_REQUIRED,                                                                  \
         .offset = OFFSET(document, metadata),                                                     \
         .object = &(metadata_fields),                                                             \
         .doc = "The document's name."},                                                           \
        {.name = "spec",                                                                           \
         .type = FIELD_OBJECT,                                                                     \
         .flags = FIELD_REQUIRED,                                                                  \
         .offset = OFFSET(document, spec),                                                         \
         .object = &(spec_fields),                                                                 \
         .doc = "What it says."},                                                                  \
    {                                                                                              \
        .name = "status", .type = FIELD_ANY, .object = &(status_fields),                           \
        .doc = "How it is doing in a cluster; not looked at."                                      \
    }

static const struct field CLUSTER_MEMBERS[] = {
    DOCUMENT(policy_doc, CLUSTER_KIND, CLUSTER_METADATA_FIELDS, SPEC_FIELDS, policy_status_fields),
};

const struct fields policy_cluster_fields = {
    .name = "ClusterImagePolicy",
    .doc = "A policy for the whole cluster.",
    .size = sizeof(struct policy_doc),
    .members = CLUSTER_MEMBERS,
    .n = COUNT(CLUSTER_MEMBERS),
};

static const struct field NAMESPACE_MEMBERS[] = {
    DOCUMENT(policy_doc, NAMESPACE_KIND, NAMESPACE_METADATA_FIELDS, SPEC_FIELDS,
             policy_status_fields),
};

const struct fields policy_namespace_fields = {
    .name = "ImagePolicy",
    .doc = "A policy for one namespace. It can only tighten: the images that it applies to must be "
           "covered by a ClusterImagePolicy as well, `match.namespaces` and `accept` are errors.",
    .checks = policy_namespace_checks,
    .size = sizeof(struct policy_doc),
    .members = NAMESPACE_MEMBERS,
    .n = COUNT(NAMESPACE_MEMBERS),
};

/* -- exceptions -- */

static const struct field EXCEPTION_SPEC_MEMBERS[] = {
    {.name = "policies",
     .type = FIELD_TEXTS,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_exception_spec_doc, policies),
     .max = LIMIT_LIST_ITEMS,
     .checks = policy_excused_checks,
     .doc = "Names of the policies whose rules may fail, as globs.",
     .example = "[baseline]"},
    {.name = "rules",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_exception_spec_doc, rules),
     .max = LIMIT_LIST_ITEMS,
     .doc = "Names of the rules that may fail.",
     .example = "[no-latest]",
     .default_text = "all rules of these policies"},
    {.name = "images",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_exception_spec_doc, images),
     .max = LIMIT_LIST_ITEMS,
     .doc = "The images that are excused, as patterns; one that begins with `!` is not excused.",
     .example = "[\"docker.io/library/busybox:1.36\"]",
     .default_text = "all images"},
    {.name = "namespaces",
     .type = FIELD_TEXTS,
     .flags = FIELD_NONEMPTY,
     .offset = OFFSET(policy_exception_spec_doc, namespaces),
     .max = LIMIT_LIST_ITEMS,
     .doc = "The namespaces in which they are excused, as globs with exclusions. What a review "
            "does not tell is not excused.",
     .example = "[debug]",
     .default_text = "every namespace"},
    {.name = "until",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED,
     .offset = OFFSET(policy_exception_spec_doc, until),
     .doc = "When the exception ends; it always does.",
     .example = "2026-12-31T00:00:00Z"},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = OFFSET(policy_exception_spec_doc, reason),
     .max = LIMIT_NAME,
     .doc = "Why it was made, for whoever finds it.",
     .example = "debugging incident 42"},
};

static const struct fields EXCEPTION_SPEC_FIELDS = {
    .name = "ImagePolicyExceptionSpec",
    .doc = "Which failures are excused. All parts that are given must match.",
    .size = sizeof(struct policy_exception_spec_doc),
    .members = EXCEPTION_SPEC_MEMBERS,
    .n = COUNT(EXCEPTION_SPEC_MEMBERS),
};

static const struct field EXCEPTION_MEMBERS[] = {
    DOCUMENT(policy_exception_doc, EXCEPTION_KIND, CLUSTER_METADATA_FIELDS, EXCEPTION_SPEC_FIELDS,
             policy_exception_status_fields),
};

const struct fields policy_exception_fields = {
    .name = "ImagePolicyException",
    .doc = "Excuses failures of some rules, for some images, for a time. It never excuses a "
           "reference that cannot be read, nor an image that no policy covers.",
    .size = sizeof(struct policy_exception_doc),
    .members = EXCEPTION_MEMBERS,
    .n = COUNT(EXCEPTION_MEMBERS),
};

/* -- what the tables yield beside decoding -- */

static const struct fields *const DOCUMENTS[] = {&policy_cluster_fields, &policy_namespace_fields,
                                                 &policy_exception_fields};

const struct fields *policy_fields(struct str kind)
{
    for (size_t i = 0; i < COUNT(DOCUMENTS); i++) {
        if (str_eq(str_from(DOCUMENTS[i]->name), kind)) {
            return DOCUMENTS[i];
        }
    }
    return NULL;
}

void policy_schema(struct buf *buf)
{
    fields_schema(DOCUMENTS, COUNT(DOCUMENTS), "https://pratique.dev/schema/v1alpha1/policy.json",
                  buf);
}

void policy_reference(struct buf *buf)
{
    fields_reference(DOCUMENTS, COUNT(DOCUMENTS), buf);
}
