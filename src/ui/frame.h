#pragma once
/* Private to this folder: what stands around every page, and the parts that several have. */
#include "ui/html.h"
#include "ui/ui.h"

/* Append all before the page's own: `title` for the window, without markup. `here` is the part of
 * the menu that it belongs to; UI_PAGE_COUNT: none. */
void frame_open(const struct ui_frame *frame, const char *title, enum ui_page here,
                struct buf *html);
void frame_close(const struct ui_frame *frame, struct buf *html);

/* A verdict as shape and word: "Allowed", "Denied", "Error"; another word as it is. */
void frame_verdict(struct buf *html, struct str verdict);

/* What a decision is about, "shop/web"; at most `max` bytes of each text. */
void frame_name(const struct history_entry *entry, size_t max, struct buf *html);

/* A small word with a border: `class` colours it. */
void frame_tag(struct buf *html, const char *class, struct str text);

/* Begin a row of a list of facts, and end it. */
void frame_fact(struct buf *html, const char *name);
void frame_fact_end(struct buf *html);

/* A row with a text from outside in it; none if the text is empty. */
void frame_fact_text(struct buf *html, const char *name, struct str text);

/* A field of a form: a label and a text that can be changed. */
void frame_input(struct buf *html, const struct ui_request *request, enum ui_parameter parameter,
                 const char *label, const char *hint);

struct frame_option {
    const char *value, *text;
};

/* A label and a choice; the first option has the value "". A value that is none of them, and still
 * is asked for, is one more. */
void frame_select(struct buf *html, const struct ui_request *request, enum ui_parameter parameter,
                  const char *label, const struct frame_option *options, size_t n);
