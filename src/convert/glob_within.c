/* Patterns that match nothing but what a glob matches. */
#include "base/limits.h"
#include "convert/glob_parts.h"

/* A glob being read, and the beginning of the patterns made of it: "ghcr.io/", "docker.io/", "**\/"
 * or "". */
struct within {
    struct arena *arena;
    struct glob_patterns *patterns;
    enum glob_text text; /* one of them */
    struct str base;
    bool hub, any_host;
    bool single;  /* no path part is in `base` yet */
    bool version; /* behind the glob, any tag and digest */
};

#define CROSSES "\"*\" also crosses \"/\", which would let another registry or repository in"
#define OTHER_NAMES                                                                                \
    "names are compared after normalisation, in which `nginx` is docker.io/library/nginx:latest"
#define DIGEST_RUNS "beside a digest a tag does not count"
#define QUESTION    "\"?\" cannot be written as a pattern"

static void worsen(struct within *w, enum glob_quality quality, const char *why)
{
    glob_worsen(w->patterns, quality, why);
}

static struct str join(struct within *w, struct str a, const char *between, struct str b)
{
    return arena_printf(w->arena, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b));
}

/* Of tag and digest, the text has the digest. */
static bool is_pinned(const struct within *w)
{
    return w->text == GLOB_TEXT_PINNED || w->text == GLOB_TEXT_NORMAL;
}

/* What a full text calls Docker Hub. */
static struct str hub_name(const struct within *w)
{
    return w->text == GLOB_TEXT_NORMAL ? STR("docker.io") : STR("index.docker.io");
}

static void add(struct within *w, struct str pattern, struct str except)
{
    (void)glob_add(w->arena, w->patterns, pattern, except);
}

/* What Docker Hub calls `x` has no full text without "library/". */
static bool can_be_single(const struct within *w)
{
    return !(w->hub && w->single && w->text != GLOB_TEXT_WRITTEN);
}

/* A name with a tag. A tag whose glob does not end openly leaves no room for a digest. */
static void add_tag(struct within *w, struct str name, struct str tag)
{
    struct str pattern = join(w, name, ":", glob_star(w->arena, tag));
    bool closed = !glob_is_open(tag) || is_pinned(w);
    add(w, pattern, closed ? join(w, pattern, "@", STR("*")) : STR_EMPTY);
    if (w->text == GLOB_TEXT_WRITTEN &&
        (glob_first_wild(tag) < tag.n || str_eq(tag, STR("latest")))) {
        worsen(w, GLOB_SPELLING, OTHER_NAMES);
    }
}

static void add_digest(struct within *w, struct str name, const struct glob_last *last)
{
    struct str tagged = last->has_tag ? join(w, name, ":", glob_star(w->arena, last->tag)) : name;
    if (last->has_tag && is_pinned(w)) {
        return; /* the text never has both */
    }
    if (!last->has_tag && !glob_is_open(last->name) && !is_pinned(w)) {
        worsen(w, GLOB_SPELLING, DIGEST_RUNS);
    }
    add(w, join(w, tagged, "@", glob_star(w->arena, last->digest)), STR_EMPTY);
}

/* One name, with what the glob says behind it. */
static void add_name(struct within *w, struct str name, const struct glob_last *last)
{
    if (w->version) {
        add(w, name, STR_EMPTY);
    } else if (last->has_digest) {
        add_digest(w, name, last);
    } else if (last->has_tag) {
        add_tag(w, name, last->tag);
        if (glob_is_open(last->name) && glob_is_open(last->tag) && last->tag.n == 1) {
            add(w, join(w, name, "@", STR("*")), STR_EMPTY);
        } else if (glob_first_wild(last->name) < last->name.n && !glob_is_surely_tag(last->tag)) {
            worsen(w, GLOB_INEXACT, "\":\" may stand in a digest");
        }
    } else if (glob_is_open(last->name)) {
        add(w, name, STR_EMPTY);
    } else if (w->text == GLOB_TEXT_WRITTEN) {
        add_tag(w, name, STR("latest"));
    }
}

/* The last part of the path. */
static void within_last(struct within *w, struct str part)
{
    struct glob_last last = glob_cut_last(part);
    bool plain_tag = glob_is(last.tag, GLOB_ANY) && !last.has_digest;
    if (glob_has(last.name, ':') || (w->any_host && glob_has(last.tag, GLOB_ANY) && !plain_tag)) {
        worsen(w, GLOB_INEXACT, "\":\" may stand before a port");
    }
    if (last.name.n == 0 || glob_has(last.name, ':') || glob_has(last.digest, '@')) {
        return;
    }
    bool crosses = last.name.p[last.name.n - 1] == GLOB_ANY;
    for (size_t i = 0; i + 1 < last.name.n; i++) {
        if (last.name.p[i] == GLOB_ANY) {
            worsen(w, GLOB_INEXACT, CROSSES);
        } else if (last.name.p[i] == GLOB_SEGMENT && !last.has_tag) {
            worsen(w, GLOB_INEXACT, "\"*\" also crosses \":\"");
        }
    }
    if (last.name.n == 1 && crosses) {
        bool bare = !last.has_tag && !last.has_digest && w->single && w->base.n > 0 && !w->any_host;
        struct str all =
            bare ? str_sub(w->base, 0, w->base.n - 1) : join(w, w->base, "", STR("**"));
        add_name(w, w->any_host && w->single ? STR("**") : all, &last);
        return;
    }
    struct str name = join(w, w->base, "", glob_star(w->arena, last.name));
    if (can_be_single(w)) {
        add_name(w, name, &last);
    }
    if (crosses) {
        add_name(w, join(w, name, "/", STR("**")), &last);
    }
}

static void append(struct within *w, struct str part)
{
    w->base = join(w, w->base, "", join(w, part, "/", STR_EMPTY));
    w->single = false;
}

/* What stands behind the registry. */
static void within_path(struct within *w, struct str path)
{
    struct str part, rest = path;
    while (str_cut(rest, '/', &part, &rest)) {
        if (part.n == 0 || glob_has(part, ':') || glob_has(part, '@')) {
            return; /* in no reference */
        }
        if (glob_is(part, GLOB_ANY)) {
            append(w, STR("*"));
            append(w, STR("**"));
            continue;
        }
        if (glob_has(part, GLOB_ANY)) {
            worsen(w, GLOB_INEXACT, CROSSES);
        }
        append(w, glob_star(w->arena, part));
    }
    within_last(w, part);
}

static bool is_port(struct str s)
{
    uint64_t number;
    return str_parse_u64(s, 65535, &number);
}

/* A registry, maybe with wildcards. Returns false if no pattern is certainly within. */
static bool within_host(struct within *w, struct str host)
{
    struct str name = host, port;
    if (str_cut(host, ':', &name, &port) && !is_port(port)) {
        worsen(w, GLOB_INEXACT, "the port cannot be written as a pattern");
        return false;
    }
    bool wild = glob_first_wild(name) < name.n;
    if (!glob_is_host(host)) {
        worsen(w, wild ? GLOB_INEXACT : GLOB_EXACT, CROSSES);
        return false; /* would be read as a part of the path */
    }
    bool suffix =
        glob_is_open(str_sub(name, 0, 1)) && str_starts(str_sub(name, 1, name.n), STR("."));
    bool exact = suffix && name.p[0] == GLOB_SEGMENT &&
                 glob_first_wild(str_sub(name, 1, name.n)) == name.n - 1;
    if (wild && !exact) {
        worsen(w, GLOB_INEXACT, CROSSES);
    }
    if (wild && !suffix && w->text != GLOB_TEXT_WRITTEN) {
        return false; /* might mean Docker Hub by a name that is not in the text */
    }
    w->hub = glob_is_hub(name);
    if (w->hub && w->text == GLOB_TEXT_WRITTEN) {
        worsen(w, GLOB_SPELLING, OTHER_NAMES);
    } else if (w->hub && !str_eq(name, hub_name(w))) {
        return false; /* the full text has the other name */
    }
    struct str labels = glob_star(w->arena, suffix ? str_sub(name, 1, name.n) : name);
    w->base = arena_printf(w->arena, "%s%.*s%.*s/", suffix ? "**" : "", STR_ARG(labels),
                           STR_ARG(str_sub(host, name.n, host.n)));
    return true;
}

/* A glob without "/": in a written reference an official image, or anything after a wildcard. */
static void within_word(struct within *w, struct str g)
{
    if (glob_is_open(str_sub(g, 0, 1))) {
        w->base = STR("**/");
        w->any_host = w->single = true;
        if (g.p[0] == GLOB_SEGMENT) {
            worsen(w, GLOB_INEXACT, CROSSES);
            w->base = STR("docker.io/");
            w->any_host = false;
            if (w->text != GLOB_TEXT_WRITTEN) {
                return;
            }
        }
        within_last(w, g);
        return;
    }
    if (glob_first_wild(g) == g.n && w->text != GLOB_TEXT_WRITTEN) {
        return; /* the full text has a "/" */
    }
    worsen(w, glob_has(g, GLOB_ANY) ? GLOB_INEXACT : GLOB_SPELLING,
           glob_has(g, GLOB_ANY) ? "what begins so may be another registry" : OTHER_NAMES);
    struct str before = str_sub(g, 0, glob_first_wild(g));
    struct str name, port;
    bool ported = str_cut(before, ':', &name, &port);
    if (glob_has(name, '.') || (ported && is_port(port) && str_eq(name, STR("localhost")))) {
        if (before.n + 1 == g.n && g.p[before.n] == GLOB_ANY && (!ported || is_port(port)) &&
            (w->text == GLOB_TEXT_WRITTEN || !glob_is_hub(name) || str_eq(name, hub_name(w)))) {
            add(w, before, STR_EMPTY);
        }
        return;
    }
    if (w->text == GLOB_TEXT_WRITTEN) {
        w->base = STR("docker.io/");
        w->hub = w->single = true;
        within_last(w, g);
    }
}

static void within_text(struct within *w, struct str g)
{
    struct str first, rest;
    bool full = w->text != GLOB_TEXT_WRITTEN;
    if (full && g.n >= 3 && str_find(g, ':') == g.n - 2 && !glob_has(g, '@') && glob_is_open(g) &&
        g.p[g.n - 3] == g.p[g.n - 1]) {
        g.n -= 2; /* a full text always has ":" */
    }
    if (glob_is(g, GLOB_ANY)) {
        add(w, STR("**"), STR_EMPTY);
        return;
    }
    w->single = true;
    if (!str_cut(g, '/', &first, &rest)) {
        within_word(w, g);
        return;
    }
    bool open = glob_is_open(first) && first.n == 1;
    if (open && first.p[0] == GLOB_ANY) {
        w->base = STR("**/");
        w->any_host = true;
        if (!full) {
            worsen(w, GLOB_SPELLING, OTHER_NAMES);
        }
        within_path(w, rest);
    } else if (open) {
        worsen(w, GLOB_INEXACT, "a registry without a dot cannot be meant by a wildcard");
        w->base = STR("**.*:*/");
        w->hub = full;
        within_path(w, rest);
    } else if (full || glob_is_host(first)) {
        if (within_host(w, first)) {
            within_path(w, rest);
        }
    } else {
        worsen(w, GLOB_SPELLING, OTHER_NAMES);
        w->base = STR("docker.io/");
        if (glob_first_wild(first) < first.n) {
            worsen(w, GLOB_INEXACT, CROSSES);
        }
        within_path(w, g);
    }
}

/* True if `some` says nothing that `all` does not say. */
static bool is_known(const struct glob_patterns *all, const struct glob_patterns *some)
{
    for (size_t i = 0; i < some->n; i++) {
        bool known = false;
        for (size_t j = 0; j < all->n; j++) {
            known = known || (str_eq(all->items[j].pattern, some->items[i].pattern) &&
                              (all->items[j].except.n == 0 || some->items[i].except.n > 0));
        }
        if (!known) {
            return false;
        }
    }
    return some->n > 0 && some->quality != GLOB_INEXACT;
}

void glob_within(struct arena *arena, const struct glob *glob, struct glob_patterns *patterns)
{
    static const enum glob_text TEXTS[] = {GLOB_TEXT_FULL, GLOB_TEXT_PINNED, GLOB_TEXT_NORMAL,
                                           GLOB_TEXT_WRITTEN};
    if (glob_has(glob->tokens, GLOB_IMPOSSIBLE) || glob->tokens.n == 0 ||
        glob->tokens.n > LIMIT_IMAGE_TEXT) {
        return;
    }
    if (glob_has(glob->tokens, GLOB_ONE)) {
        glob_worsen(patterns, GLOB_INEXACT, QUESTION);
        return;
    }
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct glob_patterns one = {0};
        struct within w = {.arena = arena, .patterns = &one, .text = TEXTS[i], .base = STR_EMPTY};
        if ((glob->texts & TEXTS[i]) == 0) {
            continue;
        }
        w.version = glob_has(glob->tokens, GLOB_VERSION);
        within_text(&w, str_sub(glob->tokens, 0, glob->tokens.n - w.version));
        if (!is_known(patterns, &one)) {
            glob_worsen(patterns, one.quality, one.why);
        }
        for (size_t j = 0; j < one.n; j++) {
            (void)glob_add(arena, patterns, one.items[j].pattern, one.items[j].except);
        }
    }
}
