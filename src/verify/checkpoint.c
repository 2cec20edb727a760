#include "verify/checkpoint.h"

#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/utf8.h"

/* An em dash and a space. */
#define MARK "\xe2\x80\x94 "

enum { HINT = 4 };

static status fail(struct error *err, const char *what)
{
    return error_set(err, ERROR_INPUT, "the checkpoint %s", what);
}

/* Cut the first line, which must end with a line end. */
static bool next_line(struct str *text, struct str *ret_line)
{
    return str_cut(*text, '\n', ret_line, text);
}

static bool parse_size(struct str line, uint64_t *ret_size)
{
    return (line.n == 1 || !str_starts(line, STR("0"))) && str_parse_u64(line, INT64_MAX, ret_size);
}

status checkpoint_parse_text(struct arena *arena, struct str text, struct checkpoint *ret,
                             struct error *err)
{
    struct checkpoint it = {.text = text};
    struct str line;
    struct error problem;
    if (!next_line(&text, &it.origin) || it.origin.n == 0) {
        return fail(err, "has no origin");
    }
    if (!next_line(&text, &line) || !parse_size(line, &it.size)) {
        return fail(err, "has no size");
    }
    if (!next_line(&text, &line) || line.n == 0 ||
        failed(base64_decode(arena, line, &it.root, &problem))) {
        return fail(err, "has no root hash");
    }
    if (text.n > 0 && !str_ends(text, STR("\n"))) {
        return fail(err, "does not end with a line end");
    }
    *ret = it;
    return OK;
}

/* -- signatures -- */

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == ' ' || name.p[i] == '+' || name.p[i] == '\t') {
            return false;
        }
    }
    return name.n > 0;
}

static bool parse_signature(struct arena *arena, struct str line, struct note_signature *ret)
{
    struct str text, bytes;
    struct error err;
    if (!str_starts(line, STR(MARK)) ||
        !str_cut(str_sub(line, sizeof MARK - 1, line.n), ' ', &ret->name, &text) ||
        !is_name(ret->name) || failed(base64_decode(arena, text, &bytes, &err)) ||
        bytes.n <= HINT || bytes.n > HINT + LIMIT_SIGNATURE) {
        return false;
    }
    ret->hint = str_sub(bytes, 0, HINT);
    ret->bytes = str_sub(bytes, HINT, bytes.n);
    return true;
}

static status parse_signatures(struct arena *arena, struct str lines, struct checkpoint *ret,
                               struct error *err)
{
    size_t n = 0;
    struct note_signature *all =
        ARENA_ARRAY(arena, struct note_signature, LIMIT_CHECKPOINT_SIGNATURES);
    while (lines.n > 0) {
        struct str line;
        if (n == LIMIT_CHECKPOINT_SIGNATURES) {
            return error_set(err, ERROR_LIMIT, "the checkpoint has more than %u signatures",
                             LIMIT_CHECKPOINT_SIGNATURES);
        }
        if (!next_line(&lines, &line) || !parse_signature(arena, line, &all[n++])) {
            return fail(err, "has a line that is no signature");
        }
    }
    if (n == 0) {
        return fail(err, "has no signature");
    }
    ret->signatures = all;
    ret->n_signatures = n;
    return OK;
}

static bool is_plain_text(struct str note)
{
    for (size_t i = 0; i < note.n; i++) {
        unsigned char c = (unsigned char)note.p[i];
        if ((c < ' ' && c != '\n') || c == 0x7f) {
            return false;
        }
    }
    return utf8_valid(note);
}

/* The signed text ends before the last empty line: text may hold others. */
static bool find_split(struct str note, size_t *ret_at)
{
    for (size_t at = note.n; at >= 2; at--) {
        if (note.p[at - 1] == '\n' && note.p[at - 2] == '\n') {
            *ret_at = at - 1;
            return true;
        }
    }
    return false;
}

status checkpoint_parse(struct arena *arena, struct str note, struct checkpoint *ret,
                        struct error *err)
{
    size_t at;
    struct checkpoint it;
    if (note.n > LIMIT_CHECKPOINT) {
        return error_set(err, ERROR_LIMIT, "the checkpoint is larger than %u bytes",
                         LIMIT_CHECKPOINT);
    }
    if (!is_plain_text(note)) {
        return fail(err, "is no text");
    }
    if (!find_split(note, &at)) {
        return fail(err, "has no signature");
    }
    TRY(checkpoint_parse_text(arena, str_sub(note, 0, at), &it, err));
    TRY(parse_signatures(arena, str_sub(note, at + 1, note.n), &it, err));
    *ret = it;
    return OK;
}
