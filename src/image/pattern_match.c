#include "image/glob.h"
#include "image/host.h"
#include "image/pattern.h"
#include "image/pattern_parts.h"

/* Whether `wide` matches the items of `narrow`, which are plain texts or another pattern's.
 *
 * A wildcard in `narrow` can only be taken by a wildcard in `wide`, since it equals no literal. So
 * whatever text takes its place is taken too, and one function answers both "does it match?" and
 * "does it cover?". As in glob_match, only the last `**` is ever tried again. */
static bool items_match(const struct pattern_items *wide, const struct pattern_items *narrow)
{
    size_t w = 0, i = 0;
    size_t many = wide->n; /* none yet */
    size_t resume = 0;
    while (i < narrow->n) {
        if (w < wide->n && pattern_is_many(wide->items[w])) {
            many = w++;
            resume = i;
        } else if (w < wide->n && !pattern_is_many(narrow->items[i]) &&
                   glob_match(wide->items[w], narrow->items[i])) {
            w++;
            i++;
        } else if (many < wide->n) {
            w = many + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (w < wide->n && pattern_is_many(wide->items[w])) {
        w++;
    }
    return w == wide->n;
}

bool pattern_labels_match(const struct pattern_items *labels, struct str host)
{
    /* From the right, where `**` cannot be: so each label has its one place. A canonical address
     * has no dots and is one label. */
    bool more = true;
    for (size_t i = labels->n; i-- > 0;) {
        if (pattern_is_many(labels->items[i])) {
            return true;
        }
        if (!more) {
            return false;
        }
        size_t dot = str_rfind(host, '.');
        more = dot < host.n;
        if (!glob_match(labels->items[i], more ? str_sub(host, dot + 1, host.n) : host)) {
            return false;
        }
        host = str_sub(host, 0, dot);
    }
    return !more;
}

static bool host_match(const struct pattern *pattern, struct str host)
{
    if (pattern->any_host) {
        return true;
    }
    if (!pattern->wild_host) {
        return str_eq(pattern->host, host);
    }
    return pattern_labels_match(&pattern->labels, host) || (pattern->hub && str_eq(host, HOST_HUB));
}

/* A glob that is not named matches everything. */
static bool named_match(struct str glob, struct str text)
{
    return glob.n == 0 || (text.n > 0 && glob_match(glob, text));
}

bool pattern_match_any_digest(const struct pattern *pattern, const struct reference *reference)
{
    const struct pattern_items segments = {reference->segments, reference->n_segments};
    return reference->host.n > 0 && host_match(pattern, reference->host) &&
           (pattern->any_port || pattern->port == reference->port) &&
           named_match(pattern->tag, reference->match_tag) &&
           items_match(&pattern->segments, &segments);
}

bool pattern_match(const struct pattern *pattern, const struct reference *reference)
{
    return named_match(pattern->digest, reference->digest) &&
           pattern_match_any_digest(pattern, reference);
}

static bool host_covers(const struct pattern *wide, const struct pattern *narrow)
{
    if (wide->any_host || narrow->any_host) {
        return wide->any_host;
    }
    if (!narrow->wild_host) {
        return host_match(wide, narrow->host);
    }
    /* If one of the Hub's names is among what `narrow` means, it is among what `wide` means. */
    return wide->wild_host && items_match(&wide->labels, &narrow->labels);
}

bool pattern_covers(const struct pattern *wide, const struct pattern *narrow)
{
    return host_covers(wide, narrow) &&
           (wide->any_port || (!narrow->any_port && wide->port == narrow->port)) &&
           named_match(wide->tag, narrow->tag) && named_match(wide->digest, narrow->digest) &&
           items_match(&wide->segments, &narrow->segments);
}

static bool is_wild(struct str glob)
{
    return str_find(glob, '*') < glob.n;
}

/* True if certainly no text matches both. Two globs are compared up to their first star from either
 * end, which is enough for "1.*" and "2.*". */
static bool globs_disjoint(struct str a, struct str b)
{
    if (!is_wild(b)) {
        return !glob_match(a, b);
    }
    if (!is_wild(a)) {
        return !glob_match(b, a);
    }
    for (size_t i = 0; a.p[i] != '*' && b.p[i] != '*'; i++) {
        if (a.p[i] != b.p[i]) {
            return true;
        }
    }
    for (size_t i = 1; a.p[a.n - i] != '*' && b.p[b.n - i] != '*'; i++) {
        if (a.p[a.n - i] != b.p[b.n - i]) {
            return true;
        }
    }
    return false;
}

/* How many items a match has at least; *ret_open: it may have more. */
static size_t least_items(const struct pattern_items *list, bool *ret_open)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n += !pattern_is_many(list->items[i]);
    }
    *ret_open = n < list->n;
    return n;
}

/* True if certainly no list of texts matches both: their lengths differ, or the items do before the
 * first `**` from either end. */
static bool items_disjoint(const struct pattern_items *a, const struct pattern_items *b)
{
    bool a_open, b_open;
    size_t a_least = least_items(a, &a_open), b_least = least_items(b, &b_open);
    if ((!a_open && b_least > a_least) || (!b_open && a_least > b_least)) {
        return true;
    }
    size_t n = a->n < b->n ? a->n : b->n;
    for (size_t i = 0; i < n; i++) {
        if (pattern_is_many(a->items[i]) || pattern_is_many(b->items[i])) {
            break;
        }
        if (globs_disjoint(a->items[i], b->items[i])) {
            return true;
        }
    }
    for (size_t i = 1; i <= n; i++) {
        struct str last_a = a->items[a->n - i], last_b = b->items[b->n - i];
        if (pattern_is_many(last_a) || pattern_is_many(last_b)) {
            break;
        }
        if (globs_disjoint(last_a, last_b)) {
            return true;
        }
    }
    return false;
}

static bool hosts_disjoint(const struct pattern *a, const struct pattern *b)
{
    if (a->any_host || b->any_host) {
        return false;
    }
    if (!a->wild_host) {
        return !host_match(b, a->host);
    }
    if (!b->wild_host) {
        return !host_match(a, b->host);
    }
    bool both_hub = host_match(a, HOST_HUB) && host_match(b, HOST_HUB);
    return !both_hub && items_disjoint(&a->labels, &b->labels);
}

bool pattern_disjoint(const struct pattern *a, const struct pattern *b)
{
    return hosts_disjoint(a, b) || (!a->any_port && !b->any_port && a->port != b->port) ||
           (a->tag.n > 0 && b->tag.n > 0 && globs_disjoint(a->tag, b->tag)) ||
           (a->digest.n > 0 && b->digest.n > 0 && globs_disjoint(a->digest, b->digest)) ||
           items_disjoint(&a->segments, &b->segments);
}

static bool any_match(const struct pattern *const *patterns, size_t n,
                      const struct reference *reference)
{
    for (size_t i = 0; i < n; i++) {
        if (pattern_match(patterns[i], reference)) {
            return true;
        }
    }
    return false;
}

bool pattern_list_match(const struct pattern_list *list, const struct reference *reference)
{
    bool included = list->n_include == 0 || any_match(list->include, list->n_include, reference);
    return included && !any_match(list->exclude, list->n_exclude, reference);
}
