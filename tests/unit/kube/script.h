#pragma once
/* A server that answers by a list, and time that passes when it is waited for. */
#include "fetch/scripted.h"
#include "kube/client.h"

/* One answer. Pieces are handed over one by one when the request has a sink; else they are the
 * body. A zeroed status: the connection broke, after the pieces if it is `open`. */
struct script_step {
    unsigned status;
    const char *pieces[8];
    const char *retry_after; /* NULL: no such header */
    int64_t lasts;           /* how long it takes */
    bool hangs;              /* nothing more comes, until patience ends */
    bool open;               /* a connection that breaks, or is cut, after a 2xx answer began */
    enum error_kind error;   /* of a broken connection; zero: UPSTREAM */
};

/* What came of it, in words: "GET /path?query" and "wait 0.8". */
struct script {
    struct script_step steps[64];
    size_t n, at;
    char log[16384];
    char accept[128];
    int64_t now, waited; /* waited: the last time */
    int64_t time_allowed;
    struct kube_config config;
    struct fetch_scripted scripted;
    struct fetch port;
    struct kube_time time;
    struct kube *kube;
    atomic_bool stop;
    void (*asked)(void *self); /* before each answer; NULL: nobody */
    void *self;
};

/* Begin without steps; free. */
void script_init(struct script *script);
void script_done(struct script *script);

/* One step more. */
void script_add(struct script *script, struct script_step step);

/* Add a line to the log. */
void script_say(struct script *script, const char *format, ...) PRINTF(2, 3);

/* The log is this, and is empty then; all steps were asked for. */
void script_expect(struct script *script, const char *wanted);
