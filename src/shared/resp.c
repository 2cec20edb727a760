#include "shared/resp.h"

#include <string.h>

#include "base/limits.h"

/* Digits of a length that may be right. */
enum { LENGTH_DIGITS_MAX = 5 };

void resp_command(struct buf *buf, const struct str *words, size_t n)
{
    buf_printf(buf, "*%zu\r\n", n);
    for (size_t i = 0; i < n; i++) {
        buf_printf(buf, "$%zu\r\n", words[i].n);
        buf_add(buf, words[i]);
        buf_add_cstr(buf, "\r\n");
    }
}

static struct resp part_of(struct str bytes)
{
    return (struct resp){.kind = bytes.n < LIMIT_SHARED_REPLY ? RESP_PART : RESP_WRONG};
}

static struct resp read_bytes(struct str bytes, struct str length, size_t head)
{
    uint64_t n = 0;
    struct resp wrong = {.kind = RESP_WRONG};
    if (str_eq(length, STR("-1"))) {
        return (struct resp){.kind = RESP_NOTHING, .n = head};
    }
    if (length.n > LENGTH_DIGITS_MAX || !str_parse_u64(length, LIMIT_SHARED_REPLY, &n) ||
        head + n + 2 > LIMIT_SHARED_REPLY) {
        return wrong;
    }
    if (bytes.n < head + n + 2) {
        return (struct resp){.kind = RESP_PART};
    }
    if (memcmp(bytes.p + head + n, "\r\n", 2) != 0) {
        return wrong;
    }
    return (struct resp){
        .kind = RESP_BYTES, .text = str_sub(bytes, head, head + n), .n = head + n + 2};
}

struct resp resp_read(struct str bytes)
{
    const char *end = bytes.n == 0 ? NULL : memmem(bytes.p, bytes.n, "\r\n", 2);
    if (bytes.n > 0 && memchr("+-:$", bytes.p[0], 4) == NULL) {
        return (struct resp){.kind = RESP_WRONG};
    }
    if (end == NULL) {
        return part_of(bytes);
    }
    size_t line = (size_t)(end - bytes.p);
    struct str text = str_sub(bytes, 1, line);
    if (bytes.p[0] == '$') {
        return read_bytes(bytes, text, line + 2);
    }
    return (struct resp){
        .kind = bytes.p[0] == '-' ? RESP_ERROR : RESP_OK, .text = text, .n = line + 2};
}
