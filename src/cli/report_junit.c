/* JUnit XML as the readers of CI systems take it: one test case an image, one an object without. */
#include "cli/output.h"
#include "cli/report_format.h"
#include "cli/xml.h"

static void begin(struct report *report)
{
    (void)report; /* totals stand first, so everything waits in the body */
}

static void open_case(struct buf *body, struct str file, struct str object, struct str path)
{
    buf_add_cstr(body, "    <testcase classname=\"");
    xml_add(body, file);
    buf_add_cstr(body, "\" name=\"");
    xml_add(body, object);
    if (path.n > 0) {
        buf_add_char(body, ' ');
        xml_add(body, path);
    }
    buf_add_char(body, '"');
}

static void failure(struct buf *body, const char *element, struct str message)
{
    buf_printf(body, "      <%s message=\"", element);
    xml_add(body, message);
    buf_add_cstr(body, "\"/>\n");
}

/* All messages of an image in one failure, since a test case has one at most. */
static void image_failure(struct buf *body, const struct decision *decision,
                          const struct decision_image *image)
{
    buf_add_cstr(body, ">\n      <failure message=\"");
    xml_add(body, image->image->text);
    buf_add_cstr(body, " is denied\">");
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        if (violation->image == image->image && violation->mode == POLICY_ENFORCE &&
            violation->exception.n == 0) {
            xml_add(body, violation->message);
            buf_add_char(body, '\n');
        }
    }
    if (decision->n_dropped > 0) {
        buf_printf(body, "and %zu more violations of the object\n", decision->n_dropped);
    }
    buf_add_cstr(body, "</failure>\n    </testcase>\n");
}

static void object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision)
{
    struct buf *body = &report->body;
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct str name = report_object_name(&arena, review->kind, review->namespace, review->name);
    if (decision->n_images == 0) {
        open_case(body, place->file, name, STR_EMPTY);
        if (decision->verdict == VERDICT_ALLOW) {
            buf_add_cstr(body, "/>\n");
        } else {
            buf_add_cstr(body, ">\n");
            failure(body, "failure", decision->problem);
            buf_add_cstr(body, "    </testcase>\n");
        }
    }
    for (size_t i = 0; i < decision->n_images; i++) {
        open_case(body, place->file, name, decision->images[i].image->path);
        if (decision->images[i].verdict == VERDICT_ALLOW) {
            buf_add_cstr(body, "/>\n");
        } else if (decision->images[i].verdict == VERDICT_UNDECIDED) {
            buf_add_cstr(body, ">\n");
            failure(body, "skipped", STR("nothing was asked, for another image is denied"));
            buf_add_cstr(body, "    </testcase>\n");
        } else {
            image_failure(body, decision, &decision->images[i]);
        }
    }
}

static void problem(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct str name = parts[1].n == 0 ? STR("not judged")
                                      : report_object_name(&arena, parts[1], parts[3], parts[2]);
    open_case(&report->body, place->file, name, STR_EMPTY);
    buf_add_cstr(&report->body, ">\n");
    failure(&report->body, "error", str_from(err->text));
    buf_add_cstr(&report->body, "    </testcase>\n");
}

static void end(struct report *report)
{
    FILE *out = report->invocation->out;
    size_t failures = 0, cases = 0;
    for (struct str rest = buf_str(&report->body), line; rest.n > 0;) {
        str_cut(rest, '\n', &line, &rest);
        cases += str_starts(str_trim(line), STR("<testcase "));
        failures += str_starts(str_trim(line), STR("<failure "));
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n"
            "  <testsuite name=\"pratique check\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
            cases, failures, report->problems, cases, failures, report->problems);
    struct str body = buf_str(&report->body);
    fwrite(body.p, 1, body.n, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
}

const struct report_format report_junit = {"junit", begin, object, problem, end};
