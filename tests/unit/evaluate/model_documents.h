#pragma once
/* Whole documents and reviews of the model. */
#include "model.h"

enum { RULES_MAX = 3, POLICIES_MAX = 8, EXCEPTIONS_MAX = 3, IMAGES_MAX = 4 };

struct model_rule {
    enum { RULE_ALLOW, RULE_DENY, RULE_TAG, RULE_REQUIRE } kind;
    struct model_patterns patterns;
    unsigned tag;     /* in TAG_RULES */
    unsigned require; /* bits of REQUIREMENTS */
};

struct model_policy {
    bool namespaced;
    unsigned namespace;
    unsigned mode;
    struct model_words namespaces, kinds, users;
    unsigned operations; /* bits: 1 CREATE, 2 UPDATE; 0: all */
    struct model_selector objects, spaces;
    struct model_patterns images;
    bool accepts_upper;
    struct model_rule rules[RULES_MAX];
    size_t n_rules;
    bool rewrites; /* all of a registry to below `to`/hub */
    unsigned from, to;
};

struct model_exception {
    unsigned policy; /* POLICIES_MAX: all */
    unsigned rule;   /* RULES_MAX: all */
    struct model_patterns images;
    struct model_words namespaces;
    bool ended;
};

struct model_set {
    struct model_policy policies[POLICIES_MAX];
    size_t n;
    struct model_exception exceptions[EXCEPTIONS_MAX];
    size_t n_exceptions;
    bool allow_uncovered, crio;
};

/* 2026-06-01T00:00:00Z: some exceptions of the model have ended before, some have not. */
#define MODEL_NOW (INT64_C(1780272000) * 1000000000)

static struct model_rule roll_rule(struct dice *dice)
{
    struct model_rule rule = {
        .kind = roll(dice, 4),
        .tag = roll(dice, MODEL_COUNT(TAG_RULES)),
        .require = 1 + roll(dice, 7),
    };
    rule.patterns = roll_patterns(dice, LIST_MAX - 1, false);
    if (rule.patterns.n == 0 || (rule.kind == RULE_ALLOW && one_in(dice, 2))) {
        rule.patterns.items[rule.patterns.n++] = roll_pattern(dice);
    }
    return rule;
}

static struct model_policy roll_policy(struct dice *dice)
{
    struct model_policy policy = {
        .namespaced = one_in(dice, 4),
        .namespace = roll(dice, MODEL_COUNT(NAMESPACES)),
        .mode = one_in(dice, 3) ? 1 + roll(dice, 2) : 0,
        .kinds = roll_words(dice, MODEL_COUNT(KINDS), true),
        .operations = roll(dice, 4),
        .objects = roll_selector(dice),
        .spaces = roll_selector(dice),
        .images = roll_patterns(dice, 2, true),
        .accepts_upper = one_in(dice, 4),
        .n_rules = roll(dice, RULES_MAX + 1),
        .rewrites = one_in(dice, 2),
        .from = roll(dice, MODEL_COUNT(HOSTS)),
        .to = one_in(dice, 2) ? HUB : MIRROR,
    };
    policy.namespaces = roll_words(dice, MODEL_COUNT(NAMESPACE_GLOBS), true);
    policy.users = roll_words(dice, MODEL_COUNT(USERS), true);
    if (one_in(dice, 2)) { /* else too few would apply to anything */
        policy.kinds.n = policy.users.n = policy.operations = 0;
        policy.objects.given = policy.spaces.given = false;
    }
    if (policy.namespaced) {
        policy.namespaces.n = 0;
        policy.accepts_upper = false;
    }
    for (size_t i = 0; i < policy.n_rules; i++) {
        policy.rules[i] = roll_rule(dice);
    }
    return policy;
}

static struct model_exception roll_exception(struct dice *dice)
{
    struct model_exception exception = {
        .policy = roll(dice, POLICIES_MAX + 1),
        .rule = one_in(dice, 2) ? roll(dice, RULES_MAX) : RULES_MAX,
        .images = roll_patterns(dice, 2, true),
        .ended = one_in(dice, 4),
    };
    exception.namespaces = roll_words(dice, MODEL_COUNT(NAMESPACE_GLOBS), true);
    return exception;
}

/* -- as YAML -- */

static void write_rule(const struct model_rule *rule, size_t number, struct buf *buf)
{
    buf_printf(buf, "{name: r%zu, ", number);
    if (rule->kind == RULE_TAG) {
        buf_printf(buf, "tag: {%s}", TAG_RULES[rule->tag].text);
    } else if (rule->kind == RULE_REQUIRE) {
        buf_add_cstr(buf, "require: [");
        for (size_t i = 0; i < MODEL_COUNT(REQUIREMENTS); i++) {
            buf_printf(buf, "%s", (rule->require >> i & 1) != 0 ? REQUIREMENTS[i] : "");
            buf_add_cstr(buf, (rule->require >> i & 1) != 0 ? ", " : "");
        }
        buf_add_cstr(buf, "]");
    } else {
        write_patterns(rule->kind == RULE_ALLOW ? "allow" : "deny", &rule->patterns, buf);
    }
    buf_add_cstr(buf, "}, ");
}

static void write_head(const char *kind, char letter, size_t number, struct buf *buf)
{
    buf_printf(buf, "---\napiVersion: pratique.dev/v1alpha1\nkind: %s\nmetadata: {name: %c%zu, ",
               kind, letter, number);
}

static void write_match(const struct model_policy *policy, struct buf *buf)
{
    static const char *const OPERATIONS[] = {"", "operations: [CREATE], ", "operations: [UPDATE], ",
                                             "operations: [UPDATE, CREATE], "};
    buf_add_cstr(buf, "match: {");
    write_words("namespaces", &policy->namespaces, NAMESPACE_GLOBS, buf);
    write_words("kinds", &policy->kinds, KINDS, buf);
    write_words("users", &policy->users, USERS, buf);
    buf_add_cstr(buf, OPERATIONS[policy->operations]);
    write_selector("objectSelector", &policy->objects, buf);
    write_selector("namespaceSelector", &policy->spaces, buf);
    buf_add_cstr(buf, "}, ");
}

static void write_policy(const struct model_policy *policy, size_t number, struct buf *buf)
{
    write_head(policy->namespaced ? "ImagePolicy" : "ClusterImagePolicy", 'p', number, buf);
    if (policy->namespaced) {
        buf_printf(buf, "namespace: %s", NAMESPACES[policy->namespace]);
    }
    buf_printf(buf, "}\nspec: {mode: %s, ", MODES[policy->mode]);
    write_match(policy, buf);
    write_patterns("images", &policy->images, buf);
    buf_add_cstr(buf, policy->accepts_upper ? "accept: [upperCaseHost], " : "");
    if (policy->n_rules > 0) {
        buf_add_cstr(buf, "rules: [");
        for (size_t i = 0; i < policy->n_rules; i++) {
            write_rule(&policy->rules[i], i, buf);
        }
        buf_add_cstr(buf, "], ");
    }
    if (policy->rewrites) {
        buf_printf(buf, "mutate: {rewrite: [{from: '%s', to: '%s/hub/**'}]}", HOSTS[policy->from],
                   HOSTS[policy->to]);
    }
    buf_add_cstr(buf, "}\n");
}

static void write_exception(const struct model_exception *exception, size_t number, struct buf *buf)
{
    write_head("ImagePolicyException", 'e', number, buf);
    buf_printf(buf, "}\nspec: {until: %s, reason: x, ",
               exception->ended ? "2026-05-31T23:59:59Z" : "2026-06-01T00:00:01Z");
    if (exception->policy == POLICIES_MAX) {
        buf_add_cstr(buf, "policies: ['p*'], ");
    } else {
        buf_printf(buf, "policies: [p%u], ", exception->policy);
    }
    if (exception->rule < RULES_MAX) {
        buf_printf(buf, "rules: [r%u], ", exception->rule);
    }
    write_patterns("images", &exception->images, buf);
    write_words("namespaces", &exception->namespaces, NAMESPACE_GLOBS, buf);
    buf_add_cstr(buf, "}\n");
}

static status load_model(struct str text, const struct model_set *set, struct arena *arena,
                         struct policy_set **ret_set)
{
    struct diagnostics list;
    diagnostics_init(&list, arena);
    const struct policy_options options = {
        .now = MODEL_NOW,
        .allow_uncovered = set->allow_uncovered,
        .runtime = set->crio ? POLICY_RUNTIME_CRIO : POLICY_RUNTIME_CONTAINERD,
    };
    struct error err;
    return policy_parse(STR("model.yaml"), text, &options, &list, ret_set, &err);
}

/* True if the document loads beside a sound policy. What dice make may contradict itself, and is
 * then refused. */
static bool loads(struct str document)
{
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    buf_auto text;
    buf_init(&text, MIB);
    buf_add_cstr(&text, "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
                        "metadata: {name: sound}\nspec: {rules: [{name: r, deny: [x.io]}]}\n");
    buf_add(&text, document);
    struct policy_set *loaded = NULL;
    bool sound = !failed(load_model(buf_str(&text), &(struct model_set){0}, &arena, &loaded));
    policy_set_unref(loaded);
    return sound;
}

/* Roll a set of documents each of which loads, and append it as YAML. */
static void roll_set(struct dice *dice, struct model_set *set, struct buf *buf)
{
    *set = (struct model_set){.allow_uncovered = one_in(dice, 4), .crio = one_in(dice, 4)};
    unsigned policies = 1 + roll(dice, POLICIES_MAX);
    unsigned exceptions = roll(dice, EXCEPTIONS_MAX + 1);
    buf_auto one;
    buf_init(&one, MIB);
    for (unsigned i = 0; i < policies; i++) {
        set->policies[set->n] = roll_policy(dice);
        buf_clear(&one);
        write_policy(&set->policies[set->n], set->n, &one);
        if (loads(buf_str(&one))) {
            set->n++;
            buf_add(buf, buf_str(&one));
        }
    }
    for (unsigned i = 0; i < exceptions; i++) {
        set->exceptions[set->n_exceptions] = roll_exception(dice);
        buf_clear(&one);
        write_exception(&set->exceptions[set->n_exceptions], set->n_exceptions, &one);
        if (loads(buf_str(&one))) {
            set->n_exceptions++;
            buf_add(buf, buf_str(&one));
        }
    }
}

/* -- reviews -- */

struct model_review {
    enum { ASKS_CREATE, ASKS_UPDATE, ASKS_DELETE, ASKS_IMAGES } asks; /* the last: ImageReview */
    unsigned namespace; /* MODEL_COUNT(NAMESPACES): none is told */
    unsigned kind, user;
    bool user_known, labels_known, spaces_known;
    unsigned label, old_label, space_label; /* in LABELS */
    struct model_image images[IMAGES_MAX];
    size_t n;
    bool mutate;
};

static struct model_review roll_review(struct dice *dice)
{
    struct model_review review = {
        .asks = roll(dice, 4),
        .namespace = roll(dice, MODEL_COUNT(NAMESPACES)),
        .kind = roll(dice, MODEL_COUNT(KINDS)),
        .user = roll(dice, MODEL_COUNT(USERS)),
        .user_known = !one_in(dice, 4),
        .labels_known = !one_in(dice, 4),
        .spaces_known = !one_in(dice, 3),
        .label = roll(dice, MODEL_COUNT(LABELS)),
        .old_label = roll(dice, MODEL_COUNT(LABELS)),
        .space_label = roll(dice, MODEL_COUNT(LABELS)),
        .n = 1 + roll(dice, IMAGES_MAX),
        .mutate = one_in(dice, 2),
    };
    if (one_in(dice, 6)) {
        review.namespace = MODEL_COUNT(NAMESPACES);
    }
    for (size_t i = 0; i < review.n; i++) {
        review.images[i] = roll_image(dice);
    }
    return review;
}
