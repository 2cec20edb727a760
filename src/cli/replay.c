/* `pratique replay`: what was decided yesterday, under other policies. */
#include "replay/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/diagnose.h"
#include "cli/documents.h"
#include "cli/engine.h"
#include "cli/manifests.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/replay_history.h"
#include "cli/replay_report.h"
#include "history/query.h"

struct replayer {
    struct invocation *invocation;
    const struct engine *engine;
    struct policy_set *before; /* owned; NULL: as recorded */
    int64_t now;
    bool mutate;
    struct replay_tally tally;
    size_t inputs, problems;
    struct arena arena; /* of the case at hand */
};

static void tell(struct replayer *replayer, const struct error *err)
{
    output_error(replayer->invocation, err);
    replayer->problems++;
}

static status judge(struct replayer *replayer, struct replay_case *subject, struct error *err)
{
    return replay_judge(&replayer->tally, replayer->before, replayer->engine->set, replayer->now,
                        subject, &replayer->arena, err);
}

static void tell_place(struct replayer *replayer, const struct manifest_place *place,
                       const struct error *err)
{
    struct error placed;
    error_fill(&placed, err->kind, "%.*s:%" PRIu32 ": %s", STR_ARG(place->file), place->line,
               err->text);
    tell(replayer, &placed);
}

/* -- manifests -- */

static status judge_object(struct replayer *replayer, yyjson_val *object, struct error *err)
{
    struct replay_case subject = {.mutate = true};
    TRY(review_from_manifest(&replayer->arena, replayer->engine->kinds, object, STR_EMPTY,
                             &subject.review, err));
    return judge(replayer, &subject, err);
}

static void on_object(void *context, const struct manifest_place *place, yyjson_val *object)
{
    struct replayer *replayer = context;
    struct error err;
    replayer->inputs++;
    arena_reset(&replayer->arena);
    if (failed(judge_object(replayer, object, &err))) {
        tell_place(replayer, place, &err);
    }
}

static void on_problem(void *context, const struct manifest_place *place, const struct error *err)
{
    tell_place(context, place, err);
}

static status replay_manifests(struct replayer *replayer, const char *path, struct error *err)
{
    struct manifests manifests;
    TRY(manifests_find(&replayer->invocation->arena, &path, 1, MANIFESTS_RENDER, &manifests, err));
    const struct manifest_visitor visitor = {on_object, on_problem, replayer};
    manifests_visit(&manifests, &visitor);
    return OK;
}

/* -- streams of reviews and audit lines -- */

static bool is_review(const struct json_doc *doc)
{
    struct str kind = json_str(json_get(doc->root, "kind"));
    return str_eq(kind, STR("AdmissionReview")) || str_eq(kind, STR("ImageReview")) ||
           json_get(doc->root, "apiVersion") == NULL;
}

static status judge_document(struct replayer *replayer, const struct json_doc *doc,
                             struct error *err)
{
    struct replay_case subject = {.mutate = replayer->mutate};
    bool decided = true;
    if (replay_is_audit(doc)) {
        TRY(replay_from_audit(&replayer->arena, doc, &subject, &decided, err));
    } else if (is_review(doc)) {
        TRY(review_decode(&replayer->arena, replayer->engine->kinds, doc, true, &subject.review,
                          err));
    } else {
        return judge_object(replayer, doc->root, err);
    }
    replayer->tally.undecided += decided ? 0 : 1;
    return decided ? judge(replayer, &subject, err) : OK;
}

static status step(struct replayer *replayer, struct documents *documents, bool *ret_more,
                   struct error *err)
{
    struct str text;
    uint64_t line;
    TRY(documents_next(documents, &text, &line, ret_more, err));
    if (!*ret_more) {
        return OK;
    }
    replayer->inputs++;
    arena_reset(&replayer->arena);
    json_doc_auto doc = {.root = NULL};
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, err)) ||
        failed(judge_document(replayer, &doc, err))) {
        return error_wrap(err, "%s:%" PRIu64, documents->name, line);
    }
    return OK;
}

static void replay_stream(struct replayer *replayer, FILE *file, const char *name)
{
    documents_auto documents;
    documents_init(&documents, file, name);
    bool more = true;
    struct error err;
    while (more) {
        if (failed(step(replayer, &documents, &more, &err))) {
            tell(replayer, &err);
            more = !ferror(file);
        }
    }
}

/* -- a history -- */

static void on_decision(void *context, const char *place, struct str line)
{
    struct replayer *replayer = context;
    struct error err;
    json_doc_auto doc = {.root = NULL};
    replayer->inputs++;
    arena_reset(&replayer->arena);
    if (failed(json_parse(line, JSON_WITHOUT_MARKS, &doc, &err)) ||
        failed(judge_document(replayer, &doc, &err))) {
        struct error placed;
        error_fill(&placed, err.kind, "%s: %s", place, err.text);
        tell(replayer, &placed);
    }
}

static status replay_file(struct replayer *replayer, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        replay_stream(replayer, replayer->invocation->in, "standard input");
        return OK;
    }
    struct str name = str_from(path);
    if (file_is_directory(path) || str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml"))) {
        return replay_manifests(replayer, path, err);
    }
    if (history_is_file(path)) {
        return replay_history_all(path, on_decision, replayer, err);
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(err, ERROR_INPUT, "%s: cannot open: %s", path, strerrordesc_np(errno));
    }
    replay_stream(replayer, file, path);
    fclose(file);
    return OK;
}

/* -- the command -- */

static int conclude(struct replayer *replayer)
{
    const struct replay_tally *tally = &replayer->tally;
    if (replayer->problems > 0) {
        return EXIT_CODE_UNDECIDED;
    }
    size_t n;
    const char **fail_on = option_arguments(replayer->invocation, "fail-on", &n);
    for (size_t i = 0; i < n; i++) {
        bool denials = strcmp(fail_on[i], "new-denials") == 0;
        if (tally->images[denials ? REPLAY_NEWLY_DENIED : REPLAY_NEWLY_ALLOWED] > 0) {
            return EXIT_CODE_NO;
        }
    }
    return EXIT_CODE_YES;
}

static int replay_all(struct replayer *replayer)
{
    struct invocation *invocation = replayer->invocation;
    struct error err;
    for (size_t i = 0; i < invocation->n_operands; i++) {
        if (failed(replay_file(replayer, invocation->operands[i], &err))) {
            tell(replayer, &err);
        }
    }
    if (replayer->inputs + replayer->problems == 0) {
        error_fill(&err, ERROR_INPUT, "there is nothing to judge again in the input");
        tell(replayer, &err);
    }
    replay_tally_sort(&replayer->tally);
    if (option_json(invocation)) {
        replay_report_json(invocation, &replayer->tally, replayer->problems);
    } else {
        replay_report_text(invocation, &replayer->tally, replayer->problems,
                           option_given(invocation, "all"));
    }
    return conclude(replayer);
}

static int run(struct invocation *invocation)
{
    struct error err;
    engine_auto engine = {.set = NULL};
    engine_auto before = {.set = NULL};
    if (failed(engine_load(invocation, &engine, &err)) ||
        failed(engine_load_other(invocation, "before", &before, &err))) {
        return output_error(invocation, &err);
    }
    struct replayer replayer = {
        .invocation = invocation,
        .engine = &engine,
        .before = before.set,
        .now = clock_wall(),
        .mutate = option_given(invocation, "mutate"),
    };
    arena_init(&replayer.arena, LIMIT_REVIEW_ARENA);
    replay_tally_init(&replayer.tally);
    int code = replay_all(&replayer);
    replay_tally_done(&replayer.tally);
    arena_done(&replayer.arena);
    return code;
}

static const char *const CHANGES[] = {"new-denials", "new-admissions", NULL};

static const struct option OPTIONS[] = {
    OPTIONS_ENGINE,
    {.name = "before",
     .argument = "PATH",
     .repeated = true,
     .help = "the policies to compare with; if not given, audit lines are compared\n"
             "with what they record, and all else counts as admitted"},
    {.name = "mutate", .help = "judge recorded reviews as /mutate does: rewrites first"},
    {.name = "fail-on",
     .argument = "CHANGE",
     .repeated = true,
     .choices = CHANGES,
     .help = "exit with 1 if there are \"new-denials\" or \"new-admissions\""},
    {.name = "all", .help = "list every image, not the first ten of a rule"},
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_replay = {
    .name = "replay",
    .summary = "judge yesterday's reviews again, by other policies",
    .operands = "FILE...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Judges FILEs by the policies of --policy and tells what would be denied or\n"
             "admitted now and was not before, by rule, namespace and image, with counts. A\n"
             "FILE holds lines of the audit log, recorded reviews (one a line or one after\n"
             "the other), or manifests (*.yaml, *.yml or a directory); or it is a decision\n"
             "history, in use or not; - is standard input, not for a history.\n\n"
             "What was recorded has no labels, so selectors on labels count as matching. A\n"
             "request that was seen by both webhooks has two lines and counts twice.",
    .exits = "0  judged; with --fail-on: without such a change\n"
             "1  there is a change that --fail-on names\n"
             "2  the command line, a policy or the configuration is wrong\n"
             "3  something could not be judged",
    .examples = "pratique replay --policy new/ audit.jsonl\n"
                "pratique replay --policy new/ history.db\n"
                "pratique replay --policy new/ --before old/ --fail-on new-denials deploy/\n"
                "pratique replay -p new.yaml --fail-on new-admissions --output json audit.jsonl",
    .run = run,
};
