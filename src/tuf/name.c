#include "tuf/name.h"

#include <string.h>

#include "base/limits.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

struct str tuf_quoted(struct arena *arena, struct str name, bool slashes)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    char *text = arena_alloc(arena, 3 * name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (is_plain(name.p[i]) || (slashes && c == '/')) {
            text[n++] = name.p[i];
        } else {
            text[n++] = '%';
            text[n++] = DIGITS[c >> 4];
            text[n++] = DIGITS[c & 15];
        }
    }
    return (struct str){text, n};
}

bool tuf_is_path(struct str path)
{
    struct str part;
    bool more = true;
    if (path.n > LIMIT_TUF_NAME) {
        return false;
    }
    while (more) {
        more = str_cut(path, '/', &part, &path);
        if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR(".."))) {
            return false;
        }
    }
    return true;
}
