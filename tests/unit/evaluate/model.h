#pragma once
/* Policies and reviews as plain values, made by dice and written as YAML and JSON, so that an
 * oracle (oracle.h) can say what the program must answer without parsing or compiling anything.
 * Whatever is one of few is a number, an index into a table of words. */
#include <stdint.h>

#include "base/buf.h"
#include "policy/policy.h"
#include "review/review.h"

#define MODEL_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MODEL_DIGEST       "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* -- dice: bytes as long as there are some, then as the seed falls -- */

struct dice {
    const uint8_t *bytes;
    size_t n;
    uint64_t seed; /* 0: all ones */
};

static unsigned roll(struct dice *dice, unsigned sides)
{
    if (dice->n > 0) {
        dice->n--;
        return *dice->bytes++ % sides;
    }
    if (dice->seed == 0) {
        return 0;
    }
    dice->seed = dice->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice->seed >> 33) % sides;
}

static bool one_in(struct dice *dice, unsigned sides)
{
    return roll(dice, sides) == 1 % sides;
}

/* -- words -- */

static const char *const HOSTS[] = {"docker.io", "ghcr.io", "registry.example.com",
                                    "localhost:5000", "mirror.example.com"};
enum { HUB, GHCR, EXAMPLE, LOCAL, MIRROR };

static const char *const SEGMENTS[] = {"app", "acme", "library", "hub"};
enum { APP, ACME, LIBRARY, HUB_TREE };

static const char *const TAGS[] = {"", "latest", "1.2.0", "2.0.0", "dev"};
enum { NO_TAG, LATEST };

static const char *const NAMESPACES[] = {"shop", "debug", "prod-a", "prod-b"};
static const char *const NAMESPACE_GLOBS[] = {"shop", "debug", "prod-a", "prod-*", "*", "nowhere"};
static const char *const KINDS[] = {"Pod", "Deployment"};
static const char *const USERS[] = {"alice", "bob"};
static const char *const LABELS[] = {NULL, "a", "b"}; /* NULL: there is no such label */
static const char *const OPERATORS[] = {"In", "NotIn", "Exists", "DoesNotExist"};
static const char *const MODES[] = {"enforce", "warn", "audit"};
static const char *const REQUIREMENTS[] = {"digest", "tag", "fullyQualified"};

/* What `tag` may demand, and which of TAGS fulfil it, as bits. */
static const struct {
    const char *text;
    unsigned holds;
} TAG_RULES[] = {{"semver: '>=1 <2'", 1u << 2},
                 {"semver: '>=2'", 1u << 3},
                 {"pattern: '\\d+\\.\\d+\\.\\d+'", 1u << 2 | 1u << 3},
                 {"semver: '>=1', pattern: '.*0'", 1u << 2 | 1u << 3},
                 {"pattern: '[a-z]+'", 1u << 1 | 1u << 4}};

/* -- images -- */

enum { DEPTH_MAX = 4 };

struct model_image {
    unsigned host;
    unsigned path[DEPTH_MAX]; /* as written */
    size_t n;
    unsigned tag;
    bool digest;
    enum { WRITTEN_PLAIN, WRITTEN_SHORT, WRITTEN_UPPER, WRITTEN_PORT, WRITTEN_BROKEN } written;
    bool unchanged;
};

static struct model_image roll_image(struct dice *dice)
{
    struct model_image image = {
        .host = roll(dice, MODEL_COUNT(HOSTS)),
        .n = 1 + roll(dice, 3),
        .tag = roll(dice, MODEL_COUNT(TAGS)),
        .digest = one_in(dice, 3),
        .unchanged = one_in(dice, 6),
    };
    for (size_t i = 0; i < image.n; i++) {
        image.path[i] = roll(dice, MODEL_COUNT(SEGMENTS));
    }
    unsigned how = roll(dice, 8);
    if (image.host == HUB) {
        image.written = how < 4 ? WRITTEN_SHORT : WRITTEN_PLAIN;
    } else if (image.host != LOCAL && how < 2) {
        image.written = how == 0 ? WRITTEN_UPPER : WRITTEN_PORT;
    }
    if (one_in(dice, 30)) {
        image.written = WRITTEN_BROKEN;
    }
    return image;
}

static void write_path(const unsigned *path, size_t n, struct buf *buf)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(buf, "%s%s", i == 0 ? "" : "/", SEGMENTS[path[i]]);
    }
}

static void write_image(const struct model_image *image, struct buf *buf)
{
    if (image->written == WRITTEN_BROKEN) {
        buf_add_cstr(buf, "A broken/image");
        return;
    }
    for (const char *c = HOSTS[image->host]; image->written != WRITTEN_SHORT && *c != '\0'; c++) {
        bool upper = image->written == WRITTEN_UPPER && *c >= 'a' && *c <= 'z';
        buf_add_char(buf, upper ? (char)(*c - 'a' + 'A') : *c);
    }
    buf_add_cstr(buf, image->written == WRITTEN_PORT ? ":443" : "");
    buf_add_cstr(buf, image->written == WRITTEN_SHORT ? "" : "/");
    write_path(image->path, image->n, buf);
    buf_printf(buf, "%s%s%s", image->tag == NO_TAG ? "" : ":", TAGS[image->tag],
               image->digest ? "@" MODEL_DIGEST : "");
}

/* -- patterns -- */

struct model_pattern {
    enum { SHAPE_ALL, SHAPE_HOST, SHAPE_TREE, SHAPE_STAR, SHAPE_ONE } shape;
    unsigned host;
    unsigned path[DEPTH_MAX];
    size_t n; /* of SHAPE_TREE and SHAPE_STAR, without the wildcard; 1 at least for docker.io */
    unsigned tag;
    bool digest;
};

static struct model_pattern roll_pattern(struct dice *dice)
{
    struct model_pattern pattern = {
        .shape = roll(dice, 5), .host = roll(dice, MODEL_COUNT(HOSTS)), .n = 1 + roll(dice, 2)};
    for (size_t i = 0; i < pattern.n; i++) {
        pattern.path[i] = roll(dice, MODEL_COUNT(SEGMENTS));
    }
    if (pattern.shape != SHAPE_HOST && one_in(dice, 3)) {
        pattern.tag = roll(dice, MODEL_COUNT(TAGS));
    }
    pattern.digest = pattern.shape != SHAPE_HOST && one_in(dice, 6);
    return pattern;
}

static void write_pattern(const struct model_pattern *pattern, struct buf *buf)
{
    static const char *const ENDS[] = {"", "", "/**", "/*", ""};
    buf_add_cstr(buf, pattern->shape == SHAPE_ALL ? "**" : HOSTS[pattern->host]);
    if (pattern->shape >= SHAPE_TREE) {
        buf_add_char(buf, '/');
        write_path(pattern->path, pattern->n, buf);
    }
    buf_printf(buf, "%s%s%s%s", ENDS[pattern->shape], pattern->tag == NO_TAG ? "" : ":",
               TAGS[pattern->tag], pattern->digest ? "@sha256:*" : "");
}

enum { LIST_MAX = 4 };

struct model_patterns {
    struct model_pattern items[LIST_MAX];
    bool exclude[LIST_MAX];
    size_t n;
};

/* Up to `max` patterns; exclusions among them if `excluding`. */
static struct model_patterns roll_patterns(struct dice *dice, unsigned max, bool excluding)
{
    struct model_patterns list = {.n = roll(dice, max + 1)};
    for (size_t i = 0; i < list.n; i++) {
        list.items[i] = roll_pattern(dice);
        list.exclude[i] = excluding && one_in(dice, 4);
    }
    return list;
}

static void write_patterns(const char *field, const struct model_patterns *list, struct buf *buf)
{
    if (list->n == 0) {
        return;
    }
    buf_printf(buf, "%s: [", field);
    for (size_t i = 0; i < list->n; i++) {
        buf_add_cstr(buf, list->exclude[i] ? "'!" : "'");
        write_pattern(&list->items[i], buf);
        buf_add_cstr(buf, "', ");
    }
    buf_add_cstr(buf, "], ");
}

/* -- lists of words -- */

struct model_words {
    unsigned items[LIST_MAX];
    bool exclude[LIST_MAX];
    size_t n;
};

static struct model_words roll_words(struct dice *dice, unsigned count, bool excluding)
{
    struct model_words list = {.n = one_in(dice, 2) ? 1 + roll(dice, 2) : 0};
    for (size_t i = 0; i < list.n; i++) {
        list.items[i] = roll(dice, count);
        list.exclude[i] = excluding && one_in(dice, 4);
    }
    return list;
}

static void write_words(const char *field, const struct model_words *list, const char *const *words,
                        struct buf *buf)
{
    if (list->n == 0) {
        return;
    }
    buf_printf(buf, "%s: [", field);
    for (size_t i = 0; i < list->n; i++) {
        buf_printf(buf, "'%s%s', ", list->exclude[i] ? "!" : "", words[list->items[i]]);
    }
    buf_add_cstr(buf, "], ");
}

/* -- selectors: one requirement on one label -- */

struct model_selector {
    bool given;
    unsigned operator_;
    bool values[MODEL_COUNT(LABELS)]; /* from 1 on */
};

static struct model_selector roll_selector(struct dice *dice)
{
    struct model_selector selector = {.given = one_in(dice, 4), .operator_ = roll(dice, 4)};
    selector.values[1 + roll(dice, 2)] = true;
    selector.values[1] = selector.values[1] || one_in(dice, 2);
    return selector;
}

static void write_selector(const char *field, const struct model_selector *selector,
                           struct buf *buf)
{
    if (!selector->given) {
        return;
    }
    buf_printf(buf, "%s: {matchExpressions: [{key: team, operator: %s", field,
               OPERATORS[selector->operator_]);
    buf_add_cstr(buf, selector->operator_ < 2 ? ", values: [" : "");
    for (size_t i = 1; selector->operator_ < 2 && i < MODEL_COUNT(LABELS); i++) {
        buf_printf(buf, "%s", selector->values[i] ? LABELS[i] : "");
        buf_add_cstr(buf, selector->values[i] ? ", " : "");
    }
    buf_add_cstr(buf, selector->operator_ < 2 ? "]}]}, " : "}]}, ");
}
