#include "cli/report_format.h"

#include <string.h>

#include "cli/options.h"
#include "cli/output.h"

static const struct report_format *const FORMATS[] = {
    &report_text, &report_json, &report_sarif, &report_junit, &report_github,
};

const char *const report_formats[] = {"text", "json", "sarif", "junit", "github", NULL};

const char *report_level(const struct violation *violation, const char *note)
{
    if (violation->exception.n > 0 || violation->mode == POLICY_AUDIT) {
        return note;
    }
    return violation->mode == POLICY_WARN ? "warning" : "error";
}

struct str report_object_name(struct arena *arena, struct str kind, struct str namespace,
                              struct str name)
{
    return arena_printf(arena, "%.*s %.*s%s%.*s", STR_ARG(kind), STR_ARG(namespace),
                        namespace.n > 0 ? "/" : "",
                        STR_ARG(name.n > 0 ? name : STR("(without a name)")));
}

void report_begin(struct report *report, const struct invocation *invocation)
{
    *report = (struct report){
        .invocation = invocation,
        .format = &report_text,
        .all = option_given(invocation, "all"),
    };
    const char *name = option_argument(invocation, "output");
    for (size_t i = 0; name != NULL && i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (strcmp(FORMATS[i]->name, name) == 0) {
            report->format = FORMATS[i];
        }
    }
    arena_init(&report->arena, LIMIT_POLICY_ARENA);
    buf_init(&report->body, LIMIT_POLICY_ARENA);
    report->format->begin(report);
}

static void count(struct report *report, const struct decision *decision)
{
    report->objects++;
    report->denied_objects += decision->verdict == VERDICT_ALLOW ? 0 : 1;
    for (size_t i = 0; i < decision->n_images; i++) {
        const struct decision_image *image = &decision->images[i];
        bool allowed = image->verdict == VERDICT_ALLOW;
        report->images++;
        report->admitted += allowed ? 1 : 0;
        report->denied += image->verdict == VERDICT_DENY ? 1 : 0;
        report->not_asked += image->verdict == VERDICT_UNDECIDED ? 1 : 0;
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
    if (!silent || report->all) {
        report->format->object(report, place, review, decision);
    }
}

void report_problem(struct report *report, const struct manifest_place *place, yyjson_val *object,
                    const struct error *err)
{
    report->problems++;
    yyjson_val *metadata = json_get(object, "metadata");
    const struct str parts[] = {
        json_str(json_get(object, "apiVersion")),
        json_str(json_get(object, "kind")),
        json_str(json_get(metadata, "name")),
        json_str(json_get(metadata, "namespace")),
    };
    report->format->problem(report, place, parts, err);
}

enum exit_code report_end(struct report *report)
{
    if (report->objects == 0 && report->problems == 0) {
        struct error err = {.kind = ERROR_INPUT, .text = "there is no object in the input"};
        output_error(report->invocation, &err);
        report->problems++;
    }
    report->format->end(report);
    buf_done(&report->body);
    arena_done(&report->arena);
    if (report->problems > 0) {
        return EXIT_CODE_UNDECIDED;
    }
    return report->denied_objects > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}
