#include "cli/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

void lines_init(struct lines *lines, FILE *file, const char *name)
{
    *lines = (struct lines){.file = file, .name = name};
    buf_init(&lines->line, LIMIT_BODY);
}

void lines_done(struct lines *lines)
{
    buf_done(&lines->line);
}

status lines_next(struct lines *lines, struct str *ret_line, bool *ret_more, struct error *err)
{
    buf_clear(&lines->line);
    errno = 0;
    int c = getc_unlocked(lines->file);
    bool more = c != EOF;
    lines->number += more ? 1 : 0;
    while (c != EOF && c != '\n') {
        buf_add_char(&lines->line, (char)c);
        c = getc_unlocked(lines->file);
    }
    if (ferror(lines->file)) {
        return error_set(err, ERROR_INTERNAL, "%s: cannot read: %s", lines->name,
                         strerrordesc_np(errno));
    }
    if (buf_overflowed(&lines->line)) {
        return error_set(err, ERROR_LIMIT, "%s: line %" PRIu64 " is longer than %u bytes",
                         lines->name, lines->number, LIMIT_BODY);
    }
    struct str line = buf_str(&lines->line);
    *ret_line = str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line;
    *ret_more = more;
    return OK;
}
