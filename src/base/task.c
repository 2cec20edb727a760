#include "base/task.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"

status thread_start(pthread_t *ret_thread, void *(*run)(void *argument), void *argument,
                    struct error *err)
{
    int code = pthread_create(ret_thread, NULL, run, argument);
    return code == 0
               ? OK
               : error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerrordesc_np(code));
}

bool thread_join(pthread_t thread, int64_t until)
{
    int64_t wall = clock_wall() + until - clock_monotonic(); /* what TSan knows of joins */
    const struct timespec time = {.tv_sec = wall / NS_PER_S, .tv_nsec = wall % NS_PER_S};
    return pthread_timedjoin_np(thread, NULL, &time) == 0;
}

void task_init(struct task *task)
{
    atomic_init(&task->stop, false);
    clock_condition_init(&task->wake);
    pthread_mutex_init(&task->lock, NULL);
}

void task_done(struct task *task)
{
    pthread_cond_destroy(&task->wake);
    pthread_mutex_destroy(&task->lock);
}

status task_start(struct task *task, void *(*run)(void *argument), void *argument,
                  struct error *err)
{
    return thread_start(&task->thread, run, argument, err);
}

bool task_wait(struct task *task, int64_t until)
{
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    int code = 0;
    pthread_mutex_lock(&task->lock);
    while (!atomic_load(&task->stop) && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&task->wake, &task->lock, &time);
    }
    pthread_mutex_unlock(&task->lock);
    return !atomic_load(&task->stop);
}

void task_stop(struct task *task)
{
    pthread_mutex_lock(&task->lock);
    atomic_store(&task->stop, true);
    pthread_cond_signal(&task->wake);
    pthread_mutex_unlock(&task->lock);
    pthread_join(task->thread, NULL);
}
