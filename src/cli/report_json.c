#include <inttypes.h>

#include "cli/output.h"
#include "cli/report_format.h"

static void begin(struct report *report)
{
    fputs("{\"results\":[", report->invocation->out);
}

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

static void object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    FILE *out = report->invocation->out;
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct str api_version = review->version;
    if (review->group.n > 0) {
        api_version =
            arena_printf(&arena, "%.*s/%.*s", STR_ARG(review->group), STR_ARG(review->version));
    }
    const struct str parts[] = {api_version, review->kind, review->name, review->namespace};
    json_head(report, place, parts, decision->verdict == VERDICT_ALLOW);
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

static void end(struct report *report)
{
    fprintf(report->invocation->out,
            "],\n\"summary\":{\"objects\":%zu,\"deniedObjects\":%zu,\"images\":%zu,"
            "\"admitted\":%zu,\"denied\":%zu,\"notAsked\":%zu,\"warned\":%zu,\"audited\":%zu,"
            "\"excused\":%zu,"
            "\"undecided\":%zu}}\n",
            report->objects, report->denied_objects, report->images, report->admitted,
            report->denied, report->not_asked, report->warned, report->audited, report->excused,
            report->problems);
}

static void problem(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err)
{
    json_head(report, place, parts, false);
    output_member(report->invocation->out, false, "problem", str_from(err->text));
    fputs(",\"violationsDropped\":0,\"images\":[]}", report->invocation->out);
}

const struct report_format report_json = {"json", begin, object, problem, end};
