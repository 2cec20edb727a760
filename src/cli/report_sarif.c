/* Spec: SARIF 2.1.0 (OASIS), sections 3.13 (sarifLog), 3.27 (result), 3.29 (physicalLocation). */
#include <inttypes.h>
#include <string.h>

#include "cli/output.h"
#include "cli/report_format.h"

static void begin(struct report *report)
{
    fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
          "\"runs\":[{\"results\":[",
          report->invocation->out);
}

/* The index of a rule, which is added if it is new. */
static size_t rule_index(struct report *report, struct str name)
{
    for (size_t i = 0; i < report->n_rules; i++) {
        if (str_eq(str_from(report->rules[i]), name)) {
            return i;
        }
    }
    report->rules = arena_grow(&report->arena, report->rules, report->n_rules, &report->room_rules,
                               sizeof *report->rules);
    report->rules[report->n_rules] = arena_dup(&report->arena, name).p;
    return report->n_rules++;
}

/* A path as a URI reference: bytes that may not stand in one are written by their numbers. */
static void write_uri(FILE *out, struct str path)
{
    static const char PLAIN[] = "-._~/!$&'()*+,;=@";
    fputc('"', out);
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || (c != '\0' && strchr(PLAIN, c) != NULL)) {
            fputc(c, out);
        } else {
            fprintf(out, "%%%02X", c);
        }
    }
    fputc('"', out);
}

static void write_result(struct report *report, struct str rule, const char *level,
                         struct str message, const struct manifest_place *place, uint32_t line)
{
    FILE *out = report->invocation->out;
    size_t index = rule_index(report, rule);
    fputs(report->begun ? ",\n{" : "\n{", out);
    report->begun = true;
    output_member(out, true, "ruleId", rule);
    fprintf(out, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{", index, level);
    output_member(out, true, "text", message);
    fputs("},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":", out);
    write_uri(out, str_eq(place->file, STR("-")) ? STR("stdin") : place->file);
    fputc('}', out);
    if (line > 0) {
        fprintf(out, ",\"region\":{\"startLine\":%" PRIu32 "}", line);
    }
    fputs("}}]}", out);
}

static void object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    if (decision->problem.n > 0) {
        write_result(report, STR("denied"), "error", decision->problem, place, place->line);
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        arena_auto arena;
        arena_init(&arena, LIMIT_REVIEW_ARENA);
        struct str name = report_object_name(&arena, review->kind, review->namespace, review->name);
        struct str message =
            arena_printf(&arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(violation->message));
        write_result(report, violation_name(violation, &arena), report_level(violation, "note"),
                     message, place,
                     manifest_line(place, review->object, violation->image->pointer));
    }
    if (decision->n_dropped > 0) {
        char text[64];
        snprintf(text, sizeof text, "and %zu more violations", decision->n_dropped);
        write_result(report, STR("more"), "error", str_from(text), place, place->line);
    }
}

static void problem(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err)
{
    (void)parts;
    write_result(report, STR("undecided"), "error", str_from(err->text), place, place->line);
}

static void end(struct report *report)
{
    FILE *out = report->invocation->out;
    fputs("],\n\"tool\":{\"driver\":{\"name\":\"pratique\",\"version\":\"" PRATIQUE_VERSION
          "\",\"rules\":[",
          out);
    for (size_t i = 0; i < report->n_rules; i++) {
        fputs(i > 0 ? ",{" : "{", out);
        output_member(out, true, "id", str_from(report->rules[i]));
        fputc('}', out);
    }
    fputs("]}}}]}\n", out);
}

const struct report_format report_sarif = {"sarif", begin, object, problem, end};
