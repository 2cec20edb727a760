/* Workflow commands of GitHub Actions, which show as annotations beside the lines of a change. */
#include <inttypes.h>

#include "cli/output.h"
#include "cli/report_format.h"

static void begin(struct report *report)
{
    (void)report;
}

/* Text in a command: `%`, line ends and, in a property, `:` and `,` are written by their numbers.
 */
static void write_text(FILE *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '%' || c < ' ' || c == 0x7f || (property && (c == ':' || c == ','))) {
            fprintf(out, "%%%02X", c);
        } else {
            fputc(c, out);
        }
    }
}

static void write_command(struct report *report, const char *level,
                          const struct manifest_place *place, uint32_t line, struct str title,
                          struct str message)
{
    FILE *out = report->invocation->out;
    fprintf(out, "::%s file=", level);
    write_text(out, place->file, true);
    if (line > 0) {
        fprintf(out, ",line=%" PRIu32, line);
    }
    fputs(",title=", out);
    write_text(out, title, true);
    fputs("::", out);
    write_text(out, message, false);
    fputc('\n', out);
}

static void object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    if (decision->problem.n > 0) {
        write_command(report, "error", place, place->line, STR("denied"), decision->problem);
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        arena_auto arena;
        arena_init(&arena, LIMIT_REVIEW_ARENA);
        write_command(report, report_level(violation, "notice"), place,
                      manifest_line(place, review->object, violation->image->pointer),
                      violation_name(violation, &arena), violation->message);
    }
    if (decision->n_dropped > 0) {
        char text[64];
        snprintf(text, sizeof text, "and %zu more violations", decision->n_dropped);
        write_command(report, "error", place, place->line, STR("more"), str_from(text));
    }
}

static void problem(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err)
{
    (void)parts;
    write_command(report, "error", place, place->line, STR("not judged"), str_from(err->text));
}

static void end(struct report *report)
{
    fprintf(report->invocation->out,
            "::notice title=pratique check::%zu object%s, %zu image%s: %zu admitted, %zu denied\n",
            report->objects, report->objects == 1 ? "" : "s", report->images,
            report->images == 1 ? "" : "s", report->admitted, report->denied);
}

const struct report_format report_github = {"github", begin, object, problem, end};
