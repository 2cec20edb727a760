#include "events/known.h"

#include <stdlib.h>

#include "base/status.h"

struct known *known_find(struct known_table *table, const struct event *event)
{
    uint64_t hash = event_hash(event);
    for (size_t i = 0; i < LIMIT_EVENTS_KNOWN; i++) {
        struct known *known = &table->items[i];
        if (known->event != NULL && known->hash == hash && event_same(known->event, event)) {
            return known;
        }
    }
    return NULL;
}

struct known *known_place(struct known_table *table)
{
    struct known *found = NULL;
    for (size_t i = 0; i < LIMIT_EVENTS_KNOWN; i++) {
        struct known *known = &table->items[i];
        if (known->event == NULL) {
            return known;
        }
        if (known->pending == 0 && (found == NULL || known->seen < found->seen)) {
            found = known;
        }
    }
    return found;
}

void known_keep(struct known *known, const struct event *event, int64_t now)
{
    struct event *copy = malloc(event_size(event));
    if (copy == NULL) {
        fatal("out of memory");
    }
    event_copy(event, copy);
    known_forget(known);
    *known = (struct known){
        .event = copy,
        .hash = event_hash(copy),
        .count = 1,
        .pending = 1,
        .seen = now,
        .time = event->time,
    };
}

void known_forget(struct known *known)
{
    free(known->event);
    *known = (struct known){.event = NULL};
}

void known_done(struct known_table *table)
{
    for (size_t i = 0; i < LIMIT_EVENTS_KNOWN; i++) {
        known_forget(&table->items[i]);
    }
}
