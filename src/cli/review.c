/* `pratique review`: the webhook's answers without the webhook. */
#include "review/review.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "cli/documents.h"
#include "cli/engine.h"
#include "cli/layouts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "evaluate/evaluate.h"

/* What one run needs for each of its reviews. */
struct reviewer {
    const struct invocation *invocation;
    const struct engine *engine;
    const struct layouts *layouts;
    bool mutate;
    bool seen;          /* there was a document at all */
    struct arena arena; /* of the review at hand */
    struct buf response;
};

/* Decode, decide, and put the response into reviewer->response. */
static status answer(struct reviewer *reviewer, const struct json_doc *doc, struct error *err)
{
    struct review review;
    TRY(review_decode(&reviewer->arena, reviewer->engine->kinds, doc, true, &review, err));
    const struct evaluate_options options = {
        .now = clock_wall(),
        /* the API server takes no patch from an ImageReview, so nothing is rewritten there */
        .mutate = reviewer->mutate && review.api != REVIEW_IMAGE_V1ALPHA1,
        .source = layouts_source(reviewer->layouts),
    };
    struct decision decision;
    struct review_answer answer;
    TRY(evaluate_review(reviewer->engine->set, &review, &options, &reviewer->arena, &decision,
                        &answer, err));
    review_encode(&review, &answer, &reviewer->response);
    if (buf_overflowed(&reviewer->response)) {
        return error_set(err, ERROR_LIMIT, "the response is larger than %u bytes", LIMIT_BODY);
    }
    return OK;
}

/* Judge one document and print the response. */
static status review_one(struct reviewer *reviewer, struct str text, struct error *err)
{
    arena_reset(&reviewer->arena);
    buf_clear(&reviewer->response);
    json_doc_auto doc = {.root = NULL};
    TRY(json_parse(text, JSON_WITHOUT_MARKS, &doc, err));
    TRY(answer(reviewer, &doc, err));
    struct str response = buf_str(&reviewer->response);
    fwrite(response.p, 1, response.n, reviewer->invocation->out);
    fflush(reviewer->invocation->out);
    return OK;
}

/* Read one document and answer it; *ret_more is false at the end of the input. */
static status step(struct reviewer *reviewer, struct documents *documents, bool *ret_more,
                   struct error *err)
{
    struct str text;
    uint64_t line;
    TRY(documents_next(documents, &text, &line, ret_more, err));
    if (!*ret_more) {
        return OK;
    }
    reviewer->seen = true;
    if (failed(review_one(reviewer, text, err))) {
        return error_wrap(err, "%s:%" PRIu64, documents->name, line);
    }
    return OK;
}

/* Say what failed; returns the exit status so far. */
static int tell(const struct reviewer *reviewer, const struct error *err, int code)
{
    int failure = output_error(reviewer->invocation, err);
    return failure > code ? failure : code;
}

/* Answer all of the input; what cannot be answered is told on stderr, and the rest goes on. An
 * answer that cannot be written ends it: output_finish tells. */
static int review_all(struct reviewer *reviewer, FILE *file, const char *name)
{
    documents_auto documents;
    documents_init(&documents, file, name);
    int code = EXIT_CODE_YES;
    bool more = true;
    struct error err;
    while (more && !ferror(reviewer->invocation->out)) {
        if (failed(step(reviewer, &documents, &more, &err))) {
            code = tell(reviewer, &err, code);
            more = !ferror(file);
        }
    }
    if (!reviewer->seen && code == EXIT_CODE_YES) {
        error_fill(&err, ERROR_INPUT, "%s: empty", name);
        code = tell(reviewer, &err, code);
    }
    return code;
}

static int review_file(struct reviewer *reviewer, const char *path)
{
    if (strcmp(path, "-") == 0) {
        return review_all(reviewer, reviewer->invocation->in, "standard input");
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        struct error err;
        error_fill(&err, ERROR_INPUT, "%s: cannot open: %s", path, strerrordesc_np(errno));
        return tell(reviewer, &err, EXIT_CODE_YES);
    }
    int code = review_all(reviewer, file, path);
    fclose(file);
    return code;
}

static int run(struct invocation *invocation)
{
    if (invocation->n_operands == 0) {
        invocation->operands[invocation->n_operands++] = "-";
    }
    struct error err;
    engine_auto engine = {.set = NULL};
    layouts_auto layouts = {.offline = NULL};
    if (failed(engine_load(invocation, &engine, &err)) ||
        failed(layouts_open(invocation, &layouts, &err))) {
        return output_error(invocation, &err);
    }
    struct reviewer reviewer = {
        .invocation = invocation,
        .engine = &engine,
        .layouts = &layouts,
        .mutate = option_given(invocation, "mutate"),
    };
    arena_init(&reviewer.arena, LIMIT_REVIEW_ARENA);
    buf_init(&reviewer.response, LIMIT_BODY);
    int code = review_file(&reviewer, invocation->operands[0]);
    buf_done(&reviewer.response);
    arena_done(&reviewer.arena);
    return code;
}

static const struct option OPTIONS[] = {
    OPTIONS_ENGINE,
    {.name = "mutate",
     .help = "answer as /mutate does, with a patch; else as "
             "/validate does"},
    OPTION_LAYOUT,
    OPTION_END,
};

const struct command command_review = {
    .name = "review",
    .summary = "answer admission reviews as the webhook would",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = OPTIONS,
    .about = "Reads AdmissionReviews (v1, v1beta1), ImageReviews (v1alpha1) or bare\n"
             "AdmissionRequests and prints the response to each, one a line, as the webhook\n"
             "sends it. The input is a file or standard input: one review, one a line, or\n"
             "several one after the other. A denial is an answer like any other and does not\n"
             "change the exit status.\n\n"
             "What cannot be answered is told on stderr with the line that it begins in; the\n"
             "rest is answered all the same.",
    .exits = "0  every review has its response\n"
             "2  the command line, a policy or the configuration is wrong\n"
             "3  something was no review, or could not be read or decided",
    .examples = "pratique review --policy policy.yaml review.json\n"
                "pratique review --config /etc/pratique/server.yaml --mutate < reviews.ndjson",
    .run = run,
};
