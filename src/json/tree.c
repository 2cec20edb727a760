#include "json/tree.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"

/* -- memory: an allocator for yyjson, with a cap -- */

static void *capped_malloc(void *context, size_t size)
{
    struct tree_memory *memory = context;
    if (size > memory->left) {
        return NULL;
    }
    void *block = malloc(size);
    if (block == NULL) {
        fatal("out of memory");
    }
    memory->left -= size;
    return block;
}

static void *capped_realloc(void *context, void *block, size_t old_size, size_t size)
{
    struct tree_memory *memory = context;
    if (size > memory->left + old_size) {
        return NULL;
    }
    block = realloc(block, size);
    if (block == NULL) {
        fatal("out of memory");
    }
    memory->left = memory->left + old_size - size;
    return block;
}

/* Called when the document is freed too, when the context is long gone: so it has no use for it. */
static void plain_free(void *context, void *block)
{
    (void)context;
    free(block);
}

yyjson_alc tree_allocator(struct tree_memory *memory)
{
    return (yyjson_alc){capped_malloc, capped_realloc, plain_free, memory};
}

/* Each block of secrets knows its size, so that all of it can be overwritten. */
enum { SECRET_HEAD = 16 };

static void *secret_malloc(void *context, size_t size)
{
    char *block = size > SIZE_MAX - SECRET_HEAD ? NULL : capped_malloc(context, size + SECRET_HEAD);
    if (block == NULL) {
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    return block + SECRET_HEAD;
}

static void secret_free(void *context, void *memory)
{
    (void)context;
    if (memory != NULL) {
        char *block = (char *)memory - SECRET_HEAD;
        size_t size;
        memcpy(&size, block, sizeof size);
        explicit_bzero(memory, size);
        free(block);
    }
}

static void *secret_realloc(void *context, void *memory, size_t old_size, size_t size)
{
    char *larger = secret_malloc(context, size);
    if (larger != NULL) {
        memcpy(larger, memory, old_size < size ? old_size : size);
        secret_free(context, memory);
    }
    return larger;
}

yyjson_alc tree_secret_allocator(struct tree_memory *memory)
{
    return (yyjson_alc){secret_malloc, secret_realloc, secret_free, memory};
}

/* -- checks -- */

/* Objects up to this many members are checked without sorting; nearly all are far smaller. */
enum { SMALL_OBJECT = 32, SHOWN_KEY = 64 };

static bool same_key(const yyjson_val *a, const yyjson_val *b)
{
    size_t n = yyjson_get_len(tree_value(a));
    return n == yyjson_get_len(tree_value(b)) && memcmp(a->uni.str, b->uni.str, n) == 0;
}

static const yyjson_val *next_key(const yyjson_val *key)
{
    return unsafe_yyjson_get_next(tree_value(key + 1));
}

/* One bit of 64, by length and three bytes: tells most different keys apart at no cost. */
static uint64_t key_bit(const yyjson_val *key)
{
    const unsigned char *p = (const unsigned char *)key->uni.str;
    size_t n = yyjson_get_len(tree_value(key));
    uint32_t mixed = (uint32_t)n;
    if (n > 0) {
        mixed += (uint32_t)p[0] << 8 | (uint32_t)p[n / 2] << 16 | (uint32_t)p[n - 1] << 24;
    }
    return UINT64_C(1) << ((mixed * UINT32_C(0x9e3779b1)) >> 26);
}

static const yyjson_val *stands_before(const yyjson_val *object, const yyjson_val *key)
{
    for (const yyjson_val *other = object + 1; other != key; other = next_key(other)) {
        if (same_key(other, key)) {
            return other;
        }
    }
    return NULL;
}

static struct tree_problem check_small(const yyjson_val *object, size_t n)
{
    uint64_t seen = 0;
    const yyjson_val *key = object + 1;
    for (size_t i = 0; i < n; i++, key = next_key(key)) {
        uint64_t bit = key_bit(key);
        const yyjson_val *first = (seen & bit) == 0 ? NULL : stands_before(object, key);
        if (first != NULL) {
            return (struct tree_problem){TREE_DUPLICATE_KEY, key, first};
        }
        seen |= bit;
    }
    return (struct tree_problem){TREE_SOUND};
}

/* By length, then bytes, then place: neighbours are equal or no key stands twice. */
static int compare_keys(const void *left, const void *right)
{
    const yyjson_val *a = *(const yyjson_val *const *)left;
    const yyjson_val *b = *(const yyjson_val *const *)right;
    size_t a_n = yyjson_get_len(tree_value(a));
    size_t b_n = yyjson_get_len(tree_value(b));
    if (a_n != b_n) {
        return a_n < b_n ? -1 : 1;
    }
    int order = memcmp(a->uni.str, b->uni.str, a_n);
    return order != 0 ? order : (a > b) - (a < b);
}

static struct tree_problem check_large(const yyjson_val *object, size_t n)
{
    const yyjson_val **keys = calloc(n, sizeof *keys);
    if (keys == NULL) {
        fatal("out of memory");
    }
    const yyjson_val *key = object + 1;
    for (size_t i = 0; i < n; i++, key = next_key(key)) {
        keys[i] = key;
    }
    qsort(keys, n, sizeof(yyjson_val *), compare_keys);
    struct tree_problem problem = {TREE_SOUND};
    for (size_t i = 1; i < n; i++) {
        /* Of all that stand twice, report the one that is met first. */
        if (same_key(keys[i - 1], keys[i]) &&
            (problem.fault == TREE_SOUND || keys[i] < problem.value)) {
            problem = (struct tree_problem){TREE_DUPLICATE_KEY, keys[i], keys[i - 1]};
        }
    }
    free(keys);
    return problem;
}

struct tree_problem tree_check(const yyjson_doc *tree)
{
    const yyjson_val *ends[LIMIT_JSON_DEPTH]; /* of the containers that are open */
    size_t depth = 0;
    const yyjson_val *end = tree->root + tree->val_read;
    for (const yyjson_val *value = tree->root; value < end; value++) {
        while (depth > 0 && value == ends[depth - 1]) {
            depth--;
        }
        if (!unsafe_yyjson_is_ctn(tree_value(value))) {
            continue;
        }
        if (depth == LIMIT_JSON_DEPTH) {
            return (struct tree_problem){TREE_TOO_DEEP, value, NULL};
        }
        ends[depth++] = unsafe_yyjson_get_next(tree_value(value));
        if (yyjson_is_obj(tree_value(value))) {
            size_t n = yyjson_obj_size(tree_value(value));
            struct tree_problem problem =
                n <= SMALL_OBJECT ? check_small(value, n) : check_large(value, n);
            if (problem.fault != TREE_SOUND) {
                return problem;
            }
        }
    }
    return (struct tree_problem){TREE_SOUND};
}

status tree_refuse(const yyjson_doc *tree, const struct tree_problem *problem, struct mark mark,
                   struct mark first, struct error *err)
{
    if (problem->fault == TREE_TOO_DEEP) {
        return error_set(err, ERROR_LIMIT, "line %u, column %u: nested deeper than %u levels",
                         mark.line, mark.column, LIMIT_JSON_DEPTH);
    }
    struct str key = json_str(problem->value);
    size_t shown = utf8_cut(key.p, key.n, SHOWN_KEY);
    buf_auto path;
    buf_init(&path, LIMIT_FIELD_PATH);
    tree_path(tree, problem->value, &path);
    return error_set(err, ERROR_INPUT,
                     "line %u, column %u: the key \"%.*s%s\" stands twice%s%.*s, "
                     "first at line %u, column %u",
                     mark.line, mark.column, (int)shown, key.p, shown < key.n ? "..." : "",
                     path.n > 0 ? " in " : "", STR_ARG(buf_str(&path)), first.line, first.column);
}

void tree_mark_members(const yyjson_doc *tree, struct mark *marks)
{
    for (size_t i = 0; i < tree->val_read; i++) {
        size_t members = yyjson_obj_size(tree->root + i);
        const yyjson_val *key = tree->root + i + 1;
        for (; members > 0; members--, key = next_key(key)) {
            size_t at = (size_t)(key - tree->root);
            marks[at + 1] = marks[at];
        }
    }
}

/* -- paths -- */

static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = (c >= '0' && c <= '9') || c == '-' || c == '$';
        if (!letter && (i == 0 || !later)) {
            return false;
        }
    }
    return name.n > 0;
}

void tree_path_member(struct buf *path, struct str name)
{
    if (!is_plain_name(name)) {
        buf_add_char(path, '[');
        buf_add_json(path, name);
        buf_add_char(path, ']');
        return;
    }
    if (path->n > 0) {
        buf_add_char(path, '.');
    }
    buf_add(path, name);
}

/* The step from `container` to its child that is, or holds, `value`; the child. A key belongs to
 * its object: then there is no further step. */
static const yyjson_val *step_towards(const yyjson_val *container, const yyjson_val *value,
                                      struct buf *path)
{
    bool object = yyjson_is_obj(tree_value(container));
    const yyjson_val *child = container + 1;
    for (size_t i = 0;; i++) {
        const yyjson_val *content = object ? child + 1 : child;
        const yyjson_val *next = unsafe_yyjson_get_next(tree_value(content));
        if (value == child && object) {
            return value;
        }
        if (value < next) {
            if (object) {
                tree_path_member(path, json_str(child));
            } else {
                buf_printf(path, "[%zu]", i);
            }
            return content;
        }
        child = next;
    }
}

void tree_path(const yyjson_doc *tree, const yyjson_val *value, struct buf *path)
{
    const yyjson_val *at = tree->root;
    while (at != value) {
        at = step_towards(at, value, path);
    }
}
