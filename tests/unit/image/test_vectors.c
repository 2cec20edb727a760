/* References of other projects, with what these projects make of them. Every case is run; an
 * operation or a member that this file does not know is a failure. Where we differ by choice, a
 * rule in DIFFERENCES says for which cases and why; a rule whose cases all agree is a failure too.
 * The choices are explained in docs/decisions/0002-reference-grammar.md. */
#include "test.h"

#include <yyjson.h>

#include "base/file.h"
#include "image/digest.h"
#include "image/grammar.h"
#include "image/pattern.h"
#include "image/reference.h"

#define MIB_64 (64u * 1024 * 1024)

enum how { IS, BEGINS, HOLDS };

#define DEFAULTING "ParseReference(default registry registry.upbound.io, default tag stable)"
#define SHORT_HEX  "sha256:1234567890098765432112345667890098765"

/* A case differs by choice if its operation is `operation` and its member is, begins with or holds
 * `text`. */
static const struct {
    const char *operation;
    const char *member;
    enum how how;
    const char *text;
    const char *why;
} DIFFERENCES[] = {
    {"Parse", "input", HOLDS,
     "@sha512:", "their test links sha256 alone; the kubelet links sha384 and sha512 as well"},
    {"WithDigest", "digest", IS, SHORT_HEX,
     "they do not check here what Parse refuses: the number of digits"},
    {"WithTag", "digest", IS, SHORT_HEX, "likewise"},
    {"FamiliarMatch(glob)", "pattern", HOLDS, "[", "sets are no part of our patterns"},
    {"FamiliarMatch(glob)", "pattern", BEGINS, "*/",
     "refused: a registry, or a name on Docker Hub?"},
    {DEFAULTING, "name", BEGINS, "registry.upbound.io/",
     "the default registry is Docker Hub, as it is for the kubelet"},
    {"NewRegistry", "input", IS, "", "no registry is no registry, not the default one"},
    {"Registry.Scheme", "input", IS, "::1", "an IPv6 address stands in brackets"},
    {"TestNew", "img", BEGINS, "localhost/",
     "localhost is a registry, for distribution and for today's go-containerregistry"},
};

static size_t differing[COUNT(DIFFERENCES)], agreeing[COUNT(DIFFERENCES)];
static size_t cases_run;

/* -- reading -- */

static const char *vector_directory(struct arena *arena)
{
    const char *directory = getenv("PRATIQUE_VECTORS");
    const char *source = getenv("PRATIQUE_SOURCE");
    if (directory != NULL) {
        return directory;
    }
    return arena_printf(arena, "%s/tests/vectors", source == NULL ? "." : source).p;
}

static struct str read_vectors(struct arena *arena, const char *name)
{
    struct str text;
    struct error err;
    struct str path = arena_printf(arena, "%s/%s", vector_directory(arena), name);
    if (failed(file_read(arena, path.p, MIB_64, &text, &err))) {
        fail_msg("%s", err.text);
    }
    return text;
}

/* NULL if there is no such member or it is null. */
static const char *get(yyjson_val *object, const char *key)
{
    return yyjson_get_str(yyjson_obj_get(object, key));
}

static struct str get_str(yyjson_val *object, const char *key)
{
    yyjson_val *value = yyjson_obj_get(object, key);
    return value == NULL ? STR_EMPTY : (struct str){yyjson_get_str(value), yyjson_get_len(value)};
}

/* If the member is there, it must be `ours`. */
static bool agrees(yyjson_val *object, const char *key, struct str ours)
{
    return yyjson_obj_get(object, key) == NULL || str_eq(get_str(object, key), ours);
}

/* -- distribution/reference: each function says whether we do as the case has it -- */

/* What an error of theirs is called, and what ours then says. */
static bool error_agrees(const char *theirs, const struct error *ours)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } ERRORS[] = {
        {"ErrReferenceInvalidFormat", ""},
        {"ErrNameContainsUppercase", "lowercase"},
        {"ErrNameTooLong", "longer than 255 bytes"},
        {"ErrNameNotCanonical", "not in normal form"},
        {"ErrNameEmpty", "empty"},
        {"digest.ErrDigestUnsupported", "unknown algorithm"},
        {"digest.ErrDigestInvalidLength", "wrong length"},
        {"digest.ErrDigestInvalidFormat", "malformed"},
    };
    for (size_t i = 0; i < COUNT(ERRORS); i++) {
        if (strcmp(theirs, ERRORS[i].theirs) == 0) {
            return strstr(ours->text, ERRORS[i].ours) != NULL;
        }
    }
    fail_msg("an error of an unknown name: %s", theirs);
    return false;
}

static bool parse_agrees(struct arena *arena, yyjson_val *v, enum reference_grammar grammar,
                         struct reference *ret_reference)
{
    struct error err = {0};
    *ret_reference = (struct reference){0};
    bool bad = failed(reference_parse_as(arena, grammar, get_str(v, "input"), ret_reference, &err));
    if (bad == yyjson_get_bool(yyjson_obj_get(v, "ok"))) {
        return false;
    }
    return !bad || get(v, "error") == NULL || error_agrees(get(v, "error"), &err);
}

static bool run_grammar(struct arena *arena, yyjson_val *v, enum reference_grammar grammar)
{
    struct reference r;
    if (!parse_agrees(arena, v, grammar, &r)) {
        return false;
    }
    bool good = yyjson_get_bool(yyjson_obj_get(v, "ok"));
    return !good || (agrees(v, "domain", r.registry) && agrees(v, "path", r.repository) &&
                     agrees(v, "tag", r.tag) && agrees(v, "digest", r.digest) &&
                     agrees(v, "full_name", reference_name(arena, &r)) &&
                     agrees(v, "familiar_name", reference_familiar(arena, &r)) &&
                     agrees(v, "string", reference_print(arena, &r)));
}

static bool run_normalized(struct arena *arena, yyjson_val *v)
{
    return run_grammar(arena, v, REFERENCE_NORMALIZED);
}

static bool run_parse(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    return run_grammar(arena, v, REFERENCE_EXACT) && parse_agrees(arena, v, REFERENCE_EXACT, &r) &&
           (r.repository.n == 0 || agrees(v, "name", reference_name(arena, &r)));
}

static bool run_named(struct arena *arena, yyjson_val *v)
{
    return run_grammar(arena, v, REFERENCE_CANONICAL);
}

static bool run_docker(struct arena *arena, yyjson_val *v)
{
    return run_grammar(arena, v, REFERENCE_DOCKER);
}

static bool run_any(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    if (!run_grammar(arena, v, REFERENCE_ANY) || !parse_agrees(arena, v, REFERENCE_ANY, &r)) {
        return false;
    }
    yyjson_val *kind = yyjson_obj_get(v, "expected_kind");
    return kind == NULL || (strcmp(get(kind, "kind"), "digestReference") == 0 &&
                            r.repository.n == 0 && agrees(kind, "value", r.digest));
}

/* A name alone, of which domain and path are wanted. */
static bool run_name(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    struct error err;
    bool good =
        !failed(reference_parse_as(arena, REFERENCE_EXACT, get_str(v, "input"), &r, &err)) &&
        r.tag.n == 0 && r.digest.n == 0;
    if (good != yyjson_get_bool(yyjson_obj_get(v, "ok"))) {
        return false;
    }
    yyjson_val *parts = yyjson_obj_get(v, "submatches");
    if (good && parts != NULL) {
        return str_eq(r.registry, str_from(yyjson_get_str(yyjson_arr_get(parts, 0)))) &&
               str_eq(r.repository, str_from(yyjson_get_str(yyjson_arr_get(parts, 1))));
    }
    return !good || (agrees(v, "domain", r.registry) && agrees(v, "path", r.repository));
}

/* A reference put together of its parts reads as these parts. */
static bool run_with(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    struct error err;
    struct str tag = get_str(v, "tag"), digest = get_str(v, "digest");
    struct str text = arena_printf(arena, "%s%s%.*s%s%.*s", get(v, "input"), tag.n > 0 ? ":" : "",
                                   STR_ARG(tag), digest.n > 0 ? "@" : "", STR_ARG(digest));
    bool bad = failed(reference_parse_as(arena, REFERENCE_EXACT, text, &r, &err));
    return bad != yyjson_get_bool(yyjson_obj_get(v, "ok")) &&
           (bad || agrees(v, "string", reference_print(arena, &r)));
}

static bool run_domain(struct arena *arena, yyjson_val *v)
{
    (void)arena;
    return grammar_is_domain(get_str(v, "input")) == yyjson_get_bool(yyjson_obj_get(v, "ok"));
}

static bool run_identifier(struct arena *arena, yyjson_val *v)
{
    (void)arena;
    return grammar_is_identifier(get_str(v, "input")) == yyjson_get_bool(yyjson_obj_get(v, "ok"));
}

static bool run_reference(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    if (!parse_agrees(arena, v, REFERENCE_EXACT, &r)) {
        return false;
    }
    yyjson_val *parts = yyjson_obj_get(v, "submatches");
    if (parts == NULL) {
        return true;
    }
    const struct str ours[] = {reference_name(arena, &r), r.tag, r.digest};
    for (size_t i = 0; i < COUNT(ours); i++) {
        if (!str_eq(ours[i], str_from(yyjson_get_str(yyjson_arr_get(parts, i))))) {
            return false;
        }
    }
    return yyjson_arr_size(parts) == COUNT(ours);
}

static bool run_familiar_match(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    struct error err;
    const struct pattern *pattern;
    if (failed(reference_parse(arena, get_str(v, "input"), &r, &err)) ||
        failed(pattern_parse(arena, get_str(v, "pattern"), &pattern, &err))) {
        return false;
    }
    return pattern_match(pattern, &r) == yyjson_get_bool(yyjson_obj_get(v, "match"));
}

/* References are sorted nowhere in this program. */
static bool run_sort(struct arena *arena, yyjson_val *v)
{
    (void)arena;
    return yyjson_is_arr(yyjson_obj_get(v, "expected"));
}

/* -- go-containerregistry: strict means that nothing is left to be filled in -- */

static bool run_ggcr(struct arena *arena, yyjson_val *v, bool (*is)(const struct reference *, bool))
{
    struct reference r;
    struct error err;
    bool strict = yyjson_get_bool(yyjson_obj_get(v, "strict"));
    bool good = !failed(reference_parse(arena, get_str(v, "input"), &r, &err)) && is(&r, strict) &&
                !(strict && (r.quirks & REFERENCE_SHORT_NAME) != 0);
    return good == yyjson_get_bool(yyjson_obj_get(v, "ok"));
}

static bool is_repository(const struct reference *r, bool strict)
{
    (void)strict;
    return r->tag.n == 0 && r->digest.n == 0;
}

static bool is_tagged(const struct reference *r, bool strict)
{
    return r->digest.n == 0 && (r->tag.n > 0 || !strict);
}

static bool is_digested(const struct reference *r, bool strict)
{
    (void)strict;
    return r->digest.n > 0;
}

static bool run_repository(struct arena *arena, yyjson_val *v)
{
    return run_ggcr(arena, v, is_repository);
}

static bool run_tag(struct arena *arena, yyjson_val *v)
{
    return run_ggcr(arena, v, is_tagged);
}

static bool run_digest_name(struct arena *arena, yyjson_val *v)
{
    return run_ggcr(arena, v, is_digested);
}

/* A registry alone; of what a client would do with it (scheme, private address) we decide nothing.
 */
static bool run_registry(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    struct error err;
    struct str text = arena_printf(arena, "%s/x", get(v, "input"));
    bool good = !failed(reference_parse_as(arena, REFERENCE_EXACT, text, &r, &err)) &&
                agrees(v, "input", r.registry);
    return good == yyjson_get_bool(yyjson_obj_get(v, "ok"));
}

static bool run_defaulting(struct arena *arena, yyjson_val *v)
{
    struct reference r;
    struct error err;
    return !failed(reference_parse(arena, get_str(v, "input"), &r, &err)) &&
           agrees(v, "name", reference_print(arena, &r));
}

/* -- running -- */

static const struct {
    const char *operation;
    bool (*run)(struct arena *, yyjson_val *);
} OPERATIONS[] = {
    {"ParseNormalizedNamed", run_normalized},
    {"Parse", run_parse},
    {"ParseNamed", run_named},
    {"ParseDockerRef", run_docker},
    {"ParseAnyReference", run_any},
    {"WithName", run_name},
    {"WithTag", run_with},
    {"WithDigest", run_with},
    {"anchored domain regexp", run_domain},
    {"anchored full-name regexp", run_name},
    {"anchored identifier regexp", run_identifier},
    {"reference regexp", run_reference},
    {"FamiliarMatch(glob)", run_familiar_match},
    {"Sort", run_sort},
    {"NewRepository", run_repository},
    {"NewTag", run_tag},
    {"NewDigest", run_digest_name},
    {"NewRegistry", run_registry},
    {"Registry.isRFC1918", run_registry},
    {"Registry.Scheme", run_registry},
    {"ParseReference(default registry registry.upbound.io, default tag stable)", run_defaulting},
};

static void check_members(yyjson_val *v)
{
    static const char *const KNOWN[] = {
        "id",      "op",        "input",         "ok",     "src",        "error",
        "name",    "domain",    "path",          "tag",    "digest",     "string",
        "table",   "full_name", "strict",        "result", "submatches", "expected_kind",
        "pattern", "match",     "familiar_name", "scheme", "expected",
    };
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(v, i, n, key, value)
    {
        size_t k = 0;
        while (k < COUNT(KNOWN) && !yyjson_equals_str(key, KNOWN[k])) {
            k++;
        }
        if (k == COUNT(KNOWN)) {
            fail_msg("a member of an unknown name: %s", yyjson_get_str(key));
        }
    }
}

static bool is_listed(size_t rule, const char *operation, yyjson_val *v)
{
    struct str text = str_from(DIFFERENCES[rule].text);
    struct str member = get_str(v, DIFFERENCES[rule].member);
    if (strcmp(DIFFERENCES[rule].operation, operation) != 0) {
        return false;
    }
    switch (DIFFERENCES[rule].how) {
    case IS:
        return str_eq(member, text);
    case BEGINS:
        return str_starts(member, text);
    case HOLDS:
        return memmem(member.p, member.n, text.p, text.n) != NULL;
    }
    return false;
}

/* Fail unless we agree with the case, or differ and mean to. */
static void settle(const char *operation, yyjson_val *v, bool agreed)
{
    bool listed = false;
    for (size_t i = 0; i < COUNT(DIFFERENCES); i++) {
        if (is_listed(i, operation, v)) {
            listed = true;
            differing[i] += !agreed;
            agreeing[i] += agreed;
        }
    }
    if (!agreed && !listed) {
        char *json = yyjson_val_write(v, 0, NULL);
        fail_msg("%s: we differ, and the difference is not listed: %s", operation, json);
    }
    cases_run++;
}

static void run_case(yyjson_val *v)
{
    arena_auto arena;
    arena_init(&arena, ROOM);
    const char *operation = get(v, "op");
    check_members(v);
    for (size_t i = 0; i < COUNT(OPERATIONS); i++) {
        if (strcmp(OPERATIONS[i].operation, operation) == 0) {
            settle(operation, v, OPERATIONS[i].run(&arena, v));
            return;
        }
    }
    fail_msg("an operation of an unknown name: %s", operation);
}

/* Call `run` for each line of a file of JSON. Returns how many there were. */
static size_t each_line(const char *name, void (*run)(yyjson_val *))
{
    arena_auto arena;
    arena_init(&arena, MIB_64);
    struct str line, rest = read_vectors(&arena, name);
    size_t n = 0;
    while (rest.n > 0) {
        (void)str_cut(rest, '\n', &line, &rest);
        yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
        if (doc == NULL) {
            fail_msg("%s: line %zu is no JSON", name, n + 1);
        }
        run(yyjson_doc_get_root(doc));
        yyjson_doc_free(doc);
        n++;
    }
    return n;
}

static void distribution_reference(void **state)
{
    (void)state;
    assert_true(each_line("distribution-reference/cases.ndjson", run_case) > 100);
}

static void go_containerregistry(void **state)
{
    (void)state;
    assert_true(each_line("go-containerregistry-name/cases.ndjson", run_case) > 20);
}

static void run_digest_case(yyjson_val *v)
{
    static const struct {
        const char *theirs;
        enum digest_error ours;
    } ERRORS[] = {
        {"digest.ErrDigestInvalidFormat", DIGEST_FORMAT},
        {"digest.ErrDigestInvalidLength", DIGEST_LENGTH},
        {"digest.ErrDigestUnsupported", DIGEST_UNSUPPORTED},
    };
    struct digest digest = {STR_EMPTY, STR_EMPTY};
    enum digest_error error = digest_parse(get_str(v, "input"), &digest);
    bool agreed = yyjson_get_bool(yyjson_obj_get(v, "ok")) == (error == DIGEST_OK);
    if (error == DIGEST_OK) {
        agreed =
            agreed && agrees(v, "algorithm", digest.algorithm) && agrees(v, "encoded", digest.hex);
    } else {
        bool same = false;
        for (size_t i = 0; i < COUNT(ERRORS); i++) {
            same = same || (get(v, "error") != NULL && error == ERRORS[i].ours &&
                            strcmp(get(v, "error"), ERRORS[i].theirs) == 0);
        }
        agreed = agreed && same;
    }
    settle("digest", v, agreed);
}

static void go_digest(void **state)
{
    (void)state;
    assert_true(each_line("go-digest/cases.ndjson", run_digest_case) > 5);
}

/* -- connaisseur, whose names are ggcr's: Docker Hub is index.docker.io there -- */

static struct str as_ggcr(struct arena *arena, struct str name)
{
    return str_starts(name, STR("docker.io/")) ? arena_printf(arena, "index.%.*s", STR_ARG(name))
                                               : name;
}

static bool run_new(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    struct reference docker = *r;
    if (r->tag.n == 0 && r->digest.n == 0) {
        docker.tag = r->match_tag;
    }
    return agrees(v, "context", as_ggcr(arena, reference_name(arena, r))) &&
           agrees(v, "name", as_ggcr(arena, reference_print(arena, &docker))) &&
           agrees(v, "identifier", r->digest.n > 0 ? r->digest : r->match_tag);
}

static bool run_digest_of(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    (void)arena;
    return agrees(v, "digest", r->digest);
}

static bool run_tag_of(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    (void)arena;
    return agrees(v, "tag", r->match_tag);
}

static bool run_notary(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    return agrees(v, "notaryReference", reference_name(arena, r));
}

static bool run_scope(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    return agrees(
        v, "scope",
        arena_printf(arena, "repository:%.*s:%s", STR_ARG(r->repository), get(v, "scopeTag")));
}

static bool run_set_digest(struct arena *arena, const struct reference *r, yyjson_val *v)
{
    struct reference changed = *r;
    struct str digest = get_str(v, "newDigest");
    changed.digest = grammar_is_identifier(digest)
                         ? arena_printf(arena, "sha256:%.*s", STR_ARG(digest))
                         : digest;
    return agrees(v, "newImgName", as_ggcr(arena, reference_print(arena, &changed)));
}

static const struct {
    const char *name;
    bool (*run)(struct arena *, const struct reference *, yyjson_val *);
} CONNAISSEUR[] = {
    {"TestNew", run_new},     {"TestDigest", run_digest_of},
    {"TestTag", run_tag_of},  {"TestNotaryReference", run_notary},
    {"TestScope", run_scope}, {"TestSetDigest", run_set_digest},
};

static void run_connaisseur(const char *name, yyjson_val *v)
{
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct reference r;
    struct error err;
    size_t i = 0;
    while (i < COUNT(CONNAISSEUR) && strcmp(CONNAISSEUR[i].name, name) != 0) {
        i++;
    }
    if (i == COUNT(CONNAISSEUR)) {
        fail_msg("a test of an unknown name: %s", name);
    }
    bool wanted = !yyjson_get_bool(yyjson_obj_get(v, "err"));
    bool good = !failed(reference_parse(&arena, get_str(v, "img"), &r, &err));
    bool agreed = good == wanted && (!good || CONNAISSEUR[i].run(&arena, &r, v));
    settle(name, v, agreed);
}

static void connaisseur(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, MIB_64);
    struct str text = read_vectors(&arena, "connaisseur/image-ref-cases.json");
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    assert_non_null(doc);
    size_t i, n, k, n_cases;
    yyjson_val *name, *cases, *v;
    yyjson_obj_foreach(yyjson_doc_get_root(doc), i, n, name, cases)
    {
        assert_true(yyjson_arr_size(cases) > 0);
        yyjson_arr_foreach(cases, k, n_cases, v)
        {
            run_connaisseur(yyjson_get_str(name), v);
        }
    }
    assert_int_equal(n, COUNT(CONNAISSEUR));
    yyjson_doc_free(doc);
}

/* -- images of real workloads: all are references, but for placeholders and a slip -- */

/* "<image_url>", "${POSTGRES_IMAGE}", "IMAGE_URL"; and "//" in the middle of a name. */
static bool is_broken(struct str text)
{
    bool shouts = true;
    for (size_t i = 0; i < text.n; i++) {
        shouts = shouts && ((text.p[i] >= 'A' && text.p[i] <= 'Z') || text.p[i] == '_');
    }
    return shouts || str_find(text, '<') < text.n || str_find(text, '$') < text.n ||
           memmem(text.p, text.n, "//", 2) != NULL;
}

static void run_images(yyjson_val *object)
{
    size_t i, n;
    yyjson_val *image;
    yyjson_arr_foreach(yyjson_obj_get(object, "images"), i, n, image)
    {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference r, again;
        struct error err = {0};
        struct str text = get_str(image, "image");
        bool good = !failed(reference_parse(&arena, text, &r, &err));
        if (good == is_broken(text)) {
            fail_msg("image \"%.*s\": %s", STR_ARG(text), err.text);
        }
        cases_run++;
        if (good) {
            struct str printed = reference_print(&arena, &r);
            assert_false(failed(reference_parse(&arena, printed, &again, &err)));
            assert_true(str_eq(printed, reference_print(&arena, &again)));
        }
    }
}

static void workloads(void **state)
{
    (void)state;
    assert_true(each_line("k8s-workloads/objects.ndjson", run_images) > 100);
}

static void listed_differences_are_real(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DIFFERENCES); i++) {
        if (agreeing[i] > 0 && differing[i] == 0) {
            fail_msg("%s, %s \"%s\" is listed and does not differ", DIFFERENCES[i].operation,
                     DIFFERENCES[i].member, DIFFERENCES[i].text);
        }
    }
    print_message("[          ] %zu cases\n", cases_run);
}

int vector_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distribution_reference),
        cmocka_unit_test(go_containerregistry),
        cmocka_unit_test(go_digest),
        cmocka_unit_test(connaisseur),
        cmocka_unit_test(workloads),
        cmocka_unit_test(listed_differences_are_real),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
