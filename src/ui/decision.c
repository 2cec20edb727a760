#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "ui/frame.h"

/* -- what it was about -- */

/* A text, and the way to all decisions that have it; `also` is asked for in its place. */
static void add_asked(struct buf *html, const char *name, enum ui_parameter parameter,
                      struct str text, struct str value)
{
    static const struct ui_request NONE = {0};
    frame_fact(html, name);
    if (ui_can_ask(value)) {
        buf_add_cstr(html, "<a href=\"/ui");
        ui_query(html, &NONE, parameter, value);
        buf_printf(html, "\" title=\"All decisions with this %s\">", ui_parameter_name(parameter));
        html_foreign(html, text, LIMIT_NAME);
        buf_add_cstr(html, "</a>");
    } else {
        html_foreign(html, text.n > 0 ? text : STR("not told"), LIMIT_NAME);
    }
    frame_fact_end(html);
}

static void add_object(const struct history_entry *entry, struct buf *html)
{
    bool named = entry->namespace.n > 0;
    add_asked(html, "Kind", UI_KIND, entry->kind, entry->kind);
    add_asked(html, "Namespace", UI_NAMESPACE, named ? entry->namespace : STR("none"),
              named ? entry->namespace : STR(UI_NO_NAMESPACE));
    frame_fact_text(html, "Name", entry->name);
    if (entry->version.n > 0) {
        frame_fact(html, "API version");
        html_foreign(html, entry->group, LIMIT_NAME);
        buf_add_cstr(html, entry->group.n > 0 ? "/" : "");
        html_foreign(html, entry->version, LIMIT_NAME);
        frame_fact_end(html);
    }
    frame_fact_text(html, "Subresource", entry->subresource);
    frame_fact_text(html, "Operation", entry->operation);
    add_asked(html, "User", UI_USER, entry->user, entry->user);
    frame_fact(html, "Dry run");
    buf_add_cstr(html, entry->dry_run ? "yes: nothing was to be stored" : "no");
    frame_fact_end(html);
}

static void add_walk(const struct ui_frame *frame, const struct history_entry *entry,
                     struct buf *html)
{
    char time[CLOCK_TEXT_MAX];
    clock_format(entry->time < 0 ? 0 : entry->time, time);
    frame_fact(html, "When");
    buf_printf(html, "%.10s %.12s UTC, ", time, time + 11);
    html_time(html, frame->now, entry->time);
    frame_fact_end(html);
    frame_fact(html, "Took");
    html_duration(html, entry->duration_ns);
    frame_fact_end(html);
    frame_fact_text(html, "Asked at", entry->endpoint);
    frame_fact_text(html, "Review", entry->api);
    frame_fact(html, "Policies");
    buf_printf(html, "<code>%016llx</code>", (unsigned long long)entry->policy_hash);
    frame_fact_end(html);
    frame_fact_text(html, "Cause", entry->cause);
    if (entry->uid.n > 0) {
        frame_fact(html, "uid");
        buf_add_cstr(html, "<code>");
        html_foreign(html, entry->uid, LIMIT_NAME);
        buf_add_cstr(html, "</code>");
        frame_fact_end(html);
    }
    frame_fact(html, "Number");
    buf_printf(html, "%lld", (long long)entry->id);
    frame_fact_end(html);
}

/* What the history keeps of a long list. */
static void add_rest(size_t kept, size_t count, struct buf *html)
{
    if (count > kept) {
        buf_add_cstr(html, "<p class=\"minor\">The history has the first ");
        html_count(html, kept, "");
        buf_add_cstr(html, " of them.</p>\n");
    }
}

/* -- what was against it -- */

static void add_policy(const struct history_violation *violation, struct buf *html)
{
    static const struct ui_request NONE = {0};
    if (violation->policy.n == 0) {
        html_foreign(html, violation->cause, LIMIT_NAME);
        return;
    }
    if (ui_can_ask(violation->policy)) {
        buf_add_cstr(html, "<a href=\"/ui");
        ui_query(html, &NONE, UI_POLICY, violation->policy);
        buf_add_cstr(html, "\" title=\"All decisions with a violation of this policy\">");
        html_foreign(html, violation->policy, LIMIT_NAME);
        buf_add_cstr(html, "</a>");
    } else {
        html_foreign(html, violation->policy, LIMIT_NAME);
    }
    buf_add_cstr(html, " / ");
    html_foreign(html, violation->rule, LIMIT_NAME);
}

static void add_mode(const struct history_violation *violation, struct buf *html)
{
    if (violation->exception.n > 0) {
        frame_tag(html, "excused", STR("excused"));
        buf_add_cstr(html, " <span class=\"minor\">by exception ");
        html_foreign(html, violation->exception, LIMIT_NAME);
        buf_add_cstr(html, "</span> ");
    } else if (violation->mode.n > 0) {
        frame_tag(html, str_eq(violation->mode, STR("enforce")) ? "deny" : "warn", violation->mode);
    }
}

static void add_violation(const struct history_violation *violation, struct buf *html)
{
    bool hard = violation->exception.n == 0 && !str_eq(violation->mode, STR("warn")) &&
                !str_eq(violation->mode, STR("audit"));
    buf_printf(html, "<li class=\"%s\"><p><b>", hard ? "hard" : "soft");
    add_policy(violation, html);
    buf_add_cstr(html, "</b> ");
    add_mode(violation, html);
    buf_add_cstr(html, " <span class=\"minor\">at <code>");
    html_foreign(html, violation->path, LIMIT_FIELD_PATH);
    buf_add_cstr(html, "</code></span></p><p>");
    html_foreign(html, violation->message, LIMIT_MESSAGE);
    buf_add_cstr(html, "</p></li>\n");
}

static void add_violations(const struct history_entry *entry, struct buf *html)
{
    if (entry->detail.n > 0) {
        buf_add_cstr(html, "<div class=\"notice strong\"><p>");
        html_foreign(html, entry->detail, LIMIT_MESSAGE);
        buf_add_cstr(html, "</p></div>\n");
    }
    if (entry->violation_count == 0) {
        return;
    }
    buf_add_cstr(html, "<section aria-labelledby=\"violations\"><h2 id=\"violations\">");
    html_count(html, entry->violation_count, "violation");
    buf_add_cstr(html, "</h2>\n<ol class=\"violations\">\n");
    for (size_t i = 0; i < entry->n_violations; i++) {
        add_violation(&entry->violations[i], html);
    }
    buf_add_cstr(html, "</ol>\n");
    add_rest(entry->n_violations, entry->violation_count, html);
    buf_add_cstr(html, "</section>\n");
}

/* -- its images -- */

static void add_image(const struct history_image *image, struct buf *html)
{
    buf_add_cstr(html, "<tr><td class=\"state\">");
    frame_verdict(html, image->verdict);
    buf_add_cstr(html, "</td><th scope=\"row\"><code>");
    html_parts(html, image->text, LIMIT_IMAGE_TEXT);
    buf_add_cstr(html, "</code>");
    if (image->rewritten.n > 0) {
        buf_add_cstr(html, "<span class=\"minor\">rewritten to <code>");
        html_parts(html, image->rewritten, LIMIT_IMAGE_TEXT);
        buf_add_cstr(html, "</code></span>");
    }
    if (image->normalised.n > 0 && !str_eq(image->normalised, image->text)) {
        buf_add_cstr(html, "<span class=\"minor\">that is <code>");
        html_parts(html, image->normalised, LIMIT_IMAGE_TEXT);
        buf_add_cstr(html, "</code></span>");
    }
    buf_add_cstr(html, "<span class=\"minor\">at <code>");
    html_foreign(html, image->path, LIMIT_FIELD_PATH);
    buf_add_cstr(html, "</code></span></th></tr>\n");
}

static void add_images(const struct history_entry *entry, struct buf *html)
{
    buf_add_cstr(html, "<section aria-labelledby=\"images\"><h2 id=\"images\">");
    html_count(html, entry->image_count, "image");
    buf_add_cstr(html, "</h2>\n");
    if (entry->n_images > 0) {
        buf_add_cstr(
            html, "<table class=\"rows medium\"><caption class=\"unseen\">Images</caption>\n<thead>"
                  "<tr><th scope=\"col\">Verdict</th><th scope=\"col\">Image</th>"
                  "</tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < entry->n_images; i++) {
            add_image(&entry->images[i], html);
        }
        buf_add_cstr(html, "</tbody></table>\n");
    }
    add_rest(entry->n_images, entry->image_count, html);
    buf_add_cstr(html, "</section>\n");
}

static void add_way_back(const struct ui_frame *frame, struct buf *html)
{
    const struct ui_request *request = frame->request;
    char before[24];
    snprintf(before, sizeof before, "%lld", (long long)request->before);
    buf_add_cstr(html, "<p class=\"back\"><a href=\"/ui");
    ui_query(html, request, UI_BEFORE, request->before > 0 ? str_from(before) : STR_EMPTY);
    buf_add_cstr(html, ui_is_filtered(request, UI_DECISIONS)
                           ? "\">Back to the filtered decisions</a></p>\n"
                           : "\">Back to the decisions</a></p>\n");
}

void ui_decision(const struct ui_frame *frame, const struct history_entry *entry, struct buf *html)
{
    char title[48];
    snprintf(title, sizeof title, "Decision %lld", (long long)entry->id);
    frame_open(frame, title, UI_DECISION, html);
    add_way_back(frame, html);
    buf_add_cstr(html, "<h1 class=\"about\">");
    frame_verdict(html, entry->verdict);
    buf_add_cstr(html, " <span>");
    html_foreign(html, entry->kind, LIMIT_NAME);
    buf_add_char(html, ' ');
    frame_name(entry, LIMIT_NAME, html);
    buf_add_cstr(html, "</span></h1>\n");
    add_violations(entry, html);
    add_images(entry, html);
    buf_add_cstr(html, "<section aria-labelledby=\"facts\"><h2 id=\"facts\">The review</h2>\n"
                       "<div class=\"columns\"><dl>\n");
    add_object(entry, html);
    buf_add_cstr(html, "</dl><dl>\n");
    add_walk(frame, entry, html);
    buf_add_cstr(html, "</dl></div></section>\n");
    frame_close(frame, html);
}
