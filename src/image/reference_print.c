#include "image/digest.h"
#include "image/grammar.h"
#include "image/host.h"
#include "image/reference.h"

struct str reference_name(struct arena *arena, const struct reference *reference)
{
    if (reference->registry.n == 0) {
        return reference->repository;
    }
    return arena_printf(arena, "%.*s/%.*s", STR_ARG(reference->registry),
                        STR_ARG(reference->repository));
}

/* Whether `name`, written without "docker.io/", would be read as something else: another registry's
 * repository, or an image ID. */
static bool reads_otherwise(struct str name)
{
    struct str first, rest;
    if (str_cut(name, '/', &first, &rest)) {
        return str_find(first, '.') < first.n || str_eq(first, STR("localhost"));
    }
    return grammar_is_identifier(name) || digest_is_algorithm(name);
}

struct str reference_familiar(struct arena *arena, const struct reference *reference)
{
    if (!str_eq(reference->registry, HOST_HUB)) {
        return reference_name(arena, reference);
    }
    struct str name = reference->repository;
    if (reference->n_segments == 2 && str_eq(reference->segments[0], STR("library"))) {
        name = reference->segments[1];
    }
    return reads_otherwise(name) ? arena_printf(arena, "docker.io/%.*s", STR_ARG(name)) : name;
}

struct str reference_print(struct arena *arena, const struct reference *reference)
{
    if (reference->repository.n == 0) {
        return reference->digest;
    }
    return arena_printf(arena, "%.*s%s%.*s%s%.*s%s%.*s", STR_ARG(reference->registry),
                        reference->registry.n > 0 ? "/" : "", STR_ARG(reference->repository),
                        reference->tag.n > 0 ? ":" : "", STR_ARG(reference->tag),
                        reference->digest.n > 0 ? "@" : "", STR_ARG(reference->digest));
}
