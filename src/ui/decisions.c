#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "ui/frame.h"

/* Of one row: images, bytes of an image, of a reason, of a name. */
enum { IMAGES_SHOWN = 2, IMAGE_BYTES = 120, REASON_BYTES = 160, NAME_BYTES = 120 };

/* -- filters -- */

static void add_tabs(const struct ui_frame *frame, struct buf *html)
{
    static const struct frame_option TABS[] = {
        {"", "All"}, {"deny", "Denied"}, {"error", "Errors"}, {"allow", "Allowed"}};
    struct str verdict = frame->request->values[UI_VERDICT];
    buf_add_cstr(html, "<nav class=\"tabs\" aria-label=\"Verdict\"><ul>");
    for (size_t i = 0; i < sizeof TABS / sizeof *TABS; i++) {
        bool current = str_eq(verdict, str_from(TABS[i].value));
        buf_add_cstr(html, "<li><a href=\"/ui");
        ui_query(html, frame->request, UI_VERDICT, str_from(TABS[i].value));
        buf_printf(html, "\"%s>%s</a></li>", current ? " aria-current=\"true\"" : "", TABS[i].text);
    }
    buf_add_cstr(html, "</ul></nav>\n");
}

static void add_form(const struct ui_frame *frame, struct buf *html)
{
    static const struct frame_option SINCE[] = {{"", "any time"},     {"15m", "15 minutes ago"},
                                                {"1h", "1 hour ago"}, {"6h", "6 hours ago"},
                                                {"24h", "1 day ago"}, {"7d", "7 days ago"}};
    static const struct frame_option DRY[] = {
        {"", "included"}, {"none", "left out"}, {"only", "alone"}};
    const struct ui_request *request = frame->request;
    struct str verdict = request->values[UI_VERDICT];
    buf_add_cstr(html, "<form class=\"filters\" method=\"get\" action=\"/ui\" role=\"search\" "
                       "aria-label=\"Filter decisions\">\n");
    if (verdict.n > 0) {
        buf_add_cstr(html, "<input type=\"hidden\" name=\"verdict\" value=\"");
        html_text(html, verdict);
        buf_add_cstr(html, "\">\n");
    }
    frame_input(html, request, UI_NAMESPACE, "Namespace", "- for none");
    frame_input(html, request, UI_KIND, "Kind", "Pod");
    frame_input(html, request, UI_IMAGE, "Image contains", "nginx");
    frame_input(html, request, UI_POLICY, "Policy", "baseline");
    frame_input(html, request, UI_USER, "User", "");
    frame_select(html, request, UI_SINCE, "Since", SINCE, sizeof SINCE / sizeof *SINCE);
    frame_select(html, request, UI_DRY_RUN, "Dry runs", DRY, sizeof DRY / sizeof *DRY);
    buf_add_cstr(html, "<div class=\"actions\"><button type=\"submit\">Filter</button>");
    if (ui_is_filtered(request, UI_DECISIONS)) {
        buf_add_cstr(html, "<a href=\"/ui\">Clear</a>");
    }
    buf_add_cstr(html, "</div>\n</form>\n");
}

/* -- rows -- */

/* The reason at the end of a message, without the place, the image, the policy and the rule, which
 * a row tells beside it. */
static struct str reason_of(const struct history_violation *violation)
{
    struct str rest = violation->message;
    if (violation->policy.n == 0 || !str_starts(rest, violation->path)) {
        return rest;
    }
    static const struct str RULE = {", rule ", 7};
    for (size_t i = 0; i + RULE.n + violation->rule.n + 2 <= rest.n; i++) {
        struct str from = str_sub(rest, i, rest.n);
        struct str behind = str_sub(from, RULE.n, from.n);
        if (str_starts(from, RULE) && str_starts(behind, violation->rule) &&
            str_starts(str_sub(behind, violation->rule.n, behind.n), STR(": "))) {
            return str_sub(behind, violation->rule.n + 2, behind.n);
        }
    }
    return rest;
}

/* The time of day, with the date if it was another; the list is read beside logs. */
static void add_clock(const struct ui_frame *frame, int64_t time, struct buf *html)
{
    char then[CLOCK_TEXT_MAX], now[CLOCK_TEXT_MAX];
    clock_format(time < 0 ? 0 : time, then);
    clock_format(frame->now, now);
    bool today = str_eq(str_sub(str_from(then), 0, 10), str_sub(str_from(now), 0, 10));
    buf_printf(html, "<span class=\"minor\">%.*s%s%.8s</span>", today ? 0 : 10, then,
               today ? "" : " ", then + 11);
}

static void add_when(const struct ui_frame *frame, const struct history_entry *entry,
                     struct buf *html)
{
    buf_add_cstr(html, "<td class=\"when\" data-label=\"When\">");
    html_time(html, frame->now, entry->time);
    add_clock(frame, entry->time, html);
    buf_add_cstr(html, "</td>");
}

/* Words for what a decision did beside its verdict. */
static void add_tags(const struct history_entry *entry, struct buf *html)
{
    static const char *const SOFT[] = {"warn", "audit", "excused"};
    if (entry->dry_run) {
        frame_tag(html, "dry", STR("dry run"));
    }
    for (size_t k = 0; k < sizeof SOFT / sizeof *SOFT; k++) {
        for (size_t i = 0; i < entry->n_images; i++) {
            if (str_eq(entry->images[i].verdict, str_from(SOFT[k]))) {
                frame_tag(html, SOFT[k], str_from(SOFT[k]));
                break;
            }
        }
    }
}

static void add_object(const struct ui_frame *frame, const struct history_entry *entry,
                       struct buf *html)
{
    char before[24];
    snprintf(before, sizeof before, "%lld", (long long)frame->request->before);
    buf_add_cstr(html, "<th scope=\"row\" data-label=\"Object\"><a href=\"");
    ui_path(html, UI_DECISION, entry->id);
    ui_query(html, frame->request, UI_BEFORE,
             frame->request->before > 0 ? str_from(before) : STR_EMPTY);
    buf_add_cstr(html, "\">");
    frame_name(entry, NAME_BYTES, html);
    buf_add_cstr(html, "</a><span class=\"minor\">");
    html_foreign(html, entry->kind, NAME_BYTES);
    buf_add_char(html, ' ');
    html_foreign(html, entry->operation, NAME_BYTES);
    if (entry->subresource.n > 0) {
        buf_add_cstr(html, " of ");
        html_foreign(html, entry->subresource, NAME_BYTES);
    }
    buf_add_cstr(html, "</span></th>");
}

static void add_images(const struct history_entry *entry, struct buf *html)
{
    buf_add_cstr(html, "<td class=\"images\" data-label=\"Images\">");
    size_t n = entry->n_images < IMAGES_SHOWN ? entry->n_images : IMAGES_SHOWN;
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(html, "<code>");
        html_parts(html, entry->images[i].text, IMAGE_BYTES);
        buf_add_cstr(html, "</code>");
    }
    if (entry->image_count > n) {
        buf_add_cstr(html, "<span class=\"minor\">");
        html_count(html, entry->image_count - n, "more image");
        buf_add_cstr(html, "</span>");
    } else if (entry->image_count == 0) {
        buf_add_cstr(html, "<span class=\"minor\">none</span>");
    }
    buf_add_cstr(html, "</td>");
}

static void add_violation(const struct history_entry *entry, struct buf *html)
{
    const struct history_violation *violation = &entry->violations[0];
    if (violation->policy.n > 0) {
        buf_add_cstr(html, "<b>");
        html_foreign(html, violation->policy, NAME_BYTES);
        buf_add_cstr(html, " / ");
        html_foreign(html, violation->rule, NAME_BYTES);
        buf_add_cstr(html, "</b> ");
    }
    html_foreign(html, reason_of(violation), REASON_BYTES);
    if (entry->violation_count > 1) {
        buf_add_cstr(html, " <span class=\"minor\">and ");
        html_count(html, entry->violation_count - 1, "");
        buf_add_cstr(html, " more</span>");
    }
}

static void add_why(const struct history_entry *entry, struct buf *html)
{
    buf_add_cstr(html, "<td class=\"why\" data-label=\"Why\"><div>");
    if (entry->detail.n > 0) {
        html_foreign(html, entry->detail, REASON_BYTES);
    } else if (entry->n_violations > 0) {
        add_violation(entry, html);
    } else {
        buf_add_cstr(html, "<span class=\"minor\">nothing against it</span>");
    }
    buf_add_cstr(html, "</div></td>");
}

static void add_row(const struct ui_frame *frame, const struct history_entry *entry,
                    struct buf *html)
{
    buf_add_cstr(html, "<tr>");
    add_when(frame, entry, html);
    buf_add_cstr(html, "<td class=\"state\" data-label=\"Verdict\">");
    frame_verdict(html, entry->verdict);
    add_tags(entry, html);
    buf_add_cstr(html, "</td>");
    add_object(frame, entry, html);
    add_images(entry, html);
    add_why(entry, html);
    buf_add_cstr(html, "<td class=\"user\" data-label=\"User\">");
    html_parts(html, entry->user.n > 0 ? entry->user : STR("not told"), NAME_BYTES);
    buf_add_cstr(html, "</td></tr>\n");
}

static void add_table(const struct ui_frame *frame, const struct ui_decisions *decisions,
                      struct buf *html)
{
    buf_add_cstr(html,
                 "<table class=\"rows decisions\"><caption class=\"unseen\">Decisions, newest first"
                 "</caption>\n<thead><tr><th scope=\"col\">When</th><th scope=\"col\">Verdict"
                 "</th><th scope=\"col\">Object</th><th scope=\"col\">Images</th>"
                 "<th scope=\"col\">Why</th><th scope=\"col\">User</th></tr></thead>\n"
                 "<tbody>\n");
    for (size_t i = 0; i < decisions->n; i++) {
        add_row(frame, decisions->entries[i], html);
    }
    buf_add_cstr(html, "</tbody></table>\n");
}

/* -- how far it was looked, and what is beyond -- */

static void add_link_to(const struct ui_frame *frame, int64_t before, const char *text,
                        const char *rel, struct buf *html)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)before);
    buf_add_cstr(html, "<a href=\"/ui");
    ui_query(html, frame->request, UI_BEFORE, before > 0 ? str_from(number) : STR_EMPTY);
    buf_printf(html, "\" rel=\"%s\">%s</a>", rel, text);
}

static void add_pages(const struct ui_frame *frame, const struct ui_decisions *decisions,
                      struct buf *html)
{
    if (frame->request->before == 0 && decisions->cursor == 0) {
        return;
    }
    buf_add_cstr(html, "<nav class=\"pages\" aria-label=\"Pages\">");
    if (frame->request->before > 0) {
        add_link_to(frame, 0, "Newest", "first", html);
    }
    if (decisions->cursor > 0) {
        add_link_to(frame, decisions->cursor,
                    decisions->n < LIMIT_UI_ROWS ? "Look further" : "Older", "next", html);
    }
    buf_add_cstr(html, "</nav>\n");
}

/* "Looked at 20,000 decisions, back to 3 h ago; about 41,000 are older." */
static void add_looked(const struct ui_frame *frame, const struct ui_decisions *decisions,
                       struct buf *html)
{
    buf_add_cstr(html, "<p class=\"looked\">");
    if (decisions->looked == 0) {
        buf_add_cstr(html, "There is nothing to look at.");
    } else {
        html_count(html, decisions->n, "decision");
        buf_add_cstr(html, " found in ");
        html_count(html, decisions->looked, "");
        buf_add_cstr(html, " looked at, back to ");
        html_time(html, frame->now, decisions->reached);
        if (decisions->cursor > 0) {
            buf_add_cstr(html, "; about ");
            html_count(html, decisions->left, "");
            buf_add_cstr(html, decisions->left == 1 ? " is older" : " are older");
        }
        buf_add_cstr(html, ".");
    }
    buf_add_cstr(html, "</p>\n");
}

static void add_empty(const struct ui_frame *frame, const struct ui_decisions *decisions,
                      struct buf *html)
{
    bool filtered = ui_is_filtered(frame->request, UI_DECISIONS);
    buf_add_cstr(html, "<div class=\"empty\"><p>");
    if (decisions->cursor > 0) {
        buf_add_cstr(html, "None so far. The filters fit nothing among the decisions that were "
                           "looked at; older ones may be among those that were not.");
    } else if (frame->request->before > 0) {
        buf_add_cstr(html, "There are no older ones.");
    } else if (filtered) {
        buf_add_cstr(html, "The filters fit no decision.");
    } else {
        buf_add_cstr(html,
                     "Nothing has been decided yet. When an API server asks this replica about "
                     "a workload, it is shown here.");
    }
    buf_add_cstr(html, "</p></div>\n");
}

static void add_off(struct buf *html)
{
    buf_add_cstr(
        html,
        "<div class=\"empty\"><h2>No history is kept</h2>\n<p>What was decided is shown from the "
        "decision history, which this replica does not keep. To turn it on, add this to the "
        "configuration of the server:</p>\n<pre><code>history: {path: history.db}</code></pre>\n"
        "<p>or, with the chart:</p>\n<pre><code>helm upgrade pratique deploy/chart "
        "--namespace pratique-system \\\n    --reuse-values --set "
        "history.enabled=true</code></pre>\n"
        "<p>Each replica keeps its own, bounded in size and age.</p></div>\n");
}

static void add_failed(const struct ui_decisions *decisions, struct buf *html)
{
    buf_add_cstr(html, "<div class=\"notice\" role=\"alert\"><p><b>The history cannot be read now."
                       "</b> ");
    html_foreign(html, decisions->problem, LIMIT_MESSAGE);
    buf_add_cstr(html, "</p><p>Reviews go on. <a href=\"/ui/replica\">What this replica lost</a>"
                       "</p></div>\n");
}

void ui_decisions(const struct ui_frame *frame, const struct ui_decisions *decisions,
                  struct buf *html)
{
    frame_open(frame, "Decisions", UI_DECISIONS, html);
    buf_add_cstr(html, "<h1>Decisions</h1>\n");
    if (decisions->history == UI_HISTORY_OFF) {
        add_off(html);
        frame_close(frame, html);
        return;
    }
    add_tabs(frame, html);
    add_form(frame, html);
    if (decisions->history == UI_HISTORY_FAILED) {
        add_failed(decisions, html);
        frame_close(frame, html);
        return;
    }
    if (decisions->losing) {
        buf_add_cstr(html,
                     "<div class=\"notice\"><p>Some decisions are missing here: they could "
                     "not be kept. <a href=\"/ui/replica\">How many, and why</a></p></div>\n");
    }
    if (decisions->n > 0) {
        add_table(frame, decisions, html);
    } else {
        add_empty(frame, decisions, html);
    }
    add_looked(frame, decisions, html);
    add_pages(frame, decisions, html);
    frame_close(frame, html);
}
