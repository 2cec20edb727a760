/* Globs of other tools as patterns: what comes of the shapes that people write. */
#include "convert/glob.h"
#include "test.h"

#define W GLOB_TEXT_WRITTEN
#define F GLOB_TEXT_FULL
#define P GLOB_TEXT_PINNED
#define N GLOB_TEXT_NORMAL

enum syntax { STARS, SEGMENTS, TEXT, PREFIX, REPOSITORY };

struct row {
    enum syntax syntax;
    const char *glob;
    unsigned texts;
    const char *want; /* patterns, "-" before what is excepted; the quality in front */
};

static const struct row WITHIN[] = {
    {STARS, "*", W, "exact **"},
    {STARS, "registry.io/*", W, "exact registry.io"},
    {STARS, "registry.io/team/*", W, "exact registry.io/team/**"},
    {STARS, "registry.io/team*", W, "exact registry.io/team* registry.io/team*/**"},
    {PREFIX, "registry.io", W, "inexact registry.io"},
    {PREFIX, "registry.io:5000", W, "inexact registry.io:5000"},
    {PREFIX, "nginx", W, "inexact docker.io/nginx* docker.io/nginx*/**"},
    {PREFIX, "acme/", W, "spelling docker.io/acme/**"},
    {PREFIX, "docker.io/", W, "spelling docker.io"},
    {TEXT, "registry.io/app:1.0", W, "exact registry.io/app:1.0-registry.io/app:1.0@*"},
    {TEXT, "registry.io/app", W, "spelling registry.io/app:latest-registry.io/app:latest@*"},
    {TEXT, "registry.io/*", W, "exact"},
    {STARS, "registry.io/app:*", W, "spelling registry.io/app:*"},
    {STARS, "*.example.com/*", W, "inexact **.example.com"},
    {STARS, "registry.?.com/*", W, "inexact"},
    {STARS, "*@*", W, "exact **@*"},
    {STARS, "*:latest", W, "spelling **:latest-**:latest@*"},
    {STARS, "*/library/*", W, "spelling **/library/**"},
    {STARS, "registry.io/*/app:1", W, "exact registry.io/*/**/app:1-registry.io/*/**/app:1@*"},
    {STARS, "*:*", F, "exact **"},
    {STARS, "index.docker.io/library/*:*", F, "exact index.docker.io/library/**"},
    {STARS, "docker.io/library/*", F, "exact"},
    {SEGMENTS, "index.docker.io/library/*", P, "exact index.docker.io/library/*"},
    {SEGMENTS, "ghcr.io/acme/**", P | W, "exact ghcr.io/acme/**"},
    {SEGMENTS, "ghcr.io/acme/*", P | W, "exact ghcr.io/acme/*"},
    {SEGMENTS, "*.gcr.io/**", P, "exact **.gcr.io"},
    {REPOSITORY, "docker.io/library/nginx", N, "exact docker.io/library/nginx"},
    {REPOSITORY, "index.docker.io/library/nginx", N, "exact"},
};

static const struct row AROUND[] = {
    {STARS, "*", W, "exact **"},
    {STARS, "registry.io/*", W, "exact registry.io"},
    {STARS, "registry.io/team*", W, "exact registry.io/team* registry.io/team*/**"},
    {PREFIX, "registry.io", W, "inexact **"},
    {PREFIX, "docker.io/", W, "spelling docker.io"},
    {STARS, "*:latest", W, "inexact **:latest"},
    {STARS, "*:dev*", W, "inexact **:dev*"},
    {STARS, "*:5*", W, "inexact **"},
    {STARS, "*.example.com/*", W, "exact **.example.com **/*.example.com/**"},
    {STARS, "*@sha256:*", W, "inexact **"},
    {STARS, "*nginx*", W, "inexact **"},
    {STARS, "registry.io/a*b/c", W, "inexact registry.io/a* registry.io/a*/**"},
    {STARS, "registry.io/acme/*:latest", W, "inexact registry.io/acme/**:latest"},
    {TEXT, "registry.io/app:1.0", W, "inexact registry.io/app:1.0"},
    {SEGMENTS, "ghcr.io/acme/*", P | W, "exact ghcr.io/acme/*"},
    {SEGMENTS, "*.gcr.io/**", P, "exact **.gcr.io"},
    {REPOSITORY, "docker.io/library/nginx", N, "exact docker.io/library/nginx"},
};

static struct glob make(struct arena *arena, const struct row *row)
{
    struct str text = str_from(row->glob);
    return row->syntax == STARS      ? glob_of_stars(arena, text, row->texts)
           : row->syntax == SEGMENTS ? glob_of_segments(arena, text, row->texts)
           : row->syntax == TEXT     ? glob_of_text(arena, text, row->texts)
           : row->syntax == PREFIX   ? glob_of_prefix(arena, text, row->texts)
                                     : glob_of_repository(arena, text, row->texts);
}

static const char *describe(struct arena *arena, const struct glob_patterns *patterns)
{
    static const char *const NAMES[] = {"exact", "spelling", "inexact"};
    struct str text = str_from(NAMES[patterns->quality]);
    for (size_t i = 0; i < patterns->n; i++) {
        const struct glob_item *item = &patterns->items[i];
        text = arena_printf(arena, "%.*s %.*s%s%.*s", STR_ARG(text), STR_ARG(item->pattern),
                            item->except.n > 0 ? "-" : "", STR_ARG(item->except));
    }
    return text.p;
}

static void check(const struct row *rows, size_t n,
                  void (*convert)(struct arena *, const struct glob *, struct glob_patterns *))
{
    for (size_t i = 0; i < n; i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct glob glob = make(&arena, &rows[i]);
        struct glob_patterns patterns = {0};
        convert(&arena, &glob, &patterns);
        const char *got = describe(&arena, &patterns);
        if (strcmp(got, rows[i].want) != 0) {
            print_error("%s: %s, want %s\n", rows[i].glob, got, rows[i].want);
        }
        assert_string_equal(got, rows[i].want);
    }
}

static void within(void **state)
{
    (void)state;
    check(WITHIN, COUNT(WITHIN), glob_within);
}

static void around(void **state)
{
    (void)state;
    check(AROUND, COUNT(AROUND), glob_around);
}

int glob_tests(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(within), cmocka_unit_test(around)};
    return cmocka_run_group_tests_name("globs", tests, NULL, NULL);
}
