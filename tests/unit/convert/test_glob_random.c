/* Random globs against all spellings of many images: nothing within a glob that it does not match,
 * nothing that it matches outside of what is around it. */
#include "convert/glob.h"
#include "image/pattern.h"
#include "test.h"

#define HEX    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "@sha256:" HEX

static const char *const NAMES[] = {
    "docker.io/library/nginx",
    "docker.io/library/app",
    "docker.io/acme/app",
    "docker.io/acme/x/app",
    "ghcr.io/acme/app",
    "ghcr.io/acme",
    "ghcr.io/acme-x/app",
    "ghcr.io.evil.com/acme",
    "ghcr.io:5000/acme/app",
    "evil.com/ghcr.io/acme",
    "evil.com/x.ghcr.io/app",
    "x.ghcr.io/acme/app",
    "x.y.ghcr.io/app",
    "localhost/app",
    "localhost:5000/acme/app",
    "docker.io/acme/latest",
    "evil.com/docker.io/app",
    "docker.io.evil.com/library/nginx",
    "evil.com/docker.io/library/nginx",
};
static const char *const TAGS[] = {"", ":latest", ":1.0", ":1.0-dev", ":5000"};
static const char *const PIECES[] = {
    "*",       "*",         "*",     "**",      "/",         "/",
    "/",       ":",         "@",     ".",       "docker.io", "index.docker.io",
    "ghcr.io", "localhost", "acme",  "library", "nginx",     "app",
    "latest",  "1.0",       ":5000", "x",       "evil.com",  "sha256:",
    "?",       "*",         "/",     ":*",      "@*",
};

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Matching by the book: a table over both texts. */
static bool glob_matches(struct str g, struct str text)
{
    bool row[512] = {true};
    assert_true(text.n + 1 < COUNT(row));
    for (size_t i = 0; i < g.n; i++) {
        bool last = row[0];
        bool run = g.p[i] == GLOB_ANY || g.p[i] == GLOB_SEGMENT;
        row[0] = row[0] && run;
        for (size_t j = 1; j <= text.n; j++) {
            char c = text.p[j - 1];
            bool takes = g.p[i] == GLOB_ANY || g.p[i] == GLOB_ONE || g.p[i] == c ||
                         (g.p[i] == GLOB_SEGMENT && c != '/');
            bool was = row[j];
            row[j] = run ? was || (row[j - 1] && takes) : last && takes;
            last = was;
        }
    }
    return row[text.n];
}

struct spelling {
    struct str written, full, pinned;
    struct reference reference;
    struct str image; /* the same for all spellings of an image */
};

struct spellings {
    struct spelling items[4096];
    size_t n;
};

static void add_spelling(struct arena *arena, struct spellings *all, struct str written)
{
    struct spelling *one = &all->items[all->n++];
    struct error err;
    assert_true(all->n < COUNT(all->items));
    *one = (struct spelling){.written = written};
    assert_false(failed(reference_parse(arena, written, &one->reference, &err)));
    struct reference *r = &one->reference;
    bool hub = str_eq(r->host, STR("docker.io"));
    struct str tag = r->tag.n == 0 && r->digest.n == 0 ? STR("latest") : r->tag;
    struct str host = hub ? STR("index.docker.io") : r->registry;
    struct str name = arena_printf(arena, "%.*s/%.*s", STR_ARG(host), STR_ARG(r->repository));
    struct str tagged =
        tag.n == 0 ? name : arena_printf(arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(tag));
    bool pinned = r->digest.n > 0;
    one->full =
        pinned ? arena_printf(arena, "%.*s@%.*s", STR_ARG(tagged), STR_ARG(r->digest)) : tagged;
    one->pinned =
        pinned ? arena_printf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(r->digest)) : tagged;
    one->image = one->pinned;
}

static void add_spellings(struct arena *arena, struct spellings *all, const char *name)
{
    for (size_t t = 0; t < COUNT(TAGS); t++) {
        for (int digest = 0; digest < 2; digest++) {
            struct str tail = arena_printf(arena, "%s%s", TAGS[t], digest ? DIGEST : "");
            struct str text = str_from(name), rest;
            add_spelling(arena, all, arena_printf(arena, "%s%s", name, tail.p));
            if (!str_starts(text, STR("docker.io/"))) {
                continue;
            }
            rest = str_sub(text, 10, text.n);
            add_spelling(arena, all, arena_printf(arena, "%.*s%s", STR_ARG(rest), tail.p));
            add_spelling(arena, all,
                         arena_printf(arena, "index.docker.io/%.*s%s", STR_ARG(rest), tail.p));
            if (str_starts(rest, STR("library/"))) {
                rest = str_sub(rest, 8, rest.n);
                add_spelling(arena, all, arena_printf(arena, "%.*s%s", STR_ARG(rest), tail.p));
                add_spelling(arena, all,
                             arena_printf(arena, "docker.io/%.*s%s", STR_ARG(rest), tail.p));
            }
        }
    }
}

static bool matches_spelling(const struct glob *glob, const struct spelling *one)
{
    return ((glob->texts & GLOB_TEXT_WRITTEN) != 0 && glob_matches(glob->tokens, one->written)) ||
           ((glob->texts & GLOB_TEXT_FULL) != 0 && glob_matches(glob->tokens, one->full)) ||
           ((glob->texts & GLOB_TEXT_PINNED) != 0 && glob_matches(glob->tokens, one->pinned));
}

static bool matches_image(const struct glob *glob, const struct spellings *all, struct str image)
{
    for (size_t i = 0; i < all->n; i++) {
        if (str_eq(all->items[i].image, image) && matches_spelling(glob, &all->items[i])) {
            return true;
        }
    }
    return false;
}

struct compiled {
    const struct pattern *patterns[64], *excepts[64];
    size_t n;
};

static struct compiled compile(struct arena *arena, const struct glob_patterns *patterns)
{
    struct compiled all = {.n = patterns->n};
    struct error err;
    assert_true(all.n <= COUNT(all.patterns));
    for (size_t i = 0; i < all.n; i++) {
        const struct glob_item *item = &patterns->items[i];
        assert_false(failed(pattern_parse(arena, item->pattern, &all.patterns[i], &err)));
        if (item->except.n > 0) {
            assert_false(failed(pattern_parse(arena, item->except, &all.excepts[i], &err)));
        }
    }
    return all;
}

static bool ours_match(const struct compiled *all, const struct reference *reference)
{
    for (size_t i = 0; i < all->n; i++) {
        if (pattern_match(all->patterns[i], reference) &&
            (all->excepts[i] == NULL || !pattern_match(all->excepts[i], reference))) {
            return true;
        }
    }
    return false;
}

struct tally {
    size_t within, exact_within, around, failures;
};

static void check_one(struct arena *arena, const struct spellings *all, const struct glob *glob,
                      const char *text, struct tally *tally)
{
    struct glob_patterns within = {0}, around = {0};
    glob_within(arena, glob, &within);
    glob_around(arena, glob, &around);
    struct compiled inside = compile(arena, &within), outside = compile(arena, &around);
    for (size_t i = 0; i < all->n; i++) {
        const struct spelling *one = &all->items[i];
        bool matched = matches_spelling(glob, one);
        bool in = ours_match(&inside, &one->reference);
        bool near = ours_match(&outside, &one->reference);
        const char *fault = NULL;
        tally->within += in;
        tally->around += near && !matched;
        if (in && !matched && !matches_image(glob, all, one->image)) {
            fault = "is within, but not matched";
        } else if (matched && !near) {
            fault = "is matched, but not around";
        } else if (within.quality == GLOB_EXACT && in != matched) {
            fault = "is not exact within";
        } else if (within.quality == GLOB_SPELLING && matched && !in) {
            fault = "is not all within";
        } else if (around.quality == GLOB_EXACT && near != matched) {
            fault = "is not exact around";
        }
        if (fault != NULL && tally->failures++ < 20) {
            print_error("%s (texts %u): %.*s %s\n", text, glob->texts, STR_ARG(one->written),
                        fault);
        }
    }
}

static void random_globs(void **state)
{
    (void)state;
    static struct spellings all;
    arena_auto kept;
    arena_init(&kept, ROOM);
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        add_spellings(&kept, &all, NAMES[i]);
    }
    uint32_t seed = 20251126;
    struct tally tally = {0};
    for (int round = 0; round < 1000; round++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct str text = STR_EMPTY;
        for (uint32_t n = 1 + next(&seed) % 7; n > 0; n--) {
            text =
                arena_printf(&arena, "%.*s%s", STR_ARG(text), PIECES[next(&seed) % COUNT(PIECES)]);
        }
        unsigned texts = 1 + next(&seed) % 7;
        struct glob glob = next(&seed) % 2 == 0 ? glob_of_stars(&arena, text, texts)
                                                : glob_of_segments(&arena, text, texts);
        check_one(&arena, &all, &glob, text.p, &tally);
    }
    assert_int_equal(tally.failures, 0);
    assert_true(tally.within > 1000); /* the test does not pass because nothing ever matches */
}

int glob_random_tests(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(random_globs)};
    return cmocka_run_group_tests_name("random globs", tests, NULL, NULL);
}
