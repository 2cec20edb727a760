/* Patterns that match at least what a glob matches. */
#include "base/limits.h"
#include "convert/glob_parts.h"

#define ALL       "no pattern matches all of it and less than every image"
#define MORE      "what follows the first wildcard does not count"
#define ALL_NAMES "it is meant under all its names, `nginx` as docker.io/library/nginx:latest"
#define BESIDE    "it is meant beside a digest too, and \"latest\" where no tag is written"

struct around {
    struct arena *arena;
    struct glob_patterns *patterns;
    bool written; /* else the full text */
    bool version; /* behind the glob, any tag and digest */
};

static void worsen(struct around *a, enum glob_quality quality, const char *why)
{
    glob_worsen(a->patterns, quality, why);
}

static void add_all(struct around *a)
{
    worsen(a, GLOB_INEXACT, ALL);
    (void)glob_add(a->arena, a->patterns, STR("**"), STR_EMPTY);
}

/* Add a pattern that must not be missing. */
static void add(struct around *a, struct str pattern)
{
    if (!glob_add(a->arena, a->patterns, pattern, STR_EMPTY)) {
        add_all(a);
    }
}

static void add_parts(struct around *a, struct str base, struct str name, struct str tail)
{
    add(a, arena_printf(a->arena, "%.*s%.*s%.*s", STR_ARG(base), STR_ARG(name), STR_ARG(tail)));
}

static void around_path(struct around *a, struct str host, struct str path);

/* Any run, then the end of a registry or of a part of a path. */
static void around_suffix(struct around *a, struct str suffix, struct str path)
{
    around_path(a, arena_printf(a->arena, "*%.*s", STR_ARG(suffix)), path);
    around_path(a, arena_printf(a->arena, "**.*%.*s", STR_ARG(suffix)), path);
    if (!glob_has(suffix, ':')) {
        around_path(a, arena_printf(a->arena, "**/*%.*s", STR_ARG(suffix)), path);
    }
}

/* ":TAG@*": a tag beside any digest. */
static bool is_tag_beside_digest(struct str rest)
{
    size_t at = str_find(rest, '@');
    struct str tag = at < rest.n && rest.p[0] == ':' ? str_sub(rest, 1, at) : STR_EMPTY;
    return tag.n > 0 && glob_first_wild(tag) == tag.n && glob_is_surely_tag(tag) &&
           glob_is(str_sub(rest, at + 1, rest.n), GLOB_ANY);
}

/* A glob that begins with any run of characters. */
static void around_any(struct around *a, struct str rest)
{
    struct str tag = str_sub(rest, 1, rest.n);
    if (rest.n == 0) {
        add(a, STR("**"));
    } else if (is_tag_beside_digest(rest)) {
        add_parts(a, STR("**"), str_sub(rest, 0, rest.n - 1), STR("*"));
    } else if (rest.p[0] == ':' && glob_is_surely_tag(tag)) {
        worsen(a, GLOB_INEXACT, BESIDE);
        add_parts(a, STR("**:"), glob_star(a->arena, tag), STR_EMPTY);
    } else if (rest.p[0] == '@' && (glob_is(tag, GLOB_ANY) || glob_first_wild(tag) == tag.n)) {
        add_parts(a, STR("**@"), glob_star(a->arena, tag), STR_EMPTY);
    } else if (rest.p[0] == '.' && rest.n > 3 && rest.p[rest.n - 1] == GLOB_ANY &&
               rest.p[rest.n - 2] == '/' && glob_first_wild(rest) == rest.n - 1 &&
               str_find(rest, '/') == rest.n - 2) {
        struct str host = str_sub(rest, 1, rest.n - 2);
        if (a->written && str_ends(STR(".docker.io"), str_sub(rest, 0, rest.n - 2))) {
            worsen(a, GLOB_SPELLING, ALL_NAMES);
        }
        add_parts(a, STR("**."), host, STR_EMPTY);
        if (!glob_has(host, ':')) {
            add_parts(a, STR("**/*."), host, STR("/**"));
        }
    } else if (!a->written && glob_has(rest, '/') && rest.p[0] != '/' &&
               glob_first_wild(rest) > str_find(rest, '/') &&
               glob_is_host(str_sub(rest, 0, str_find(rest, '/')))) {
        size_t slash = str_find(rest, '/');
        around_suffix(a, str_sub(rest, 0, slash), str_sub(rest, slash + 1, rest.n));
    } else {
        add_all(a);
    }
}

/* The digest's beginning, as far as our notation can say it. */
static struct str digest_tail(struct around *a, struct str digest)
{
    size_t wild = glob_first_wild(digest);
    if (wild == digest.n) {
        return arena_printf(a->arena, "@%.*s", STR_ARG(digest));
    }
    struct str before = str_sub(digest, 0, wild);
    return glob_has(before, ':') ? arena_printf(a->arena, "@%.*s*", STR_ARG(before)) : STR("@*");
}

/* The last literal part and what follows it, the first wildcard first. `base` ends with "/". */
static void around_last(struct around *a, struct str base, struct str part, bool hub_single)
{
    struct glob_last last = glob_cut_last(part);
    size_t wild = glob_first_wild(part);
    if (wild == part.n && !last.has_tag && !last.has_digest) {
        if (a->version) {
            add_parts(a, base, last.name, STR_EMPTY);
        } else if (a->written) {
            worsen(a, GLOB_SPELLING, ALL_NAMES);
            add_parts(a, base, last.name, STR(":latest"));
        }
        return;
    }
    if (wild >= last.name.n) { /* the name is literal */
        struct str tail = STR_EMPTY;
        if (last.has_tag) {
            size_t end = glob_first_wild(last.tag);
            bool cut = end < last.tag.n;
            tail = arena_printf(a->arena, ":%.*s%s", STR_ARG(str_sub(last.tag, 0, end)),
                                cut ? "*" : "");
            worsen(a, GLOB_INEXACT, cut && end + 1 < last.tag.n ? MORE : BESIDE);
        } else if (last.has_digest) {
            tail = digest_tail(a, last.digest);
            worsen(a, GLOB_SPELLING, ALL_NAMES);
        }
        if (!hub_single || a->written) {
            add_parts(a, base, last.name, tail);
        }
        return;
    }
    struct str name = str_sub(part, 0, wild), rest = str_sub(part, wild + 1, part.n),
               tail = STR_EMPTY;
    if (rest.n > 0 && rest.p[0] == ':' && glob_is_surely_tag(str_sub(rest, 1, rest.n))) {
        tail = glob_star(a->arena, rest);
        worsen(a, GLOB_INEXACT, BESIDE);
    } else if (rest.n > 0) {
        worsen(a, GLOB_INEXACT, MORE);
    }
    if (part.p[wild] == GLOB_SEGMENT && !glob_has(rest, '/') && !glob_has(rest, GLOB_ANY)) {
        add_parts(a, base, arena_printf(a->arena, "%.*s*", STR_ARG(name)), tail);
        return;
    }
    if (name.n == 0) {
        add_parts(a, base, STR("**"), tail);
        return;
    }
    if (!hub_single || a->written) {
        add_parts(a, base, arena_printf(a->arena, "%.*s*", STR_ARG(name)), tail);
    }
    add_parts(a, base, arena_printf(a->arena, "%.*s*/**", STR_ARG(name)), tail);
}

/* Where the last part begins that is not cut by the first wildcard. */
static size_t last_start(struct str path)
{
    struct str before = str_sub(path, 0, glob_first_wild(path));
    size_t slash = str_rfind(before, '/');
    return slash < before.n ? slash + 1 : 0;
}

/* `host` may be a pattern of hosts, or of the beginning of paths. */
static void around_path(struct around *a, struct str host, struct str path)
{
    size_t start = last_start(path);
    struct str base =
        arena_printf(a->arena, "%.*s/%.*s", STR_ARG(host), STR_ARG(str_sub(path, 0, start)));
    struct str part = str_sub(path, start, path.n);
    bool hub = glob_is_hub(host);
    if (part.n == 0) {
        return; /* ends with "/": in no reference */
    }
    if (hub && a->written) {
        worsen(a, GLOB_SPELLING, ALL_NAMES);
    }
    if (start == 0 && part.n == 1 && part.p[0] == GLOB_ANY) {
        add_parts(a, host, glob_has(host, '/') ? STR("/**") : STR_EMPTY, STR_EMPTY);
        return;
    }
    around_last(a, base, part, hub && start == 0);
}

/* A registry with a wildcard that does not leave it. */
static void around_wild_host(struct around *a, struct str host, struct str rest)
{
    struct str after = str_sub(host, 1, host.n);
    if (host.p[0] == GLOB_SEGMENT && after.n == 0) {
        struct str part = str_sub(rest, str_rfind(rest, '/') < rest.n ? rest.n : 0, rest.n);
        worsen(a, GLOB_INEXACT, ALL);
        if (part.n > 0 && glob_first_wild(part) == part.n && glob_cut_last(part).has_tag) {
            add_parts(a, STR("**/"), part, STR_EMPTY);
        } else {
            add(a, STR("**"));
        }
    } else if (host.p[0] == GLOB_SEGMENT && after.p[0] == '.' &&
               glob_first_wild(after) == after.n && !glob_has(after, ':')) {
        if (!glob_is(rest, GLOB_ANY)) {
            worsen(a, GLOB_INEXACT, MORE);
        }
        add_parts(a, STR("**"), after, STR_EMPTY);
    } else {
        add_all(a);
    }
}

static void around_text(struct around *a, struct str g)
{
    struct str first, rest;
    bool path = str_cut(g, '/', &first, &rest);
    if (g.p[0] == GLOB_ANY) {
        around_any(a, str_sub(g, 1, g.n));
    } else if (path && glob_first_wild(first) < first.n) {
        if (glob_has(first, GLOB_ANY)) {
            add_all(a);
        } else {
            around_wild_host(a, first, rest);
        }
    } else if (path && glob_is_host(first)) {
        around_path(a, first, rest);
    } else if (path && a->written) {
        around_path(a, STR("docker.io"), g);
    } else if (glob_first_wild(g) < g.n) {
        add_all(a); /* what begins so may be any registry */
    } else if (a->written) {
        around_path(a, STR("docker.io"), g);
    }
}

/* One character may be a "/" too. */
static struct str widen(struct arena *arena, struct str tokens)
{
    struct str copy = arena_dup(arena, tokens);
    char *p = arena_alloc(arena, tokens.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < copy.n; i++) {
        char c = (char)(copy.p[i] == GLOB_ONE ? GLOB_ANY : copy.p[i]);
        if (n > 0 && glob_is_open((struct str){p, n}) && (c == GLOB_ANY || c == GLOB_SEGMENT)) {
            p[n - 1] = GLOB_ANY;
        } else {
            p[n++] = c;
        }
    }
    return (struct str){p, n};
}

void glob_around(struct arena *arena, const struct glob *glob, struct glob_patterns *patterns)
{
    if (glob_has(glob->tokens, GLOB_IMPOSSIBLE) || glob->tokens.n == 0) {
        return;
    }
    if (glob_has(glob->tokens, GLOB_ONE)) {
        glob_worsen(patterns, GLOB_INEXACT, MORE);
    }
    bool version = glob_has(glob->tokens, GLOB_VERSION);
    struct str tokens = widen(arena, str_sub(glob->tokens, 0, glob->tokens.n - version));
    if ((glob->texts & GLOB_TEXT_WRITTEN) != 0) {
        struct around a = {arena, patterns, true, version};
        around_text(&a, tokens);
    }
    if ((glob->texts & ~(unsigned)GLOB_TEXT_WRITTEN) != 0) {
        struct around a = {arena, patterns, false, version};
        around_text(&a, tokens);
    }
}
