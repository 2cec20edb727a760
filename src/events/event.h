#pragma once
/* One denial or warning, as an Event will tell it. Ownership: an event borrows its texts until it
 * is copied. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* An object of the event's own namespace. */
struct event_object {
    struct str api_version, kind, name;
    struct str uid; /* empty: not known */
};

struct event {
    struct str namespace; /* where the Event stands, and what it regards */
    struct event_object regarding;
    struct str subject; /* what was denied: "Pod web-7d4b9c-" */
    struct str message;
    bool denied;  /* else it was admitted with a warning */
    int64_t time; /* wall time */
};

/* Bytes that a copy takes. */
size_t event_size(const struct event *event);

/* Copy an event and its texts into `memory`, which has that size and is aligned for any type. The
 * copy borrows from it alone. Limits: LIMIT_NAME, LIMIT_MESSAGE; a text that is longer is cut at a
 * character's border. */
void event_copy(const struct event *event, void *memory);

/* Whether two tell the same, but for their times; a number that is then the same. */
bool event_same(const struct event *a, const struct event *b);
uint64_t event_hash(const struct event *event);
