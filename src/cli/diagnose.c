#include "cli/diagnose.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/output.h"

void diagnose_text(FILE *file, const struct diagnostics *list)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_BYTES);
    diagnostics_print(list, &buf);
    struct str rest = buf_str(&buf);
    struct str line;
    while (str_cut(rest, '\n', &line, &rest)) {
        output_text(file, line);
        fputc('\n', file);
    }
}

void diagnose(const struct invocation *invocation, struct diagnostics *list)
{
    diagnostics_sort(list);
    diagnose_text(invocation->err, list);
}

static void write_item(FILE *file, const struct diagnostic *item)
{
    bool error = item->level == DIAGNOSTIC_ERROR;
    fputc('{', file);
    output_member(file, true, "level", error ? STR("error") : STR("warning"));
    output_member(file, false, "file", item->file);
    fprintf(file, ",\"line\":%" PRIu32 ",\"column\":%" PRIu32, item->mark.line, item->mark.column);
    output_member(file, false, "path", item->path);
    output_member(file, false, "message", item->message);
    output_member(file, false, "suggestion", item->suggestion);
    fputc('}', file);
}

void diagnose_json(FILE *file, const struct diagnostics *list)
{
    fputc('[', file);
    for (size_t i = 0; i < list->n; i++) {
        fputs(i > 0 ? "," : "", file);
        write_item(file, &list->items[i]);
    }
    fputc(']', file);
}
