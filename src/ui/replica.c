#include "base/limits.h"
#include "ui/frame.h"

static void add_self(const struct ui_frame *frame, const struct ui_replica *replica,
                     struct buf *html)
{
    buf_add_cstr(html, "<section class=\"card\" aria-labelledby=\"self\"><h2 id=\"self\">Replica"
                       "</h2>\n<dl>\n");
    frame_fact_text(html, "Name", frame->replica);
    frame_fact_text(html, "Version", frame->version);
    frame_fact(html, "Started");
    html_time(html, frame->now, replica->started);
    frame_fact_end(html);
    frame_fact(html, "Certificate");
    if (replica->certificate_end == 0) {
        buf_add_cstr(html, "none yet");
    } else {
        buf_add_cstr(html, "ends ");
        html_time(html, frame->now, replica->certificate_end);
    }
    buf_add_cstr(html, replica->certificate_managed ? ", made by pratique" : ", read from files");
    frame_fact_end(html);
    buf_add_cstr(html, "</dl></section>\n");
}

static void add_set(const struct ui_frame *frame, const struct ui_replica *replica,
                    struct buf *html)
{
    buf_add_cstr(html, "<section class=\"card\" aria-labelledby=\"set\"><h2 id=\"set\">Policies"
                       "</h2>\n<dl>\n");
    frame_fact(html, "Set");
    buf_printf(html, "<code>%016llx</code>", (unsigned long long)replica->policy_hash);
    frame_fact_end(html);
    frame_fact(html, "Loaded");
    if (replica->policies_loaded > 0) {
        html_time(html, frame->now, replica->policies_loaded);
    } else {
        buf_add_cstr(html, "never");
    }
    frame_fact_end(html);
    frame_fact(html, "In it");
    html_count(html, replica->n_policies, "");
    buf_add_cstr(html, replica->n_policies == 1 ? " policy, " : " policies, ");
    html_count(html, replica->n_rules, "rule");
    buf_add_cstr(html, ", ");
    html_count(html, replica->n_exceptions, "exception");
    frame_fact_end(html);
    buf_add_cstr(html, "</dl></section>\n");
}

static void add_checks(const struct ui_replica *replica, struct buf *html)
{
    static const char *const CLASSES[] = {"allow", "warn", "deny"};
    static const char *const WORDS[] = {"good", "old one in use", "waited for"};
    buf_add_cstr(html, "<section aria-labelledby=\"ready\"><h2 id=\"ready\">Readiness</h2>\n");
    buf_printf(html, "<p><span class=\"verdict %s\">%s</span></p>\n",
               replica->ready ? "allow" : "deny", replica->ready ? "Ready" : "Not ready");
    buf_add_cstr(
        html, "<table class=\"rows medium\"><caption class=\"unseen\">Checks</caption>\n<thead><tr>"
              "<th scope=\"col\">Check</th><th scope=\"col\">State</th><th scope=\"col\">"
              "Detail</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < replica->n_checks; i++) {
        const struct ui_check *check = &replica->checks[i];
        buf_add_cstr(html, "<tr><th scope=\"row\">");
        html_foreign(html, check->name, LIMIT_NAME);
        buf_printf(html,
                   "</th><td class=\"state\"><span class=\"verdict %s\">%s"
                   "</span></td><td>",
                   CLASSES[check->state], WORDS[check->state]);
        html_foreign(html, check->detail, LIMIT_MESSAGE);
        buf_add_cstr(html, "</td></tr>\n");
    }
    buf_add_cstr(html, "</tbody></table></section>\n");
}

static void add_number(struct buf *html, uint64_t n)
{
    buf_printf(html, "<td class=\"number%s\">", n > 0 ? "" : " zero");
    html_count(html, n, "");
    buf_add_cstr(html, "</td>");
}

static void add_reviews(const struct ui_replica *replica, struct buf *html)
{
    buf_add_cstr(html,
                 "<section aria-labelledby=\"reviews\"><h2 id=\"reviews\">Reviews since the "
                 "start</h2>\n<table class=\"rows medium\"><caption class=\"unseen\">Reviews by "
                 "endpoint and verdict</caption>\n<thead><tr><th scope=\"col\">Endpoint</th>"
                 "<th scope=\"col\" class=\"number\">Allowed</th><th scope=\"col\" "
                 "class=\"number\">Denied</th><th scope=\"col\" class=\"number\">Errors</th>"
                 "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < replica->n_reviews; i++) {
        const struct ui_reviews *one = &replica->reviews[i];
        buf_add_cstr(html, "<tr><th scope=\"row\"><code>");
        html_foreign(html, one->endpoint, LIMIT_NAME);
        buf_add_cstr(html, "</code></th>");
        add_number(html, one->allowed);
        add_number(html, one->denied);
        add_number(html, one->failed);
        buf_add_cstr(html, "</tr>\n");
    }
    buf_add_cstr(html, "</tbody></table></section>\n");
}

static void add_of(struct buf *html, const char *name, uint64_t n, uint64_t max)
{
    frame_fact(html, name);
    html_count(html, n, "");
    buf_add_cstr(html, " of at most ");
    html_count(html, max, "");
    frame_fact_end(html);
}

static void add_load(const struct ui_replica *replica, struct buf *html)
{
    buf_add_cstr(html, "<section class=\"card\" aria-labelledby=\"load\"><h2 id=\"load\">Now"
                       "</h2>\n<dl>\n");
    add_of(html, "Connections", replica->connections, replica->connections_max);
    add_of(html, "Reviews in flight", replica->in_flight, replica->in_flight_max);
    buf_add_cstr(html, "</dl></section>\n");
}

static void add_history(const struct ui_replica *replica, struct buf *html)
{
    buf_add_cstr(html, "<section class=\"card\" aria-labelledby=\"kept\"><h2 id=\"kept\">What is "
                       "kept</h2>\n<dl>\n");
    frame_fact(html, "History");
    if (!replica->history) {
        buf_add_cstr(html, "none is kept");
    } else {
        html_count(html, replica->written, "decision");
        buf_add_cstr(html, " written");
    }
    frame_fact_end(html);
    for (size_t i = 0; i < replica->n_lost; i++) {
        frame_fact(html, "Lost");
        buf_add_cstr(html, "<b>");
        html_count(html, replica->lost[i].n, "decision");
        buf_add_cstr(html, "</b>: ");
        html_foreign(html, replica->lost[i].name, LIMIT_NAME);
        frame_fact_end(html);
    }
    if (replica->history && replica->n_lost == 0) {
        frame_fact(html, "Lost");
        buf_add_cstr(html, "nothing");
        frame_fact_end(html);
    }
    frame_fact(html, "Audit lines lost");
    html_count(html, replica->audit_lost, "");
    frame_fact_end(html);
    buf_add_cstr(html, "</dl></section>\n");
}

void ui_replica(const struct ui_frame *frame, const struct ui_replica *replica, struct buf *html)
{
    frame_open(frame, "Replica", UI_REPLICA, html);
    buf_add_cstr(html, "<h1>What this replica sees</h1>\n<div class=\"cards\">\n");
    add_self(frame, replica, html);
    add_set(frame, replica, html);
    add_load(replica, html);
    add_history(replica, html);
    buf_add_cstr(html, "</div>\n");
    add_checks(replica, html);
    add_reviews(replica, html);
    frame_close(frame, html);
}

void ui_refusal(const struct ui_frame *frame, const char *heading, struct str text,
                struct buf *html)
{
    frame_open(frame, heading, UI_PAGE_COUNT, html);
    buf_printf(html, "<h1>%s</h1>\n<p>", heading);
    html_foreign(html, text, LIMIT_MESSAGE);
    buf_add_cstr(html, "</p>\n<p><a href=\"/ui\">Decisions</a></p>\n");
    frame_close(frame, html);
}
