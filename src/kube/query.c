#include "kube/query.h"

#include <string.h>

struct str kube_query_namespace(const char *path)
{
    static const char BEFORE[] = "/namespaces/";
    const char *at = strstr(path, BEFORE);
    struct str namespace, rest;
    return at != NULL && str_cut(str_from(at + sizeof BEFORE - 1), '/', &namespace, &rest)
               ? namespace
               : STR_EMPTY;
}

void kube_query_add_value(struct buf *query, struct str text)
{
    static const char PLAIN[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (size_t i = 0; i < text.n; i++) {
        if (memchr(PLAIN, text.p[i], sizeof PLAIN - 1) != NULL) {
            buf_add_char(query, text.p[i]);
        } else {
            buf_printf(query, "%%%02X", (unsigned char)text.p[i]);
        }
    }
}
