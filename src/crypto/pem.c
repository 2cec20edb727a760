#include "crypto/pem.h"

#include <string.h>

#include "base/base64.h"

#define DASHES STR("-----")
#define BEGIN  STR("-----BEGIN ")
#define END    STR("-----END ")

static struct str take_line(struct str *text)
{
    struct str line;
    str_cut(*text, '\n', &line, text);
    return str_trim(line);
}

/* The label of a line that begins or ends a block; empty if it is none. */
static struct str label_of(struct str line, struct str prefix)
{
    if (line.n <= prefix.n + DASHES.n || !str_starts(line, prefix) || !str_ends(line, DASHES)) {
        return STR_EMPTY;
    }
    return str_sub(line, prefix.n, line.n - DASHES.n);
}

/* Base64 up to the line that ends the block. */
static status take_body(struct arena *arena, struct str *text, struct str label,
                        struct str *ret_bytes, struct error *err)
{
    char *digits = arena_alloc(arena, text->n + 1);
    size_t n = 0;
    while (text->n > 0) {
        struct str line = take_line(text);
        if (!str_starts(line, DASHES)) {
            memcpy(digits + n, line.p, line.n);
            n += line.n;
            continue;
        }
        if (!str_eq(label_of(line, END), label)) {
            return error_set(err, ERROR_INPUT, "PEM: a block that ends as another");
        }
        if (failed(base64_decode(arena, (struct str){digits, n}, ret_bytes, err))) {
            return error_wrap(err, "PEM");
        }
        return OK;
    }
    return error_set(err, ERROR_INPUT, "PEM: a block without an end");
}

status pem_next(struct arena *arena, struct str *text, struct pem_block *ret_block,
                struct error *err)
{
    struct str rest = *text;
    struct pem_block block = {.before = *text, .label = STR_EMPTY, .bytes = STR_EMPTY};
    while (rest.n > 0) {
        size_t at = text->n - rest.n;
        struct str line = take_line(&rest);
        if (!str_starts(line, DASHES)) {
            continue;
        }
        block.before = str_sub(*text, 0, at);
        block.label = label_of(line, BEGIN);
        if (block.label.n == 0) {
            return error_set(err, ERROR_INPUT, "PEM: dashes that begin no block");
        }
        TRY(take_body(arena, &rest, block.label, &block.bytes, err));
        break;
    }
    *text = rest;
    *ret_block = block;
    return OK;
}
