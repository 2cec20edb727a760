#include "events/body.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kube/config.h"

enum { NAME_ROOM = 200 }; /* with the number, less than the 253 that a name may have */

/* Spec: RFC 1123, as Kubernetes reads it: each part between dots begins and ends well. */
static bool is_subdomain(struct str name)
{
    bool sound = kube_name_is_sound(name);
    for (size_t i = 1; sound && i + 1 < name.n; i++) {
        bool border = name.p[i] == '.';
        sound = !border || (name.p[i - 1] != '-' && name.p[i - 1] != '.' && name.p[i + 1] != '-');
    }
    return sound;
}

void body_name(struct str of, uint64_t number, char *ret_name, size_t size)
{
    struct str stem = of.n <= NAME_ROOM && is_subdomain(of) ? of : STR("review");
    snprintf(ret_name, size, "%.*s.%016llx", STR_ARG(stem), (unsigned long long)number);
}

/* -- the note -- */

static void add_shown(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n;) {
        size_t n = utf8_length(text.p + i, text.n - i);
        bool shows = n > 0 && (text.p[i] == '\n' || !utf8_acts(text.p + i, n));
        buf_add(buf, shows ? str_sub(text, i, i + n) : STR("?"));
        i += n > 0 ? n : 1;
    }
}

void body_note(const struct event *event, struct buf *buf)
{
    static const struct str ELLIPSIS = {"…", sizeof("…") - 1};
    buf_auto shown;
    buf_init(&shown, LIMIT_MESSAGE + LIMIT_NAME); /* showing makes nothing longer */
    if (event->subject.n > 0 && event->subject.n <= LIMIT_EVENT_NOTE / 4) {
        buf_add_cstr(&shown, " (");
        add_shown(&shown, event->subject);
        buf_add_char(&shown, ')');
    }
    size_t tail = shown.n;
    add_shown(&shown, event->message);
    struct str all = buf_str(&shown), message = str_sub(all, tail, all.n);
    bool whole = message.n + tail <= LIMIT_EVENT_NOTE;
    size_t room = LIMIT_EVENT_NOTE - tail - (whole ? 0 : ELLIPSIS.n);
    buf_add(buf, str_sub(message, 0, utf8_cut(message.p, message.n, room)));
    buf_add(buf, whole ? STR_EMPTY : ELLIPSIS);
    buf_add(buf, str_sub(all, 0, tail));
}

/* -- the object -- */

/* Spec: k8s.io/apimachinery MicroTime: RFC 3339 with six digits. */
static void add_time(struct buf *buf, const char *name, int64_t wall)
{
    time_t seconds = wall / NS_PER_S;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buf_printf(buf, "\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06lldZ\"", name, tm.tm_year + 1900,
               tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
               (long long)(wall % NS_PER_S / NS_PER_US));
}

static void add_series(struct buf *buf, uint64_t count, int64_t last)
{
    buf_printf(buf, "\"series\":{\"count\":%llu,",
               (unsigned long long)(count > INT32_MAX ? INT32_MAX : count));
    add_time(buf, "lastObservedTime", last);
    buf_add_char(buf, '}');
}

static void add_regarding(struct buf *buf, const struct event *event)
{
    const struct event_object *object = &event->regarding;
    buf_add_cstr(buf, ",\"regarding\":{\"apiVersion\":");
    buf_add_json(buf, object->api_version);
    buf_add_member(buf, "kind", object->kind);
    buf_add_member(buf, "name", object->name);
    buf_add_member(buf, "namespace", event->namespace);
    if (object->uid.n > 0) {
        buf_add_member(buf, "uid", object->uid);
    }
    buf_add_char(buf, '}');
}

static void add_note(struct buf *buf, const struct event *event)
{
    buf_auto note;
    buf_init(&note, LIMIT_EVENT_NOTE);
    body_note(event, &note);
    buf_add_member(buf, "note", buf_str(&note));
}

void body_event(const struct event *event, const char *name, struct str instance, uint64_t count,
                int64_t last, struct buf *buf)
{
    buf_add_cstr(buf, "{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{"
                      "\"name\":");
    buf_add_json(buf, str_from(name));
    buf_add_member(buf, "namespace", event->namespace);
    buf_add_cstr(buf, "},");
    add_time(buf, "eventTime", event->time);
    buf_add_member(buf, "type", STR("Warning"));
    buf_add_member(buf, "reason", event->denied ? STR("ImageDenied") : STR("ImageWarned"));
    buf_add_member(buf, "action", event->denied ? STR("Deny") : STR("Warn"));
    buf_add_member(buf, "reportingController", STR("pratique.dev/admission"));
    buf_add_member(buf, "reportingInstance", instance);
    add_note(buf, event);
    add_regarding(buf, event);
    if (count > 1) {
        buf_add_char(buf, ',');
        add_series(buf, count, last);
    }
    buf_add_char(buf, '}');
}

void body_series(uint64_t count, int64_t last, struct buf *buf)
{
    buf_add_char(buf, '{');
    add_series(buf, count, last);
    buf_add_char(buf, '}');
}
