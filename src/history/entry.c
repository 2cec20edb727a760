#include "history/entry.h"

#include <string.h>

#include "base/limits.h"
#include "base/status.h"
#include "base/utf8.h"

enum { ALIGN = 16 };

/* Where a struct has a text, and how long it may be. */
struct text_place {
    size_t offset, max;
};

#define AT(type, member, most)                                                                     \
    {                                                                                              \
        offsetof(struct type, member), most                                                        \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct text_place ENTRY_TEXTS[] = {
    AT(history_entry, uid, LIMIT_NAME),       AT(history_entry, endpoint, LIMIT_NAME),
    AT(history_entry, api, LIMIT_NAME),       AT(history_entry, operation, LIMIT_NAME),
    AT(history_entry, group, LIMIT_NAME),     AT(history_entry, version, LIMIT_NAME),
    AT(history_entry, kind, LIMIT_NAME),      AT(history_entry, subresource, LIMIT_NAME),
    AT(history_entry, namespace, LIMIT_NAME), AT(history_entry, name, LIMIT_NAME),
    AT(history_entry, user, LIMIT_NAME),      AT(history_entry, verdict, LIMIT_NAME),
    AT(history_entry, cause, LIMIT_NAME),     AT(history_entry, detail, LIMIT_MESSAGE),
};

static const struct text_place IMAGE_TEXTS[] = {
    AT(history_image, text, LIMIT_IMAGE_TEXT),       AT(history_image, rewritten, LIMIT_IMAGE_TEXT),
    AT(history_image, normalised, LIMIT_IMAGE_TEXT), AT(history_image, path, LIMIT_FIELD_PATH),
    AT(history_image, verdict, LIMIT_NAME),
};

static const struct text_place VIOLATION_TEXTS[] = {
    AT(history_violation, path, LIMIT_FIELD_PATH), AT(history_violation, cause, LIMIT_NAME),
    AT(history_violation, policy, LIMIT_NAME),     AT(history_violation, rule, LIMIT_NAME),
    AT(history_violation, mode, LIMIT_NAME),       AT(history_violation, exception, LIMIT_NAME),
    AT(history_violation, message, LIMIT_MESSAGE),
};

static struct str bounded(struct str text, size_t max)
{
    return text.n <= max ? text : str_sub(text, 0, utf8_cut(text.p, text.n, max));
}

static struct str text_at(const void *object, const struct text_place *place)
{
    struct str text;
    memcpy(&text, (const char *)object + place->offset, sizeof text);
    return bounded(text, place->max);
}

static size_t texts_size(const void *object, const struct text_place *places, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        size += text_at(object, &places[i]).n;
    }
    return size;
}

struct fit {
    size_t images, violations, bytes;
};

static struct fit fit_entry(const struct history_entry *entry)
{
    struct fit fit = {.bytes = sizeof *entry + ALIGN};
    fit.bytes += texts_size(entry, ENTRY_TEXTS, COUNT(ENTRY_TEXTS));
    for (; fit.violations < entry->n_violations; fit.violations++) {
        const struct history_violation *one = &entry->violations[fit.violations];
        size_t size = sizeof *one + texts_size(one, VIOLATION_TEXTS, COUNT(VIOLATION_TEXTS));
        if (fit.bytes + size > LIMIT_HISTORY_ENTRY / 2) {
            break;
        }
        fit.bytes += size;
    }
    for (; fit.images < entry->n_images; fit.images++) {
        const struct history_image *one = &entry->images[fit.images];
        size_t size = sizeof *one + texts_size(one, IMAGE_TEXTS, COUNT(IMAGE_TEXTS));
        if (fit.bytes + size > LIMIT_HISTORY_ENTRY) {
            break;
        }
        fit.bytes += size;
    }
    fit.bytes -= fit.bytes % ALIGN; /* what was added above is more than what goes here */
    return fit;
}

size_t history_entry_size(const struct history_entry *entry)
{
    return fit_entry(entry).bytes;
}

/* Move the texts of `object` to *end, which goes on behind them. */
static void take_texts(void *object, const struct text_place *places, size_t n, char **end)
{
    for (size_t i = 0; i < n; i++) {
        struct str text = text_at(object, &places[i]);
        if (text.n > 0) {
            memcpy(*end, text.p, text.n);
        }
        text.p = *end;
        *end += text.n;
        memcpy((char *)object + places[i].offset, &text, sizeof text);
    }
}

struct history_entry *history_entry_copy(const struct history_entry *entry, void *memory)
{
    struct fit fit = fit_entry(entry);
    struct history_entry *copy = memory;
    *copy = *entry;
    copy->n_images = fit.images;
    copy->n_violations = fit.violations;
    copy->images = (struct history_image *)(void *)(copy + 1);
    copy->violations = (struct history_violation *)(void *)(copy->images + fit.images);
    char *end = (char *)(copy->violations + fit.violations);
    take_texts(copy, ENTRY_TEXTS, COUNT(ENTRY_TEXTS), &end);
    for (size_t i = 0; i < fit.images; i++) {
        copy->images[i] = entry->images[i];
        take_texts(&copy->images[i], IMAGE_TEXTS, COUNT(IMAGE_TEXTS), &end);
    }
    for (size_t i = 0; i < fit.violations; i++) {
        copy->violations[i] = entry->violations[i];
        take_texts(&copy->violations[i], VIOLATION_TEXTS, COUNT(VIOLATION_TEXTS), &end);
    }
    ENSURE(end <= (char *)memory + fit.bytes);
    return copy;
}
