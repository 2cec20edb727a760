#include "kube/parse.h"

#include <stdlib.h>
#include <string.h>

/* The byte behind the string that begins at `p`. */
static char *skip_string(char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        p += *p == '\\' && p + 1 < end;
    }
    return p < end ? p + 1 : p;
}

/* The byte behind the container that begins at `p`. */
static char *skip_container(char *p, const char *end)
{
    size_t depth = 0;
    while (p < end) {
        char c = *p;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        p = c == '"' ? skip_string(p, end) : p + 1;
        if (depth == 0) {
            break;
        }
    }
    return p;
}

/* Write "" over each container that is too deep; two bytes is what the shortest has. What is no
 * JSON stays none: the outer containers are left as they are. */
static void cut_deep(char *p, const char *end)
{
    size_t depth = 0;
    while (p < end) {
        char c = *p;
        if ((c == '{' || c == '[') && depth == KUBE_PARSE_DEPTH) {
            char *behind = skip_container(p, end);
            memset(p, ' ', (size_t)(behind - p));
            p[0] = '"';
            p[behind - p > 1 ? 1 : 0] = '"';
            p = behind;
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= (c == '}' || c == ']') && depth > 0;
        p = c == '"' ? skip_string(p, end) : p + 1;
    }
}

status kube_parse(struct str text, struct json_doc *ret_doc, struct error *err)
{
    if (!failed(json_parse(text, JSON_WITHOUT_MARKS, ret_doc, err))) {
        return OK;
    }
    if (err->kind != ERROR_LIMIT) {
        return FAILED;
    }
    char *copy = malloc(text.n);
    ENSURE(copy != NULL);
    memcpy(copy, text.p, text.n);
    cut_deep(copy, copy + text.n);
    status st = json_parse((struct str){copy, text.n}, JSON_WITHOUT_MARKS, ret_doc, err);
    free(copy);
    return st;
}
