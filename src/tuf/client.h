#pragma once
/* Inside tuf/: the state of a client. */
#include "base/arena.h"
#include "base/limits.h"
#include "tuf/metadata.h"
#include "tuf/tuf.h"

enum tuf_stage {
    STAGE_ROOT,
    STAGE_TIMESTAMP,
    STAGE_SNAPSHOT,
    STAGE_TARGETS,
    STAGE_READY,
    STAGE_DELEGATED,
    STAGE_TARGET,
    STAGE_ENDED /* the update failed */
};

/* A file of which another says something, and who signs it. */
struct tuf_wanted {
    enum tuf_type type;
    struct str role;
    struct tuf_expected expected;
    struct str by; /* the role that says it */
    struct tuf_signers signers;
};

/* A file of targets whose delegations are being looked through. */
struct tuf_frame {
    struct tuf_metadata metadata; /* owned, but that of the top-level role */
    struct str role;
    yyjson_val *next; /* delegation */
    size_t left;      /* delegations from there on */
};

struct tuf_search {
    struct arena arena;
    struct str path;                              /* of the target */
    struct tuf_frame frames[LIMIT_TUF_DEPTH + 1]; /* the top-level role first */
    size_t n_frames;
    struct str visited[LIMIT_TUF_ROLES];
    size_t n_visited;
    struct tuf_expected expected; /* of the target, once it is found */
};

struct tuf {
    struct arena arena;
    int64_t now;
    enum tuf_stage stage;
    struct tuf_metadata root, timestamp, snapshot, targets; /* zeroed: none */
    struct tuf_metadata old_snapshot; /* that was trusted before, to compare with */
    unsigned roots;                   /* that were taken in this update */
    bool rotated;
    struct str path;          /* of the file that is being fetched */
    struct tuf_wanted wanted; /* SNAPSHOT, TARGETS, DELEGATED */
    struct tuf_search search;
    struct tuf_file files[TUF_TYPE_COUNT + LIMIT_TUF_FILES];
    size_t n_files;
};

/* Ask for a file. */
void tuf_ask(struct tuf *tuf, enum tuf_stage stage, struct str path, size_t max,
             struct tuf_move *ret_move);

/* Ask for the file of tuf->wanted; its name lives in `arena`. Errors: LIMIT (it is too long). */
MUST status tuf_ask_wanted(struct tuf *tuf, enum tuf_stage stage, struct arena *arena,
                           struct tuf_move *ret_move, struct error *err);

/* Read a file that may be tuf->wanted, and check its content, signatures and version; not whether
 * it has expired. Errors: INPUT, EVIDENCE, LIMIT; with the role. */
MUST status tuf_read_wanted(const struct tuf *tuf, struct str bytes,
                            struct tuf_metadata *ret_metadata, struct error *err);

/* Take what is kept of tuf->wanted, if it is just that and has not expired. */
MUST bool tuf_use_kept(struct tuf *tuf, struct tuf_metadata *ret_metadata);

/* Keep a file that is trusted from now on, if there is room, which there is for the top-level
 * roles; forget one, and all of delegated roles that snapshot does not list; the bytes that are
 * kept of a role, empty if there are none. */
void tuf_keep(struct tuf *tuf, struct str role, const struct tuf_metadata *metadata);
void tuf_forget(struct tuf *tuf, struct str role);
void tuf_forget_unlisted(struct tuf *tuf);
struct str tuf_kept(const struct tuf *tuf, struct str role);

/* Fail with the role, its version if it was read, and what is in *err. */
MUST status tuf_fail(struct str role, const struct tuf_metadata *metadata, struct error *err);

/* Check that it has not expired. Errors: EVIDENCE; with the role. Spec: TUF 5.3.10. */
MUST status tuf_check_expiry(const struct tuf *tuf, struct str role,
                             const struct tuf_metadata *metadata, struct error *err);
