#pragma once
/* Other programs whose output is read: git, kustomize, helm, credential helpers. Never through a
 * shell. Threading: any thread. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* True if `name` is found in PATH and can be run. */
bool process_exists(const char *name);

/* Run argv[0], found in PATH, with empty standard input, and read its standard output into the
 * arena, followed by 8 zero bytes that are not counted, as file_read has them. Its standard error
 * is ours. Errors: NOT_FOUND (there is no such program); INPUT (it ended with another status than
 * 0); LIMIT (more than `max` bytes; it is killed); INTERNAL. */
MUST status process_read(struct arena *arena, const char *const *argv, size_t max,
                         struct str *ret_text, struct error *err);

/* A program that is asked something, and has a time to answer. */
struct process_call {
    const char *const *argv;   /* ends with NULL; argv[0] is found in PATH */
    struct str input;          /* what it reads from standard input */
    size_t max;                /* bytes of its standard output */
    int64_t deadline;          /* monotonic */
    const atomic_bool *cancel; /* true ends the wait within a tenth of a second; or NULL */
};

/* What it said: bytes in the arena, and the status with which it ended. */
struct process_end {
    struct str output;
    int code;
};

/* Run it in a process group of its own, with nothing open but its three files, and wait for its
 * end. If that does not come in time, or too much does, the whole group is killed. Any status is an
 * answer. Errors: NOT_FOUND; INPUT (it was ended by a signal); LIMIT; TIMEOUT; INTERNAL. */
MUST status process_ask(struct arena *arena, const struct process_call *call,
                        struct process_end *ret_end, struct error *err);
