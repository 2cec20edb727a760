#include "server/page.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/task.h"
#include "observe/metrics.h"
#include "server/caller.h"
#include "server/page_gather.h"
#include "server/reply.h"
#include "ui/ui.h"

enum { LAST_IN_LINE = 10, POLICY_TEXT = 256 };

struct page {
    struct pages *pages;
    struct page *next; /* that waits behind it */
    struct MHD_Connection *connection;
    char *target;
    unsigned code;
    struct buf html;
};

struct pages {
    struct service *service;
    struct page_source source;
    char policy[POLICY_TEXT]; /* Content-Security-Policy */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct page *first, *last; /* that wait to be made */
    size_t n;                  /* that wait, are made, or are sent */
    bool stop;
};

/* -- making -- */

static void make(struct pages *pages, struct page *page)
{
    page->code = page_gather(&pages->source, str_from(page->target), &page->html);
    if (buf_overflowed(&page->html)) {
        buf_clear(&page->html);
        page->code =
            page_message(&pages->source, MHD_HTTP_INTERNAL_SERVER_ERROR, "This page is too large",
                         "Ask for less, by a filter.", &page->html);
    }
}

static void give_up(struct pages *pages, struct page *page)
{
    page->code = page_message(&pages->source, MHD_HTTP_SERVICE_UNAVAILABLE, "Stopping",
                              "This replica is stopping; ask another.", &page->html);
}

/* The next that waits; NULL to end. *ret_stop: it is not to be made any more. */
static struct page *take(struct pages *pages, bool *ret_stop)
{
    pthread_mutex_lock(&pages->lock);
    while (pages->first == NULL && !pages->stop) {
        pthread_cond_wait(&pages->wake, &pages->lock);
    }
    struct page *page = pages->first;
    if (page != NULL) {
        pages->first = page->next;
        pages->last = pages->first == NULL ? NULL : pages->last;
    }
    *ret_stop = pages->stop;
    pthread_mutex_unlock(&pages->lock);
    return page;
}

static void *run(void *cls)
{
    struct pages *pages = cls;
    bool stop = false;
    setpriority(PRIO_PROCESS, (id_t)gettid(), LAST_IN_LINE); /* of this thread alone, on Linux */
    for (struct page *page; (page = take(pages, &stop)) != NULL;) {
        if (stop) {
            give_up(pages, page);
        } else {
            make(pages, page);
        }
        MHD_resume_connection(page->connection);
    }
    return NULL;
}

/* -- asking -- */

static bool has_room(struct pages *pages)
{
    pthread_mutex_lock(&pages->lock);
    bool room = !pages->stop && pages->n < LIMIT_UI_PAGES_IN_FLIGHT;
    pages->n += room;
    pthread_mutex_unlock(&pages->lock);
    return room;
}

/* False if the thread has been told to end, so that nobody would make it. */
static bool put_in_line(struct pages *pages, struct page *page)
{
    pthread_mutex_lock(&pages->lock);
    bool open = !pages->stop;
    if (open) {
        *(pages->last == NULL ? &pages->first : &pages->last->next) = page;
        pages->last = page;
        /* Before the thread can resume it. */
        MHD_suspend_connection(page->connection);
        pthread_cond_signal(&pages->wake);
    }
    pthread_mutex_unlock(&pages->lock);
    return open;
}

struct page *page_ask(struct pages *pages, struct MHD_Connection *connection, const char *target)
{
    if (!has_room(pages)) {
        return NULL;
    }
    struct page *page = calloc(1, sizeof *page);
    char *copy = strndup(target, LIMIT_UI_TARGET + 1);
    if (page == NULL || copy == NULL) {
        fatal("out of memory");
    }
    page->pages = pages;
    page->connection = connection;
    page->target = copy;
    buf_init(&page->html, LIMIT_UI_PAGE);
    if (!put_in_line(pages, page)) {
        page_done(page);
        return NULL;
    }
    return page;
}

void page_done(struct page *page)
{
    if (page != NULL) {
        pthread_mutex_lock(&page->pages->lock);
        page->pages->n--;
        pthread_mutex_unlock(&page->pages->lock);
        buf_done(&page->html);
        free(page->target);
        free(page);
    }
}

/* -- answering -- */

static enum MHD_Result send_page(struct pages *pages, struct MHD_Connection *connection,
                                 unsigned code, struct str html)
{
    const struct reply_header headers[] = {
        {"Content-Security-Policy", pages->policy},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", "no-store"},
        {code == MHD_HTTP_SERVICE_UNAVAILABLE ? "Retry-After" : NULL, "1"},
    };
    const struct reply reply = {
        .endpoint = ENDPOINT_UI,
        .code = code,
        .type = "text/html; charset=utf-8",
        .body = html,
        .headers = headers,
        .n_headers = sizeof headers / sizeof *headers,
    };
    return reply_queue(pages->service, connection, &reply);
}

enum MHD_Result page_send(struct page *page, struct MHD_Connection *connection)
{
    enum MHD_Result result = send_page(page->pages, connection, page->code, buf_str(&page->html));
    buf_done(&page->html); /* libmicrohttpd has its copy */
    return result;
}

/* -- refusing -- */

static enum MHD_Result refuse(struct pages *pages, struct MHD_Connection *connection, unsigned code,
                              const char *reason, const char *heading, const char *why)
{
    struct str label = str_from(reason);
    metric_add(metric_series(METRIC_REJECTED, &label, 1), 1);
    buf_auto html;
    buf_init(&html, LIMIT_UI_PAGE);
    page_message(&pages->source, code, heading, why, &html);
    return send_page(pages, connection, code, buf_str(&html));
}

static bool is_local(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info != NULL && caller_is_local(info->client_addr);
}

static struct str header(struct MHD_Connection *connection, const char *name)
{
    return str_from(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

bool page_refuses(struct pages *pages, struct MHD_Connection *connection,
                  enum MHD_Result *ret_result)
{
    const struct server_config *config = pages->service->config;
    if (!config->ui_any && !is_local(connection)) {
        *ret_result = refuse(pages, connection, MHD_HTTP_FORBIDDEN, "ui_caller", "Not from there",
                             "These pages are answered to callers on this machine alone. Come by "
                             "kubectl port-forward, or set ui.callers to any.");
        return true;
    }
    if (!caller_host_is_ours(header(connection, MHD_HTTP_HEADER_HOST), &config->ui_hosts)) {
        *ret_result =
            refuse(pages, connection, MHD_HTTP_MISDIRECTED_REQUEST, "ui_host", "Not by that name",
                   "These pages are answered to localhost, to IP addresses, and to the names that "
                   "ui.hosts has. This one is none of them.");
        return true;
    }
    if (caller_is_another_site(header(connection, "Sec-Fetch-Site"),
                               header(connection, "Sec-Fetch-Mode"),
                               header(connection, "Sec-Fetch-Dest"))) {
        *ret_result =
            refuse(pages, connection, MHD_HTTP_FORBIDDEN, "ui_site", "Not from another site",
                   "Follow a link to this page, or type its "
                   "address.");
        return true;
    }
    return false;
}

enum MHD_Result page_busy(struct pages *pages, struct MHD_Connection *connection)
{
    return refuse(pages, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "ui_busy", "Too many ask",
                  "Others are being answered; ask again in a moment.");
}

/* -- life -- */

/* The stylesheet is in the page itself, and allowed by its hash; the picture of the tab is a data
 * URL. Spec: CSP Level 3 sections 2.3.1 and 6. */
static status write_policy(struct pages *pages, struct error *err)
{
    unsigned char hash[32];
    buf_auto text;
    buf_init(&text, POLICY_TEXT - 1);
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, ui_style.p, ui_style.n, hash) != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot hash the stylesheet");
    }
    buf_add_cstr(&text, "default-src 'none'; img-src data:; style-src 'sha256-");
    buf_add_base64(&text, (struct str){(const char *)hash, sizeof hash});
    buf_add_cstr(&text, "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    ENSURE(!buf_overflowed(&text));
    memcpy(pages->policy, text.p, text.n);
    return OK;
}

status pages_start(struct service *service, struct pages **ret_pages, struct error *err)
{
    struct pages *pages = calloc(1, sizeof *pages);
    if (pages == NULL) {
        fatal("out of memory");
    }
    pages->service = service;
    page_source_init(&pages->source, service);
    pthread_mutex_init(&pages->lock, NULL);
    pthread_cond_init(&pages->wake, NULL);
    if (failed(write_policy(pages, err))) {
        pages_free(pages);
        return FAILED;
    }
    status st = thread_start(&pages->thread, run, pages, err);
    if (failed(st)) {
        pages_free(pages);
        return st;
    }
    *ret_pages = pages;
    return OK;
}

void pages_stop(struct pages *pages)
{
    if (pages != NULL) {
        pthread_mutex_lock(&pages->lock);
        pages->stop = true;
        pthread_cond_signal(&pages->wake);
        pthread_mutex_unlock(&pages->lock);
        pthread_join(pages->thread, NULL);
    }
}

void pages_free(struct pages *pages)
{
    if (pages != NULL) {
        page_source_done(&pages->source);
        pthread_cond_destroy(&pages->wake);
        pthread_mutex_destroy(&pages->lock);
        free(pages);
    }
}
