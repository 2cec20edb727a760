#include "registry/ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/task.h"

/* How often who waits for another looks whether to give up. */
static const int64_t LOOK = 50 * NS_PER_MS;

/* Every entry of an index, its config, and indexes. */
enum { JOBS = 2 * LIMIT_IMAGE_PLATFORMS };

enum state { WAITING, RUNNING, READ, TAKEN };

struct job {
    enum state state;
    struct oci_descriptor descriptor; /* what names it */
    bool failed;
    struct error err;
    struct arena arena; /* of the bytes */
    struct str bytes;
};

struct ahead {
    const struct ahead_reader *reader;
    atomic_bool stop;
    pthread_t threads[LIMIT_IMAGE_READERS];
    size_t n_threads;
    struct arena texts;   /* of descriptors */
    pthread_mutex_t lock; /* of what is below */
    pthread_cond_t change;
    struct job jobs[JOBS];
    size_t n;
    size_t held; /* bytes that jobs hold or may come to hold */
};

/* What a job may hold while it is read: the answer and its copies. */
static size_t cost_of(const struct job *job)
{
    return 4 * (size_t)job->descriptor.size;
}

static struct job *next_job(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->n; i++) {
        struct job *job = &ahead->jobs[i];
        if (job->state == WAITING) {
            return cost_of(job) <= LIMIT_IMAGE_AHEAD - ahead->held ? job : NULL;
        }
    }
    return NULL;
}

/* Read one, without the lock meanwhile. */
static void run(struct ahead *ahead, struct job *job)
{
    const struct ahead_reader *reader = ahead->reader;
    size_t size = (size_t)job->descriptor.size;
    job->state = RUNNING;
    ahead->held += cost_of(job);
    pthread_mutex_unlock(&ahead->lock);
    arena_init(&job->arena, cost_of(job) + 4 * MIB);
    status st = reader->read(reader->self, &job->descriptor, size, &ahead->stop, &job->arena,
                             &job->bytes, &job->err);
    pthread_mutex_lock(&ahead->lock);
    job->failed = failed(st);
    job->state = READ;
    pthread_cond_broadcast(&ahead->change);
}

static void *read_ahead(void *argument)
{
    struct ahead *ahead = argument;
    pthread_mutex_lock(&ahead->lock);
    while (!atomic_load(&ahead->stop)) {
        struct job *job = next_job(ahead);
        if (job != NULL) {
            run(ahead, job);
        } else {
            pthread_cond_wait(&ahead->change, &ahead->lock);
        }
    }
    pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

struct ahead *ahead_new(const struct ahead_reader *reader)
{
    pthread_condattr_t monotonic;
    struct ahead *ahead = calloc(1, sizeof *ahead);
    ENSURE(ahead != NULL && pthread_mutex_init(&ahead->lock, NULL) == 0 &&
           pthread_condattr_init(&monotonic) == 0 &&
           pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(&ahead->change, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    arena_init(&ahead->texts, 2 * JOBS * LIMIT_MANIFEST);
    ahead->reader = reader;
    return ahead;
}

/* -- what is wanted -- */

static size_t count_unread(const struct ahead *ahead)
{
    size_t n = 0;
    for (size_t i = 0; i < ahead->n; i++) {
        n += ahead->jobs[i].state == WAITING || ahead->jobs[i].state == RUNNING;
    }
    return n;
}

/* As many threads as there are documents; none for one, which who wants it reads. */
static void start_threads(struct ahead *ahead, size_t unread)
{
    struct error ignored;
    size_t wanted = unread < 2 ? 0 : unread < LIMIT_IMAGE_READERS ? unread : LIMIT_IMAGE_READERS;
    while (ahead->n_threads < wanted &&
           !failed(thread_start(&ahead->threads[ahead->n_threads], read_ahead, ahead, &ignored))) {
        ahead->n_threads++;
    }
}

void ahead_announce(struct ahead *ahead, const struct oci_descriptor *descriptor)
{
    if (descriptor->size == 0 || descriptor->size > LIMIT_IMAGE_AHEAD / 4 || ahead->n == JOBS) {
        return;
    }
    const struct oci_descriptor named = {
        .digest = arena_dup(&ahead->texts, descriptor->digest),
        .media_type = arena_dup(&ahead->texts, descriptor->media_type),
        .size = descriptor->size,
    };
    pthread_mutex_lock(&ahead->lock);
    ahead->jobs[ahead->n++] = (struct job){.descriptor = named};
    size_t unread = count_unread(ahead);
    pthread_cond_broadcast(&ahead->change);
    pthread_mutex_unlock(&ahead->lock);
    start_threads(ahead, unread);
}

static struct job *find(struct ahead *ahead, const struct oci_descriptor *descriptor)
{
    for (size_t i = 0; i < ahead->n; i++) {
        struct job *job = &ahead->jobs[i];
        if (job->state != TAKEN && str_eq(job->descriptor.digest, descriptor->digest) &&
            str_eq(job->descriptor.media_type, descriptor->media_type) &&
            job->descriptor.size == descriptor->size) {
            return job;
        }
    }
    return NULL;
}

/* Wait until another has read it; if all is to end, that is made to. */
static void wait_for(struct ahead *ahead, const struct job *job)
{
    const atomic_bool *cancel = ahead->reader->cancel;
    while (job->state == RUNNING) {
        int64_t until = clock_monotonic() + LOOK;
        const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
        pthread_cond_timedwait(&ahead->change, &ahead->lock, &time);
        if (cancel != NULL && atomic_load(cancel)) {
            atomic_store(&ahead->stop, true);
        }
    }
}

/* Take what was read out of its job. */
static status take(struct ahead *ahead, struct job *job, struct arena *arena, struct str *ret_bytes,
                   struct error *err)
{
    bool bad = job->failed;
    if (bad) {
        *err = job->err;
    } else {
        *ret_bytes = arena_dup(arena, job->bytes);
    }
    arena_done(&job->arena);
    job->state = TAKEN;
    ahead->held -= cost_of(job);
    pthread_cond_broadcast(&ahead->change);
    return bad ? FAILED : OK;
}

status ahead_want(struct ahead *ahead, const struct oci_descriptor *descriptor, size_t max,
                  struct arena *arena, struct str *ret_bytes, struct error *err)
{
    const struct ahead_reader *reader = ahead->reader;
    status st = OK;
    pthread_mutex_lock(&ahead->lock);
    struct job *job = find(ahead, descriptor);
    bool ours = job == NULL || job->state == WAITING;
    if (ours && job != NULL) {
        job->state = TAKEN;
    } else if (!ours) {
        wait_for(ahead, job);
        st = take(ahead, job, arena, ret_bytes, err);
    }
    pthread_mutex_unlock(&ahead->lock);
    return ours ? reader->read(reader->self, descriptor, max, reader->cancel, arena, ret_bytes, err)
                : st;
}

void ahead_free(struct ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    pthread_mutex_lock(&ahead->lock);
    atomic_store(&ahead->stop, true);
    pthread_cond_broadcast(&ahead->change);
    pthread_mutex_unlock(&ahead->lock);
    for (size_t i = 0; i < ahead->n_threads; i++) {
        pthread_join(ahead->threads[i], NULL);
    }
    for (size_t i = 0; i < ahead->n; i++) {
        if (ahead->jobs[i].state == READ) {
            arena_done(&ahead->jobs[i].arena);
        }
    }
    arena_done(&ahead->texts);
    pthread_cond_destroy(&ahead->change);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}
