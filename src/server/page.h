#pragma once
/* The pages for people below /ui: who may ask, what is gathered for them, and how they are
 * answered.
 *
 * A page is made by a thread of its own that is last in line for a CPU, while libmicrohttpd's
 * thread goes on to answer health and metrics; so whoever asks for pages slows neither these nor
 * reviews. Of the pages that wait, are made or are sent there are LIMIT_UI_PAGES_IN_FLIGHT at most;
 * beyond: 503. */
#include <microhttpd.h>

#include "server/service.h"

struct pages;
struct page;

/* Start the thread. Returns owned. Errors: INTERNAL. */
MUST status pages_start(struct service *service, struct pages **ret_pages, struct error *err);

/* Answer those that wait with 503, and take no more: before their daemon is stopped. NULL is fine.
 */
void pages_stop(struct pages *pages);

/* Free; no page may be left. NULL is fine. */
void pages_free(struct pages *pages);

/* Ask for the page at `target`, path and query as they were sent. The connection is suspended until
 * the page is made, and then its handler is called again. Returns NULL, and suspends nothing, if
 * there are too many. Limits: LIMIT_UI_TARGET (the page says so). */
struct page *page_ask(struct pages *pages, struct MHD_Connection *connection, const char *target);

/* Send a page that is made. */
enum MHD_Result page_send(struct page *page, struct MHD_Connection *connection);

/* Let go of it, when its exchange is over. NULL is fine. */
void page_done(struct page *page);

/* Whether the caller may not see pages: it is not from here, asks for a name that is not ours, or
 * is a page of another site (caller.h). If so, a page that says why is queued. */
bool page_refuses(struct pages *pages, struct MHD_Connection *connection,
                  enum MHD_Result *ret_result);

/* Queue a page that tells to ask again. */
enum MHD_Result page_busy(struct pages *pages, struct MHD_Connection *connection);
