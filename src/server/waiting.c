#include "server/waiting.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/task.h"
#include "observe/log.h"
#include "observe/metrics.h"

struct waiting {
    struct service *service;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct asked *line; /* a ring: n of them from `first` on */
    size_t first, n, room;
    pthread_t *threads;
    size_t n_threads, max_threads;
    size_t idle; /* threads that look for work */
    bool stop;
    struct metric_series *gauge;
};

/* The next in line; false to end. *ret_stop: it is not to be judged any more. */
static bool take(struct waiting *waiting, struct asked *ret_asked, bool *ret_stop)
{
    pthread_mutex_lock(&waiting->lock);
    waiting->idle++;
    while (waiting->n == 0 && !waiting->stop) {
        pthread_cond_wait(&waiting->wake, &waiting->lock);
    }
    waiting->idle--;
    bool taken = waiting->n > 0;
    if (taken) {
        *ret_asked = waiting->line[waiting->first];
        waiting->first = (waiting->first + 1) % waiting->room;
        waiting->n--;
        metric_set(waiting->gauge, (int64_t)waiting->n);
    }
    *ret_stop = waiting->stop;
    pthread_mutex_unlock(&waiting->lock);
    return taken;
}

/* Whatever libmicrohttpd does not take ends the connection: exchange.c. */
static void *run(void *argument)
{
    struct waiting *waiting = argument;
    struct asked asked;
    bool stop = false;
    while (take(waiting, &asked, &stop)) {
        if (stop) {
            struct error err;
            error_fill(&err, ERROR_UPSTREAM, "this replica is stopping; ask another");
            (void)answering_fail(&asked, &err);
        } else {
            (void)answering_wait(&asked);
        }
        MHD_resume_connection(asked.connection);
    }
    return NULL;
}

/* Under the lock: one more thread, if all are at work. Those that nobody needs are never started.
 */
static void add_thread(struct waiting *waiting)
{
    struct error err;
    if (waiting->n < waiting->idle || waiting->n_threads == waiting->max_threads) {
        return;
    }
    if (failed(thread_start(&waiting->threads[waiting->n_threads], run, waiting, &err))) {
        log_error("reviews wait for one another", &err);
    } else {
        waiting->n_threads++;
    }
}

bool waiting_add(struct waiting *waiting, const struct asked *asked)
{
    pthread_mutex_lock(&waiting->lock);
    bool room = !waiting->stop && waiting->n < waiting->room;
    if (room) {
        add_thread(waiting);
        room = waiting->n_threads > 0;
    }
    if (room) {
        waiting->line[(waiting->first + waiting->n) % waiting->room] = *asked;
        waiting->n++;
        metric_set(waiting->gauge, (int64_t)waiting->n);
        /* Before a thread can resume it. */
        MHD_suspend_connection(asked->connection);
        pthread_cond_signal(&waiting->wake);
    }
    pthread_mutex_unlock(&waiting->lock);
    return room;
}

struct waiting *waiting_new(struct service *service)
{
    const struct server_config *config = service->config;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        fatal("out of memory");
    }
    waiting->service = service;
    waiting->room = config->reviews_waiting;
    waiting->line = calloc(waiting->room, sizeof *waiting->line);
    waiting->max_threads = config->evidence_threads;
    waiting->threads = calloc(waiting->max_threads, sizeof *waiting->threads);
    if (waiting->line == NULL || waiting->threads == NULL) {
        fatal("out of memory");
    }
    waiting->gauge = metric_series(METRIC_REVIEWS_WAITING, NULL, 0);
    pthread_mutex_init(&waiting->lock, NULL);
    pthread_cond_init(&waiting->wake, NULL);
    return waiting;
}

void waiting_stop(struct waiting *waiting)
{
    if (waiting == NULL) {
        return;
    }
    pthread_mutex_lock(&waiting->lock);
    waiting->stop = true;
    pthread_cond_broadcast(&waiting->wake);
    pthread_mutex_unlock(&waiting->lock);
    for (; waiting->n_threads > 0; waiting->n_threads--) {
        pthread_join(waiting->threads[waiting->n_threads - 1], NULL);
    }
}

void waiting_free(struct waiting *waiting)
{
    if (waiting != NULL) {
        pthread_cond_destroy(&waiting->wake);
        pthread_mutex_destroy(&waiting->lock);
        free(waiting->line);
        free(waiting->threads);
        free(waiting);
    }
}
