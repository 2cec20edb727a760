#include "base/writer.h"

#include "base/clock.h"
#include "base/task.h"

static const int64_t QUIET = 60 * NS_PER_S;         /* until losing is over */
static const int64_t LAST_WORDS = 1200 * NS_PER_MS; /* libcurl looks each second */

void writer_init(struct writer *writer, uint64_t max, size_t room, int64_t gather)
{
    *writer = (struct writer){.lost = 0};
    atomic_init(&writer->until, INT64_MAX);
    queue_init(&writer->queue, max, room, gather);
}

void writer_done(struct writer *writer)
{
    queue_done(&writer->queue);
}

status writer_start(struct writer *writer, void *(*run)(void *argument), void *argument,
                    struct error *err)
{
    return thread_start(&writer->thread, run, argument, err);
}

bool writer_is_ending(const struct writer *writer)
{
    return atomic_load(&writer->until) != INT64_MAX;
}

bool writer_is_late(const struct writer *writer)
{
    return clock_monotonic() >= atomic_load(&writer->until);
}

bool writer_loses(struct writer *writer, unsigned loss)
{
    unsigned bit = 1u << loss;
    bool news = (writer->told & bit) == 0;
    writer->lost = clock_monotonic();
    writer->told |= bit;
    return news;
}

bool writer_recovers(struct writer *writer)
{
    bool over = writer->told != 0 && clock_monotonic() - writer->lost > QUIET;
    writer->told = over ? 0 : writer->told;
    return over;
}

void writer_end(struct writer *writer, int64_t until)
{
    atomic_store(&writer->until, until);
    queue_stop(&writer->queue);
}

bool writer_join(struct writer *writer)
{
    int64_t until = atomic_load(&writer->until);
    if (thread_join(writer->thread, until)) {
        return true;
    }
    atomic_store(&writer->cancelled, true);
    return thread_join(writer->thread, until + LAST_WORDS);
}

void writer_abandon(struct writer *writer)
{
    atomic_store(&writer->abandoned, true);
    pthread_detach(writer->thread);
}
