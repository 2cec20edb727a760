/* Policies as YAML. All texts are quoted as in JSON, which YAML reads alike. */
#include "base/buf.h"
#include "convert/source.h"

static const char *const MODES[] = {"enforce", "warn", "audit"};

/* One line, whatever is in it: nobody's name can end a comment. */
static void add_comment(struct buf *buf, struct str text)
{
    buf_add_cstr(buf, "# ");
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        buf_add_char(buf, (char)(c >= 0x20 && c < 0x7f ? c : '?'));
    }
    buf_add_char(buf, '\n');
}

static void add_list(struct buf *buf, const char *indent, const char *name,
                     const struct texts *list)
{
    if (list->n == 0) {
        return;
    }
    buf_printf(buf, "%s%s:\n", indent, name);
    for (size_t i = 0; i < list->n; i++) {
        buf_printf(buf, "%s  - ", indent);
        buf_add_json(buf, list->items[i]);
        buf_add_char(buf, '\n');
    }
}

static void add_selector(struct buf *buf, const char *name, const struct texts *requirements)
{
    if (requirements->n == 0) {
        return;
    }
    buf_printf(buf, "    %s:\n      matchExpressions:\n", name);
    for (size_t i = 0; i < requirements->n; i++) {
        buf_add_cstr(buf, "        - ");
        buf_add(buf, requirements->items[i]);
        buf_add_char(buf, '\n');
    }
}

static void add_match(struct buf *buf, const struct draft *policy)
{
    if (policy->namespaces.n + policy->kinds.n + policy->operations.n + policy->users.n +
            policy->namespace_selector.n + policy->object_selector.n ==
        0) {
        return;
    }
    buf_add_cstr(buf, "  match:\n");
    add_list(buf, "    ", "namespaces", &policy->namespaces);
    add_selector(buf, "namespaceSelector", &policy->namespace_selector);
    add_selector(buf, "objectSelector", &policy->object_selector);
    add_list(buf, "    ", "kinds", &policy->kinds);
    add_list(buf, "    ", "operations", &policy->operations);
    add_list(buf, "    ", "users", &policy->users);
}

static void add_member(struct buf *buf, const char *indent, const char *name, struct str text)
{
    if (text.n > 0) {
        buf_printf(buf, "%s%s: ", indent, name);
        buf_add_json(buf, text);
        buf_add_char(buf, '\n');
    }
}

static void add_policy(struct buf *buf, const struct draft *policy)
{
    bool cluster = policy->namespace.n == 0;
    buf_printf(buf, "apiVersion: pratique.dev/v1alpha1\nkind: %s\nmetadata:\n",
               cluster ? "ClusterImagePolicy" : "ImagePolicy");
    add_member(buf, "  ", "name", policy->name);
    add_member(buf, "  ", "namespace", policy->namespace);
    buf_printf(buf, "spec:\n  mode: %s\n", MODES[policy->mode]);
    add_match(buf, policy);
    add_list(buf, "  ", "images", &policy->images);
    buf_add_cstr(buf, "  rules:\n");
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct draft_rule *rule = &policy->rules[i];
        buf_add_cstr(buf, "    - name: ");
        buf_add_json(buf, rule->name);
        buf_add_char(buf, '\n');
        add_member(buf, "      ", "message", rule->message);
        add_list(buf, "      ", rule->field, &rule->items);
    }
    if (policy->resolve_digest) {
        buf_add_cstr(buf, "  mutate:\n    resolveDigest: true\n");
    }
}

void draft_write(struct buf *buf, const struct object *object)
{
    struct mark mark = json_mark(object->doc, object->root);
    add_comment(buf, arena_printf(object->arena, "From %.*s:%u: %s %.*s %.*s",
                                  STR_ARG(object->file), mark.line, object->tool,
                                  STR_ARG(object->kind), STR_ARG(object->name)));
    for (size_t i = 0; i < object->comments.n; i++) {
        add_comment(buf, object->comments.items[i]);
    }
    for (size_t i = 0; i < object->policies.n; i++) {
        if (i > 0) {
            buf_add_cstr(buf, "---\n");
        }
        add_policy(buf, object->policies.items[i]);
    }
}

void draft_write_rest(struct buf *buf)
{
    static struct str everything = STR("**");
    struct draft_rule rule = {
        .field = "allow", .name = STR("any"), .message = STR_EMPTY, .items = {&everything, 1, 1}};
    const struct draft policy = {
        .name = STR("everything-else"), .namespace = STR_EMPTY, .rules = &rule, .n_rules = 1};
    add_comment(buf, STR("The sources admit images that none of their policies is about; so does"));
    add_comment(buf, STR("this policy. Without it, an image that no policy covers is denied."));
    add_policy(buf, &policy);
}
