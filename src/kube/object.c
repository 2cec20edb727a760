#include "kube/object.h"

yyjson_mut_doc *kube_object_copy(const struct json_doc *doc)
{
    yyjson_mut_doc *copy =
        doc->tree != NULL ? yyjson_doc_mut_copy(doc->tree, NULL) : yyjson_mut_doc_new(NULL);
    ENSURE(copy != NULL);
    if (!yyjson_mut_is_obj(yyjson_mut_doc_get_root(copy))) {
        yyjson_mut_doc_set_root(copy, yyjson_mut_obj(copy));
    }
    return copy;
}

static void set(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, yyjson_mut_val *value)
{
    ENSURE(value != NULL && yyjson_mut_obj_put(object, yyjson_mut_str(doc, key), value));
}

yyjson_mut_val *kube_object_member(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key)
{
    yyjson_mut_val *member = yyjson_mut_obj_get(object, key);
    if (!yyjson_mut_is_obj(member)) {
        member = yyjson_mut_obj(doc);
        set(doc, object, key, member);
    }
    return member;
}

void kube_object_set_str(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                         struct str text)
{
    set(doc, object, key, yyjson_mut_strncpy(doc, text.p, text.n));
}

void kube_object_set_int(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                         int64_t number)
{
    set(doc, object, key, yyjson_mut_sint(doc, number));
}

struct str kube_object_write(const yyjson_mut_doc *doc, struct arena *arena)
{
    size_t n = 0;
    char *text = yyjson_mut_write(doc, 0, &n);
    ENSURE(text != NULL);
    struct str written = arena_dup(arena, (struct str){text, n});
    free(text);
    return written;
}
