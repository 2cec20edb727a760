#include "cli/progress.h"

#include <unistd.h>

#include "base/clock.h"

/* The first line comes after a second, the others a tenth of one apart. */
enum { FIRST_MS = 1000, NEXT_MS = 100 };

void progress_begin(struct progress *progress, FILE *file, const char *noun, size_t total)
{
    *progress = (struct progress){
        .file = isatty(fileno(file)) == 1 ? file : NULL,
        .noun = noun,
        .total = total,
        .next = clock_monotonic() + FIRST_MS * NS_PER_MS,
    };
}

void progress_step(struct progress *progress)
{
    progress->done++;
    if (progress->file == NULL || progress->done == progress->total) {
        return;
    }
    int64_t now = clock_monotonic();
    if (now >= progress->next) {
        fprintf(progress->file, "\r%zu of %zu %s\033[K", progress->done, progress->total,
                progress->noun);
        fflush(progress->file);
        progress->next = now + NEXT_MS * NS_PER_MS;
        progress->shown = true;
    }
}

void progress_clear(struct progress *progress)
{
    if (progress->shown) {
        fputs("\r\033[K", progress->file);
        fflush(progress->file);
        progress->shown = false;
    }
}
