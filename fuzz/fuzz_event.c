/* Text from a review on its way into an Event: three lines are the object's name, kind and uid, the
 * rest is the message. Asserted: the Event is JSON that says what it was given and nothing else,
 * and the note is one that an API server and a terminal take. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "events/body.h"
#include "json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_note(struct str note)
{
    ENSURE(note.n <= LIMIT_EVENT_NOTE && utf8_valid(note));
    for (size_t i = 0; i < note.n;) {
        size_t n = utf8_length(note.p + i, note.n - i);
        ENSURE(note.p[i] == '\n' || !utf8_acts(note.p + i, n));
        i += n;
    }
}

static void check_body(const struct event *event)
{
    char name[256];
    buf_auto buf;
    buf_init(&buf, LIMIT_EVENTS_BODY);
    body_name(event->regarding.name, 42, name, sizeof name);
    body_event(event, name, STR("pratique-0"), 2, 0, &buf);
    ENSURE(!buf_overflowed(&buf));
    json_doc_auto doc = {0};
    struct error err;
    ENSURE(!failed(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, &err)));
    const yyjson_val *regarding = json_get(doc.root, "regarding");
    ENSURE(str_eq(json_str(json_get(regarding, "namespace")), event->namespace));
    ENSURE(
        str_eq(json_str(json_get(json_get(doc.root, "metadata"), "namespace")), event->namespace));
    ENSURE(str_eq(json_str(json_get(doc.root, "type")), STR("Warning")));
    check_note(json_str(json_get(doc.root, "note")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct event event = {.namespace = STR("shop"), .denied = true};
    str_cut(rest, '\n', &event.regarding.name, &rest);
    str_cut(rest, '\n', &event.regarding.kind, &rest);
    str_cut(rest, '\n', &event.regarding.uid, &rest);
    event.regarding.api_version = event.regarding.kind;
    event.subject = event.regarding.name;
    event.message = rest;
    struct event *copy = malloc(event_size(&event));
    ENSURE(copy != NULL);
    event_copy(&event, copy);
    ENSURE(event_same(&event, copy) && event_hash(&event) == event_hash(copy));
    check_body(copy);
    free(copy);
    return 0;
}
