#pragma once
/* Inside kube/: bodies of calls, made of objects that were got. */
#include "kube/client.h"
#include "json/doc.h"

/* A copy that can be changed; an empty object if `doc` is zeroed. Returns owned. */
yyjson_mut_doc *kube_object_copy(const struct json_doc *doc);

/* The member `key`, which is an object: made anew if it is none. */
yyjson_mut_val *kube_object_member(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key);

/* Set a member, in the place of an older one. `key` lives as long as the document; texts are
 * copied.
 */
void kube_object_set_str(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                         struct str text);
void kube_object_set_int(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                         int64_t number);

/* The document as text, in the arena. */
struct str kube_object_write(const yyjson_mut_doc *doc, struct arena *arena);

static inline void kube_object_free(yyjson_mut_doc **doc)
{
    yyjson_mut_doc_free(*doc);
}

#define kube_object_auto __attribute__((cleanup(kube_object_free))) yyjson_mut_doc
