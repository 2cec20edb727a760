#include "image/pattern.h"
#include "image/pattern_parts.h"

struct rewrite {
    const struct pattern *from;
    const struct pattern *to;
    bool tree;         /* what is below `from` goes below `to`; otherwise one repository */
    struct str prefix; /* host, port and literal path of `to` */
};

/* A literal host and path, and no tag or digest: one repository, or with `**` last a tree. */
static status check_side(const struct pattern *side, bool *ret_tree, struct error *err)
{
    size_t n = side->segments.n;
    const struct str *items = side->segments.items;
    bool tree = n >= 2 && side->n_literal == n - 2 && pattern_is_many(items[n - 2]) &&
                str_eq(items[n - 1], STR("*"));
    bool plain = !side->any_host && !side->wild_host && !side->any_port && side->tag.n == 0 &&
                 side->digest.n == 0;
    if (!plain || !(tree || side->n_literal == n)) {
        return error_set(
            err, ERROR_INPUT,
            "\"%.*s\" cannot be rewritten: write a registry (\"docker.io\"), all below "
            "a path (\"docker.io/acme/**\") or one repository (\"docker.io/acme/app\"), "
            "without tag or digest",
            STR_ARG(side->text));
    }
    *ret_tree = tree;
    return OK;
}

static struct str write_prefix(struct arena *arena, const struct pattern *to)
{
    struct str prefix =
        to->port == 0 ? to->host : arena_printf(arena, "%.*s:%u", STR_ARG(to->host), to->port);
    for (size_t i = 0; i < to->n_literal; i++) {
        prefix = arena_printf(arena, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(to->segments.items[i]));
    }
    return prefix;
}

status rewrite_parse(struct arena *arena, struct str from, struct str to,
                     const struct rewrite **ret_rewrite, struct error *err)
{
    struct rewrite *rewrite = ARENA_NEW(arena, struct rewrite);
    bool to_tree = false;
    TRY(pattern_parse(arena, from, &rewrite->from, err));
    TRY(pattern_parse(arena, to, &rewrite->to, err));
    TRY(check_side(rewrite->from, &rewrite->tree, err));
    TRY(check_side(rewrite->to, &to_tree, err));
    if (rewrite->tree != to_tree) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" and \"%.*s\" differ in shape: both are one repository, or both "
                         "are all below a registry or path",
                         STR_ARG(from), STR_ARG(to));
    }
    if (pattern_covers(rewrite->to, rewrite->from)) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" is already within \"%.*s\": nothing would be rewritten",
                         STR_ARG(from), STR_ARG(to));
    }
    rewrite->prefix = write_prefix(arena, rewrite->to);
    *ret_rewrite = rewrite;
    return OK;
}

/* What stands behind the part of the repository that `from` spells out, with its "/". */
static struct str below(const struct rewrite *rewrite, const struct reference *reference)
{
    size_t spelt = 0;
    for (size_t i = 0; i < rewrite->from->n_literal; i++) {
        spelt += reference->segments[i].n + 1;
    }
    return str_sub(reference->repository, spelt, reference->repository.n);
}

bool rewrite_apply(const struct rewrite *rewrite, struct arena *arena,
                   const struct reference *reference, struct str *ret_text)
{
    if (!pattern_match(rewrite->from, reference) || pattern_match(rewrite->to, reference)) {
        return false;
    }
    struct str rest = rewrite->tree ? below(rewrite, reference) : STR_EMPTY;
    *ret_text = arena_printf(arena, "%.*s%s%.*s%s%.*s%s%.*s", STR_ARG(rewrite->prefix),
                             rewrite->tree ? "/" : "", STR_ARG(rest),
                             reference->tag.n > 0 ? ":" : "", STR_ARG(reference->tag),
                             reference->digest.n > 0 ? "@" : "", STR_ARG(reference->digest));
    return true;
}

bool rewrite_chains(const struct rewrite *a, const struct rewrite *b)
{
    return !pattern_disjoint(b->from, a->to) && !pattern_covers(b->to, a->to);
}
