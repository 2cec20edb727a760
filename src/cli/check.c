/* `pratique check`: manifests judged as the cluster would. */
#include <stdint.h>

#include "base/clock.h"
#include "cli/changed.h"
#include "cli/engine.h"
#include "cli/layouts.h"
#include "cli/manifests.h"
#include "cli/namespaces.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "evaluate/evaluate.h"

struct checker {
    const struct engine *engine;
    const struct namespaces *namespaces;
    struct str namespace; /* for objects that name none */
    const char *user;     /* NULL: not known */
    const struct evidence_source *source;
    int64_t now;
    struct report report;
    struct progress progress;
    struct arena arena; /* of the object at hand */
};

/* Judge one object as if it were created: the mutating webhook first, then the validating one. */
static status judge(struct checker *checker, yyjson_val *object, struct review *ret_review,
                    struct decision *ret_decision, struct error *err)
{
    struct review *review = ret_review;
    TRY(review_from_manifest(&checker->arena, checker->engine->kinds, object, checker->namespace,
                             review, err));
    review->user_known = checker->user != NULL;
    review->user = str_from(checker->user);
    review->namespace_labels = namespaces_labels(checker->namespaces, review->namespace);
    review->namespace_labels_known = review->namespace_labels != NULL;
    const struct evaluate_options options = {
        .now = checker->now, .mutate = true, .source = checker->source};
    struct review_answer answer;
    return evaluate_review(checker->engine->set, review, &options, &checker->arena, ret_decision,
                           &answer, err);
}

static void check_object(void *context, const struct manifest_place *place, yyjson_val *object)
{
    struct checker *checker = context;
    progress_clear(&checker->progress);
    arena_reset(&checker->arena);
    struct review review;
    struct decision decision;
    struct error err;
    if (failed(judge(checker, object, &review, &decision, &err))) {
        report_problem(&checker->report, place, object, &err);
    } else {
        report_object(&checker->report, place, &review, &decision);
    }
}

static void check_problem(void *context, const struct manifest_place *place,
                          const struct error *err)
{
    struct checker *checker = context;
    report_problem(&checker->report, place, NULL, err);
}

static void check_done(void *context)
{
    struct checker *checker = context;
    progress_step(&checker->progress);
}

static enum exit_code check(struct invocation *invocation, const struct engine *engine,
                            const struct layouts *layouts, const struct manifests *manifests)
{
    namespaces_auto namespaces;
    namespaces_collect(manifests, &namespaces);
    struct checker checker = {
        .engine = engine,
        .namespaces = &namespaces,
        .namespace = str_from(option_argument(invocation, "namespace")),
        .user = option_argument(invocation, "user"),
        .source = layouts_source(layouts),
        .now = clock_wall(),
    };
    arena_init(&checker.arena, LIMIT_REVIEW_ARENA);
    report_begin(&checker.report, invocation);
    progress_begin(&checker.progress, invocation->err, "files", manifests->n);
    const struct manifest_visitor visitor = {
        .object = check_object, .problem = check_problem, .context = &checker, .done = check_done};
    manifests_visit(manifests, &visitor);
    progress_clear(&checker.progress);
    arena_done(&checker.arena);
    return report_end(&checker.report);
}

/* The files to check: the operands, or those of them that changed. */
static status find(struct invocation *invocation, struct manifests *ret_manifests,
                   struct error *err)
{
    const char **paths = invocation->operands;
    size_t n = invocation->n_operands;
    enum manifests_render render =
        option_given(invocation, "as-files") ? MANIFESTS_AS_FILES : MANIFESTS_RENDER;
    const char *revision = option_argument(invocation, "changed-since");
    if (revision != NULL) {
        TRY(changed_since(&invocation->arena, revision, paths, n, &paths, &n, err));
    }
    return manifests_find(&invocation->arena, paths, n, render, ret_manifests, err);
}

static int run(struct invocation *invocation)
{
    engine_auto engine = {.set = NULL};
    layouts_auto layouts = {.offline = NULL};
    struct manifests manifests;
    struct error err;
    if (failed(engine_load(invocation, &engine, &err)) ||
        failed(layouts_open(invocation, &layouts, &err)) ||
        failed(find(invocation, &manifests, &err))) {
        return output_error(invocation, &err);
    }
    if (manifests.n == 0) {
        fprintf(invocation->err, "pratique check: no manifest changed since %s\n",
                option_argument(invocation, "changed-since"));
        return EXIT_CODE_YES;
    }
    return (int)check(invocation, &engine, &layouts, &manifests);
}

static const struct option OPTIONS[] = {
    OPTIONS_ENGINE,
    OPTION_LAYOUT,
    {.name = "namespace",
     .letter = 'n',
     .argument = "NAME",
     .help = "the namespace of objects that name none; \"default\" if not given"},
    {.name = "user",
     .argument = "NAME",
     .help = "who would create the objects; if not given, policies for certain\n"
             "users apply to everyone"},
    {.name = "changed-since",
     .argument = "REVISION",
     .help = "of FILEs, only the manifests that differ from this revision of Git"},
    {.name = "as-files",
     .help = "read a kustomization or a chart file by file, not as what it makes"},
    {.name = "all", .help = "list objects without images too"},
    {.name = "output",
     .letter = 'o',
     .argument = "FORMAT",
     .choices = report_formats,
     .help = "\"text\" for people (the default), \"json\" or \"sarif\" (2.1.0) for\n"
             "programs, \"junit\" or \"github\" (annotations) for CI"},
    OPTION_END,
};

const struct command command_check = {
    .name = "check",
    .summary = "judge the images in manifests, before there is a cluster",
    .operands = "FILE...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Judges every object in FILEs as the webhook would judge its creation, rewrites\n"
             "first. A FILE is a file of YAML documents or JSON, a directory (searched for\n"
             "*.yaml, *.yml and *.json at any depth) or - for standard input. A directory\n"
             "that is a kustomization or a chart is rendered, if kustomize, kubectl or helm is\n"
             "installed. Lists are taken apart. Labels of Namespace objects in the input serve\n"
             "namespaceSelectors; selectors on namespaces that are not in the input count as\n"
             "matching.\n\n"
             "With --output json there is one object: results, a list of {file, document,\n"
             "line, column, apiVersion, kind, name, namespace, allowed, problem,\n"
             "violationsDropped, images}, and summary. An image has image, path, verdict,\n"
             "judged (what it is rewritten to) and violations, each with policy, rule,\n"
             "message, reason, mode and exception. Documents count from 0, empty ones left\n"
             "out. A result with a problem was not judged, or is denied because it cannot be;\n"
             "its images are those that were found, undecided; its line is that of the error.",
    .exits = "0  everything is admitted\n"
             "1  something is denied\n"
             "2  the command line, a policy or the configuration is wrong\n"
             "3  something could not be judged: a file that cannot be read or is malformed,\n"
             "   an object that is none, no object at all. Wins over 1, because the answer\n"
             "   is not complete",
    .examples = "pratique check --policy policy.yaml deploy/\n"
                "pratique check --policy policy.yaml --changed-since origin/main deploy/\n"
                "pratique check --policy policy.yaml --output sarif deploy/ > check.sarif\n"
                "helm template ./chart | pratique check --policy policies/ -\n"
                "kubectl kustomize overlays/prod | pratique check -p policy.yaml -n shop -",
    .run = run,
};
