#pragma once
/* Did it run? `status` answers that and nothing else; `struct error` says why not.
 *
 * `status` is a struct around an int, so neither ignoring a result nor reading it as a truth value
 * (`if (parse(...))`) compiles. A function that can fail returns `status` and takes
 * `struct error *err` as its last parameter: owned by the caller, never NULL, untouched on success,
 * set on failure. Results go to `ret_*` parameters, which a failure leaves untouched too.
 *
 * Threading: no shared state. */
#include <stdbool.h>
#include <stddef.h>

#define MUST                __attribute__((warn_unused_result))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))

typedef struct {
    int code_;
} status;

#define OK     ((status){0})
#define FAILED ((status){-1})

static inline bool failed(status st)
{
    return st.code_ != 0;
}

/* Return from the calling function if `expr` failed; the error is already set. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        if (failed(expr)) {                                                                        \
            return FAILED;                                                                         \
        }                                                                                          \
    } while (0)

/* Who is at fault and what may be done about it: a closed set. */
enum error_kind {
    ERROR_NONE = 0,     /* nothing failed */
    ERROR_INPUT,        /* what was sent is malformed: the sender must change it */
    ERROR_EVIDENCE,     /* evidence was had and cannot be read */
    ERROR_NOT_FOUND,    /* what was asked for does not exist */
    ERROR_UNAUTHORIZED, /* the other side wants credentials that we lack */
    ERROR_UPSTREAM,     /* another server answered with an error or not at all */
    ERROR_TIMEOUT,      /* the deadline passed first */
    ERROR_LIMIT,        /* larger than a limit in base/limits.h */
    ERROR_CONFIG,       /* the operator's own files or options are wrong */
    ERROR_INTERNAL,     /* the machine failed us: a system call, a full disk */
    ERROR_KIND_COUNT
};

/* What a kind means at the edges: the one table that maps it. */
struct error_kind_info {
    const char *label; /* metric label and JSON, lower case */
    int http_status;   /* status of the answer to a request that could not be judged */
    int exit_code;     /* exit code of the command line */
    bool retryable;    /* the same request may succeed later */
    bool cacheable;    /* the failure may be remembered for a while */
    bool silent;       /* nothing was heard from who was asked, or nothing that answers */
};

/* Describe a kind. `kind` is a member of the enum. Returns a pointer that lives for ever. */
const struct error_kind_info *error_kind_info(enum error_kind kind);

#define ERROR_TEXT_MAX 512

struct error {
    enum error_kind kind;
    char text[ERROR_TEXT_MAX]; /* for people; one line of valid UTF-8, cut to fit */
};

/* Fill in *err and return FAILED, so that a caller fails in one expression. The formatted text may
 * hold bytes from outside: control characters become '?', invalid UTF-8 too, and what is too long
 * is cut at a character's border. */
MUST status error_set(struct error *err, enum error_kind kind, const char *format, ...)
    PRINTF(3, 4);

/* The same where there is nothing to return: the failure is kept for later. */
void error_fill(struct error *err, enum error_kind kind, const char *format, ...) PRINTF(3, 4);

/* Put "context: " before an error that is already set, keep its kind, and return FAILED. */
MUST status error_wrap(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Report a broken assumption on stderr and abort. A webhook that is gone denies under
 * `failurePolicy: Fail`; one that goes on with a broken assumption might admit. */
_Noreturn void fatal(const char *format, ...) PRINTF(1, 2);

/* Abort unless `condition` holds; kept in release builds. */
#define ENSURE(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fatal("%s:%d: broken assumption: %s", __FILE__, __LINE__, #condition);                 \
        }                                                                                          \
    } while (0)
