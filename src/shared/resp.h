#pragma once
/* Commands and replies of Redis, as much as is needed of them. Pure. Private to shared/.
 * Spec: RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/. */
#include "base/buf.h"
#include "base/str.h"

enum resp_kind {
    RESP_PART,  /* the rest is still to come */
    RESP_WRONG, /* this is no reply to what we send, or is larger than it may be */
    RESP_OK,    /* "+…", ":…" */
    RESP_ERROR, /* "-…"; the text is for people */
    RESP_NOTHING /* "$-1" */,
    RESP_BYTES /* "$…" */
};

struct resp {
    enum resp_kind kind;
    struct str text;
    size_t n; /* bytes that the reply takes */
};

/* Append a command of `n` words. */
void resp_command(struct buf *buf, const struct str *words, size_t n);

/* Read the reply that `bytes` begin with; its text borrows from them. Limits: LIMIT_SHARED_REPLY.
 */
struct resp resp_read(struct str bytes);
