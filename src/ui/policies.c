#include <stdio.h>

#include "base/limits.h"
#include "ui/frame.h"

enum { NAME_BYTES = 256, WORDS_BYTES = 600 };

static void add_form(const struct ui_frame *frame, struct buf *html)
{
    static const struct frame_option MODES[] = {
        {"", "any"}, {"enforce", "enforce"}, {"warn", "warn"}, {"audit", "audit"}};
    buf_add_cstr(html, "<form class=\"filters\" method=\"get\" action=\"/ui/policies\" "
                       "role=\"search\" aria-label=\"Filter policies\">\n");
    frame_input(html, frame->request, UI_NAME, "Name contains", "");
    frame_select(html, frame->request, UI_MODE, "Mode", MODES, sizeof MODES / sizeof *MODES);
    buf_add_cstr(html, "<div class=\"actions\"><button type=\"submit\">Filter</button>");
    if (ui_is_filtered(frame->request, UI_POLICIES)) {
        buf_add_cstr(html, "<a href=\"/ui/policies\">Clear</a>");
    }
    buf_add_cstr(html, "</div>\n</form>\n");
}

/* -- one policy -- */

static bool is_exception(const struct ui_policy *policy)
{
    return policy->mode.n == 0;
}

static void add_name(const struct ui_policy *policy, struct buf *html)
{
    buf_add_cstr(html, "<th scope=\"row\" data-label=\"Policy\">");
    if (!is_exception(policy) && policy->namespace.n == 0 && ui_can_ask(policy->name)) {
        static const struct ui_request NONE = {0};
        buf_add_cstr(html, "<a href=\"/ui");
        ui_query(html, &NONE, UI_POLICY, policy->name);
        buf_add_cstr(html, "\" title=\"All decisions with a violation of this policy\"><b>");
        html_foreign(html, policy->name, NAME_BYTES);
        buf_add_cstr(html, "</b></a>");
    } else {
        buf_add_cstr(html, "<b>");
        if (policy->namespace.n > 0) {
            html_foreign(html, policy->namespace, NAME_BYTES);
            buf_add_char(html, '/');
        }
        html_foreign(html, policy->name, NAME_BYTES);
        buf_add_cstr(html, "</b>");
    }
    buf_add_cstr(html, "<span class=\"minor\">");
    html_foreign(html, policy->kind, NAME_BYTES);
    buf_add_cstr(html, "</span><span class=\"minor source\">");
    html_parts(html, policy->source, NAME_BYTES);
    buf_add_cstr(html, "</span></th>");
}

static void add_mode(const struct ui_frame *frame, const struct ui_policy *policy, struct buf *html)
{
    buf_add_cstr(html, "<td class=\"state\" data-label=\"Mode\">");
    if (!is_exception(policy)) {
        bool enforced = str_eq(policy->mode, STR("enforce")) || str_eq(policy->mode, STR("broken"));
        frame_tag(html, enforced ? "deny" : "warn", policy->mode);
    } else {
        bool ended = policy->until <= frame->now;
        frame_tag(html, ended ? "over" : "excused", ended ? STR("ended") : STR("excuses"));
        buf_add_cstr(html, "<span class=\"minor\">");
        buf_add_cstr(html, ended ? "" : "ends ");
        html_time(html, frame->now, policy->until);
        buf_add_cstr(html, "</span>");
    }
    buf_add_cstr(html, "</td>");
}

static void add_part(struct buf *html, const char *label, struct str words, const char *otherwise)
{
    buf_printf(html, "<div><dt>%s</dt><dd>", label);
    if (words.n > 0) {
        html_foreign(html, words, WORDS_BYTES);
    } else {
        buf_add_cstr(html, otherwise);
    }
    buf_add_cstr(html, "</dd></div>");
}

static void add_scope(const struct ui_policy *policy, struct buf *html)
{
    buf_add_cstr(html, "<td data-label=\"Applies to\"><dl class=\"scope\">");
    if (is_exception(policy)) {
        add_part(html, "policies", policy->policies, "all");
    }
    add_part(html, "images", policy->images, "all");
    add_part(html, "where", policy->match,
             policy->namespace.n > 0 ? "its namespace" : "everywhere");
    buf_add_cstr(html, "</dl></td>");
}

static void add_rules(const struct ui_policy *policy, struct buf *html)
{
    buf_add_cstr(html, "<td class=\"rules\" data-label=\"Rules\">");
    if (is_exception(policy)) {
        html_foreign(html, policy->excused.n > 0 ? policy->excused : STR("all rules"), WORDS_BYTES);
    } else if (policy->rule_count == 0) {
        buf_add_cstr(html, "<span class=\"minor\">none</span>");
    } else {
        buf_add_cstr(html, "<ul>");
        for (size_t i = 0; i < policy->n_rules; i++) {
            buf_add_cstr(html, "<li><b>");
            html_foreign(html, policy->rules[i].name, NAME_BYTES);
            buf_add_cstr(html, "</b> ");
            html_foreign(html, policy->rules[i].kind, NAME_BYTES);
            buf_add_cstr(html, " <span class=\"words\">");
            html_foreign(html, policy->rules[i].words, WORDS_BYTES);
            buf_add_cstr(html, "</span></li>");
        }
        if (policy->rule_count > policy->n_rules) {
            buf_add_cstr(html, "<li class=\"minor\">and ");
            html_count(html, policy->rule_count - policy->n_rules, "more");
            buf_add_cstr(html, "</li>");
        }
        buf_add_cstr(html, "</ul>");
    }
    buf_add_cstr(html, "</td>");
}

static void add_number(struct buf *html, const char *label, bool known, uint64_t n)
{
    buf_printf(html, "<td class=\"number%s\" data-label=\"%s\">", known && n > 0 ? "" : " zero",
               label);
    if (known) {
        html_count(html, n, "");
    } else {
        buf_add_cstr(html, "<span class=\"minor\" title=\"not counted\">\xe2\x80\x93</span>");
    }
    buf_add_cstr(html, "</td>");
}

static void add_row(const struct ui_frame *frame, const struct ui_policy *policy, struct buf *html)
{
    buf_add_cstr(html, "<tr>");
    add_name(policy, html);
    add_mode(frame, policy, html);
    add_scope(policy, html);
    add_rules(policy, html);
    add_number(html, "Judged", policy->counted, policy->hits.judged);
    add_number(html, "Denied", policy->counted, policy->hits.denied);
    add_number(html, "Warned", policy->counted, policy->hits.warned);
    add_number(html, "Excused", policy->counted, policy->hits.excused);
    buf_add_cstr(html, "</tr>\n");
}

/* -- the page -- */

static void add_state(const struct ui_frame *frame, const struct ui_policies *policies,
                      struct buf *html)
{
    if (policies->broken.n > 0 || policies->waiting) {
        buf_add_cstr(html, "<div class=\"notice strong\" role=\"alert\"><p><b>");
        buf_add_cstr(html, policies->waiting ? "There are no policies yet, so nothing is judged."
                                             : "Newer policies are broken; these stay in use.");
        buf_add_cstr(html, "</b> ");
        html_foreign(html, policies->broken, LIMIT_MESSAGE);
        buf_add_cstr(html, "</p></div>\n");
    }
    if (policies->waiting) {
        return;
    }
    buf_add_cstr(html, "<p class=\"looked\">");
    html_count(html, policies->count, "");
    buf_printf(html, " in use, as set <code>%016llx</code>", (unsigned long long)policies->hash);
    if (policies->loaded > 0) {
        buf_add_cstr(html, ", loaded ");
        html_time(html, frame->now, policies->loaded);
    }
    buf_add_cstr(html, ". Counts are of this replica since it started.</p>\n");
}

/* Append rows until there are enough; returns how many there were. */
static size_t add_rows(const struct ui_frame *frame, const struct ui_policies *policies,
                       struct buf *html)
{
    size_t begin = html->n, i = 0;
    while (i < policies->n && i < LIMIT_UI_ROWS && html->n - begin < LIMIT_UI_LIST) {
        add_row(frame, &policies->policies[i++], html);
    }
    return i;
}

static void add_link(const struct ui_frame *frame, uint64_t from, const char *text, const char *rel,
                     struct buf *html)
{
    char number[24];
    snprintf(number, sizeof number, "%llu", (unsigned long long)from);
    buf_add_cstr(html, "<a href=\"/ui/policies");
    ui_query(html, frame->request, UI_FROM, from > 0 ? str_from(number) : STR_EMPTY);
    buf_printf(html, "\" rel=\"%s\">%s</a>", rel, text);
}

static void add_pages(const struct ui_frame *frame, const struct ui_policies *policies,
                      size_t shown, struct buf *html)
{
    if (frame->request->from == 0 && shown == policies->n) {
        return;
    }
    buf_add_cstr(html, "<nav class=\"pages\" aria-label=\"Pages\">");
    if (frame->request->from > 0) {
        add_link(frame, 0, "First", "first", html);
    }
    if (shown < policies->n) {
        add_link(frame, policies->places[shown], "More", "next", html);
    }
    buf_add_cstr(html, "</nav>\n");
}

void ui_policies(const struct ui_frame *frame, const struct ui_policies *policies, struct buf *html)
{
    frame_open(frame, "Policies", UI_POLICIES, html);
    buf_add_cstr(html, "<h1>Policies</h1>\n");
    add_form(frame, html);
    add_state(frame, policies, html);
    if (policies->n == 0) {
        const char *why = policies->count == 0 ? "There are none." : "The filters fit no policy.";
        buf_printf(html, "<div class=\"empty\"><p>%s</p></div>\n", why);
        add_pages(frame, policies, 0, html);
        frame_close(frame, html);
        return;
    }
    buf_add_cstr(html, "<table class=\"rows policies\"><caption class=\"unseen\">Policies and "
                       "exceptions</caption>\n<thead><tr><th scope=\"col\">Policy</th>"
                       "<th scope=\"col\">Mode</th><th scope=\"col\">Applies to</th>"
                       "<th scope=\"col\">Rules</th><th scope=\"col\" class=\"number\">Judged</th>"
                       "<th scope=\"col\" class=\"number\">Denied</th><th scope=\"col\" "
                       "class=\"number\">Warned</th><th scope=\"col\" class=\"number\">Excused</th>"
                       "</tr></thead>\n<tbody>\n");
    size_t shown = add_rows(frame, policies, html);
    buf_add_cstr(html, "</tbody></table>\n");
    add_pages(frame, policies, shown, html);
    frame_close(frame, html);
}
