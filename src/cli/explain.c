/* `pratique explain`: every policy and rule, and why it applies to an image or not. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/engine.h"
#include "cli/layouts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report.h"
#include "evaluate/evaluate.h"

static const char *const OPERATIONS[] = {"CREATE", "UPDATE", "DELETE", "CONNECT", NULL};

/* What explaining takes for each policy and rule; see policy_explain. */
enum { EXPLANATION_BYTES = 4096 };

struct answer {
    struct arena arena;  /* of all below */
    struct json_doc doc; /* an object that carries the image, so that it can be rewritten */
    struct decision decision;
    struct decision_image image; /* undecided if the review is let through without judging */
    struct explanation *items;
    size_t n;
};

static enum review_operation operation(const char *name)
{
    static const enum review_operation ALL[] = {REVIEW_CREATE, REVIEW_UPDATE, REVIEW_DELETE,
                                                REVIEW_CONNECT};
    for (size_t i = 0; name != NULL && i < sizeof ALL / sizeof *ALL; i++) {
        if (strcmp(review_operation_name(ALL[i]), name) == 0) {
            return ALL[i];
        }
    }
    return REVIEW_CREATE;
}

/* Make the object {"image": IMAGE}. */
static status make_object(struct str image, struct json_doc *ret_doc, struct error *err)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_BODY);
    buf_add_cstr(&buf, "{\"image\":");
    buf_add_json(&buf, image);
    buf_add_char(&buf, '}');
    return json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, ret_doc, err);
}

static struct review make_review(const struct invocation *invocation, struct review_image *image,
                                 yyjson_val *object)
{
    const char *kind = option_argument(invocation, "kind");
    const char *namespace = option_argument(invocation, "namespace");
    const char *user = option_argument(invocation, "user");
    return (struct review){
        .api = REVIEW_MANIFEST,
        .operation = operation(option_argument(invocation, "operation")),
        .version = STR("v1"),
        .kind = kind != NULL ? str_from(kind) : STR("Pod"),
        .namespace = namespace != NULL ? str_from(namespace) : STR("default"),
        .user_known = user != NULL,
        .user = str_from(user),
        .object = object,
        .images = image,
        .n_images = 1,
    };
}

static void answer_init(struct answer *answer, const struct engine *engine)
{
    struct policy_counts counts;
    policy_set_counts(engine->set, &counts);
    *answer = (struct answer){.n = 0};
    arena_init(&answer->arena,
               LIMIT_REVIEW_ARENA + (counts.policies + counts.rules) * EXPLANATION_BYTES);
}

/* Decide, then explain what was judged: the image as rewritten. */
static status ask(const struct invocation *invocation, const struct engine *engine,
                  const struct layouts *layouts, struct answer *answer, struct error *err)
{
    struct review_image *image = ARENA_NEW(&answer->arena, struct review_image);
    *image = (struct review_image){
        .text = str_from(invocation->operands[0]), .path = STR("image"), .pointer = STR("/image")};
    TRY(make_object(image->text, &answer->doc, err));
    struct review review = make_review(invocation, image, answer->doc.root);
    const struct evaluate_options options = {
        .now = clock_wall(), .mutate = true, .source = layouts_source(layouts)};
    struct review_answer phrased;
    TRY(evaluate_review(engine->set, &review, &options, &answer->arena, &answer->decision, &phrased,
                        err));
    answer->image = (struct decision_image){.text = image->text};
    if (answer->decision.n_images == 1) {
        answer->image = answer->decision.images[0];
    }
    struct review_image judged = *image;
    judged.text = answer->image.text;
    review.images = &judged;
    const struct explain_question question = {
        .review = &review, .now = options.now, .evidence = answer->image.evidence};
    policy_explain(engine->set, &question, &answer->arena, &answer->items, &answer->n);
    return OK;
}

/* What a rule found, in one word. */
static const char *finding_word(enum finding_kind kind)
{
    switch (kind) {
    case FINDING_VALID:
        return "holds";
    case FINDING_INVALID:
        return "fails";
    case FINDING_NOT_APPLICABLE:
        return "does not concern it";
    case FINDING_ABSENT:
    case FINDING_UNREACHABLE:
        return "fails for want of evidence";
    }
    return "fails";
}

static bool satisfied(enum finding_kind kind)
{
    return kind == FINDING_VALID || kind == FINDING_NOT_APPLICABLE;
}

/* -- text -- */

static void text_place(const struct invocation *invocation, const struct explanation *item)
{
    fputs("  ", invocation->out);
    output_styled(invocation, STYLE_FAINT, item->file);
    if (item->mark.line > 0) {
        fprintf(invocation->out, ":%" PRIu32, item->mark.line);
    }
    fputc('\n', invocation->out);
}

static void text_rule(const struct invocation *invocation, const struct explanation *item)
{
    FILE *out = invocation->out;
    const char *word = item->applies ? finding_word(item->finding.kind) : "does not apply";
    enum style style = !item->applies                  ? STYLE_FAINT
                       : satisfied(item->finding.kind) ? STYLE_GOOD
                                                       : STYLE_BAD;
    fputs("  rule ", out);
    output_text(out, item->rule);
    fputc(' ', out);
    output_styled(invocation, style, str_from(word));
    text_place(invocation, item);
    struct str why = item->applies && item->finding.reason.n > 0 ? item->finding.reason : item->why;
    if (why.n > 0) {
        fputs("      ", out);
        output_text(out, why);
        if (item->applies && item->finding.remedy.n > 0) {
            fputs("; ", out);
            output_text(out, item->finding.remedy);
        }
        fputc('\n', out);
    }
    if (item->exception.n > 0) {
        fputs("      excused by exception ", out);
        output_text(out, item->exception);
        fputc('\n', out);
    }
}

static void text_policy(const struct invocation *invocation, const struct explanation *item)
{
    FILE *out = invocation->out;
    fputs("policy ", out);
    output_styled(invocation, STYLE_STRONG, item->policy);
    fprintf(out, " (%s) ", policy_mode_name(item->mode));
    output_styled(invocation, item->applies ? STYLE_PLAIN : STYLE_FAINT,
                  item->applies ? STR("applies") : STR("does not apply"));
    text_place(invocation, item);
    if (item->why.n > 0) {
        fputs("    ", out);
        output_text(out, item->why);
        fputc('\n', out);
    }
}

static void text_verdict(const struct invocation *invocation, const struct answer *answer)
{
    FILE *out = invocation->out;
    bool allowed = answer->decision.verdict == VERDICT_ALLOW;
    output_styled(invocation, allowed ? STYLE_GOOD : STYLE_BAD,
                  allowed ? STR("admitted") : STR("denied"));
    if (answer->decision.n_images == 0) {
        fputs(": this operation is never judged", out);
    }
    fputc('\n', out);
    for (size_t i = 0; i < answer->decision.n_violations; i++) {
        fputs("  ", out);
        const struct violation *violation = &answer->decision.violations[i];
        output_text(out, violation->message);
        report_softened(out, violation);
        fputc('\n', out);
    }
}

static void print_text(const struct invocation *invocation, const struct answer *answer)
{
    output_styled(invocation, STYLE_STRONG, str_from(invocation->operands[0]));
    if (answer->image.rewritten) {
        fputs(" is rewritten to ", invocation->out);
        output_styled(invocation, STYLE_STRONG, answer->image.text);
    }
    fputc('\n', invocation->out);
    for (size_t i = 0; i < answer->n; i++) {
        const struct explanation *item = &answer->items[i];
        if (item->rule.n == 0) {
            fputc('\n', invocation->out);
            text_policy(invocation, item);
        } else {
            text_rule(invocation, item);
        }
    }
    fputc('\n', invocation->out);
    text_verdict(invocation, answer);
}

/* -- JSON -- */

static void json_item(FILE *out, const struct explanation *item)
{
    bool rule = item->rule.n > 0;
    fputc('{', out);
    output_member(out, true, "policy", item->policy);
    output_member(out, false, "rule", item->rule);
    output_member(out, false, "file", item->file);
    fprintf(out, ",\"line\":%" PRIu32 ",\"column\":%" PRIu32 ",\"applies\":%s", item->mark.line,
            item->mark.column, item->applies ? "true" : "false");
    output_member(out, false, "why", item->why);
    output_member(out, false, "mode", str_from(policy_mode_name(item->mode)));
    if (rule && item->applies) {
        fprintf(out, ",\"holds\":%s", satisfied(item->finding.kind) ? "true" : "false");
        output_member(out, false, "reason", item->finding.reason);
        output_member(out, false, "remedy", item->finding.remedy);
    }
    output_member(out, false, "exception", item->exception);
    fputc('}', out);
}

static void print_json(const struct invocation *invocation, const struct answer *answer)
{
    FILE *out = invocation->out;
    fputc('{', out);
    output_member(out, true, "image", str_from(invocation->operands[0]));
    output_member(out, false, "judged", answer->image.text);
    output_member(out, false, "verdict", str_from(verdict_name(answer->decision.verdict)));
    fputs(",\"messages\":[", out);
    for (size_t i = 0; i < answer->decision.n_violations; i++) {
        fputs(i > 0 ? "," : "", out);
        output_json(out, answer->decision.violations[i].message);
    }
    fputs("],\"considered\":[", out);
    for (size_t i = 0; i < answer->n; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        json_item(out, &answer->items[i]);
    }
    fputs("]}\n", out);
}

static int explain(struct invocation *invocation, const struct engine *engine,
                   const struct layouts *layouts)
{
    struct answer answer;
    struct error err;
    int code = EXIT_CODE_YES;
    answer_init(&answer, engine);
    if (failed(ask(invocation, engine, layouts, &answer, &err))) {
        code = output_error(invocation, &err);
    } else {
        (option_json(invocation) ? print_json : print_text)(invocation, &answer);
        code = answer.decision.verdict == VERDICT_ALLOW ? EXIT_CODE_YES : EXIT_CODE_NO;
    }
    json_doc_done(&answer.doc);
    arena_done(&answer.arena);
    return code;
}

static int run(struct invocation *invocation)
{
    engine_auto engine = {.set = NULL};
    layouts_auto layouts = {.offline = NULL};
    struct error err;
    if (failed(engine_load(invocation, &engine, &err)) ||
        failed(layouts_open(invocation, &layouts, &err))) {
        return output_error(invocation, &err);
    }
    return explain(invocation, &engine, &layouts);
}

static const struct option OPTIONS[] = {
    OPTIONS_ENGINE,
    OPTION_LAYOUT,
    {.name = "namespace",
     .letter = 'n',
     .argument = "NAME",
     .help = "the namespace of the object; \"default\" if not given"},
    {.name = "kind", .argument = "KIND", .help = "its kind; \"Pod\" if not given"},
    {.name = "user",
     .argument = "NAME",
     .help = "who asks; if not given, policies for certain users apply to everyone"},
    {.name = "operation",
     .argument = "OPERATION",
     .choices = OPERATIONS,
     .help = "CREATE (the default), UPDATE, DELETE or CONNECT"},
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_explain = {
    .name = "explain",
    .summary = "show which policies and rules judge an image, and why",
    .operands = "IMAGE",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .about = "Shows every policy and rule in order: whether it applies to an object that\n"
             "carries IMAGE, why or why not, what it found, and where it is written; then\n"
             "the verdict. What is not known here, such as labels, counts as matching, as in\n"
             "the webhook.",
    .exits = "0  the image would be admitted\n"
             "1  the image would be denied\n"
             "2  the command line, a policy or the configuration is wrong\n"
             "3  it could not be decided",
    .examples = "pratique explain --policy policy.yaml nginx:latest\n"
                "pratique explain -p policies/ -n shop --kind Deployment ghcr.io/acme/app:1.2\n"
                "pratique explain --config server.yaml --output json nginx",
    .run = run,
};
