/* Two bytes, then the stream of a watch: the first bounds an event, the second cuts the stream in
 * pieces. Read whole, byte by byte and in those pieces it tells the same events and ends in the
 * same error; and what is told is what a naive reading of the line says. */
#include <stdlib.h>

#include "kube/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOLD_MAX = 64 * 1024 * 1024 };

static const struct kube_type TYPE = {"v1", "Thing"};

/* -- what was told -- */

static bool is_sound(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '/' || name.p[i] == '%') {
            return false;
        }
    }
    return name.n > 0 && name.n <= 253 && !str_eq(name, STR(".")) && !str_eq(name, STR(".."));
}

static void check_item(const struct kube_event *event)
{
    const struct kube_item *item = &event->item;
    const yyjson_val *metadata = json_get(item->object->root, "metadata");
    ENSURE(is_sound(item->name) && (item->namespace.n == 0 || is_sound(item->namespace)));
    ENSURE(str_eq(json_str(json_get(metadata, "name")), item->name));
    ENSURE(str_eq(json_str(json_get(item->object->root, "kind")), STR("Thing")));
    ENSURE(str_eq(json_str(json_get(item->object->root, "apiVersion")), STR("v1")));
    ENSURE(str_eq(str_from(event->version.text), item->version) && item->version.n > 0);
}

static status take(void *self, const struct kube_event *event, struct error *err)
{
    struct buf *told = self;
    (void)err;
    buf_printf(told, "%d %d %s ", (int)event->kind, event->code, event->version.text);
    buf_add_json(told, event->item.name);
    buf_add_json(told, event->item.namespace);
    buf_add_json(told, event->reason);
    buf_add_json(told, event->message);
    buf_add_char(told, '\n');
    if (event->kind == KUBE_EVENT_PUT || event->kind == KUBE_EVENT_DROP) {
        check_item(event);
    } else {
        ENSURE(event->item.name.n == 0 && event->item.object == NULL);
    }
    return OK;
}

/* -- reading -- */

/* A copy of exactly its size, so that reading past its end is seen. */
static char *copy_of(struct str text)
{
    char *copy = malloc(text.n == 0 ? 1 : text.n);
    ENSURE(copy != NULL);
    memcpy(copy, text.p, text.n);
    return copy;
}

static status read_pieces(struct kube_events *events, struct str text, size_t piece,
                          struct error *err)
{
    while (text.n > 0) {
        struct str part = str_sub(text, 0, piece);
        char *copy = copy_of(part);
        status st = kube_events_read(events, (struct str){copy, part.n}, err);
        free(copy);
        TRY(st);
        text = str_sub(text, piece, text.n);
    }
    return kube_events_end(events, err);
}

/* What reading tells, and its error behind it. Returns owned. */
static struct buf reading(struct str text, size_t piece, size_t max)
{
    struct buf told;
    struct kube_events events;
    struct error err = {0};
    buf_init(&told, TOLD_MAX);
    const struct kube_event_taker taker = {&told, take};
    kube_events_init(&events, &taker, &TYPE, STR_EMPTY, max);
    if (failed(read_pieces(&events, text, piece, &err))) {
        ENSURE(err.kind == ERROR_UPSTREAM || err.kind == ERROR_LIMIT);
        buf_printf(&told, "%d %s", (int)err.kind, err.text);
    }
    kube_events_done(&events);
    ENSURE(!buf_overflowed(&told));
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct str text = {(const char *)data + 2, size - 2};
    size_t max = 16 + (size_t)data[0] * 16, n_lines = 0;
    for (size_t i = 0; i < text.n; i++) {
        n_lines += text.p[i] == '\n';
    }
    buf_auto whole = reading(text, text.n, max);
    buf_auto bytes = reading(text, 1, max);
    buf_auto pieces = reading(text, (size_t)data[1] + 1, max);
    ENSURE(str_eq(buf_str(&whole), buf_str(&bytes)));
    ENSURE(str_eq(buf_str(&whole), buf_str(&pieces)));
    size_t n_told = 0;
    for (size_t i = 0; i < whole.n; i++) {
        n_told += whole.p[i] == '\n';
    }
    ENSURE(n_told <= n_lines);
    return 0;
}
