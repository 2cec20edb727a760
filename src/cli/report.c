#include "cli/report.h"

#include <inttypes.h>

#include "cli/options.h"
#include "cli/output.h"

void report_begin(struct report *report, const struct invocation *invocation)
{
    *report = (struct report){
        .invocation = invocation,
        .json = option_json(invocation),
        .all = option_given(invocation, "all"),
    };
    if (report->json) {
        fputs("{\"results\":[", invocation->out);
    }
}

/* -- JSON -- */

/* The members of every result up to "allowed". */
static void json_head(struct report *report, const struct manifest_place *place,
                      const struct str object[static 4], bool allowed)
{
    FILE *out = report->invocation->out;
    fputs(report->begun ? ",\n{" : "\n{", out);
    report->begun = true;
    output_member(out, true, "file", place->file);
    fprintf(out, ",\"document\":%zu,\"line\":%" PRIu32 ",\"column\":%" PRIu32, place->document,
            place->line, place->column);
    output_member(out, false, "apiVersion", object[0]);
    output_member(out, false, "kind", object[1]);
    output_member(out, false, "name", object[2]);
    output_member(out, false, "namespace", object[3]);
    fprintf(out, ",\"allowed\":%s", allowed ? "true" : "false");
}

static void json_violation(FILE *out, const struct violation *violation)
{
    fputc('{', out);
    output_member(out, true, "policy", violation->policy);
    output_member(out, false, "rule", violation->rule);
    output_member(out, false, "message", violation->message);
    output_member(out, false, "reason", violation->reason);
    output_member(out, false, "mode", str_from(policy_mode_name(violation->mode)));
    output_member(out, false, "exception", violation->exception);
    fputc('}', out);
}

/* The members of every image up to its violations. */
static void json_image_head(FILE *out, const struct review_image *image, enum verdict verdict,
                            struct str judged)
{
    fputc('{', out);
    output_member(out, true, "image", image->text);
    output_member(out, false, "path", image->path);
    output_member(out, false, "verdict", str_from(verdict_name(verdict)));
    output_member(out, false, "judged", judged);
    fputs(",\"violations\":[", out);
}

static void json_image(FILE *out, const struct decision *decision,
                       const struct decision_image *image)
{
    json_image_head(out, image->image, image->verdict, image->text);
    const char *comma = "";
    for (size_t i = 0; i < decision->n_violations; i++) {
        if (decision->violations[i].image == image->image) {
            fputs(comma, out);
            json_violation(out, &decision->violations[i]);
            comma = ",";
        }
    }
    fputs("]}", out);
}

/* The images of an object that cannot be judged: those that were found. */
static void json_found(FILE *out, const struct review *review)
{
    for (size_t i = 0; i < review->n_images; i++) {
        fputs(i > 0 ? "," : "", out);
        json_image_head(out, &review->images[i], VERDICT_UNDECIDED, review->images[i].text);
        fputs("]}", out);
    }
}

static void json_object(struct report *report, const struct manifest_place *place,
                        const struct review *review, const struct decision *decision,
                        struct str api_version)
{
    FILE *out = report->invocation->out;
    const struct str object[] = {api_version, review->kind, review->name, review->namespace};
    json_head(report, place, object, decision->verdict == VERDICT_ALLOW);
    output_member(out, false, "problem", decision->problem);
    fprintf(out, ",\"violationsDropped\":%zu,\"images\":[", decision->n_dropped);
    if (decision->problem.n > 0) {
        json_found(out, review);
    }
    for (size_t i = 0; i < decision->n_images; i++) {
        fputs(i > 0 ? "," : "", out);
        json_image(out, decision, &decision->images[i]);
    }
    fputs("]}", out);
}

static void json_totals(const struct report *report)
{
    fprintf(report->invocation->out,
            "],\n\"summary\":{\"objects\":%zu,\"deniedObjects\":%zu,\"images\":%zu,"
            "\"admitted\":%zu,\"denied\":%zu,\"warned\":%zu,\"audited\":%zu,\"excused\":%zu,"
            "\"undecided\":%zu}}\n",
            report->objects, report->denied_objects, report->images, report->admitted,
            report->denied, report->warned, report->audited, report->excused, report->problems);
}

/* -- text -- */

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
    enum style style = !allowed ? STYLE_BAD : image->warned ? STYLE_WARNING : STYLE_GOOD;
    struct str mark = !allowed        ? STR("denied   ")
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

static void text_object(const struct report *report, const struct manifest_place *place,
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

static void text_totals(const struct report *report)
{
    FILE *out = report->invocation->out;
    fprintf(out, "%zu %s, %zu %s: %zu admitted, %zu denied", report->objects,
            plural(report->objects, "object", "objects"), report->images,
            plural(report->images, "image", "images"), report->admitted, report->denied);
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

/* -- both -- */

static void count(struct report *report, const struct decision *decision)
{
    report->objects++;
    report->denied_objects += decision->verdict == VERDICT_ALLOW ? 0 : 1;
    for (size_t i = 0; i < decision->n_images; i++) {
        const struct decision_image *image = &decision->images[i];
        bool allowed = image->verdict == VERDICT_ALLOW;
        report->images++;
        report->admitted += allowed ? 1 : 0;
        report->denied += allowed ? 0 : 1;
        report->warned += image->warned ? 1 : 0;
        report->audited += image->audited ? 1 : 0;
        report->excused += image->excused ? 1 : 0;
    }
}

void report_object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    count(report, decision);
    bool silent = decision->n_images == 0 && decision->verdict == VERDICT_ALLOW;
    if (silent && !report->all) {
        return;
    }
    if (!report->json) {
        text_object(report, place, review, decision);
        return;
    }
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct str api_version = review->version;
    if (review->group.n > 0) {
        api_version =
            arena_printf(&arena, "%.*s/%.*s", STR_ARG(review->group), STR_ARG(review->version));
    }
    json_object(report, place, review, decision, api_version);
}

void report_problem(struct report *report, const struct manifest_place *place, yyjson_val *object,
                    const struct error *err)
{
    report->problems++;
    FILE *out = report->invocation->out;
    yyjson_val *metadata = json_get(object, "metadata");
    const struct str parts[] = {
        json_str(json_get(object, "apiVersion")),
        json_str(json_get(object, "kind")),
        json_str(json_get(metadata, "name")),
        json_str(json_get(metadata, "namespace")),
    };
    if (report->json) {
        json_head(report, place, parts, false);
        output_member(out, false, "problem", str_from(err->text));
        fputs(",\"violationsDropped\":0,\"images\":[]}", out);
        return;
    }
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

enum exit_code report_end(struct report *report)
{
    if (report->objects == 0 && report->problems == 0) {
        struct error err = {.kind = ERROR_INPUT, .text = "there is no object in the input"};
        output_error(report->invocation, &err);
        report->problems++;
    }
    if (report->json) {
        json_totals(report);
    } else {
        text_totals(report);
    }
    if (report->problems > 0) {
        return EXIT_CODE_UNDECIDED;
    }
    return report->denied_objects > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}
