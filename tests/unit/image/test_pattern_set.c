/* How patterns relate: what covers what, and what has nothing in common. */
#include "test.h"

#include "image/pattern.h"

static const struct pattern *compile(struct arena *arena, const char *text)
{
    const struct pattern *pattern = NULL;
    struct error err;
    if (failed(pattern_parse(arena, str_from(text), &pattern, &err))) {
        fail_msg("%s", err.text);
    }
    return pattern;
}

static void covers(void **state)
{
    (void)state;
    static const struct {
        const char *wide;
        const char *narrow;
        bool covers;
    } CASES[] = {
        {"**", "**", true},
        {"**", "ghcr.io", true},
        {"**", "ghcr.io:5000/a:1@*", true},
        {"**", "**/nginx", true},
        {"ghcr.io", "**", false},
        {"ghcr.io", "ghcr.io/**", true},
        {"ghcr.io/**", "ghcr.io", true},
        {"ghcr.io", "GHCR.IO:443/a/b:1", true},
        {"ghcr.io", "ghcr.io:5000/a", false},
        {"ghcr.io:*", "ghcr.io:5000/a", true},
        {"ghcr.io", "ghcr.io:*/a", false},
        {"docker.io", "nginx", true},
        {"docker.io/library/*", "nginx", true},
        {"nginx", "docker.io/library/*", false},
        {"ghcr.io/a/**", "ghcr.io/a/b/**", true},
        {"ghcr.io/a/**", "ghcr.io/a/*", true},
        {"ghcr.io/a/**", "ghcr.io/a/**/c", true},
        {"ghcr.io/a/**", "ghcr.io/a/**/**", true},
        {"ghcr.io/a/**", "ghcr.io/**", false},
        {"ghcr.io/a/**", "ghcr.io/a", false},
        {"ghcr.io/a/*", "ghcr.io/a/**", false},
        {"ghcr.io/a/*/**", "ghcr.io/a/**/b/c", true},
        {"ghcr.io/**/*", "ghcr.io/*/**", true},
        {"ghcr.io/**/c", "ghcr.io/a/**/c", true},
        {"ghcr.io/**/c/**", "ghcr.io/a/c/b", true},
        {"ghcr.io/a*", "ghcr.io/ab*", true},
        {"ghcr.io/ab*", "ghcr.io/a*", false},
        {"ghcr.io/*a*", "ghcr.io/*ba*", true},
        {"*.example.com", "a.example.com/x", true},
        {"*.example.com", "a-*.example.com", true},
        {"**.example.com", "*.example.com", true},
        {"**.example.com", "*.*.example.com", true},
        {"**.example.com", "**.a.example.com", true},
        {"*.example.com", "**.example.com", false},
        {"**.example.com", "example.com", false},
        {"**.com", "**.example.com", true},
        {"**/x", "*.example.com/x", true},
        {"**:5000/**", "a.b:5000/x", true},
        {"**:5000/**", "**", false},
        {"*.docker.io", "nginx", true},
        {"**.docker.io", "*.docker.io", true},
        {"*.io", "*.docker.io", false},
        {"nginx", "nginx:1", true},
        {"nginx:1", "nginx", false},
        {"nginx:1.*", "nginx:1.2", true},
        {"nginx:1.*", "nginx:1.2.*", true},
        {"nginx:1.2.*", "nginx:1.*", false},
        {"nginx:*", "nginx", false}, /* by digest alone */
        {"nginx:*", "nginx@sha256:*", false},
        {"nginx@*", "nginx@sha256:*", true},
        {"nginx@sha256:*", "nginx:1@" SHA256, true},
        {"nginx:1", "nginx:1@" SHA256, true},
        {"nginx:1@*", "nginx:1", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        bool got = pattern_covers(compile(&arena, CASES[i].wide), compile(&arena, CASES[i].narrow));
        if (got != CASES[i].covers) {
            fail_msg("\"%s\" %s \"%s\"", CASES[i].wide, got ? "covers" : "does not cover",
                     CASES[i].narrow);
        }
    }
}

static void disjoint(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool disjoint;
    } CASES[] = {
        {"**", "ghcr.io", false},
        {"ghcr.io", "quay.io", true},
        {"ghcr.io", "ghcr.io:5000", true},
        {"ghcr.io", "ghcr.io:443", false},
        {"ghcr.io:*", "ghcr.io:5000", false},
        {"docker.io", "registry-1.docker.io", false},
        {"ghcr.io/a/**", "ghcr.io/b/**", true},
        {"ghcr.io/a/**", "ghcr.io/a", true},
        {"ghcr.io/a/**", "ghcr.io/**/c", false},
        {"ghcr.io/**/b", "ghcr.io/**/c", true},
        {"ghcr.io/a/*", "ghcr.io/a/b/c", true},
        {"ghcr.io/a/*", "ghcr.io/*/b", false},
        {"ghcr.io/*/b", "ghcr.io/*/c", true},
        {"ghcr.io/a-*", "ghcr.io/b-*", true},
        {"ghcr.io/*-a", "ghcr.io/*-b", true},
        {"ghcr.io/a*", "ghcr.io/*b", false},
        {"ghcr.io/a*", "ghcr.io/bc", true},
        {"ghcr.io/*/*/**", "ghcr.io/a", true},
        {"nginx", "acme/nginx", true},
        {"**/nginx", "acme/nginx", false},
        {"**/nginx", "acme/app", true},
        {"*.example.com", "example.com", true},
        {"*.example.com", "a.example.com", false},
        {"*.example.com", "a.example.org", true},
        {"*.example.com", "*.example.org", true},
        {"*.example.com", "*.*.example.com", true},
        {"**.example.com", "*.*.example.com", false},
        {"**.example.com", "*.com", true},
        {"a-*.example.com", "b-*.example.com", true},
        {"*.docker.com", "nginx", true}, /* registry.hub.docker.com has a label more */
        {"**.docker.com", "nginx", false},
        {"**.docker.com", "*.docker.io", false}, /* both mean Docker Hub */
        {"nginx:1", "nginx:2", true},
        {"nginx:1.*", "nginx:2.*", true},
        {"nginx:1.*", "nginx:*-alpine", false},
        {"nginx:1.*", "nginx", false},
        {"nginx:1", "nginx@*", false}, /* nginx:1@sha256:… is both */
        {"nginx@sha256:*", "nginx@sha512:*", true},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct pattern *a = compile(&arena, CASES[i].a), *b = compile(&arena, CASES[i].b);
        if (pattern_disjoint(a, b) != CASES[i].disjoint ||
            pattern_disjoint(b, a) != CASES[i].disjoint) {
            fail_msg("\"%s\" and \"%s\" %s", CASES[i].a, CASES[i].b,
                     CASES[i].disjoint ? "are disjoint" : "have something in common");
        }
    }
}

/* -- over all of a small world: what the comparisons claim, matching confirms -- */

static const char *const HOSTS[] = {
    "",
    "a.io/",
    "b.io/",
    "x.a.io/",
    "y.x.a.io/",
    "a.io:5/",
    "docker.io/",
    "[::1]/",
    "*.io/",
    "*.a.io/",
    "**.a.io/",
    "a.io:*/",
    "**/",
    "**:5/",
    "*.*.io/",
    "x*.a.io/",
    "*.docker.io/",
    "*.docker.com/",
    "registry-1.docker.io/",
    "localhost/",
};
static const char *const PATHS[] = {
    "p",    "q",      "p/q",     "p/q/p",    "p/p/q", "*q",        "p/*", "p/**",
    "**/q", "p/**/q", "**/p/**", "*/q/*/**", "pq*/p", "library/p", "**",
};
static const char *const ENDS[] = {"", ":1", ":1.2", ":1.*", ":*2", ":latest", "@sha256:*", ":1@*"};

static const char *const REFERENCE_HOSTS[] = {
    "",
    "a.io/",
    "b.io/",
    "x.a.io/",
    "y.x.a.io/",
    "a.io:5/",
    "a.io:443/",
    "[::1]/",
    "c.d.io/",
    "xy.a.io/",
    "registry-1.docker.io/",
    "index.docker.io/",
    "localhost:5/",
};
static const char *const REFERENCE_PATHS[] = {
    "p", "q", "pq", "p/q", "q/p", "p/q/p", "p/p/q", "pq/p", "p/q/q/p", "q/q", "library/p",
};
static const char *const REFERENCE_ENDS[] = {"", ":1", ":1.2", ":2", "@" SHA256, ":1@" SHA256};

enum {
    MAX_PATTERNS = COUNT(HOSTS) * COUNT(PATHS) * COUNT(ENDS),
    MAX_REFERENCES = COUNT(REFERENCE_HOSTS) * COUNT(REFERENCE_PATHS) * COUNT(REFERENCE_ENDS),
};

struct world {
    const struct pattern *patterns[MAX_PATTERNS];
    size_t n_patterns;
    struct reference references[MAX_REFERENCES];
    size_t n_references;
    uint64_t matches[MAX_PATTERNS][(MAX_REFERENCES + 63) / 64]; /* a bit per reference */
};

static void make_world(struct arena *arena, struct world *world)
{
    struct error err;
    for (size_t i = 0; i < MAX_PATTERNS; i++) {
        struct str text =
            arena_printf(arena, "%s%s%s", HOSTS[i / COUNT(ENDS) / COUNT(PATHS)],
                         PATHS[i / COUNT(ENDS) % COUNT(PATHS)], ENDS[i % COUNT(ENDS)]);
        const struct pattern **next = &world->patterns[world->n_patterns];
        world->n_patterns += !failed(pattern_parse(arena, text, next, &err));
    }
    for (size_t i = 0; i < MAX_REFERENCES; i++) {
        size_t end = i % COUNT(REFERENCE_ENDS), rest = i / COUNT(REFERENCE_ENDS);
        struct str text =
            arena_printf(arena, "%s%s%s", REFERENCE_HOSTS[rest / COUNT(REFERENCE_PATHS)],
                         REFERENCE_PATHS[rest % COUNT(REFERENCE_PATHS)], REFERENCE_ENDS[end]);
        struct reference *next = &world->references[world->n_references];
        world->n_references += !failed(reference_parse(arena, text, next, &err));
    }
    for (size_t p = 0; p < world->n_patterns; p++) {
        for (size_t r = 0; r < world->n_references; r++) {
            if (pattern_match(world->patterns[p], &world->references[r])) {
                world->matches[p][r / 64] |= UINT64_C(1) << (r % 64);
            }
        }
    }
}

static void check_pair(const struct world *world, size_t a, size_t b, size_t counts[2])
{
    bool within = true, apart = true;
    for (size_t i = 0; i < COUNT(world->matches[a]); i++) {
        within = within && (world->matches[b][i] & ~world->matches[a][i]) == 0;
        apart = apart && (world->matches[a][i] & world->matches[b][i]) == 0;
    }
    struct str text_a = pattern_text(world->patterns[a]), text_b = pattern_text(world->patterns[b]);
    bool claims_cover = pattern_covers(world->patterns[a], world->patterns[b]);
    bool claims_disjoint = pattern_disjoint(world->patterns[a], world->patterns[b]);
    if (claims_cover && !within) {
        fail_msg("\"%.*s\" does not cover \"%.*s\"", STR_ARG(text_a), STR_ARG(text_b));
    }
    if (claims_disjoint && !apart) {
        fail_msg("\"%.*s\" and \"%.*s\" have something in common", STR_ARG(text_a),
                 STR_ARG(text_b));
    }
    if (claims_cover && claims_disjoint) {
        fail_msg("\"%.*s\" covers \"%.*s\" and is disjoint of it", STR_ARG(text_a),
                 STR_ARG(text_b));
    }
    counts[0] += claims_cover;
    counts[1] += claims_disjoint;
}

static void claims_hold(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 64 * ROOM);
    struct world *world = ARENA_NEW(&arena, struct world);
    make_world(&arena, world);
    assert_true(world->n_patterns > 1500);
    assert_int_equal(world->n_references, MAX_REFERENCES);
    size_t counts[2] = {0};
    for (size_t a = 0; a < world->n_patterns; a++) {
        assert_true(pattern_covers(world->patterns[a], world->patterns[a]));
        for (size_t b = 0; b < world->n_patterns; b++) {
            check_pair(world, a, b, counts);
        }
    }
    /* Nor are they so careful as to be useless. */
    assert_true(counts[0] > 30000);
    assert_true(counts[1] > 1000000);
}

int pattern_set_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers),
        cmocka_unit_test(disjoint),
        cmocka_unit_test(claims_hold),
    };
    return cmocka_run_group_tests_name("pattern set", tests, NULL, NULL);
}
