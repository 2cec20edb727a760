#include "events/event.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* Where an event has a text, and how long it may be. */
static const struct {
    size_t offset, max;
} TEXTS[] = {
    {offsetof(struct event, namespace), LIMIT_NAME},
    {offsetof(struct event, regarding.api_version), LIMIT_NAME},
    {offsetof(struct event, regarding.kind), LIMIT_NAME},
    {offsetof(struct event, regarding.name), LIMIT_NAME},
    {offsetof(struct event, regarding.uid), LIMIT_NAME},
    {offsetof(struct event, subject), LIMIT_NAME},
    {offsetof(struct event, message), LIMIT_MESSAGE},
};

enum { N_TEXTS = sizeof TEXTS / sizeof *TEXTS };

static struct str text_of(const struct event *event, size_t i)
{
    struct str text;
    memcpy(&text, (const char *)event + TEXTS[i].offset, sizeof text);
    return text.n <= TEXTS[i].max ? text : str_sub(text, 0, utf8_cut(text.p, text.n, TEXTS[i].max));
}

size_t event_size(const struct event *event)
{
    size_t size = sizeof *event;
    for (size_t i = 0; i < N_TEXTS; i++) {
        size += text_of(event, i).n;
    }
    return size;
}

void event_copy(const struct event *event, void *memory)
{
    struct event *copy = memory;
    char *end = (char *)(copy + 1);
    *copy = *event;
    for (size_t i = 0; i < N_TEXTS; i++) {
        struct str text = text_of(event, i);
        if (text.n > 0) {
            memcpy(end, text.p, text.n);
        }
        text.p = end;
        end += text.n;
        memcpy((char *)copy + TEXTS[i].offset, &text, sizeof text);
    }
}

bool event_same(const struct event *a, const struct event *b)
{
    bool same = a->denied == b->denied;
    for (size_t i = 0; same && i < N_TEXTS; i++) {
        same = str_eq(text_of(a, i), text_of(b, i));
    }
    return same;
}

uint64_t event_hash(const struct event *event)
{
    uint64_t hash = event->denied;
    for (size_t i = 0; i < N_TEXTS; i++) {
        hash = hash * 31 + str_hash(text_of(event, i));
    }
    return hash;
}
