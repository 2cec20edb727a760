#include "cluster/keep.h"

#include <stdlib.h>
#include <string.h>

static struct str take_text(struct arena *arena, char *text, size_t n)
{
    ENSURE(text != NULL);
    struct str copy = arena_dup(arena, (struct str){text, n});
    free(text);
    return copy;
}

static struct str write_value(struct arena *arena, yyjson_val *value)
{
    size_t n = 0;
    char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, &n);
    return take_text(arena, text, n);
}

static void add_name(yyjson_mut_doc *doc, yyjson_mut_val *metadata, yyjson_val *from,
                     const char *key)
{
    yyjson_val *value = json_get(from, key);
    if (value != NULL) {
        ENSURE(yyjson_mut_obj_add_val(doc, metadata, key, yyjson_val_mut_copy(doc, value)));
    }
}

static yyjson_mut_val *copy_metadata(yyjson_mut_doc *doc, yyjson_val *metadata)
{
    yyjson_mut_val *copy = yyjson_mut_obj(doc);
    add_name(doc, copy, metadata, "name");
    add_name(doc, copy, metadata, "namespace");
    return copy;
}

struct str keep_policy(struct arena *arena, yyjson_val *object)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    ENSURE(doc != NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    size_t i, n_members;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, i, n_members, key, value)
    {
        struct str name = json_str(key);
        if (str_eq(name, STR("status"))) {
            continue;
        }
        bool metadata = str_eq(name, STR("metadata"));
        ENSURE(yyjson_mut_obj_add(root, yyjson_val_mut_copy(doc, key),
                                  metadata ? copy_metadata(doc, value)
                                           : yyjson_val_mut_copy(doc, value)));
    }
    size_t n = 0;
    char *text = yyjson_mut_write(doc, YYJSON_WRITE_NOFLAG, &n);
    yyjson_mut_doc_free(doc);
    return take_text(arena, text, n);
}

struct str keep_status(struct arena *arena, yyjson_val *object)
{
    yyjson_val *value = json_get(object, "status");
    return value == NULL ? STR_EMPTY : write_value(arena, value);
}

struct str keep_labels(struct arena *arena, yyjson_val *object)
{
    yyjson_val *labels = json_get(json_get(object, "metadata"), "labels");
    return yyjson_is_obj(labels) ? write_value(arena, labels) : STR("{}");
}

int64_t keep_generation(yyjson_val *object)
{
    return yyjson_get_sint(json_get(json_get(object, "metadata"), "generation"));
}
