#pragma once
/* What pages show: gathered from the history, the policies in use, health and metrics. On the
 * page thread alone, but for page_message. */
#include "base/arena.h"
#include "server/service.h"
#include "ui/ui.h"

struct page_source {
    struct service *service;
    int64_t started;    /* wall time */
    char replica[256];  /* the Pod's name */
    struct arena arena; /* of one page */
};

/* Start and end. `source` stays where it is. */
void page_source_init(struct page_source *source, struct service *service);
void page_source_done(struct page_source *source);

/* Append the page at `target` and return its HTTP status: 200, 400 (a parameter is wrong), 404 (no
 * such page or decision), 503 (the history cannot be read). Limits: LIMIT_UI_LOOK_MS. */
unsigned page_gather(struct page_source *source, struct str target, struct buf *html);

/* Append a page that says one thing, and return `code`. From any thread. */
unsigned page_message(const struct page_source *source, unsigned code, const char *heading,
                      const char *text, struct buf *html);

/* Parts that files of pages share: what stands around a page, and when something was loaded, in
 * wall time; 0: never. */
struct ui_frame page_frame(const struct page_source *source, const struct ui_request *request);
int64_t page_time_of_load(enum loadable what);

/* The page of policies; returns its HTTP status. */
unsigned page_policies(struct page_source *source, const struct ui_request *request,
                       struct buf *html);
