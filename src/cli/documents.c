#include "cli/documents.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

/* Where in a document the next byte stands. */
struct scan {
    uint64_t depth;  /* of open brackets */
    bool string;     /* inside a string */
    bool escaped;    /* behind a backslash in it */
    bool line_start; /* first in its line */
    bool brace;      /* behind a `{` that was first in its line */
};

enum step { STEP_ON, STEP_END, STEP_RESTART };

void documents_init(struct documents *documents, FILE *file, const char *name)
{
    *documents = (struct documents){.file = file, .name = name, .line = 1};
    buf_init(&documents->text, LIMIT_BODY);
}

void documents_done(struct documents *documents)
{
    buf_done(&documents->text);
}

static void scan_string(struct scan *scan, int c)
{
    if (scan->escaped) {
        scan->escaped = false;
    } else if (c == '\\') {
        scan->escaped = true;
    } else if (c == '"') {
        scan->string = false;
    }
}

/* Take one byte: whether the document goes on, ends with it, or gives way to another. */
static enum step scan_byte(struct scan *scan, int c)
{
    if (scan->brace && c == '"') {
        return STEP_RESTART;
    }
    scan->brace = scan->line_start && c == '{';
    scan->line_start = c == '\n';
    if (scan->string) {
        scan_string(scan, c);
        return STEP_ON;
    }
    if (c == '"') {
        scan->string = true;
    } else if (c == '{' || c == '[') {
        scan->depth++;
    } else if (c == '}' || c == ']') {
        scan->depth--;
    }
    return scan->depth == 0 ? STEP_END : STEP_ON;
}

static int next_byte(struct documents *documents)
{
    int c = getc_unlocked(documents->file);
    documents->line += c == '\n' ? 1 : 0;
    return c;
}

/* The first byte that is not white space; EOF if there is none. */
static int first_byte(struct documents *documents)
{
    int c = next_byte(documents);
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        c = next_byte(documents);
    }
    return c;
}

/* Put into `text` the rest of a line that begins with `c`. */
static void read_line(struct documents *documents, int c)
{
    while (c != EOF && c != '\n') {
        buf_add_char(&documents->text, (char)c);
        c = next_byte(documents);
    }
}

/* Put into `text` the document that begins with `c`, or with the bytes taken before. */
static enum step read_brackets(struct documents *documents, int c)
{
    struct scan scan = {.depth = 1};
    if (documents->restarted) {
        documents->restarted = false;
        scan.string = true;
        buf_add(&documents->text, STR("{\""));
    } else {
        buf_add_char(&documents->text, (char)c);
    }
    enum step step = STEP_ON;
    while (step == STEP_ON && (c = next_byte(documents)) != EOF) {
        step = scan_byte(&scan, c);
        if (step != STEP_RESTART) {
            buf_add_char(&documents->text, (char)c);
        }
    }
    documents->restarted = step == STEP_RESTART;
    return step;
}

static status unfinished(const struct documents *documents, uint64_t start, struct error *err)
{
    if (documents->restarted) {
        return error_set(err, ERROR_INPUT,
                         "%s:%" PRIu64 ": the document is not finished where line %" PRIu64
                         " begins another",
                         documents->name, start, documents->line);
    }
    return error_set(err, ERROR_INPUT,
                     "%s:%" PRIu64 ": the document is not finished where the input ends",
                     documents->name, start);
}

status documents_next(struct documents *documents, struct str *ret_text, uint64_t *ret_line,
                      bool *ret_more, struct error *err)
{
    buf_clear(&documents->text);
    errno = 0;
    int c = documents->restarted ? '{' : first_byte(documents);
    uint64_t start = documents->line;
    enum step step = STEP_END;
    if (c == '{' || c == '[') {
        step = read_brackets(documents, c);
    } else {
        read_line(documents, c);
    }
    if (ferror(documents->file)) {
        return error_set(err, ERROR_INTERNAL, "%s: cannot read: %s", documents->name,
                         strerrordesc_np(errno));
    }
    if (step != STEP_END) {
        return unfinished(documents, start, err);
    }
    if (buf_overflowed(&documents->text)) {
        return error_set(err, ERROR_LIMIT, "%s:%" PRIu64 ": the document is larger than %u bytes",
                         documents->name, start, LIMIT_BODY);
    }
    *ret_text = buf_str(&documents->text);
    *ret_line = start;
    *ret_more = ret_text->n > 0;
    return OK;
}
