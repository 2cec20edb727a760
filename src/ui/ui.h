#pragma once
/* The pages for people: structs in, HTML out. No script, no resource from elsewhere; every text is
 * escaped, whoever it came from. Pure: the time is handed in.
 *
 * A page is written whole or not at all: html->overflowed tells. Texts are borrowed while a page is
 * written. Limits: LIMIT_UI_PAGE is room enough for every page but that of a replica with thousands
 * of checks. */
#include "base/buf.h"
#include "history/entry.h"
#include "ui/query.h"

/* What all pages have around them. */
struct ui_frame {
    int64_t now;        /* wall time */
    struct str version; /* of the program */
    struct str replica; /* the Pod's name, or the machine's */
    const struct ui_request *request;
};

/* -- decisions -- */

/* The history is off, cannot be read, or was read. */
enum ui_history { UI_HISTORY_OFF, UI_HISTORY_FAILED, UI_HISTORY_READ };

struct ui_decisions {
    enum ui_history history;
    struct str problem; /* of FAILED */
    struct history_entry **entries;
    size_t n;
    int64_t cursor;  /* older ones are before it; 0: there are none */
    size_t looked;   /* decisions that were looked at */
    int64_t reached; /* the time of the last of these */
    uint64_t left;   /* about how many are older */
    uint64_t kept;   /* about how many there are */
    bool losing;     /* some are missing from the history since the start */
};

/* The list of decisions, and one of them. */
void ui_decisions(const struct ui_frame *frame, const struct ui_decisions *decisions,
                  struct buf *html);
void ui_decision(const struct ui_frame *frame, const struct history_entry *entry, struct buf *html);

/* -- policies -- */

struct ui_rule {
    struct str name, kind, words;
};

struct ui_hits {
    uint64_t judged, denied, warned, excused;
};

struct ui_policy {
    struct str kind, namespace, name;
    struct str mode;              /* empty for an exception */
    struct str match, images;     /* in words; empty: everything */
    struct str policies, excused; /* of an exception */
    int64_t until;                /* of an exception */
    struct str source;            /* "/etc/policies/base.yaml:3" */
    struct ui_rule *rules;
    size_t n_rules, rule_count;
    bool counted; /* hits are known */
    struct ui_hits hits;
};

struct ui_policies {
    struct ui_policy *policies; /* those to be shown, and one more if there is one */
    size_t n;
    uint64_t *places; /* of each among all */
    uint64_t count;   /* of all, whether shown or not */
    uint64_t hash;
    int64_t loaded;    /* 0: never */
    struct str broken; /* why newer ones are not in use; empty: they are */
    bool waiting;      /* there are none yet */
};

/* Policies and exceptions, LIMIT_UI_ROWS at most. */
void ui_policies(const struct ui_frame *frame, const struct ui_policies *policies,
                 struct buf *html);

/* -- a replica -- */

enum ui_state { UI_GOOD, UI_STALE, UI_BAD };

struct ui_check {
    struct str name;
    enum ui_state state;
    struct str detail;
};

/* How many reviews came by an endpoint. */
struct ui_reviews {
    struct str endpoint;
    uint64_t allowed, denied, failed;
};

struct ui_count {
    struct str name;
    uint64_t n;
};

struct ui_replica {
    int64_t started; /* wall time */
    bool ready;
    uint64_t policy_hash;
    int64_t policies_loaded; /* 0: never */
    uint64_t n_policies, n_rules, n_exceptions;
    int64_t certificate_end; /* 0: there is none */
    bool certificate_managed;
    const struct ui_check *checks;
    size_t n_checks;
    const struct ui_reviews *reviews;
    size_t n_reviews;
    bool history; /* one is kept */
    uint64_t written;
    const struct ui_count *lost; /* by reason; those that are none are left out */
    size_t n_lost;
    uint64_t connections, connections_max, in_flight, in_flight_max, audit_lost;
};

/* What this replica sees. */
void ui_replica(const struct ui_frame *frame, const struct ui_replica *replica, struct buf *html);

/* -- what is no page -- */

/* What a refused request is answered with: a heading and a sentence. frame->request may be NULL. */
void ui_refusal(const struct ui_frame *frame, const char *heading, struct str text,
                struct buf *html);

/* The one stylesheet, which stands in each page as it is, so that a policy of the page may name its
 * hash. Lives for ever. */
extern const struct str ui_style;
