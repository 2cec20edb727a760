#include "test.h"

#include "image/pattern.h"

static const struct rewrite *compile(struct arena *arena, const char *from, const char *to)
{
    const struct rewrite *rewrite = NULL;
    struct error err;
    if (failed(rewrite_parse(arena, str_from(from), str_from(to), &rewrite, &err))) {
        fail_msg("%s", err.text);
    }
    return rewrite;
}

static struct reference parse(struct arena *arena, struct str text)
{
    struct reference reference;
    struct error err;
    if (failed(reference_parse(arena, text, &reference, &err))) {
        fail_msg("\"%.*s\": %s", STR_ARG(text), err.text);
    }
    return reference;
}

static void applying(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        const char *text;
        const char *written; /* NULL: not rewritten */
    } CASES[] = {
        {"docker.io/**", "mirror.example.com/hub/**", "nginx",
         "mirror.example.com/hub/library/nginx"},
        {"docker.io/**", "mirror.example.com/hub/**", "nginx:1.27",
         "mirror.example.com/hub/library/nginx:1.27"},
        {"docker.io/**", "mirror.example.com/hub/**", "acme/app:1@" SHA256,
         "mirror.example.com/hub/acme/app:1@" SHA256},
        {"docker.io/**", "mirror.example.com/hub/**", "a@" SHA256,
         "mirror.example.com/hub/library/a@" SHA256},
        {"docker.io", "mirror.example.com", "registry-1.docker.io/a/b", "mirror.example.com/a/b"},
        {"docker.io", "mirror.example.com", "docker.io:443/a/b", "mirror.example.com/a/b"},
        {"docker.io", "mirror.example.com", "ghcr.io/a", NULL},
        {"docker.io", "mirror.example.com", "docker.io:5000/a/b", NULL},
        {"docker.io", "mirror.example.com", "docker.io.evil.org/a", NULL},
        {"docker.io", "docker.io:5000", "a/b", "docker.io:5000/a/b"},
        {"ghcr.io:5000", "Ghcr.io:443", "ghcr.io:5000/a", "ghcr.io/a"},
        {"ghcr.io", "[::1]:5000/x/**", "GHCR.io/a", "[::1]:5000/x/a"},
        {"ghcr.io/acme/**", "ghcr.io/mirror/acme/**", "ghcr.io/acme/a/b:1",
         "ghcr.io/mirror/acme/a/b:1"},
        {"ghcr.io/acme/**", "ghcr.io/mirror/acme/**", "ghcr.io/acme", NULL},
        {"ghcr.io/acme/**", "ghcr.io/mirror/acme/**", "ghcr.io/acme-x/a", NULL},
        {"nginx", "ghcr.io/acme/nginx", "nginx:1@" SHA256, "ghcr.io/acme/nginx:1@" SHA256},
        {"nginx", "ghcr.io/acme/nginx", "nginx/a", NULL},
        {"ghcr.io/acme/app", "nginx", "ghcr.io/acme/app:1", "docker.io/library/nginx:1"},
        /* what is within `to` is done */
        {"docker.io", "docker.io/mirror/**", "mirror/a", NULL},
        {"docker.io", "docker.io/mirror/**", "a/b", "docker.io/mirror/a/b"},
        {"docker.io/mirror/**", "docker.io/mirror/deep/**", "mirror/deep/a", NULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct rewrite *rewrite = compile(&arena, CASES[i].from, CASES[i].to);
        struct reference reference = parse(&arena, str_from(CASES[i].text));
        struct str written = STR_EMPTY, twice;
        bool changed = rewrite_apply(rewrite, &arena, &reference, &written);
        if (changed != (CASES[i].written != NULL) || !str_eq(written, str_from(CASES[i].written))) {
            fail_msg("%s -> %s: \"%s\" became \"%.*s\"", CASES[i].from, CASES[i].to, CASES[i].text,
                     STR_ARG(written));
        }
        if (changed) {
            struct reference again = parse(&arena, written);
            assert_false(rewrite_apply(rewrite, &arena, &again, &twice));
            assert_true(str_eq(again.tag, reference.tag));
            assert_true(str_eq(again.digest, reference.digest));
        }
    }
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        const char *message; /* part of it */
    } CASES[] = {
        {"**", "ghcr.io", "\"**\" cannot be rewritten"},
        {"**/nginx", "ghcr.io/nginx", "\"**/nginx\" cannot be rewritten"},
        {"ghcr.io", "*.example.com", "\"*.example.com\" cannot be rewritten"},
        {"ghcr.io:*", "quay.io", "\"ghcr.io:*\" cannot be rewritten"},
        {"ghcr.io/*", "quay.io/*", "\"ghcr.io/*\" cannot be rewritten"},
        {"ghcr.io/*/**", "quay.io", "\"ghcr.io/*/**\" cannot be rewritten"},
        {"ghcr.io/**/a", "quay.io/a", "\"ghcr.io/**/a\" cannot be rewritten"},
        {"ghcr.io/a-*/**", "quay.io", "\"ghcr.io/a-*/**\" cannot be rewritten"},
        {"ghcr.io/a:1", "quay.io/a", "without tag or digest"},
        {"ghcr.io/a", "quay.io/a@" SHA256, "without tag or digest"},
        {"ghcr.io/a", "quay.io", "differ in shape"},
        {"ghcr.io", "quay.io/a", "differ in shape"},
        {"ghcr.io", "ghcr.io", "nothing would be rewritten"},
        {"ghcr.io/a/b/**", "ghcr.io/**", "nothing would be rewritten"},
        {"nginx", "index.docker.io/library/nginx", "nothing would be rewritten"},
        {"", "ghcr.io", "empty"},
        {"ghcr.io", "https://quay.io", "`https://`"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct rewrite *rewrite = NULL;
        struct error err = {0};
        if (!failed(rewrite_parse(&arena, str_from(CASES[i].from), str_from(CASES[i].to), &rewrite,
                                  &err))) {
            fail_msg("%s -> %s is taken", CASES[i].from, CASES[i].to);
        }
        if (err.kind != ERROR_INPUT || strstr(err.text, CASES[i].message) == NULL) {
            fail_msg("%s -> %s: %s", CASES[i].from, CASES[i].to, err.text);
        }
        assert_null(rewrite);
    }
}

static void chains(void **state)
{
    (void)state;
    static const struct {
        const char *from_a, *to_a, *from_b, *to_b;
        bool chains;
    } CASES[] = {
        {"docker.io", "ghcr.io/hub/**", "ghcr.io", "quay.io", true},
        {"docker.io", "ghcr.io/hub/**", "ghcr.io/other/**", "quay.io", false},
        {"docker.io", "ghcr.io/hub/**", "quay.io", "ghcr.io/quay/**", false},
        {"docker.io", "docker.io/m/**", "docker.io", "docker.io/m/**", false},
        {"docker.io", "a.io", "a.io", "docker.io", true},
        {"nginx", "ghcr.io/a/nginx", "ghcr.io/a/**", "quay.io/a/**", true},
        {"nginx", "ghcr.io/a/nginx", "ghcr.io/a/b", "quay.io/a/b", false},
        {"nginx", "ghcr.io/a/b/nginx", "ghcr.io/a/**", "ghcr.io/a/b/**", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct rewrite *a = compile(&arena, CASES[i].from_a, CASES[i].to_a);
        const struct rewrite *b = compile(&arena, CASES[i].from_b, CASES[i].to_b);
        if (rewrite_chains(a, b) != CASES[i].chains) {
            fail_msg("row %zu: %s -> %s -> %s", i, CASES[i].from_a, CASES[i].to_a, CASES[i].to_b);
        }
    }
}

/* The result may be too long for a reference: that is found when it is parsed. */
static void too_long(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    char text[] =
        "docker.io/a/"
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const struct rewrite *rewrite = compile(&arena, "docker.io", "ghcr.io/mirror-of-docker-hub/**");
    struct reference reference = parse(&arena, str_from(text)), again;
    struct str written;
    struct error err;
    assert_true(rewrite_apply(rewrite, &arena, &reference, &written));
    assert_true(failed(reference_parse(&arena, written, &again, &err)));
}

int rewrite_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying),
        cmocka_unit_test(refusals),
        cmocka_unit_test(chains),
        cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}
