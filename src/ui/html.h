#pragma once
/* Private to this folder: text into HTML, so that a person sees every character of it and none
 * acts. Markup itself is appended as literals; whatever else goes through here. */
#include "base/buf.h"
#include "base/str.h"

/* Append text for an element's content or a quoted attribute's value. Controls become the pictures
 * that Unicode has for them; characters without a shape, or that turn the direction of writing, are
 * written by their number, ⟨U+202E⟩, and so are marks beyond a few over one letter; a byte that is
 * no UTF-8 as ⟨xFF⟩. Limits: 13 bytes for each of the text. Spec: HTML, "escaping a string". */
void html_text(struct buf *html, struct str text);

/* The same of the first `max` bytes at most, and "…" if there are more. */
void html_cut(struct buf *html, struct str text, size_t max);

/* Text from outside in an element of its own, so that letters written from right to left move
 * nothing that stands beside them; cut as above. */
void html_foreign(struct buf *html, struct str text, size_t max);

/* The same for names of many parts: a line may end behind "/", ":", "@" and ",". */
void html_parts(struct buf *html, struct str text, size_t max);

/* Append text as a part of a URL's query: all but letters, digits and "-._~" by their numbers.
 * Spec: RFC 3986 section 2.1. */
void html_percent(struct buf *html, struct str text);

/* Append `<time>`: how long before `now` it was, or how long after; the exact time is its title. */
void html_time(struct buf *html, int64_t now, int64_t time);

/* Append a duration in one unit, two digits at least: "870 µs", "1.2 s", "3 h". */
void html_duration(struct buf *html, int64_t ns);

/* Append a count with a separator at the thousands, and `word` behind it if there is one, in the
 * plural unless it is one. */
void html_count(struct buf *html, uint64_t n, const char *word);
