#include "kube/events.h"

#include "kube/parse.h"

/* Room for a line is kept up to here; a larger one was an exception. */
enum { ROOM_KEPT = 64 * 1024, CODE_MAX = 999 };

void kube_events_init(struct kube_events *events, const struct kube_event_taker *taker,
                      const struct kube_type *type, struct str namespace, size_t max)
{
    *events = (struct kube_events){.taker = taker, .type = type, .namespace = namespace};
    buf_init(&events->line, max);
}

void kube_events_done(struct kube_events *events)
{
    buf_done(&events->line);
}

/* -- one event -- */

static bool read_kind(struct str type, enum kube_event_kind *ret_kind)
{
    static const struct {
        const char *type;
        enum kube_event_kind kind;
    } KINDS[] = {{"ADDED", KUBE_EVENT_PUT},
                 {"MODIFIED", KUBE_EVENT_PUT},
                 {"DELETED", KUBE_EVENT_DROP},
                 {"BOOKMARK", KUBE_EVENT_BOOKMARK},
                 {"ERROR", KUBE_EVENT_ERROR}};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (str_eq(type, str_from(KINDS[i].type))) {
            *ret_kind = KINDS[i].kind;
            return true;
        }
    }
    return false;
}

static void read_status(const yyjson_val *object, struct kube_event *event)
{
    yyjson_val *code = json_get(object, "code");
    bool sound = yyjson_is_uint(code) && yyjson_get_uint(code) <= CODE_MAX;
    event->code = sound ? yyjson_get_int(code) : 0;
    event->reason = json_str(json_get(object, "reason"));
    event->message = json_str(json_get(object, "message"));
}

static status read_object(const struct kube_events *events, const struct json_doc *object,
                          struct kube_event *event, struct error *err)
{
    if (event->kind == KUBE_EVENT_ERROR) {
        read_status(object->root, event);
        return OK;
    }
    if (event->kind == KUBE_EVENT_BOOKMARK) {
        return failed(kube_item_version(object->root, &event->version, err))
                   ? error_wrap(err, "a bookmark")
                   : OK;
    }
    TRY(kube_item_read(object, events->type, events->namespace, &event->item, err));
    return kube_item_version(object->root, &event->version, err);
}

static status read_event(struct kube_events *events, struct str line, struct error *err)
{
    json_doc_auto doc = {0};
    struct kube_event event = {0};
    if (failed(kube_parse(line, &doc, err))) {
        return err->kind == ERROR_LIMIT
                   ? FAILED
                   : error_set(err, ERROR_UPSTREAM, "an event that is no JSON");
    }
    struct str type = json_str(json_get(doc.root, "type"));
    if (!read_kind(type, &event.kind)) {
        return error_set(err, ERROR_UPSTREAM, "an event of unknown type \"%.*s\"",
                         STR_ARG(str_sub(type, 0, 64)));
    }
    const struct json_doc object = {.root = json_get(doc.root, "object"), .tree = doc.tree};
    if (!yyjson_is_obj(object.root)) {
        return error_set(err, ERROR_UPSTREAM, "an event without an object");
    }
    TRY(read_object(events, &object, &event, err));
    return events->taker->take(events->taker->self, &event, err);
}

/* -- lines -- */

static status refuse_length(const struct kube_events *events, struct error *err)
{
    return error_set(err, ERROR_LIMIT, "an event larger than %zu bytes", events->line.max);
}

/* The rest of a line that was begun. */
static status end_line(struct kube_events *events, struct str rest, struct error *err)
{
    buf_add(&events->line, rest);
    if (buf_overflowed(&events->line)) {
        return refuse_length(events, err);
    }
    status st = read_event(events, buf_str(&events->line), err);
    if (events->line.room > ROOM_KEPT) {
        buf_done(&events->line);
    }
    buf_clear(&events->line);
    return st;
}

static status take_line(struct kube_events *events, struct str line, struct error *err)
{
    if (events->line.n > 0) {
        return end_line(events, line, err);
    }
    return line.n > events->line.max ? refuse_length(events, err) : read_event(events, line, err);
}

status kube_events_read(struct kube_events *events, struct str bytes, struct error *err)
{
    struct str line, rest = bytes;
    while (str_cut(rest, '\n', &line, &rest)) {
        TRY(take_line(events, line, err));
    }
    buf_add(&events->line, line);
    return buf_overflowed(&events->line) ? refuse_length(events, err) : OK;
}

status kube_events_end(const struct kube_events *events, struct error *err)
{
    return events->line.n == 0
               ? OK
               : error_set(err, ERROR_UPSTREAM, "the stream ended in the middle of an event");
}
