/* A reference by every grammar. What parses prints as something that parses to the same; the short
 * form means the same; the canonical host is its own canonical form. */
#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1024 * 1024 };

static bool same_name(const struct reference *a, const struct reference *b)
{
    return str_eq(a->registry, b->registry) && str_eq(a->repository, b->repository);
}

static bool same_meaning(const struct reference *a, const struct reference *b)
{
    if (a->port != b->port || a->n_segments != b->n_segments) {
        return false;
    }
    for (size_t i = 0; i < a->n_segments; i++) {
        if (!str_eq(a->segments[i], b->segments[i])) {
            return false;
        }
    }
    return str_eq(a->host, b->host) && str_eq(a->match_tag, b->match_tag) &&
           str_eq(a->digest, b->digest);
}

/* Parse, or hold what holds of failures. */
static bool parse(struct arena *arena, enum reference_grammar grammar, struct str text,
                  struct reference *ret_reference)
{
    struct error err = {.kind = ERROR_NONE};
    if (!failed(reference_parse_as(arena, grammar, text, ret_reference, &err))) {
        ENSURE(err.kind == ERROR_NONE);
        return true;
    }
    ENSURE(err.kind == (text.n > LIMIT_IMAGE_TEXT ? ERROR_LIMIT : ERROR_INPUT));
    ENSURE(err.text[0] != '\0');
    return false;
}

static void check_segments(const struct reference *reference)
{
    size_t n = reference->n_segments - 1;
    for (size_t i = 0; i < reference->n_segments; i++) {
        ENSURE(reference->segments[i].n > 0);
        n += reference->segments[i].n;
    }
    ENSURE(n == reference->repository.n);
}

/* A host that leaves no room for a repository is not asked. */
static void check_host(struct arena *arena, const struct reference *reference)
{
    struct reference again;
    struct str canonical = arena_printf(arena, "%.*s:%u/a/b", STR_ARG(reference->host),
                                        reference->port == 0 ? 443 : reference->port);
    if (canonical.n > LIMIT_IMAGE_TEXT) {
        return;
    }
    ENSURE(parse(arena, REFERENCE_NORMALIZED, canonical, &again));
    ENSURE(str_eq(reference->host, again.host) && reference->port == again.port);
    ENSURE((again.quirks & REFERENCE_UPPER_CASE_HOST) == 0);
}

static void check_normalized(struct arena *arena, const struct reference *reference)
{
    struct reference again;
    struct str printed = reference_print(arena, reference);
    ENSURE(reference->registry.n > 0 && reference->host.n > 0);
    check_segments(reference);

    ENSURE(parse(arena, REFERENCE_CANONICAL, printed, &again));
    ENSURE(same_name(reference, &again) && same_meaning(reference, &again));
    ENSURE(str_eq(reference->tag, again.tag));

    ENSURE(parse(arena, REFERENCE_NORMALIZED, reference_familiar(arena, reference), &again));
    ENSURE(same_name(reference, &again) && (again.quirks & REFERENCE_IMAGE_ID) == 0);
    check_host(arena, reference);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct reference r, again;
    arena_auto arena;
    arena_init(&arena, ROOM);

    bool normal = parse(&arena, REFERENCE_NORMALIZED, text, &r);
    if (normal) {
        check_normalized(&arena, &r);
        ENSURE(parse(&arena, REFERENCE_EXACT, text, &again));
        ENSURE(again.quirks == r.quirks);
    }
    ENSURE(parse(&arena, REFERENCE_DOCKER, text, &again) == normal);
    if (normal) {
        ENSURE(same_name(&r, &again) && (again.tag.n > 0) != (again.digest.n > 0));
    }
    if (parse(&arena, REFERENCE_CANONICAL, text, &again)) {
        ENSURE(normal && str_eq(reference_print(&arena, &again), text));
    }
    if (parse(&arena, REFERENCE_EXACT, text, &again)) {
        ENSURE(str_eq(reference_print(&arena, &again), text));
        check_segments(&again);
    }
    if (parse(&arena, REFERENCE_ANY, text, &again)) {
        ENSURE(again.repository.n > 0 ? normal : (again.quirks & REFERENCE_IMAGE_ID) != 0);
    } else {
        ENSURE(!normal);
    }
    return 0;
}
