#include "review/extract.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_ROOM = 8 };

status wrong_type(struct error *err, const struct place *place, const char *wanted,
                  const yyjson_val *value)
{
    struct place_text at = place_text(place);
    if (value == NULL) {
        return error_set(err, ERROR_INPUT, "%s is missing, it must be %s", at.text, wanted);
    }
    return error_set(err, ERROR_INPUT, "%s must be %s, found %s", at.text, wanted,
                     json_type_name(value));
}

status read_name(yyjson_val *value, const struct place *place, struct str *ret_name,
                 struct error *err)
{
    if (is_absent(value)) {
        *ret_name = STR_EMPTY;
        return OK;
    }
    if (!yyjson_is_str(value)) {
        return wrong_type(err, place, "a string", value);
    }
    if (yyjson_get_len(value) > LIMIT_NAME) {
        return error_set(err, ERROR_INPUT, "%s is longer than %u bytes", place_text(place).text,
                         LIMIT_NAME);
    }
    *ret_name = json_str(value);
    return OK;
}

/* -- what is wrong -- */

static void note(struct image_list *list, const struct error *err)
{
    if (!list->failed) {
        list->failed = true;
        list->err = *err;
    }
}

void image_list_wrong_type(struct image_list *list, const struct place *place, const char *wanted,
                           const yyjson_val *value)
{
    if (!list->failed) {
        list->failed = failed(wrong_type(&list->err, place, wanted, value));
    }
}

void image_list_wrong(struct image_list *list, const struct place *place, const char *format, ...)
{
    if (list->failed) {
        return;
    }
    char what[128];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    error_fill(&list->err, ERROR_INPUT, "%s %s", place_text(place).text, what);
    list->failed = true;
}

status image_list_status(const struct image_list *list, struct error *err)
{
    if (!list->failed) {
        return OK;
    }
    *err = list->err;
    return FAILED;
}

/* -- adding -- */

static bool has(const struct image_list *list, const yyjson_val *value)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].value == value) {
            return true;
        }
    }
    return false;
}

/* Is there a text that can be added? */
static bool is_text(struct image_list *list, enum strictness strictness,
                    const struct image_spot *spot)
{
    bool empty = yyjson_is_str(spot->value) && yyjson_get_len(spot->value) == 0;
    if (is_absent(spot->value) || empty) {
        if (strictness == STRICT) {
            image_list_wrong(list, spot->place, "is missing: nothing can run without it");
        }
        return false;
    }
    if (!yyjson_is_str(spot->value)) {
        image_list_wrong_type(list, spot->place, "a string", spot->value);
        return false;
    }
    if (yyjson_get_len(spot->value) > LIMIT_IMAGE_TEXT) {
        image_list_wrong(list, spot->place, "is longer than %u bytes, as no image reference is",
                         LIMIT_IMAGE_TEXT);
        return false;
    }
    return true;
}

static struct str name_of(struct image_list *list, const struct image_spot *spot)
{
    struct str name = STR_EMPTY;
    struct error err;
    const struct place *place = PLACE_MEMBER(spot->place->up, STR("name"));
    if (failed(read_name(spot->name, place, &name, &err))) {
        note(list, &err);
    }
    return name;
}

static void append(struct image_list *list, const struct image_found *found)
{
    if (list->n == list->room) {
        list->room = list->room == 0 ? FIRST_ROOM : list->room * 2;
        struct image_found *items = ARENA_ARRAY(list->arena, struct image_found, list->room);
        if (list->n > 0) {
            memcpy(items, list->items, list->n * sizeof *items);
        }
        list->items = items;
    }
    list->items[list->n++] = *found;
}

void image_list_add(struct image_list *list, enum strictness strictness,
                    const struct image_spot *spot)
{
    if (list->full || !is_text(list, strictness, spot) || has(list, spot->value)) {
        return;
    }
    if (list->n + list->unplaced == LIMIT_IMAGES_PER_REVIEW) {
        list->full = true;
        image_list_wrong(list, NULL, "has more than %u images", LIMIT_IMAGES_PER_REVIEW);
        return;
    }
    struct image_found found = {
        .image = {.text = json_str(spot->value),
                  .name = name_of(list, spot),
                  .role = spot->role,
                  .pod_spec = list->pod_spec},
        .value = spot->value,
    };
    struct error err;
    if (failed(
            place_write(list->arena, spot->place, &found.image.path, &found.image.pointer, &err))) {
        note(list, &err);
        list->unplaced++;
        return;
    }
    found.home = found.image.pointer.n;
    for (unsigned i = 0; i < spot->below_pod_spec; i++) {
        found.home = str_rfind(str_sub(found.image.pointer, 0, found.home), '/');
    }
    append(list, &found);
}

/* -- comparing -- */

static bool same_seat(const struct image_found *a, const struct image_found *b)
{
    return a->image.role == b->image.role && str_eq(a->image.name, b->image.name) &&
           str_eq(str_sub(a->image.pointer, 0, a->home), str_sub(b->image.pointer, 0, b->home));
}

/* The one image of `list` that sits where `wanted` does; NULL if there is none, or more than one.
 */
static const struct image_found *only_one(const struct image_list *list,
                                          const struct image_found *wanted)
{
    const struct image_found *found = NULL;
    for (size_t i = 0; i < list->n; i++) {
        if (same_seat(&list->items[i], wanted)) {
            if (found != NULL) {
                return NULL;
            }
            found = &list->items[i];
        }
    }
    return found;
}

void image_list_mark_unchanged(struct image_list *list, const struct image_list *old)
{
    for (size_t i = 0; i < list->n; i++) {
        struct image_found *found = &list->items[i];
        const struct image_found *before = only_one(old, found);
        bool alone = only_one(list, found) != NULL;
        found->image.unchanged =
            alone && before != NULL && str_eq(before->image.text, found->image.text);
    }
}
