/* `pratique test`: declarative cases, and whether they still hold. */
#include <stdint.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/diagnose.h"
#include "cli/layouts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/replace.h"
#include "cli/test_report.h"
#include "image/glob.h"
#include "suite/suite.h"

struct tester {
    struct invocation *invocation;
    struct suite_options options;
    struct test_report report;
    const char *only; /* a glob on names of cases; NULL: all */
    bool update;
    size_t files; /* suites that were found */
    bool broken;  /* a suite or its policies are wrong */
};

/* -- one file -- */

static bool is_chosen(const struct tester *tester, const struct suite_case *test)
{
    return tester->only == NULL || glob_match(str_from(tester->only), test->name);
}

static status update(const struct suite_file *file, const struct suite_result *results, size_t n,
                     struct error *err)
{
    buf_auto text;
    buf_init(&text, LIMIT_POLICY_FILE);
    TRY(suite_update(file, results, n, &text, err));
    return replace_file(file->path, buf_str(&text), err);
}

struct ran {
    const struct suite *suite;
    struct suite_result result;
    const struct error *err; /* why it could not be run; NULL: it was */
};

static void run_case(const struct tester *tester, struct arena *arena,
                     const struct suite_file *file, struct ran *ran)
{
    struct error err;
    if (failed(suite_run(arena, &tester->options, file->path, ran->suite, ran->result.test,
                         &ran->result.got, &err))) {
        struct error *copy = ARENA_NEW(arena, struct error);
        *copy = err;
        ran->err = copy;
    }
}

/* Run the chosen cases of a file. */
static struct ran *run_cases(struct tester *tester, struct arena *arena,
                             const struct suite_file *file, size_t *ret_n)
{
    size_t room = 0, n = 0;
    for (size_t i = 0; i < file->n_suites; i++) {
        room += file->suites[i].n_cases;
    }
    struct ran *ran = ARENA_ARRAY(arena, struct ran, room);
    for (size_t i = 0; i < file->n_suites; i++) {
        const struct suite *suite = &file->suites[i];
        for (size_t j = 0; j < suite->n_cases; j++) {
            const struct suite_case *test = &suite->cases[j];
            if (is_chosen(tester, test)) {
                ran[n] = (struct ran){.suite = suite, .result = {.test = test}};
                run_case(tester, arena, file, &ran[n++]);
            }
        }
    }
    *ret_n = n;
    return ran;
}

/* Whether the file was written anew. */
static bool update_file(struct tester *tester, struct arena *arena, const struct suite_file *file,
                        const struct ran *ran, size_t n)
{
    struct suite_result *results = ARENA_ARRAY(arena, struct suite_result, n);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        if (ran[i].err == NULL && !suite_passes(ran[i].result.test, &ran[i].result.got)) {
            results[wrong++] = ran[i].result;
        }
    }
    struct error err;
    if (wrong > 0 && failed(update(file, results, wrong, &err))) {
        test_report_error(&tester->report, file->path, NULL, &err);
        return false;
    }
    return true;
}

static bool same_diagnostic(const struct diagnostic *a, const struct diagnostic *b)
{
    return a->level == b->level && a->mark.line == b->mark.line &&
           a->mark.column == b->mark.column && str_eq(a->file, b->file) &&
           str_eq(a->path, b->path) && str_eq(a->message, b->message);
}

/* Tell what is wrong, once: suites of a file often have the same policies. */
static void diagnose_once(const struct invocation *invocation, struct diagnostics *list)
{
    diagnostics_sort(list);
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (kept == 0 || !same_diagnostic(&list->items[i], &list->items[kept - 1])) {
            list->items[kept++] = list->items[i];
        } else {
            *(list->items[i].level == DIAGNOSTIC_ERROR ? &list->errors : &list->warnings) -= 1;
        }
    }
    list->n = kept;
    diagnose(invocation, list);
}

static void run_file(struct tester *tester, const char *path)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct suite_file file;
    struct error err;
    status st = suite_load(&arena, path, &tester->options, &list, &file, &err);
    diagnose_once(tester->invocation, &list);
    if (failed(st)) {
        test_report_error(&tester->report, path, NULL, &err);
        tester->broken = tester->broken || err.kind == ERROR_CONFIG;
    } else {
        size_t n;
        struct ran *ran = run_cases(tester, &arena, &file, &n);
        bool updated = tester->update && update_file(tester, &arena, &file, ran, n);
        for (size_t i = 0; i < n; i++) {
            if (ran[i].err != NULL) {
                test_report_error(&tester->report, path, ran[i].result.test, ran[i].err);
            } else {
                test_report_case(&tester->report, &file, ran[i].suite, &ran[i].result, updated);
            }
        }
    }
    suite_done(&file);
}

/* -- finding files -- */

/* Run the file if it is a suite. */
static status try_file(struct tester *tester, const char *path, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_MANIFEST_FILE);
    struct str text;
    TRY(file_read(&arena, path, LIMIT_MANIFEST_FILE, &text, err));
    if (suite_is_one(text)) {
        tester->files++;
        run_file(tester, path);
    }
    return OK;
}

static status run_path(struct tester *tester, const char *path, struct error *err)
{
    if (!file_is_directory(path)) {
        tester->files++;
        run_file(tester, path);
        return OK;
    }
    struct file_list files;
    TRY(file_list(&tester->invocation->arena, path, policy_suffixes, LIMIT_MANIFEST_FILES, &files,
                  err));
    for (size_t i = 0; i < files.n; i++) {
        TRY(try_file(tester, files.paths[i], err));
    }
    return OK;
}

static status run_all(struct tester *tester, struct error *err)
{
    const struct invocation *invocation = tester->invocation;
    for (size_t i = 0; i < invocation->n_operands; i++) {
        TRY(run_path(tester, invocation->operands[i], err));
    }
    if (tester->files == 0) {
        return error_set(err, ERROR_INPUT, "there is no ImagePolicyTest in %s%s",
                         invocation->operands[0],
                         invocation->n_operands > 1 ? " and the rest" : "");
    }
    const struct test_report *report = &tester->report;
    if (report->passed + report->failed + report->updated + report->errors == 0) {
        return error_set(err, ERROR_INPUT, "no case has a name like \"%s\"", tester->only);
    }
    return OK;
}

static int run(struct invocation *invocation)
{
    struct tester tester = {
        .invocation = invocation,
        .only = option_argument(invocation, "run"),
        .update = option_given(invocation, "update"),
        .options = {.policy = {.now = clock_wall()}},
    };
    struct error err;
    layouts_auto layouts = {.offline = NULL};
    if (failed(layouts_open(invocation, &layouts, &err))) {
        return output_error(invocation, &err);
    }
    tester.options.images = layouts_source(&layouts);
    status st = kinds_build(&invocation->arena, NULL, 0, NULL, 0, &tester.options.kinds, &err);
    ENSURE(!failed(st));
    test_report_begin(&tester.report, invocation);
    st = run_all(&tester, &err);
    int code = (int)test_report_end(&tester.report);
    if (failed(st)) {
        return output_error(invocation, &err);
    }
    return tester.broken ? EXIT_CODE_USAGE : code;
}

static const char *const FORMATS[] = {"text", "json", "junit", NULL};

static const struct option OPTIONS[] = {
    {.name = "run",
     .letter = 'r',
     .argument = "NAME",
     .help = "only cases whose name matches: * is any run of characters"},
    {.name = "update",
     .letter = 'u',
     .help = "write what came out into the files, in place of what was expected"},
    {.name = "verbose", .letter = 'v', .help = "list the cases that pass too"},
    {.name = "output",
     .letter = 'o',
     .argument = "FORMAT",
     .choices = FORMATS,
     .help = "\"text\" for people (the default), \"json\" or \"junit\" for programs"},
    OPTION_LAYOUT,
    OPTION_END,
};

const struct command command_test = {
    .name = "test",
    .summary = "run declarative cases against policies",
    .operands = "PATH...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Runs the cases in PATHs: files of kind ImagePolicyTest, or directories that are\n"
             "searched for them. A case says what is judged (an image, an object, a file of\n"
             "manifests or a review) and what is expected: the verdict, the rules that fail,\n"
             "messages, warnings, the patch. 'pratique policy schema --of test --reference'\n"
             "tells every field.\n\n"
             "A case that fails is shown as a difference: - was expected, + came out. What is\n"
             "not expected in so many words is not compared; a case that expects nothing\n"
             "fails, and --update fills it in.\n\n"
             "What a policy wants to know of an image is what the suite's own 'images' say,\n"
             "and of one that is not among them what --layout has.",
    .exits = "0  every case passes, or was updated\n"
             "1  a case fails\n"
             "2  the command line, a suite or one of its policies is wrong\n"
             "3  a case could not be run, or there is none",
    .examples = "pratique test tests/\n"
                "pratique test --run '*latest*' --verbose tests/\n"
                "pratique test --update tests/baseline.yaml\n"
                "pratique test --output junit tests/ > report.xml",
    .run = run,
};
