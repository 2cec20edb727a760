#pragma once
/* All objects of one resource, page after page.
 *
 * A list is consistent: all of its pages show the state of one moment, which is no older than the
 * call (no resourceVersion is asked for, so a cache of the API server that lags behind is not
 * believed). Memory holds one page. Threading: as its client. */
#include "kube/client.h"
#include "kube/item.h"

struct kube_list {
    const char *path;  /* "/api/v1/namespaces/x/pods"; without a query */
    const char *query; /* more of a query, encoded: "labelSelector=a%3Db"; NULL: none */
    bool metadata;     /* PartialObjectMetadata is enough */
    unsigned limit;    /* objects of one page; 0: KUBE_LIST_PAGE */
    size_t max_page;   /* bytes of a page of more than one; 0: LIMIT_KUBE_PAGE */
    size_t max_object; /* bytes of a page of one; 0: LIMIT_KUBE_WATCHED */
};

enum { KUBE_LIST_PAGE = 500 };

struct kube_list_page {
    size_t n;           /* objects of all pages so far */
    uint64_t remaining; /* objects behind them, as far as the API server tells; else 0 */
    unsigned limit;     /* that was asked for */
};

/* Who takes it. An error ends the list with it. */
struct kube_list_taker {
    void *self;
    /* The next object; borrowed for the call. */
    status (*take)(void *self, const struct kube_item *item, struct error *err);
    /* A page was taken whole. NULL: it need not be known. */
    status (*page)(void *self, const struct kube_list_page *page, struct error *err);
    /* The list begins again, since the API server no longer knows the moment that it showed: what
     * was taken is void. `why` is for people. */
    void (*again)(void *self, const char *why);
};

/* List. A page that is too large is asked for again with half as many objects, down to one; where
 * they are small again, pages grow. Where
 * the API server asks for patience (429, 503 with Retry-After) it gets it, a dozen times. *ret_type
 * is the type of the objects, *ret_version the state that a watch can go on from.
 * Errors: as kube_call; NOT_FOUND (no such resource); LIMIT (one object larger than max_object, or
 * a continue token larger than LIMIT_KUBE_CONTINUE); UPSTREAM (no list, objects that contradict it,
 * expired again and again). */
MUST status kube_list(struct kube *kube, const struct kube_list *list,
                      const struct kube_list_taker *taker, struct kube_type *ret_type,
                      struct kube_version *ret_version, struct error *err);

#define KUBE_LIST_TIME (30 * INT64_C(1000000000))
