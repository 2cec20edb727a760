#include "replay/replay.h"

static void add_text(struct buf *line, const char *name, struct str value)
{
    buf_printf(line, ",\"%s\":", name);
    buf_add_json(line, value);
}

static void add_request(struct buf *line, const struct history_entry *entry)
{
    buf_add_cstr(line, "{\"endpoint\":");
    buf_add_json(line, entry->endpoint);
    add_text(line, "verdict", entry->verdict);
    add_text(line, "uid", entry->uid);
    add_text(line, "api", entry->api);
    add_text(line, "operation", entry->operation);
    add_text(line, "group", entry->group);
    add_text(line, "kind", entry->kind);
    add_text(line, "subresource", entry->subresource);
    add_text(line, "namespace", entry->namespace);
    add_text(line, "name", entry->name);
    add_text(line, "user", entry->user);
    if (str_eq(entry->cause, STR("problem"))) {
        add_text(line, "problem", entry->detail);
    }
}

static void add_images(struct buf *line, const struct history_entry *entry)
{
    buf_printf(line, ",\"imageCount\":%zu,\"images\":[", entry->image_count);
    for (size_t i = 0; i < entry->n_images; i++) {
        buf_add_cstr(line, i == 0 ? "{\"image\":" : ",{\"image\":");
        buf_add_json(line, entry->images[i].text);
        add_text(line, "path", entry->images[i].path);
        add_text(line, "verdict", entry->images[i].verdict);
        buf_add_char(line, '}');
    }
}

static void add_violations(struct buf *line, const struct history_entry *entry)
{
    buf_add_cstr(line, "],\"violations\":[");
    for (size_t i = 0; i < entry->n_violations; i++) {
        const struct history_violation *violation = &entry->violations[i];
        buf_add_cstr(line, i == 0 ? "{\"path\":" : ",{\"path\":");
        buf_add_json(line, violation->path);
        add_text(line, "cause", violation->cause);
        add_text(line, "policy", violation->policy);
        add_text(line, "rule", violation->rule);
        add_text(line, "mode", violation->mode);
        add_text(line, "exception", violation->exception);
        buf_add_char(line, '}');
    }
    buf_add_cstr(line, "]}");
}

void replay_history_line(const struct history_entry *entry, struct buf *line)
{
    add_request(line, entry);
    add_images(line, entry);
    add_violations(line, entry);
}
