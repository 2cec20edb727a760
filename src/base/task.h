#pragma once
/* A thread that does something again and again until it is asked to end.
 *
 * Threading: whoever starts it stops it; task_wait is for the thread itself, `stop` for anyone. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"

struct task {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stop; /* may be lent to what it waits for, as a reason to give up */
};

/* Get ready to start, and free that again; the thread does not run. */
void task_init(struct task *task);
void task_done(struct task *task);

/* Have `run` called with `argument` on a thread of its own. Errors: INTERNAL. */
MUST status task_start(struct task *task, void *(*run)(void *argument), void *argument,
                       struct error *err);

/* Sleep until monotonic time `until`. Returns false, at once, when it is to end. */
bool task_wait(struct task *task, int64_t until);

/* Ask it to end, and wait for that. */
void task_stop(struct task *task);

/* A thread alone. Errors: INTERNAL, as text for all threads of the program. */
MUST status thread_start(pthread_t *ret_thread, void *(*run)(void *argument), void *argument,
                         struct error *err);

/* Wait until it has ended, or until monotonic time `until`. Returns whether it has. */
bool thread_join(pthread_t thread, int64_t until);
