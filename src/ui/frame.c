#include "ui/frame.h"

#include "base/clock.h"
#include "base/limits.h"

static void add_menu(const struct ui_frame *frame, enum ui_page here, struct buf *html)
{
    static const struct {
        enum ui_page page;
        const char *text;
    } ITEMS[] = {{UI_DECISIONS, "Decisions"}, {UI_POLICIES, "Policies"}, {UI_REPLICA, "Replica"}};
    (void)frame;
    buf_add_cstr(html, "<nav aria-label=\"Main\"><ul>");
    for (size_t i = 0; i < sizeof ITEMS / sizeof *ITEMS; i++) {
        buf_add_cstr(html, "<li><a href=\"");
        ui_path(html, ITEMS[i].page, 0);
        bool current = ITEMS[i].page == here || (here == UI_DECISION && i == 0);
        const char *mark = !current              ? ""
                           : here == UI_DECISION ? " aria-current=\"true\""
                                                 : " aria-current=\"page\"";
        buf_printf(html, "\"%s>%s</a></li>", mark, ITEMS[i].text);
    }
    buf_add_cstr(html, "</ul></nav>");
}

void frame_open(const struct ui_frame *frame, const char *title, enum ui_page here,
                struct buf *html)
{
    buf_add_cstr(html,
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    html_text(html, str_from(title));
    buf_add_cstr(html, " \xc2\xb7 pratique</title>\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<link rel=\"icon\" href=\"data:,\">\n<style>");
    buf_add(html, ui_style);
    buf_add_cstr(html, "</style>\n</head>\n<body>\n"
                       "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>"
                       "<p class=\"brand\"><span class=\"flag\"></span>pratique</p>");
    add_menu(frame, here, html);
    buf_add_cstr(html, "<p class=\"where\">");
    html_foreign(html, frame->replica, LIMIT_UI_VALUE);
    buf_add_cstr(html, "</p></header>\n<main id=\"main\">\n");
}

void frame_close(const struct ui_frame *frame, struct buf *html)
{
    char time[CLOCK_TEXT_MAX];
    clock_format(frame->now, time);
    buf_printf(html,
               "</main>\n<footer><p>Made <time datetime=\"%s\">%.10s %.8s UTC</time> by pratique ",
               time, time, time + 11);
    html_text(html, frame->version);
    buf_add_cstr(html, " on ");
    html_foreign(html, frame->replica, LIMIT_UI_VALUE);
    buf_add_cstr(html, ". Each replica has its own view.</p></footer>\n</body>\n</html>\n");
}

void frame_verdict(struct buf *html, struct str verdict)
{
    static const struct {
        const char *verdict, *text;
    } WORDS[] = {{"allow", "Allowed"}, {"deny", "Denied"},   {"error", "Error"},
                 {"warn", "Warned"},   {"audit", "Audited"}, {"excused", "Excused"}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq(verdict, str_from(WORDS[i].verdict))) {
            buf_printf(html, "<span class=\"verdict %s\">%s</span>", WORDS[i].verdict,
                       WORDS[i].text);
            return;
        }
    }
    buf_add_cstr(html, "<span class=\"verdict\">");
    html_foreign(html, verdict, LIMIT_UI_VALUE);
    buf_add_cstr(html, "</span>");
}

void frame_name(const struct history_entry *entry, size_t max, struct buf *html)
{
    if (entry->kind.n == 0) {
        buf_add_cstr(html, "<b>no readable review</b>");
        return;
    }
    if (entry->namespace.n > 0) {
        html_foreign(html, entry->namespace, max);
        buf_add_cstr(html, "/<wbr>");
    }
    buf_add_cstr(html, "<b>");
    html_foreign(html, entry->name.n > 0 ? entry->name : STR("(no name)"), max);
    buf_add_cstr(html, "</b>");
}

void frame_tag(struct buf *html, const char *class, struct str text)
{
    buf_printf(html, "<span class=\"tag %s\">", class);
    html_foreign(html, text, LIMIT_UI_VALUE);
    buf_add_cstr(html, "</span>");
}

void frame_fact(struct buf *html, const char *name)
{
    buf_printf(html, "<div><dt>%s</dt><dd>", name);
}

void frame_fact_end(struct buf *html)
{
    buf_add_cstr(html, "</dd></div>\n");
}

void frame_fact_text(struct buf *html, const char *name, struct str text)
{
    if (text.n > 0) {
        frame_fact(html, name);
        html_foreign(html, text, LIMIT_MESSAGE);
        frame_fact_end(html);
    }
}

static struct str value_of(const struct ui_request *request, enum ui_parameter parameter)
{
    struct str value = request->values[parameter];
    return value.p == NULL ? STR_EMPTY : value;
}

void frame_input(struct buf *html, const struct ui_request *request, enum ui_parameter parameter,
                 const char *label, const char *hint)
{
    const char *name = ui_parameter_name(parameter);
    buf_printf(html,
               "<div class=\"field\"><label for=\"f-%s\">%s</label><input id=\"f-%s\" name=\"%s\" "
               "type=\"text\" maxlength=\"%u\" autocomplete=\"off\" autocapitalize=\"none\" "
               "spellcheck=\"false\" placeholder=\"%s\" value=\"",
               name, label, name, name, LIMIT_UI_VALUE, hint);
    html_text(html, value_of(request, parameter));
    buf_add_cstr(html, "\"></div>\n");
}

static void add_option(struct buf *html, struct str value, struct str text, bool selected)
{
    buf_add_cstr(html, "<option value=\"");
    html_text(html, value);
    buf_add_cstr(html, selected ? "\" selected>" : "\">");
    html_text(html, text);
    buf_add_cstr(html, "</option>");
}

void frame_select(struct buf *html, const struct ui_request *request, enum ui_parameter parameter,
                  const char *label, const struct frame_option *options, size_t n)
{
    const char *name = ui_parameter_name(parameter);
    struct str value = value_of(request, parameter);
    bool found = false;
    buf_printf(
        html, "<div class=\"field\"><label for=\"f-%s\">%s</label><select id=\"f-%s\" name=\"%s\">",
        name, label, name, name);
    for (size_t i = 0; i < n; i++) {
        bool is = str_eq(value, str_from(options[i].value));
        add_option(html, str_from(options[i].value), str_from(options[i].text), is);
        found = found || is;
    }
    if (!found) {
        add_option(html, value, value, true);
    }
    buf_add_cstr(html, "</select></div>\n");
}
