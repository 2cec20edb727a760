#include <inttypes.h>

#include "cli/output.h"
#include "cli/report_format.h"

static void begin(struct report *report)
{
    (void)report;
}

void report_softened(FILE *file, const struct violation *violation)
{
    if (violation->exception.n > 0) {
        fputs(" (excused by exception ", file);
        output_text(file, violation->exception);
        fputc(')', file);
    } else if (violation->mode != POLICY_ENFORCE) {
        fprintf(file, " (mode %s)", policy_mode_name(violation->mode));
    }
}

/* "deploy/web.yaml:12" */
static void text_place(const struct report *report, const struct manifest_place *place)
{
    output_styled(report->invocation, STYLE_STRONG, place->file);
    if (place->line > 0) {
        fprintf(report->invocation->out, ":%" PRIu32, place->line);
    }
}

/* The text of an error without the name of the file, if it begins with that: it is said already. */
static struct str without_file(struct str text, struct str file)
{
    bool begins = str_starts(text, file) && str_starts(str_sub(text, file.n, text.n), STR(": "));
    return begins ? str_sub(text, file.n + 2, text.n) : text;
}

/* ": Deployment shop/web: " */
static void text_name(const struct report *report, struct str kind, struct str namespace,
                      struct str name)
{
    FILE *out = report->invocation->out;
    fputs(": ", out);
    if (kind.n == 0) {
        return;
    }
    output_text(out, kind);
    fputc(' ', out);
    if (namespace.n > 0) {
        output_text(out, namespace);
        fputc('/', out);
    }
    output_text(out, name.n > 0 ? name : STR("(without a name)"));
    fputs(": ", out);
}

/* "        policy baseline, rule no-latest: tag ..." */
static void text_violation(const struct report *report, const struct violation *violation)
{
    FILE *out = report->invocation->out;
    fputs("            ", out);
    if (violation->policy.n > 0) {
        fputs("policy ", out);
        output_text(out, violation->policy);
        if (violation->rule.n > 0) {
            fputs(", rule ", out);
            output_text(out, violation->rule);
        }
        fputs(": ", out);
    }
    output_text(out, violation->reason);
    report_softened(out, violation);
    fputc('\n', out);
}

static void text_image(const struct report *report, const struct decision *decision,
                       const struct decision_image *image)
{
    const struct invocation *invocation = report->invocation;
    bool allowed = image->verdict == VERDICT_ALLOW;
    bool asked = image->verdict != VERDICT_UNDECIDED;
    enum style style = !asked          ? STYLE_FAINT
                       : !allowed      ? STYLE_BAD
                       : image->warned ? STYLE_WARNING
                                       : STYLE_GOOD;
    struct str mark = !asked          ? STR("not asked")
                      : !allowed      ? STR("denied   ")
                      : image->warned ? STR("warned   ")
                                      : STR("admitted ");
    fputs("  ", invocation->out);
    output_styled(invocation, style, mark);
    fputc(' ', invocation->out);
    output_text(invocation->out, image->image->text.n > 0 ? image->image->text : STR("\"\""));
    fputs("  ", invocation->out);
    output_styled(invocation, STYLE_FAINT, image->image->path);
    fputc('\n', invocation->out);
    if (image->rewritten) {
        fputs("            rewritten to ", invocation->out);
        output_text(invocation->out, image->text);
        fputc('\n', invocation->out);
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        if (decision->violations[i].image == image->image) {
            text_violation(report, &decision->violations[i]);
        }
    }
}

static void object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    const struct invocation *invocation = report->invocation;
    bool allowed = decision->verdict == VERDICT_ALLOW;
    text_place(report, place);
    text_name(report, review->kind, review->namespace, review->name);
    output_styled(invocation, allowed ? STYLE_GOOD : STYLE_BAD,
                  allowed ? STR("admitted") : STR("denied"));
    if (decision->problem.n > 0) {
        fputs(": ", invocation->out);
        output_text(invocation->out, decision->problem);
    }
    fputc('\n', invocation->out);
    for (size_t i = 0; i < decision->n_images; i++) {
        text_image(report, decision, &decision->images[i]);
    }
    if (decision->n_dropped > 0) {
        fprintf(invocation->out, "  and %zu more violations\n", decision->n_dropped);
    }
}

static const char *plural(size_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

static void end(struct report *report)
{
    FILE *out = report->invocation->out;
    fprintf(out, "%zu %s, %zu %s: %zu admitted, %zu denied", report->objects,
            plural(report->objects, "object", "objects"), report->images,
            plural(report->images, "image", "images"), report->admitted, report->denied);
    if (report->not_asked > 0) {
        fprintf(out, ", %zu not asked about", report->not_asked);
    }
    if (report->warned > 0) {
        fprintf(out, ", %zu with a warning", report->warned);
    }
    if (report->audited > 0) {
        fprintf(out, ", %zu recorded", report->audited);
    }
    if (report->excused > 0) {
        fprintf(out, ", %zu excused", report->excused);
    }
    if (report->problems > 0) {
        fprintf(out, "; %zu %s could not be judged", report->problems,
                plural(report->problems, "input", "inputs"));
    }
    fputc('\n', out);
}

static void problem(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err)
{
    FILE *out = report->invocation->out;
    text_place(report, place);
    if (place->column > 0) {
        fprintf(out, ":%" PRIu32, place->column); /* as compilers do, so that editors go there */
    }
    text_name(report, parts[1], parts[3], parts[2]);
    output_styled(report->invocation, STYLE_BAD, STR("not judged"));
    fputs(": ", out);
    output_text(out, without_file(str_from(err->text), place->file));
    fputc('\n', out);
}

const struct report_format report_text = {"text", begin, object, problem, end};
