#include "cli/replay_report.h"

#include <inttypes.h>

#include "cli/output.h"

/* -- text -- */

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* Rows from `i` on with the same change and rule. */
static size_t same_rule(const struct replay_tally *tally, size_t i)
{
    size_t n = 1;
    while (i + n < tally->n && tally->rows[i + n].change == tally->rows[i].change &&
           str_eq(tally->rows[i + n].rule, tally->rows[i].rule)) {
        n++;
    }
    return n;
}

static void text_row(FILE *out, const struct replay_row *row)
{
    fprintf(out, "    %6" PRIu64 "  ", row->count);
    if (row->namespace.n > 0) {
        output_text(out, row->namespace);
        fputs("  ", out);
    }
    output_text(out, row->image);
    fputc('\n', out);
}

static void text_rule(const struct invocation *invocation, const struct replay_row *rows, size_t n,
                      bool all)
{
    FILE *out = invocation->out;
    fputs("  ", out);
    output_styled(invocation, STYLE_STRONG,
                  rows->rule.n > 0 ? rows->rule : STR("(the record does not tell the rule)"));
    fputc('\n', out);
    for (size_t i = 0; i < n && (all || i < REPLAY_SHOWN); i++) {
        text_row(out, &rows[i]);
    }
    if (!all && n > REPLAY_SHOWN) {
        fprintf(out, "            and %zu more; --all lists them\n", n - REPLAY_SHOWN);
    }
}

static void text_change(const struct invocation *invocation, const struct replay_tally *tally,
                        enum replay_change change, bool all)
{
    uint64_t images = tally->images[change];
    if (images == 0) {
        return;
    }
    bool denied = change == REPLAY_NEWLY_DENIED;
    output_styled(invocation, denied ? STYLE_BAD : STYLE_WARNING,
                  denied ? STR("would now be denied") : STR("would now be admitted"));
    fprintf(invocation->out, ": %" PRIu64 " image%s\n", images, plural(images));
    for (size_t i = 0; i < tally->n;) {
        size_t n = same_rule(tally, i);
        if (tally->rows[i].change == change) {
            text_rule(invocation, &tally->rows[i], n, all);
        }
        i += n;
    }
}

void replay_report_text(const struct invocation *invocation, const struct replay_tally *tally,
                        size_t problems, bool all)
{
    FILE *out = invocation->out;
    text_change(invocation, tally, REPLAY_NEWLY_DENIED, all);
    text_change(invocation, tally, REPLAY_NEWLY_ALLOWED, all);
    fprintf(out, "%" PRIu64 " review%s judged again, %" PRIu64 " with a change; ", tally->reviews,
            plural(tally->reviews), tally->changed_reviews);
    fprintf(out,
            "images: %" PRIu64 " newly denied, %" PRIu64 " newly admitted, %" PRIu64
            " still admitted, %" PRIu64 " still denied\n",
            tally->images[REPLAY_NEWLY_DENIED], tally->images[REPLAY_NEWLY_ALLOWED],
            tally->images[REPLAY_SAME_ALLOWED], tally->images[REPLAY_SAME_DENIED]);
    if (tally->incomplete > 0) {
        fprintf(out, "%" PRIu64 " record%s named only a part of the images\n", tally->incomplete,
                plural(tally->incomplete));
    }
    if (tally->undecided > 0) {
        fprintf(out, "%" PRIu64 " record%s of what was not decided left out\n", tally->undecided,
                plural(tally->undecided));
    }
    if (tally->dropped > 0) {
        fprintf(out, "%" PRIu64 " image%s in more groups than are kept (%d)\n", tally->dropped,
                plural(tally->dropped), REPLAY_ROWS_MAX);
    }
    if (problems > 0) {
        fprintf(out, "%zu input%s could not be judged\n", problems, plural(problems));
    }
}

/* -- JSON -- */

static void json_rows(FILE *out, const struct replay_tally *tally, enum replay_change change)
{
    const char *comma = "";
    for (size_t i = 0; i < tally->n; i++) {
        const struct replay_row *row = &tally->rows[i];
        if (row->change != change) {
            continue;
        }
        fprintf(out, "%s\n{\"count\":%" PRIu64, comma, row->count);
        output_member(out, false, "rule", row->rule);
        output_member(out, false, "namespace", row->namespace);
        output_member(out, false, "image", row->image);
        output_member(out, false, "message", row->message);
        fputc('}', out);
        comma = ",";
    }
}

void replay_report_json(const struct invocation *invocation, const struct replay_tally *tally,
                        size_t problems)
{
    FILE *out = invocation->out;
    fputs("{\"newDenials\":[", out);
    json_rows(out, tally, REPLAY_NEWLY_DENIED);
    fputs("],\n\"newAdmissions\":[", out);
    json_rows(out, tally, REPLAY_NEWLY_ALLOWED);
    fprintf(out,
            "],\n\"summary\":{\"reviews\":%" PRIu64 ",\"changedReviews\":%" PRIu64
            ",\"newlyDenied\":%" PRIu64 ",\"newlyAdmitted\":%" PRIu64 ",\"stillAdmitted\":%" PRIu64
            ",\"stillDenied\":%" PRIu64 ",\"incomplete\":%" PRIu64 ",\"dropped\":%" PRIu64
            ",\"notDecided\":%" PRIu64 ",\"undecided\":%zu}}\n",
            tally->reviews, tally->changed_reviews, tally->images[REPLAY_NEWLY_DENIED],
            tally->images[REPLAY_NEWLY_ALLOWED], tally->images[REPLAY_SAME_ALLOWED],
            tally->images[REPLAY_SAME_DENIED], tally->incomplete, tally->dropped, tally->undecided,
            problems);
}
