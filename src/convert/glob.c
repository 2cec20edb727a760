#include "convert/glob.h"

#include <string.h>

#include "convert/glob_parts.h"
#include "image/pattern.h"

static bool is_of_references(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._-+/:@[]", c) != NULL);
}

static char of_text(char c)
{
    return (char)(is_of_references(c) ? c : GLOB_IMPOSSIBLE);
}

/* Appends a token; two wildcards that take any run are one. */
static void push(char *tokens, size_t *n, char c)
{
    char last = (char)(*n > 0 ? tokens[*n - 1] : 0);
    bool runs = last == GLOB_ANY || last == GLOB_SEGMENT;
    if (runs && (c == GLOB_ANY || c == GLOB_SEGMENT)) {
        tokens[*n - 1] = (char)(last == GLOB_ANY || c == GLOB_ANY ? GLOB_ANY : GLOB_SEGMENT);
        return;
    }
    tokens[(*n)++] = c;
}

struct glob glob_of_stars(struct arena *arena, struct str text, unsigned texts)
{
    char *tokens = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        push(tokens, &n, c == '*' ? (char)GLOB_ANY : c == '?' ? (char)GLOB_ONE : of_text(c));
    }
    return (struct glob){{tokens, n}, texts};
}

struct glob glob_of_segments(struct arena *arena, struct str text, unsigned texts)
{
    char *tokens = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool two = text.p[i] == '*' && i + 1 < text.n && text.p[i + 1] == '*';
        push(tokens, &n,
             two                ? (char)GLOB_ANY
             : text.p[i] == '*' ? (char)GLOB_SEGMENT
                                : of_text(text.p[i]));
        i += two;
    }
    return (struct glob){{tokens, n}, texts};
}

struct glob glob_of_text(struct arena *arena, struct str text, unsigned texts)
{
    char *tokens = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        tokens[i] = of_text(text.p[i]);
    }
    return (struct glob){{tokens, text.n}, texts};
}

static struct glob with_token(struct arena *arena, struct str text, unsigned texts, char token)
{
    struct glob glob = glob_of_text(arena, text, texts);
    char *tokens = arena_alloc(arena, text.n + 2);
    memcpy(tokens, glob.tokens.p, text.n);
    tokens[text.n] = token;
    return (struct glob){{tokens, text.n + 1}, texts};
}

struct glob glob_of_prefix(struct arena *arena, struct str text, unsigned texts)
{
    return with_token(arena, text, texts, GLOB_ANY);
}

struct glob glob_of_repository(struct arena *arena, struct str text, unsigned texts)
{
    return with_token(arena, text, texts, GLOB_VERSION);
}

size_t glob_first_wild(struct str s)
{
    size_t i = 0;
    while (i < s.n && !glob_is_wild(s.p[i])) {
        i++;
    }
    return i;
}

bool glob_has(struct str s, char c)
{
    return str_find(s, c) < s.n;
}

bool glob_is(struct str s, char c)
{
    return s.n == 1 && s.p[0] == c;
}

bool glob_is_open(struct str s)
{
    return s.n > 0 && (s.p[s.n - 1] == GLOB_ANY || s.p[s.n - 1] == GLOB_SEGMENT);
}

bool glob_is_host(struct str s)
{
    return glob_has(s, '.') || glob_has(s, ':') || str_eq(s, STR("localhost"));
}

bool glob_is_hub(struct str s)
{
    static const char *const NAMES[] = {"docker.io", "index.docker.io", "registry-1.docker.io",
                                        "registry.hub.docker.com"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (str_eq_nocase(s, str_from(NAMES[i]))) {
            return true;
        }
    }
    return false;
}

struct str glob_star(struct arena *arena, struct str tokens)
{
    char *text = arena_alloc(arena, tokens.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < tokens.n; i++) {
        char c = (char)(glob_is_wild(tokens.p[i]) ? '*' : tokens.p[i]);
        if (c != '*' || n == 0 || text[n - 1] != '*') {
            text[n++] = c;
        }
    }
    return (struct str){text, n};
}

void glob_worsen(struct glob_patterns *patterns, enum glob_quality quality, const char *why)
{
    if (quality > patterns->quality) {
        patterns->quality = quality;
        patterns->why = why;
    }
}

static bool is_valid(struct arena *arena, struct str pattern)
{
    const struct pattern *compiled;
    struct error err;
    return !failed(pattern_parse(arena, pattern, &compiled, &err));
}

bool glob_add(struct arena *arena, struct glob_patterns *patterns, struct str pattern,
              struct str except)
{
    if (!is_valid(arena, pattern) || (except.n > 0 && !is_valid(arena, except))) {
        glob_worsen(patterns, GLOB_INEXACT, "a part of it cannot be written as a pattern");
        return false;
    }
    for (size_t i = 0; i < patterns->n; i++) {
        if (str_eq(patterns->items[i].pattern, pattern)) {
            if (except.n == 0) {
                patterns->items[i].except = STR_EMPTY;
            }
            return true;
        }
    }
    LIST_ADD(arena, patterns, ((struct glob_item){pattern, except}));
    return true;
}

struct glob_last glob_cut_last(struct str last)
{
    struct glob_last cut = {.name = last};
    cut.has_digest = str_cut(last, '@', &cut.name, &cut.digest);
    size_t colon = str_rfind(cut.name, ':');
    cut.has_tag = colon < cut.name.n;
    if (cut.has_tag) {
        cut.tag = str_sub(cut.name, colon + 1, cut.name.n);
        cut.name = str_sub(cut.name, 0, colon);
    }
    return cut;
}

static bool has_other(struct str s, const char *usual)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!glob_has(str_from(usual), s.p[i])) {
            return true;
        }
    }
    return false;
}

bool glob_is_surely_tag(struct str tag)
{
    struct str literal = str_sub(tag, 0, glob_first_wild(tag));
    if (glob_has(tag, '/') || glob_has(tag, '@') || glob_has(tag, ':') || tag.n == 0) {
        return false;
    }
    if (literal.n == tag.n) {
        return tag.n < 32 || has_other(tag, "0123456789abcdef");
    }
    return literal.n + 1 == tag.n && has_other(literal, "0123456789abcdef");
}
