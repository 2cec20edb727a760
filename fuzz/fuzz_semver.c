/* Three lines: a range and two versions. Order is antisymmetric; what the compiled range says of a
 * version is what its text says, comparator by comparator; and an empty range has no version. */
#include "image/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4 * 1024 * 1024 };

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* -- the naive reading of a range: no intervals, no bounds, only parts compared -- */

/* Compare the first `n` numbers. */
static int cmp_first(const struct semver *a, const struct semver *b, unsigned n)
{
    const uint64_t left[] = {a->major, a->minor, a->patch};
    const uint64_t right[] = {b->major, b->minor, b->patch};
    for (unsigned i = 0; i < n; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

/* A prerelease of a version that ends in zeros from part `n` on, such as 2.0.0-rc.1 for n = 1. */
static bool precedes_round(const struct semver *v, unsigned n)
{
    return v->prerelease.n > 0 && (n > 1 || v->minor == 0) && (n > 2 || v->patch == 0);
}

/* Whether `v` is the next after all that `c`, of `n` parts, stands for. */
static bool is_next(const struct semver *v, const struct semver *c, unsigned n)
{
    const uint64_t left[] = {v->major, v->minor, v->patch};
    const uint64_t right[] = {c->major, c->minor, c->patch};
    return cmp_first(v, c, n - 1) == 0 && left[n - 1] == right[n - 1] + 1;
}

static unsigned caret_parts(const struct semver *c)
{
    if (c->major > 0 || c->parts == 1) {
        return 1;
    }
    return c->minor > 0 || c->parts == 2 ? 2 : 3;
}

static bool holds(struct str operator_text, const struct semver *c, const struct semver *v)
{
    unsigned n = c->prerelease.n > 0 ? 3 : c->parts;
    bool whole = n == 3;
    int order = semver_cmp(v, c), first = cmp_first(v, c, n);
    if (operator_text.n == 0 || str_eq(operator_text, STR("="))) {
        return whole ? order == 0 : first == 0 && order >= 0;
    }
    if (str_eq(operator_text, STR("!="))) {
        return whole ? order != 0 : first != 0;
    }
    if (str_eq(operator_text, STR(">"))) {
        return whole ? order > 0 : first > 0 && !(is_next(v, c, n) && precedes_round(v, n));
    }
    if (str_eq(operator_text, STR(">="))) {
        return order >= 0;
    }
    if (str_eq(operator_text, STR("<"))) {
        return whole ? order < 0 : first < 0;
    }
    if (str_eq(operator_text, STR("<="))) {
        return whole ? order <= 0 : first <= 0;
    }
    if (str_eq(operator_text, STR("^"))) {
        return order >= 0 && cmp_first(v, c, caret_parts(c)) == 0;
    }
    ENSURE(str_eq(operator_text, STR("~")));
    return order >= 0 && cmp_first(v, c, c->parts == 1 ? 1 : 2) == 0;
}

static bool in_set(struct str set, char c)
{
    return str_find(set, c) < set.n;
}

static struct str take(struct str *text, struct str set, bool of_set)
{
    size_t n = 0;
    while (n < text->n && in_set(set, text->p[n]) == of_set) {
        n++;
    }
    struct str taken = str_sub(*text, 0, n);
    *text = str_sub(*text, n, text->n);
    return taken;
}

/* "1.x" -> "1", by cutting from the end. */
static struct str without_wildcards(struct str word)
{
    while (word.n > 0 && in_set(STR("xX*"), word.p[word.n - 1]) &&
           (word.n == 1 || word.p[word.n - 2] == '.') && str_find(word, '-') == word.n) {
        word = str_sub(word, 0, word.n < 2 ? 0 : word.n - 2);
    }
    return word;
}

static struct str take_word(struct str *text)
{
    (void)take(text, STR(" \t\r\n,"), true);
    return take(text, STR(" \t\r\n,"), false);
}

/* Whether `v` is in an alternative that is known to be sound. */
static bool naively_in(struct str text, const struct semver *v)
{
    bool all = true, prereleases = v->prerelease.n == 0;
    struct semver c;
    text = str_trim(text);
    while (text.n > 0) {
        (void)take(&text, STR(" \t\r\n,"), true);
        struct str operator_text = take(&text, STR("<>=!^~"), true);
        struct str word = without_wildcards(take_word(&text)), peek = text;
        if (word.n > 0) {
            ENSURE(semver_parse(word, &c));
            bool hyphen = operator_text.n == 0 && str_eq(take_word(&peek), STR("-")) &&
                          str_find(str_sub(text, 0, text.n - peek.n), ',') == text.n - peek.n;
            all = all && holds(hyphen ? STR(">=") : operator_text, &c, v);
            prereleases |= c.prerelease.n > 0 && !str_eq(operator_text, STR("!="));
            if (hyphen) {
                ENSURE(semver_parse(without_wildcards(take_word(&peek)), &c));
                all = all && holds(STR("<="), &c, v);
                prereleases |= c.prerelease.n > 0;
                text = peek;
            }
        }
        text = str_trim(text);
    }
    return all && prereleases;
}

static bool naive_match(struct str range, const struct semver *v)
{
    struct str before, rest = range;
    for (bool more = true; more;) {
        more = str_cut(rest, '|', &before, &rest);
        if (naively_in(before, v)) {
            return true;
        }
        rest = more ? str_sub(rest, 1, rest.n) : rest; /* the second "|" */
    }
    return false;
}

static void check_range(const struct semver_range *range, struct str text, const struct semver *v)
{
    bool in = semver_range_match(range, v);
    ENSURE(in == naive_match(text, v));
    ENSURE(!(in && semver_range_empty(range)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text, first, second, rest;
    struct semver a, b;
    const struct semver_range *range = NULL;
    struct error err;
    arena_auto arena;
    arena_init(&arena, ROOM);
    (void)str_cut((struct str){(const char *)data, size}, '\n', &text, &rest);
    (void)str_cut(rest, '\n', &first, &second);

    bool is_a = semver_parse(first, &a), is_b = semver_parse(second, &b);
    bool is_range = !failed(semver_range_parse(&arena, text, &range, &err));
    ENSURE(is_range == (range != NULL));
    if (is_a) {
        ENSURE(semver_cmp(&a, &a) == 0 && a.parts >= 1 && a.parts <= 3);
    }
    if (is_a && is_b) {
        ENSURE(sign(semver_cmp(&a, &b)) == -sign(semver_cmp(&b, &a)));
    }
    if (is_range && is_a) {
        check_range(range, text, &a);
    }
    if (is_range && is_b) {
        check_range(range, text, &b);
    }
    return 0;
}
