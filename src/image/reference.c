#include "image/reference.h"

#include "image/chars.h"
#include "image/digest.h"
#include "image/grammar.h"
#include "image/host.h"
#include "image/reference_fault.h"

#define LEGACY_HUB STR("index.docker.io")
#define LIBRARY    STR("library/")
#define LATEST     STR("latest")

/* A text cut at its marks, nothing judged yet. */
struct parts {
    struct str registry; /* empty: none */
    struct str path;
    bool has_tag, has_digest;
    struct str tag, digest;
};

static void cut_path(struct str rest, struct parts *parts)
{
    struct str before_digest;
    parts->has_digest = str_cut(rest, '@', &before_digest, &parts->digest);
    parts->has_tag = str_cut(before_digest, ':', &parts->path, &parts->tag);
}

static bool has_upper(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (char_is_upper(s.p[i])) {
            return true;
        }
    }
    return false;
}

/* What every runtime takes for a registry, not for a part of a repository on Docker Hub. */
static bool is_plain_registry(struct str first)
{
    return str_find(first, '.') < first.n || str_find(first, ':') < first.n ||
           str_eq(first, STR("localhost"));
}

/* Spec: normalize.go, splitDockerDomain. */
static void cut_normalized(struct str text, struct parts *parts)
{
    struct str first, rest;
    bool slash = str_cut(text, '/', &first, &rest);
    if (!slash || !(is_plain_registry(first) || has_upper(first))) {
        parts->registry = HOST_HUB;
        cut_path(text, parts);
    } else {
        parts->registry = str_eq(first, LEGACY_HUB) ? HOST_HUB : first;
        cut_path(rest, parts);
    }
}

/* Spec: reference.go, Parse: what can be a domain is one. */
static void cut_exact(struct str text, struct parts *parts)
{
    struct str first, rest;
    if (str_cut(text, '/', &first, &rest) && grammar_is_domain(first)) {
        parts->registry = first;
        cut_path(rest, parts);
    } else {
        parts->registry = STR_EMPTY;
        cut_path(text, parts);
    }
}

/* The repository, with "library/" where normalisation puts it. */
static struct str fill_path(struct arena *arena, enum reference_grammar grammar,
                            const struct parts *parts)
{
    if (grammar == REFERENCE_EXACT || !str_eq(parts->registry, HOST_HUB) ||
        str_find(parts->path, '/') < parts->path.n) {
        return parts->path;
    }
    size_t n = LIBRARY.n + parts->path.n;
    char *filled = arena_alloc(arena, n);
    memcpy(filled, LIBRARY.p, LIBRARY.n);
    memcpy(filled + LIBRARY.n, parts->path.p, parts->path.n);
    return (struct str){filled, n};
}

static struct reference_fault fault(enum reference_fault_kind kind, struct str part)
{
    return (struct reference_fault){kind, part};
}

static struct reference_fault judge(const struct parts *parts)
{
    struct digest digest;
    if (parts->registry.n > 0 && !grammar_is_domain(parts->registry)) {
        return fault(FAULT_REGISTRY, parts->registry);
    }
    if (!grammar_is_path(parts->path)) {
        return fault(FAULT_PATH, parts->path);
    }
    if (parts->has_tag && !grammar_is_tag(parts->tag)) {
        return fault(FAULT_TAG, parts->tag);
    }
    if (parts->has_digest && digest_parse(parts->digest, &digest) != DIGEST_OK) {
        return fault(FAULT_DIGEST, parts->digest);
    }
    return fault(FAULT_NONE, STR_EMPTY);
}

/* CRI-O looks a name up in lists of its own unless a registry is written. containerd takes
 * "sha256:" and any number of hex digits, written without "/", for the beginning of the ID of an
 * image that the node already has, and asks no registry. With a "/" it takes the same for a name.
 */
static unsigned find_quirks(struct str text, const struct parts *parts)
{
    struct str first, rest;
    bool slash = str_cut(text, '/', &first, &rest);
    unsigned quirks = 0;
    if (!slash || !is_plain_registry(first)) {
        quirks |= REFERENCE_SHORT_NAME;
    }
    if (has_upper(parts->registry)) {
        quirks |= REFERENCE_UPPER_CASE_HOST;
    }
    if (!slash && digest_is_algorithm(parts->path)) {
        quirks |= REFERENCE_IMAGE_ID;
    }
    return quirks;
}

static void cut_segments(struct arena *arena, struct reference *reference)
{
    struct str rest = reference->repository;
    size_t n = 1;
    for (size_t i = 0; i < rest.n; i++) {
        n += rest.p[i] == '/';
    }
    reference->segments = ARENA_ARRAY(arena, struct str, n);
    while (reference->n_segments < n) {
        (void)str_cut(rest, '/', &reference->segments[reference->n_segments++], &rest);
    }
}

/* Parse a name; *ret_fault says where it stopped. */
static bool parse_name(struct arena *arena, enum reference_grammar grammar, struct str text,
                       struct reference *ret_reference, struct reference_fault *ret_fault)
{
    struct parts parts = {0};
    if (text.n == 0) {
        *ret_fault = fault(FAULT_EMPTY, text);
        return false;
    }
    if (grammar == REFERENCE_EXACT) {
        cut_exact(text, &parts);
    } else if (grammar_is_identifier(text)) {
        *ret_fault = fault(FAULT_IDENTIFIER, text);
        return false;
    } else {
        cut_normalized(text, &parts);
    }
    *ret_fault = judge(&parts);
    if (ret_fault->kind != FAULT_NONE) {
        return false;
    }
    struct reference reference = {
        .text = text,
        .registry = parts.registry,
        .repository = fill_path(arena, grammar, &parts),
        .tag = parts.has_tag ? parts.tag : STR_EMPTY,
        .digest = parts.has_digest ? parts.digest : STR_EMPTY,
        .quirks = find_quirks(text, &parts),
        .host = STR_EMPTY,
    };
    if (reference.repository.n > GRAMMAR_PATH_MAX) {
        *ret_fault = fault(FAULT_PATH_LENGTH, parts.path);
        return false;
    }
    if (reference.registry.n > 0) {
        host_canonical(arena, reference.registry, &reference.host, &reference.port);
    }
    cut_segments(arena, &reference);
    reference.match_tag = parts.has_tag || parts.has_digest ? reference.tag : LATEST;
    *ret_reference = reference;
    return true;
}

/* 64 hex digits, or a digest without a name. Spec: normalize.go, ParseAnyReference. */
static bool parse_digest_alone(struct arena *arena, struct str text,
                               struct reference *ret_reference)
{
    struct digest digest;
    struct str whole = text;
    if (grammar_is_identifier(text)) {
        whole = arena_printf(arena, "sha256:%.*s", STR_ARG(text));
    } else if (digest_parse(text, &digest) != DIGEST_OK) {
        return false;
    }
    *ret_reference = (struct reference){
        .text = text,
        .registry = STR_EMPTY,
        .repository = STR_EMPTY,
        .tag = STR_EMPTY,
        .digest = whole,
        .quirks = REFERENCE_SHORT_NAME | REFERENCE_IMAGE_ID,
        .host = STR_EMPTY,
        .match_tag = STR_EMPTY,
    };
    return true;
}

/* The tag goes beside a digest, and is "latest" without one. Spec: normalize.go, ParseDockerRef. */
static void as_docker(struct reference *reference)
{
    if (reference->digest.n > 0) {
        reference->tag = STR_EMPTY;
    } else if (reference->tag.n == 0) {
        reference->tag = LATEST;
    }
    reference->match_tag = reference->tag;
}

status reference_parse_as(struct arena *arena, enum reference_grammar grammar, struct str text,
                          struct reference *ret_reference, struct error *err)
{
    struct reference reference;
    struct reference_fault stopped;
    if (text.n > LIMIT_IMAGE_TEXT) {
        return error_set(err, ERROR_LIMIT,
                         "an image reference of %zu bytes: at most %u are allowed", text.n,
                         LIMIT_IMAGE_TEXT);
    }
    if (grammar == REFERENCE_ANY && parse_digest_alone(arena, text, ret_reference)) {
        return OK;
    }
    if (!parse_name(arena, grammar, text, &reference, &stopped)) {
        return reference_refuse(text, &stopped, err);
    }
    if (grammar == REFERENCE_CANONICAL) {
        struct str normal = reference_print(arena, &reference);
        if (!str_eq(normal, text)) {
            return error_set(err, ERROR_INPUT, "\"%.*s\" is not in normal form: write \"%.*s\"",
                             STR_ARG(text), STR_ARG(normal));
        }
    } else if (grammar == REFERENCE_DOCKER) {
        as_docker(&reference);
    }
    *ret_reference = reference;
    return OK;
}

status reference_parse(struct arena *arena, struct str text, struct reference *ret_reference,
                       struct error *err)
{
    return reference_parse_as(arena, REFERENCE_NORMALIZED, text, ret_reference, err);
}
