#pragma once
/* What a person asks for: the path and query of a URL below /ui, and back. Pure. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

enum ui_page { UI_DECISIONS, UI_DECISION, UI_POLICIES, UI_REPLICA, UI_PAGE_COUNT };

enum ui_parameter {
    UI_VERDICT, /* of decisions: allow, deny, error */
    UI_NAMESPACE,
    UI_KIND,
    UI_POLICY,
    UI_IMAGE,
    UI_USER,
    UI_SINCE,   /* a duration */
    UI_DRY_RUN, /* only, none */
    UI_BEFORE,  /* the id of a decision */
    UI_NAME,    /* of policies: a part of the name */
    UI_MODE,    /* enforce, warn, audit */
    UI_FROM,    /* the first of them to be shown, by its place */
    UI_PARAMETER_COUNT
};

/* In place of a namespace's name: objects that have none. */
#define UI_NO_NAMESPACE "-"

struct ui_request {
    enum ui_page page;
    int64_t id;                            /* of UI_DECISION */
    struct str values[UI_PARAMETER_COUNT]; /* as text; p is NULL: not given, or empty */
    int64_t since_ns;                      /* 0: not given */
    int64_t before;                        /* 0: not given */
    uint64_t from;
};

/* Read the target of a request line. Values live in the arena. Errors: NOT_FOUND (no such page),
 * INPUT (a parameter that the page does not know, stands twice, is too long, is no UTF-8, or has a
 * value that it cannot have), LIMIT (the target as a whole). Limits: LIMIT_UI_TARGET,
 * LIMIT_UI_VALUE, LIMIT_UI_PARAMETERS. */
MUST status ui_request_parse(struct str target, struct arena *arena, struct ui_request *ret_request,
                             struct error *err);

/* True if a value can be asked for: it is not empty and not too long. */
bool ui_can_ask(struct str value);

/* The name of a parameter in URLs and forms: "dry-run". Lives for ever. */
const char *ui_parameter_name(enum ui_parameter parameter);

/* True if a page filters by the parameter; where one begins is no filter. */
bool ui_filters(enum ui_page page, enum ui_parameter parameter);

/* Whether any filter of the page is given. */
bool ui_is_filtered(const struct ui_request *request, enum ui_page page);

/* Append the path of a page, "/ui/policies", of a decision with its id. */
void ui_path(struct buf *html, enum ui_page page, int64_t id);

/* Append the query of a URL, "?verdict=deny&amp;kind=Pod", for an attribute's value: the filters of
 * decisions that the request has, but for `but`, which is `value`; empty to leave it out.
 * UI_PARAMETER_COUNT changes none. */
void ui_query(struct buf *html, const struct ui_request *request, enum ui_parameter but,
              struct str value);
