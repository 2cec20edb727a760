#pragma once
/* Inside events/: an Event as the API server takes it. Pure.
 * Spec: k8s.io/api events/v1 Event, and kube-apiserver's validation of it. */
#include "base/buf.h"
#include "events/event.h"

/* A name for the Event of an object that is called `of`: "web-7d4b9c.17f3c2d4e5a60718", where the
 * number is unique. */
void body_name(struct str of, uint64_t number, char *ret_name, size_t size);

/* Append the note: the message, then what was denied, in brackets; of both at most
 * LIMIT_EVENT_NOTE bytes, the message being cut at a character's border. Characters that act
 * instead of showing become '?', but for line feeds: people read it on terminals. */
void body_note(const struct event *event, struct buf *buf);

/* Append the Event, seen `count` times, the last time at wall time `last`. */
void body_event(const struct event *event, const char *name, struct str instance, uint64_t count,
                int64_t last, struct buf *buf);

/* Append the merge patch by which one tells that it was seen `count` times, at least twice. */
void body_series(uint64_t count, int64_t last, struct buf *buf);
