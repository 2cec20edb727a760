/* Three lines: two patterns and a reference. What the patterns claim of each other holds for the
 * reference; a rewrite from one to the other is idempotent and keeps tag and digest; and the
 * reference's own print is a pattern that matches it. */
#include "image/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4 * 1024 * 1024, IMPOSSIBLE_PORT = 65536 };

static const struct pattern *compile(struct arena *arena, struct str text)
{
    const struct pattern *pattern = NULL;
    struct error err = {.kind = ERROR_NONE};
    if (failed(pattern_parse(arena, text, &pattern, &err))) {
        ENSURE(pattern == NULL && err.text[0] != '\0');
        ENSURE(err.kind == (text.n > LIMIT_PATTERN_TEXT ? ERROR_LIMIT : ERROR_INPUT));
    }
    return pattern;
}

static void check_alone(const struct pattern *everything, const struct pattern *pattern)
{
    ENSURE(pattern_covers(pattern, pattern));
    ENSURE(!pattern_disjoint(pattern, pattern));
    ENSURE(pattern_covers(everything, pattern));
    ENSURE(!pattern_disjoint(everything, pattern));
}

static void check_pair(const struct pattern *a, const struct pattern *b)
{
    ENSURE(pattern_disjoint(a, b) == pattern_disjoint(b, a));
    ENSURE(!(pattern_covers(a, b) && pattern_disjoint(a, b)));
}

static void check_prefix(const struct pattern *pattern, const struct reference *reference)
{
    struct str host;
    const struct str *segments;
    size_t n;
    if (!pattern_match(pattern, reference) ||
        !pattern_literal_prefix(pattern, &host, &segments, &n)) {
        return;
    }
    ENSURE(str_eq(host, reference->host) && n <= reference->n_segments);
    for (size_t i = 0; i < n; i++) {
        ENSURE(str_eq(segments[i], reference->segments[i]));
    }
}

static void check_match(const struct pattern *a, const struct pattern *b,
                        const struct reference *reference)
{
    bool in_a = pattern_match(a, reference), in_b = pattern_match(b, reference);
    ENSURE(!(pattern_covers(a, b) && in_b && !in_a));
    ENSURE(!(pattern_covers(b, a) && in_a && !in_b));
    ENSURE(!(pattern_disjoint(a, b) && in_a && in_b));
    check_prefix(a, reference);
    check_prefix(b, reference);
}

static void check_rewrite(struct arena *arena, const struct pattern *from, const struct pattern *to,
                          const struct reference *reference)
{
    const struct rewrite *rewrite;
    struct reference again;
    struct str text, twice;
    struct error err;
    if (failed(rewrite_parse(arena, pattern_text(from), pattern_text(to), &rewrite, &err)) ||
        !rewrite_apply(rewrite, arena, reference, &text)) {
        return;
    }
    ENSURE(pattern_match(from, reference) && !pattern_match(to, reference));
    if (failed(reference_parse(arena, text, &again, &err))) {
        ENSURE(text.n > 255); /* only by becoming too long */
        return;
    }
    ENSURE(pattern_match(to, &again) && !rewrite_apply(rewrite, arena, &again, &twice));
    ENSURE(str_eq(again.tag, reference->tag) && str_eq(again.digest, reference->digest));
}

/* A reference with an upper-case host or an impossible port is not what patterns can say. */
static void check_own_print(struct arena *arena, const struct reference *reference)
{
    struct str printed = reference_print(arena, reference);
    if ((reference->quirks & REFERENCE_UPPER_CASE_HOST) != 0 ||
        reference->port == IMPOSSIBLE_PORT || printed.n > LIMIT_PATTERN_TEXT) {
        return;
    }
    const struct pattern *own = compile(arena, printed);
    ENSURE(own != NULL && pattern_match(own, reference));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str first, second, third, rest;
    struct reference reference;
    struct error err;
    arena_auto arena;
    arena_init(&arena, ROOM);
    (void)str_cut((struct str){(const char *)data, size}, '\n', &first, &rest);
    (void)str_cut(rest, '\n', &second, &third);

    const struct pattern *everything = compile(&arena, STR("**"));
    const struct pattern *a = compile(&arena, first), *b = compile(&arena, second);
    bool named = !failed(reference_parse(&arena, third, &reference, &err));
    if (a != NULL) {
        check_alone(everything, a);
    }
    if (named) {
        ENSURE(pattern_match(everything, &reference));
        check_own_print(&arena, &reference);
    }
    if (a != NULL && b != NULL) {
        check_alone(everything, b);
        check_pair(a, b);
        if (named) {
            check_match(a, b, &reference);
            check_rewrite(&arena, a, b, &reference);
        }
    }
    return 0;
}
