#include "cli/namespaces.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"

/* Kubernetes gives each namespace this label, with its name. */
#define NAME_LABEL "kubernetes.io/metadata.name"

static bool are_labels(yyjson_val *labels)
{
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(labels, i, n, key, value)
    {
        if (!yyjson_is_str(value)) {
            return false;
        }
    }
    return labels == NULL || yyjson_is_null(labels) || yyjson_is_obj(labels);
}

static void write_labels(struct buf *buf, struct str name, yyjson_val *labels)
{
    buf_printf(buf, "{\"%s\":", NAME_LABEL);
    buf_add_json(buf, name);
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(labels, i, n, key, value)
    {
        if (!str_eq(json_str(key), STR(NAME_LABEL))) {
            buf_add_char(buf, ',');
            buf_add_json(buf, json_str(key));
            buf_add_char(buf, ':');
            buf_add_json(buf, json_str(value));
        }
    }
    buf_add_char(buf, '}');
}

/* Write name and labels as a document of their own, since the manifest goes. */
static void write_entry(struct buf *buf, struct str name, yyjson_val *labels)
{
    buf_add_cstr(buf, "{\"name\":");
    buf_add_json(buf, name);
    buf_add_cstr(buf, ",\"labels\":");
    if (are_labels(labels)) {
        write_labels(buf, name, labels);
    } else {
        buf_add_cstr(buf, "null");
    }
    buf_add_char(buf, '}');
}

/* A new entry at the end. NULL if there are too many. */
static struct namespace_entry *add_entry(struct namespaces *namespaces)
{
    if (namespaces->n == LIMIT_MANIFEST_FILES) {
        return NULL;
    }
    if (namespaces->n == namespaces->room) {
        namespaces->room = namespaces->room == 0 ? 16 : namespaces->room * 2;
        namespaces->entries =
            reallocarray(namespaces->entries, namespaces->room, sizeof *namespaces->entries);
        if (namespaces->entries == NULL) {
            fatal("out of memory");
        }
    }
    return &namespaces->entries[namespaces->n++];
}

static void collect(void *context, const struct manifest_place *place, yyjson_val *object)
{
    (void)place;
    struct namespaces *namespaces = context;
    yyjson_val *metadata = json_get(object, "metadata");
    struct str name = json_str(json_get(metadata, "name"));
    if (!str_eq(json_str(json_get(object, "kind")), STR("Namespace")) ||
        !str_eq(json_str(json_get(object, "apiVersion")), STR("v1")) || name.n == 0) {
        return;
    }
    buf_auto buf;
    buf_init(&buf, LIMIT_BODY);
    write_entry(&buf, name, json_get(metadata, "labels"));
    struct json_doc doc;
    struct error err;
    if (buf_overflowed(&buf) || failed(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, &err))) {
        return;
    }
    struct namespace_entry *entry = add_entry(namespaces);
    if (entry == NULL) {
        json_doc_done(&doc);
        return;
    }
    yyjson_val *labels = json_get(doc.root, "labels");
    *entry = (struct namespace_entry){
        .doc = doc,
        .name = json_str(json_get(doc.root, "name")),
        .labels = yyjson_is_obj(labels) ? labels : NULL,
    };
}

static void ignore(void *context, const struct manifest_place *place, const struct error *err)
{
    (void)context;
    (void)place;
    (void)err;
}

void namespaces_collect(const struct manifests *manifests, struct namespaces *ret_namespaces)
{
    *ret_namespaces = (struct namespaces){.entries = NULL};
    const struct manifest_visitor visitor = {.object = collect,
                                             .problem = ignore,
                                             .context = ret_namespaces,
                                             .needed = STR("Namespace")};
    manifests_visit(manifests, &visitor);
}

void namespaces_done(struct namespaces *namespaces)
{
    for (size_t i = 0; i < namespaces->n; i++) {
        json_doc_done(&namespaces->entries[i].doc);
    }
    free(namespaces->entries);
    *namespaces = (struct namespaces){.entries = NULL};
}

yyjson_val *namespaces_labels(const struct namespaces *namespaces, struct str name)
{
    for (size_t i = namespaces->n; i > 0; i--) {
        const struct namespace_entry *entry = &namespaces->entries[i - 1];
        if (str_eq(entry->name, name)) {
            return entry->labels;
        }
    }
    return NULL;
}
