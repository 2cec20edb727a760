#pragma once
/* A client of a TUF repository as a state machine: which file it needs next, given what came. Pure:
 * it fetches nothing, keeps nothing and reads no clock.
 *
 *     tuf_start ──▶ FETCH ──▶ tuf_take ──▶ FETCH … ──▶ READY
 *     tuf_find  ──▶ FETCH ──▶ tuf_take ──▶ … ──▶ FOUND         any number of times
 *
 * What it holds, whatever a repository answers:
 * - root goes on one version after another, each signed as the one before and itself ask for;
 * - nothing is used that is not signed by its role's keys, each counted once by its value, over
 *   the canonical form of what was read; nor what has expired at the time that was handed in;
 * - no version goes back behind what was trusted before, unless root replaced the keys of timestamp
 *   or snapshot; no file disappears from snapshot;
 * - every file is the one that snapshot and timestamp name, by version, length and hashes;
 * - every file, list and search has an end.
 *
 * The caller keeps what is trusted (tuf_trusted) and hands it in the next time: without that,
 * nothing protects against old versions. To be answered from what is kept alone, it answers with
 * what it has, and "not there" for the rest.
 *
 * Key ids are names: that one is the hash of its key is not asked for, since repositories in use
 * have others (the production root of Sigstore, version 11). A key counts once however it is named.
 * Threading: a client belongs to one thread at a time. Spec: TUF 1.0.33 section 5. */
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

/* A client, owned by who started it. */
struct tuf;

/* A file of metadata that is trusted. */
struct tuf_file {
    struct str role;  /* "root", "timestamp", "snapshot", "targets", or that of a delegation */
    struct str bytes; /* as they came */
    uint64_t version; /* 0: kept before and not looked at so far */
    int64_t expires;  /* wall time in nanoseconds */
};

/* What a client starts with. */
struct tuf_want {
    const struct tuf_file *kept; /* what was trusted before: role and bytes; root must be there */
    size_t n_kept;
    int64_t now; /* wall time, for all of the update and its targets */
};

enum tuf_action {
    TUF_FETCH, /* get a file, and tuf_take it */
    TUF_READY, /* the metadata is verified and current: tuf_find may be called */
    TUF_FOUND  /* `bytes` are those of the target; tuf_find may be called again */
};

struct tuf_move {
    enum tuf_action action;
    bool target;      /* FETCH: below the address of targets, not that of metadata */
    struct str path;  /* FETCH: below that address, each byte that needs it by its number (%2F) */
    size_t max;       /* FETCH: bytes that it may have */
    struct str bytes; /* FOUND */
};

/* What came: `there` is false only if the other side says that there is no such file; if it cannot
 * be had, the client is given up. */
struct tuf_answer {
    bool there;
    struct str bytes;
};

/* Begin. Borrows all bytes in `want` and in answers until tuf_free. Moves live until the next call.
 * Errors: INPUT (the kept root is missing or malformed, a role stands twice), EVIDENCE (its
 * signatures), LIMIT. Limits: LIMIT_TUF_ROOT, LIMIT_TUF_FILES. */
MUST status tuf_start(const struct tuf_want *want, struct tuf **ret_tuf, struct tuf_move *ret_move,
                      struct error *err);

/* Take the answer to the last move. What fails before READY ends the client; what fails after ends
 * the search alone. Messages name role, version and what is wrong.
 * Errors: INPUT (malformed), EVIDENCE (signatures, versions, hashes, lengths, expired), NOT_FOUND
 * (a file or the target is not there), LIMIT. Limits: LIMIT_TUF_*. */
MUST status tuf_take(struct tuf *tuf, const struct tuf_answer *answer, struct tuf_move *ret_move,
                     struct error *err);

/* After READY, FOUND, or a search that failed: look for the target `path`, "a/b.json", which is
 * borrowed until its end. Errors: INPUT (no relative path), and those of tuf_take. */
MUST status tuf_find(struct tuf *tuf, struct str path, struct tuf_move *ret_move,
                     struct error *err);

/* What is trusted so far, and replaces what was kept, also after a failure. Lives until the next
 * call of another function. */
void tuf_trusted(const struct tuf *tuf, const struct tuf_file **ret_files, size_t *ret_n);

/* What is trusted of this role; NULL: nothing, or nothing that was looked at. */
const struct tuf_file *tuf_role(const struct tuf *tuf, struct str role);

/* Whether root has replaced keys of timestamp or snapshot since what was kept, so that what was
 * kept of these was forgotten, and their versions may begin anew. (What is no longer signed as root
 * asks for is forgotten too.) */
bool tuf_rotated(const struct tuf *tuf);

/* Free; NULL is fine. */
void tuf_free(struct tuf *tuf);

static inline void tuf_cleanup(struct tuf **tuf)
{
    tuf_free(*tuf);
}

#define tuf_auto __attribute__((cleanup(tuf_cleanup))) struct tuf
