/* sigstore's policy-controller: ClusterImagePolicy.
 *
 * A glob is matched against "index.docker.io/library/nginx:latest" (beside a digest the tag is
 * dropped) and, failing that, against the text as written. Of the authorities one must be
 * satisfied. An image that no policy matches is denied. */
#include "convert/draft.h"

#define GROUP "policy.sigstore.dev"
#define TEXTS (GLOB_TEXT_PINNED | GLOB_TEXT_WRITTEN)

static bool is_glob(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              str_find(STR("-_:/*.@"), c) < 7)) {
            return false;
        }
    }
    return text.n > 0;
}

/* Reads spec.images; false if one is no glob. */
static bool read_images(struct object *object, yyjson_val *spec, struct draft_globs *globs)
{
    size_t i, n;
    yyjson_val *image;
    bool sound = true;
    yyjson_arr_foreach(json_get(spec, "images"), i, n, image)
    {
        yyjson_val *glob = json_get(image, "glob");
        struct str text = json_str(glob);
        text = str_eq(text, STR("*")) ? STR("index.docker.io/library/*") : text;
        text = str_eq(text, STR("*/*")) ? STR("index.docker.io/*/*") : text;
        if (is_glob(text)) {
            draft_globs_add(object, globs, glob_of_segments(object->arena, text, TEXTS), glob);
        }
        sound = sound && is_glob(text);
    }
    return sound && globs->n > 0;
}

static struct str static_action(yyjson_val *authority)
{
    return json_str(json_get(json_get(authority, "static"), "action"));
}

static bool is_only_static(yyjson_val *authority)
{
    static const char *const KNOWN[] = {"name", "static", NULL};
    return object_unknown(authority, KNOWN) == NULL;
}

enum outcome { PASS, FAIL, BY_HAND };

static enum outcome judge(yyjson_val *spec)
{
    size_t i, n;
    yyjson_val *authority;
    enum outcome outcome = yyjson_arr_size(json_get(spec, "authorities")) == 0 ? BY_HAND : FAIL;
    yyjson_arr_foreach(json_get(spec, "authorities"), i, n, authority)
    {
        struct str action = static_action(authority);
        bool fixed = is_only_static(authority);
        if (fixed && str_eq(action, STR("pass"))) {
            return json_get(spec, "policy") == NULL ? PASS : BY_HAND;
        }
        if (!fixed || !str_eq(action, STR("fail"))) {
            outcome = BY_HAND;
        }
    }
    return outcome;
}

/* -- what it applies to -- */

static const struct {
    const char *group, *resource, *kind;
} KINDS[] = {
    {"", "pods", "Pod"},
    {"", "replicationcontrollers", "ReplicationController"},
    {"apps", "replicasets", "ReplicaSet"},
    {"apps", "deployments", "Deployment"},
    {"apps", "statefulsets", "StatefulSet"},
    {"apps", "daemonsets", "DaemonSet"},
    {"batch", "jobs", "Job"},
    {"batch", "cronjobs", "CronJob"},
};

static const char *kind_of(yyjson_val *match)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (str_eq(json_str(json_get(match, "group")), str_from(KINDS[i].group)) &&
            str_eq(json_str(json_get(match, "resource")), str_from(KINDS[i].resource))) {
            return KINDS[i].kind;
        }
    }
    return NULL;
}

/* A copy of the policy for one entry of spec.match. `covers`: it admits what it applies to. */
static void add_match(struct object *object, yyjson_val *match, const struct draft *policy,
                      bool covers)
{
    const char *kind = kind_of(match);
    struct texts selector = {0};
    bool sound = selector_add(object, json_get(match, "selector"), &selector);
    if (covers && (kind == NULL || !sound)) {
        object_note(object, match, CONVERT_STRICTER,
                    "it cannot be written, and nothing was admitted by it");
        return;
    }
    if (!sound) {
        object_note(object, match, CONVERT_STRICTER,
                    "the policy applies without a part of the selector");
    }
    struct draft *copy = draft_copy(object, policy);
    if (kind != NULL) {
        texts_add(object->arena, &copy->kinds, str_from(kind));
    } else {
        object_note(object, match, CONVERT_STRICTER,
                    "a resource that is not known: the policy applies to all kinds");
    }
    copy->object_selector = selector;
}

static const char MATCHED_AS_WRITTEN[] =
    "tags are resolved to digests before policies are looked at, so that a glob with a tag hardly "
    "ever matches; what was written judges the text in the manifest";

static void note_tags(struct object *object, const struct draft_globs *globs)
{
    for (size_t i = 0; i < globs->n; i++) {
        struct str tokens = globs->items[i].glob.tokens;
        size_t slash = str_rfind(tokens, '/');
        struct str last = str_sub(tokens, slash < tokens.n ? slash : 0, tokens.n);
        if (str_find(last, ':') < last.n && str_find(last, '@') == last.n) {
            object_note(object, globs->items[i].at, CONVERT_SAME, "%s", MATCHED_AS_WRITTEN);
        }
    }
}

/* -- images that no policy matches -- */

/* All globs whose policies are for all objects. */
struct matched {
    struct object *first;
    struct draft_globs globs;
};

/* Such images are denied because no policy covers them, unless policies of other tools do. */
static void write_no_match(void *context)
{
    struct matched *matched = context;
    if (object_is_alone(matched->first)) {
        return;
    }
    object_comment(matched->first,
                   "The last policy denies the images that no policy of %s matches.",
                   matched->first->tool);
    draft_allow(matched->first, draft_add(matched->first), STR("no-match"), &matched->globs);
}

static void add_matched(struct object *object, const struct draft_globs *globs, bool limited)
{
    void **slot = object_slot(object->conversion, GROUP);
    if (*slot == NULL) {
        struct matched *matched = ARENA_NEW(object->arena, struct matched);
        matched->first = object;
        *slot = matched;
        object_at_end(object->conversion, write_no_match, matched);
    }
    struct matched *matched = *slot;
    for (size_t i = 0; !limited && i < globs->n; i++) {
        LIST_ADD(object->arena, &matched->globs, globs->items[i]);
    }
}

static bool write_rules(struct object *object, yyjson_val *spec, struct draft *policy,
                        enum outcome outcome)
{
    struct draft_globs globs = {0};
    bool sound = read_images(object, spec, &globs);
    note_tags(object, &globs);
    add_matched(object, &globs, yyjson_arr_size(json_get(spec, "match")) > 0);
    if (!sound) {
        draft_by_hand(object, policy, STR("images"), json_get(spec, "images"),
                      "images that are no globs");
        return true;
    }
    bool some = outcome == PASS ? draft_cover(object, policy, &globs)
                                : draft_include(object, policy, &globs);
    if (!some) {
        return false;
    }
    if (outcome == PASS) {
        draft_rule_item(object, policy, "allow", STR("static-pass"), "**");
    } else if (outcome == FAIL) {
        draft_rule_item(object, policy, "deny", STR("static-fail"), "**");
    } else {
        draft_by_hand(object, policy, STR("authorities"), json_get(spec, "authorities"),
                      "signatures and attestations are not part of this version");
    }
    return true;
}

static status convert(struct object *object, struct error *err)
{
    yyjson_val *spec, *match, *one;
    size_t i, n;
    TRY(object_member(object, object->root, "spec", "an object", &spec, err));
    TRY(object_member(object, spec, "match", "a list", &match, err));
    enum outcome outcome = judge(spec);
    bool warns = str_eq(json_str(json_get(spec, "mode")), STR("warn"));
    struct draft policy = {.namespace = STR_EMPTY, .mode = warns ? MODE_WARN : MODE_ENFORCE};
    bool some = write_rules(object, spec, &policy, outcome);
    if (!some) {
        object_comment(object, "No image can match it.");
    } else if (yyjson_arr_size(match) == 0) {
        (void)draft_copy(object, &policy);
    }
    yyjson_arr_foreach(match, i, n, one)
    {
        if (some) {
            add_match(object, one, &policy, outcome == PASS);
        }
    }
    return OK;
}

static const struct source SOURCES[] = {
    {.tool = "policy-controller", .group = GROUP, .kind = "ClusterImagePolicy", .convert = convert},
    {.tool = NULL},
};

const struct source *const policy_controller_sources = SOURCES;
