#include "replay/replay.h"

static void add_request(struct buf *line, const struct history_entry *entry)
{
    buf_add_cstr(line, "{\"endpoint\":");
    buf_add_json(line, entry->endpoint);
    buf_add_member(line, "verdict", entry->verdict);
    buf_add_member(line, "uid", entry->uid);
    buf_add_member(line, "api", entry->api);
    buf_add_member(line, "operation", entry->operation);
    buf_add_member(line, "group", entry->group);
    buf_add_member(line, "kind", entry->kind);
    buf_add_member(line, "subresource", entry->subresource);
    buf_add_member(line, "namespace", entry->namespace);
    buf_add_member(line, "name", entry->name);
    buf_add_member(line, "user", entry->user);
    if (str_eq(entry->cause, STR("problem"))) {
        buf_add_member(line, "problem", entry->detail);
    }
}

static void add_images(struct buf *line, const struct history_entry *entry)
{
    buf_printf(line, ",\"imageCount\":%zu,\"images\":[", entry->image_count);
    for (size_t i = 0; i < entry->n_images; i++) {
        buf_add_cstr(line, i == 0 ? "{\"image\":" : ",{\"image\":");
        buf_add_json(line, entry->images[i].text);
        buf_add_member(line, "path", entry->images[i].path);
        buf_add_member(line, "verdict", entry->images[i].verdict);
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
        buf_add_member(line, "cause", violation->cause);
        buf_add_member(line, "policy", violation->policy);
        buf_add_member(line, "rule", violation->rule);
        buf_add_member(line, "mode", violation->mode);
        buf_add_member(line, "exception", violation->exception);
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
