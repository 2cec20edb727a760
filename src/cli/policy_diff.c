/* `pratique policy diff`: what changed between two sets of policies. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sources.h"
#include "cli/tree_diff.h"

struct differ {
    const struct invocation *invocation;
    struct arena *arena;
    bool json, begun;
    size_t added, removed, changed;
};

/* -- text -- */

/* `+ ClusterImagePolicy shop/baseline  policies/a.yaml:4` */
static void text_head(const struct differ *differ, enum style style, const char *sign,
                      const struct source *source)
{
    FILE *out = differ->invocation->out;
    output_styled(differ->invocation, style, str_from(sign));
    fputc(' ', out);
    output_text(out, source->kind);
    fputc(' ', out);
    if (source->namespace.n > 0) {
        output_text(out, source->namespace);
        fputc('/', out);
    }
    output_styled(differ->invocation, STYLE_STRONG,
                  source->name.n > 0 ? source->name : STR("(without a name)"));
    fputs("  ", out);
    output_text(out, source->file);
    if (source->mark.line > 0) {
        fprintf(out, ":%u", source->mark.line);
    }
    fputc('\n', out);
}

static void text_value(const struct differ *differ, enum style style, const char *sign,
                       yyjson_val *value)
{
    if (value == NULL) {
        return;
    }
    size_t n;
    char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, &n);
    ENSURE(text != NULL);
    fputs("        ", differ->invocation->out);
    output_styled(differ->invocation, style, str_from(sign));
    output_styled(differ->invocation, style, (struct str){text, n});
    fputc('\n', differ->invocation->out);
    free(text);
}

static void text_changes(const struct differ *differ, const struct tree_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct tree_change *change = &changes->items[i];
        if (i == 0 || !str_eq(changes->items[i - 1].path, change->path)) {
            fputs("    ", differ->invocation->out);
            output_text(differ->invocation->out, change->path);
            fputs(":\n", differ->invocation->out);
        }
        text_value(differ, STYLE_BAD, "- ", change->old);
        text_value(differ, STYLE_GOOD, "+ ", change->new);
    }
}

/* -- JSON -- */

static void json_value(FILE *out, const char *name, yyjson_val *value)
{
    char *text = value != NULL ? yyjson_val_write(value, YYJSON_WRITE_NOFLAG, NULL) : NULL;
    fprintf(out, ",\"%s\":%s", name, text != NULL ? text : "null");
    free(text);
}

static void json_document(struct differ *differ, const char *change, const struct source *source,
                          const struct tree_changes *changes)
{
    FILE *out = differ->invocation->out;
    fputs(differ->begun ? ",\n{" : "\n{", out);
    differ->begun = true;
    output_member(out, true, "change", str_from(change));
    output_member(out, false, "kind", source->kind);
    output_member(out, false, "namespace", source->namespace);
    output_member(out, false, "name", source->name);
    output_member(out, false, "file", source->file);
    fprintf(out, ",\"line\":%u,\"fields\":[", source->mark.line);
    for (size_t i = 0; i < changes->n; i++) {
        fputs(i > 0 ? ",{" : "{", out);
        output_member(out, true, "path", changes->items[i].path);
        json_value(out, "old", changes->items[i].old);
        json_value(out, "new", changes->items[i].new);
        fputc('}', out);
    }
    fputs("]}", out);
}

/* -- documents -- */

/* A document, and the one of the other side that it is compared with. */
struct side {
    const struct source *source, *other;
};

static int compare_names(const struct source *a, const struct source *b)
{
    int order = str_cmp(a->kind, b->kind);
    order = order != 0 ? order : str_cmp(a->namespace, b->namespace);
    return order != 0 ? order : str_cmp(a->name, b->name);
}

/* By name; those of one name in the order in which they stand. */
static int compare_sides(const void *a, const void *b)
{
    const struct source *x = (*(const struct side *const *)a)->source;
    const struct source *y = (*(const struct side *const *)b)->source;
    int order = compare_names(x, y);
    return order != 0 ? order : (x > y) - (x < y);
}

static struct side *make_sides(struct arena *arena, const struct sources *sources,
                               struct side ***ret_sorted)
{
    struct side *sides = ARENA_ARRAY(arena, struct side, sources->n);
    *ret_sorted = ARENA_ARRAY(arena, struct side *, sources->n);
    for (size_t i = 0; i < sources->n; i++) {
        sides[i].source = &sources->items[i];
        (*ret_sorted)[i] = &sides[i];
    }
    if (sources->n > 0) {
        qsort(*ret_sorted, sources->n, sizeof **ret_sorted, compare_sides);
    }
    return sides;
}

/* Pair documents of the same name: the first with the first, the second with the second. */
static void pair(struct side **old, size_t n_old, struct side **new, size_t n_new)
{
    for (size_t i = 0, j = 0; i < n_old && j < n_new;) {
        int order = compare_names(old[i]->source, new[j]->source);
        if (order == 0) {
            old[i]->other = new[j]->source;
            new[j]->other = old[i]->source;
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void one_side(struct differ *differ, const struct source *source, bool added)
{
    static const struct tree_changes NONE = {.n = 0};
    *(added ? &differ->added : &differ->removed) += 1;
    if (differ->json) {
        json_document(differ, added ? "added" : "removed", source, &NONE);
    } else {
        text_head(differ, added ? STYLE_GOOD : STYLE_BAD, added ? "+" : "-", source);
    }
}

static void both_sides(struct differ *differ, const struct source *old, const struct source *new)
{
    struct tree_changes changes = {.n = 0};
    tree_diff(differ->arena, old->doc->root, new->doc->root, STR_EMPTY, &changes);
    if (changes.n == 0) {
        return;
    }
    differ->changed++;
    if (differ->json) {
        json_document(differ, "changed", new, &changes);
    } else {
        text_head(differ, STYLE_WARNING, "~", new);
        text_changes(differ, &changes);
    }
}

static void compare(struct differ *differ, const struct sources *old, const struct sources *new)
{
    struct side **old_sorted, **new_sorted;
    struct side *olds = make_sides(differ->arena, old, &old_sorted);
    struct side *news = make_sides(differ->arena, new, &new_sorted);
    pair(old_sorted, old->n, new_sorted, new->n);
    for (size_t i = 0; i < old->n; i++) {
        if (olds[i].other == NULL) {
            one_side(differ, olds[i].source, false);
        } else {
            both_sides(differ, olds[i].source, olds[i].other);
        }
    }
    for (size_t i = 0; i < new->n; i++) {
        if (news[i].other == NULL) {
            one_side(differ, news[i].source, true);
        }
    }
}

static int conclude(const struct differ *differ)
{
    fprintf(differ->invocation->out,
            differ->json ? "],\n\"summary\":{\"changed\":%zu,\"added\":%zu,\"removed\":%zu}}\n"
                         : "%zu changed, %zu added, %zu removed\n",
            differ->changed, differ->added, differ->removed);
    return differ->changed + differ->added + differ->removed > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}

static int run(struct invocation *invocation)
{
    sources_auto old = {.n = 0};
    sources_auto new = {.n = 0};
    struct error err;
    if (strcmp(invocation->operands[0], "-") == 0 && strcmp(invocation->operands[1], "-") == 0) {
        error_fill(&err, ERROR_CONFIG, "standard input cannot be both sides");
        output_error(invocation, &err);
        return EXIT_CODE_USAGE;
    }
    if (failed(sources_read(&invocation->arena, &invocation->operands[0], 1, &old, &err)) ||
        failed(sources_read(&invocation->arena, &invocation->operands[1], 1, &new, &err))) {
        output_error(invocation, &err);
        return EXIT_CODE_USAGE;
    }
    struct differ differ = {
        .invocation = invocation, .arena = &invocation->arena, .json = option_json(invocation)};
    if (differ.json) {
        fputs("{\"changes\":[", invocation->out);
    }
    compare(&differ, &old, &new);
    return conclude(&differ);
}

static const struct option OPTIONS[] = {
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_policy_diff = {
    .name = "policy diff",
    .summary = "show what changed between two sets of policies",
    .operands = "OLD NEW",
    .min_operands = 2,
    .max_operands = 2,
    .options = OPTIONS,
    .about = "Compares the policies in two files or directories: which came, which went, and\n"
             "in which fields the others differ. Policies are matched by kind, namespace and\n"
             "name, rules by their names; the order of patterns in a list is no difference.\n"
             "'pratique replay' tells what a difference means for images.",
    .exits = "0  they say the same\n1  they differ\n2  a file cannot be read or is no YAML",
    .examples = "pratique policy diff old/ new/\n"
                "git show main:policy.yaml | pratique policy diff - policy.yaml",
    .run = run,
};
