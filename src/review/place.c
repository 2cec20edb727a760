#include "review/place.h"

#include <stdio.h>
#include <string.h>

/* Whoever walks a document is bounded by its depth; the rest is what is known without walking. */
enum { PLACE_DEPTH = LIMIT_JSON_DEPTH + 8 };

struct writer {
    char *p;
    size_t n;
    size_t room;
    bool full; /* something did not fit; what did is there */
};

static void put(struct writer *w, const char *p, size_t n)
{
    size_t fits = n < w->room - w->n ? n : w->room - w->n;
    memcpy(w->p + w->n, p, fits);
    w->n += fits;
    w->full = w->full || fits < n;
}

static void put_str(struct writer *w, struct str s)
{
    if (s.n > 0) {
        put(w, s.p, s.n);
    }
}

static void put_index(struct writer *w, size_t index)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%zu", index);
    put(w, digits, (size_t)n);
}

static bool is_plain(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        unsigned char c = (unsigned char)key.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') {
            return false;
        }
    }
    return key.n > 0;
}

static void put_key(struct writer *w, struct str key)
{
    if (is_plain(key)) {
        put_str(w, w->n == 0 ? STR("") : STR("."));
        put_str(w, key);
        return;
    }
    put_str(w, STR("["));
    for (size_t i = 0; i < key.n; i++) {
        bool control = (unsigned char)key.p[i] < 0x20 || key.p[i] == 0x7f;
        put(w, control ? "?" : &key.p[i], 1);
    }
    put_str(w, STR("]"));
}

static void put_escaped(struct writer *w, struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~') {
            put_str(w, STR("~0"));
        } else if (key.p[i] == '/') {
            put_str(w, STR("~1"));
        } else {
            put(w, &key.p[i], 1);
        }
    }
}

struct chain {
    const struct place *links[PLACE_DEPTH]; /* from the leaf to the root */
    size_t n;
};

static void unroll(const struct place *place, struct chain *chain)
{
    chain->n = 0;
    for (; place != NULL; place = place->up) {
        ENSURE(chain->n < PLACE_DEPTH);
        chain->links[chain->n++] = place;
    }
}

static void put_path(struct writer *w, const struct chain *chain)
{
    for (size_t i = chain->n; i-- > 0;) {
        const struct place *link = chain->links[i];
        if (link->key.p != NULL) {
            put_key(w, link->key);
        } else {
            put_str(w, STR("["));
            put_index(w, link->index);
            put_str(w, STR("]"));
        }
    }
}

static void put_pointer(struct writer *w, const struct chain *chain)
{
    for (size_t i = chain->n; i-- > 0;) {
        const struct place *link = chain->links[i];
        put_str(w, STR("/"));
        if (link->key.p != NULL) {
            put_escaped(w, link->key);
        } else {
            put_index(w, link->index);
        }
    }
}

struct place_text place_text(const struct place *place)
{
    struct place_text text = {{0}};
    struct writer w = {.p = text.text, .room = sizeof text.text - 1};
    struct chain chain;
    unroll(place, &chain);
    put_path(&w, &chain);
    if (w.n == 0) {
        put_str(&w, STR("the object"));
    }
    return text;
}

status place_write(struct arena *arena, const struct place *place, struct str *ret_path,
                   struct str *ret_pointer, struct error *err)
{
    char path[LIMIT_FIELD_PATH];
    char pointer[2 * LIMIT_FIELD_PATH]; /* each byte of the path is two at most: "~1" */
    struct writer path_writer = {.p = path, .room = sizeof path};
    struct writer pointer_writer = {.p = pointer, .room = sizeof pointer};
    struct chain chain;
    unroll(place, &chain);
    put_path(&path_writer, &chain);
    put_pointer(&pointer_writer, &chain);
    if (path_writer.full || pointer_writer.full) {
        return error_set(err, ERROR_INPUT,
                         "an image stands at a field path longer than %u bytes, which begins with "
                         "\"%.64s\"",
                         LIMIT_FIELD_PATH, place_text(place).text);
    }
    *ret_path = arena_dup(arena, (struct str){path, path_writer.n});
    *ret_pointer = arena_dup(arena, (struct str){pointer, pointer_writer.n});
    return OK;
}
