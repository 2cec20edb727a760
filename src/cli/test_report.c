#include "cli/test_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/xml.h"

static bool is_missing(const struct suite_entries *entries, const struct suite_entries *others,
                       size_t index)
{
    size_t here = 0, there = 0;
    for (size_t i = 0; i <= index; i++) {
        here += str_eq(entries->items[i], entries->items[index]);
    }
    for (size_t i = 0; i < others->n; i++) {
        there += str_eq(others->items[i], entries->items[index]);
    }
    return here > there;
}

static bool differs(const struct suite_result *result, enum suite_field field)
{
    return !suite_field_agrees(field, &result->test->expected.fields[field],
                               &result->got.fields[field]);
}

static bool expects_nothing(const struct suite_case *test)
{
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        if (test->expected.fields[field].set) {
            return false;
        }
    }
    return true;
}

/* -- text -- */

static void text_head(const struct test_report *report, enum style style, const char *word,
                      const char *path, const struct suite_case *test)
{
    FILE *out = report->invocation->out;
    output_styled(report->invocation, style, str_from(word));
    fputs("  ", out);
    output_text(out, str_from(path));
    if (test != NULL) {
        fprintf(out, ":%" PRIu32 ": ", test->mark.line);
        output_text(out, test->name);
    }
}

static void text_entry(const struct test_report *report, enum style style, const char *sign,
                       struct str entry)
{
    FILE *out = report->invocation->out;
    fputs("        ", out);
    struct str line;
    bool more = true;
    while (more) {
        more = str_cut(entry, '\n', &line, &entry);
        output_styled(report->invocation, style, str_from(sign));
        output_styled(report->invocation, style, line);
        fputs(more ? "\n        " : "\n", out);
    }
}

static void text_difference(const struct test_report *report, const struct suite_result *result,
                            enum suite_field field)
{
    const struct suite_entries *expected = &result->test->expected.fields[field];
    const struct suite_entries *got = &result->got.fields[field];
    fprintf(report->invocation->out, "      %s:\n", suite_field_name(field));
    bool any = false;
    for (size_t i = 0; i < expected->n; i++) {
        if (is_missing(expected, got, i)) {
            text_entry(report, STYLE_BAD, "- ", expected->items[i]);
            any = true;
        }
    }
    for (size_t i = 0; i < got->n; i++) {
        if (is_missing(got, expected, i)) {
            text_entry(report, STYLE_GOOD, "+ ", got->items[i]);
            any = true;
        }
    }
    if (!any) {
        fputs("        the same entries in another order\n", report->invocation->out);
    }
}

static void text_case(const struct test_report *report, const struct suite_file *file,
                      const struct suite_result *result, bool updated)
{
    FILE *out = report->invocation->out;
    bool passes = suite_passes(result->test, &result->got);
    if (passes && report->quiet) {
        return;
    }
    const char *word = passes ? "PASS" : updated ? "UPDATED" : "FAIL";
    enum style style = passes ? STYLE_GOOD : updated ? STYLE_WARNING : STYLE_BAD;
    text_head(report, style, word, file->path, result->test);
    fputc('\n', out);
    if (!passes && expects_nothing(result->test)) {
        fputs("      nothing is expected yet; --update writes what came out:\n", out);
        for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
            if (result->got.fields[field].n > 0) {
                text_difference(report, result, field);
            }
        }
    }
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        if (differs(result, field)) {
            text_difference(report, result, field);
        }
    }
}

/* -- JSON -- */

static void json_entries(FILE *out, const char *name, const struct suite_entries *entries)
{
    fprintf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < entries->n; i++) {
        fputs(i > 0 ? "," : "", out);
        output_json(out, entries->items[i]);
    }
    fputc(']', out);
}

static void json_head(struct test_report *report, const char *path, const struct suite_case *test,
                      const char *result)
{
    FILE *out = report->invocation->out;
    fputs(report->begun ? ",\n{" : "\n{", out);
    report->begun = true;
    output_member(out, true, "file", str_from(path));
    fprintf(out, ",\"line\":%" PRIu32, test != NULL ? test->mark.line : 0);
    output_member(out, false, "case", test != NULL ? test->name : STR_EMPTY);
    output_member(out, false, "result", str_from(result));
}

static void json_case(struct test_report *report, const struct suite_file *file,
                      const struct suite_result *result, bool updated)
{
    FILE *out = report->invocation->out;
    bool passes = suite_passes(result->test, &result->got);
    json_head(report, file->path, result->test, passes ? "passed" : updated ? "updated" : "failed");
    fputs(",\"differences\":[", out);
    const char *comma = "";
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        if (differs(result, field)) {
            fprintf(out, "%s{\"field\":\"%s\"", comma, suite_field_name(field));
            json_entries(out, "expected", &result->test->expected.fields[field]);
            json_entries(out, "got", &result->got.fields[field]);
            fputc('}', out);
            comma = ",";
        }
    }
    fputs("]}", out);
}

/* -- JUnit -- */

static void xml_head(struct test_report *report, const char *path, struct str suite,
                     const struct suite_case *test)
{
    struct buf *body = &report->body;
    buf_add_cstr(body, "    <testcase classname=\"");
    xml_add(body, suite.n > 0 ? suite : str_from(path));
    buf_add_cstr(body, "\" name=\"");
    xml_add(body, test != NULL ? test->name : str_from(path));
    buf_add_cstr(body, "\"");
}

static void xml_entries(struct buf *body, const char *sign, const struct suite_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        buf_printf(body, "%s ", sign);
        xml_add(body, entries->items[i]);
        buf_add_char(body, '\n');
    }
}

static void xml_case(struct test_report *report, const struct suite_file *file,
                     const struct suite *suite, const struct suite_result *result, bool updated)
{
    struct buf *body = &report->body;
    xml_head(report, file->path, suite->name, result->test);
    if (updated || suite_passes(result->test, &result->got)) {
        buf_add_cstr(body, "/>\n");
        return;
    }
    buf_add_cstr(body, ">\n      <failure message=\"");
    xml_add(body, str_from(file->path));
    buf_printf(body, ":%" PRIu32 "\">", result->test->mark.line);
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        if (differs(result, field)) {
            buf_printf(body, "%s:\n", suite_field_name(field));
            xml_entries(body, "-", &result->test->expected.fields[field]);
            xml_entries(body, "+", &result->got.fields[field]);
        }
    }
    if (expects_nothing(result->test)) {
        buf_add_cstr(body, "nothing is expected yet\n");
    }
    buf_add_cstr(body, "</failure>\n    </testcase>\n");
}

static void xml_end(const struct test_report *report)
{
    size_t tests = report->passed + report->failed + report->errors + report->updated;
    FILE *out = report->invocation->out;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n"
            "  <testsuite name=\"pratique test\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
            tests, report->failed, report->errors, tests, report->failed, report->errors);
    struct str body = buf_str(&report->body);
    fwrite(body.p, 1, body.n, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
}

/* -- all -- */

void test_report_begin(struct test_report *report, const struct invocation *invocation)
{
    const char *format = option_argument(invocation, "output");
    *report = (struct test_report){
        .invocation = invocation,
        .quiet = !option_given(invocation, "verbose"),
        .format = format == NULL || strcmp(format, "text") == 0 ? TEST_TEXT
                  : strcmp(format, "json") == 0                 ? TEST_JSON
                                                                : TEST_JUNIT,
    };
    buf_init(&report->body, LIMIT_POLICY_ARENA);
    if (report->format == TEST_JSON) {
        fputs("{\"results\":[", invocation->out);
    }
}

void test_report_case(struct test_report *report, const struct suite_file *file,
                      const struct suite *suite, const struct suite_result *result, bool updated)
{
    bool passes = suite_passes(result->test, &result->got);
    report->passed += passes ? 1 : 0;
    report->updated += !passes && updated ? 1 : 0;
    report->failed += !passes && !updated ? 1 : 0;
    switch (report->format) {
    case TEST_TEXT:
        text_case(report, file, result, updated);
        break;
    case TEST_JSON:
        json_case(report, file, result, updated);
        break;
    case TEST_JUNIT:
        xml_case(report, file, suite, result, updated);
        break;
    }
}

/* The text of an error without the name of the file, if it begins with that: it is said already. */
static struct str without_file(struct str text, const char *path)
{
    struct str file = str_from(path);
    bool begins = str_starts(text, file) && str_starts(str_sub(text, file.n, text.n), STR(": "));
    return begins ? str_sub(text, file.n + 2, text.n) : text;
}

void test_report_error(struct test_report *report, const char *path, const struct suite_case *test,
                       const struct error *err)
{
    report->errors++;
    switch (report->format) {
    case TEST_TEXT:
        text_head(report, STYLE_BAD, "ERROR", path, test);
        fputs(test != NULL ? "\n      " : ": ", report->invocation->out);
        output_text(report->invocation->out, without_file(str_from(err->text), path));
        fputc('\n', report->invocation->out);
        break;
    case TEST_JSON:
        json_head(report, path, test, "error");
        output_member(report->invocation->out, false, "error", str_from(err->text));
        fputs(",\"differences\":[]}", report->invocation->out);
        break;
    case TEST_JUNIT:
        xml_head(report, path, STR_EMPTY, test);
        buf_add_cstr(&report->body, ">\n      <error message=\"");
        xml_add(&report->body, str_from(err->text));
        buf_add_cstr(&report->body, "\"/>\n    </testcase>\n");
        break;
    }
}

static void text_end(const struct test_report *report)
{
    FILE *out = report->invocation->out;
    size_t all = report->passed + report->failed + report->errors + report->updated;
    fprintf(out, "%zu case%s: %zu passed, %zu failed", all, all == 1 ? "" : "s", report->passed,
            report->failed);
    if (report->updated > 0) {
        fprintf(out, ", %zu updated", report->updated);
    }
    if (report->errors > 0) {
        fprintf(out, ", %zu could not be run", report->errors);
    }
    fputc('\n', out);
}

enum exit_code test_report_end(struct test_report *report)
{
    switch (report->format) {
    case TEST_TEXT:
        text_end(report);
        break;
    case TEST_JSON:
        fprintf(report->invocation->out,
                "],\n\"summary\":{\"passed\":%zu,\"failed\":%zu,\"updated\":%zu,\"errors\":%zu}}\n",
                report->passed, report->failed, report->updated, report->errors);
        break;
    case TEST_JUNIT:
        xml_end(report);
        break;
    }
    buf_done(&report->body);
    if (report->errors > 0) {
        return EXIT_CODE_UNDECIDED;
    }
    return report->failed > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}
