#include "cli/replay_history.h"

#include <limits.h>
#include <stdio.h>

#include "base/limits.h"
#include "history/query.h"
#include "replay/replay.h"

static void visit_page(const char *path, const struct history_page *page,
                       replay_history_visit visit, void *context)
{
    char place[PATH_MAX + 64];
    buf_auto line;
    buf_init(&line, LIMIT_BODY);
    for (size_t i = 0; i < page->n; i++) {
        buf_clear(&line);
        replay_history_line(page->entries[i], &line);
        snprintf(place, sizeof place, "%s: decision %lld", path, (long long)page->entries[i]->id);
        visit(context, place, buf_str(&line));
    }
}

status replay_history_all(const char *path, replay_history_visit visit, void *context,
                          struct error *err)
{
    struct history_reader *reader;
    struct history_page page = {.cursor = 0};
    struct history_filter filter = {.oldest_first = true, .limit = LIMIT_HISTORY_PAGE};
    TRY(history_reader_open(path, &reader, err));
    arena_auto arena;
    arena_init(&arena, LIMIT_HISTORY_PAGE_BYTES);
    status st = OK;
    do {
        arena_reset(&arena);
        filter.cursor = page.cursor;
        st = history_query(reader, &filter, &arena, &page, err);
        if (!failed(st)) {
            visit_page(path, &page, visit, context);
        }
    } while (!failed(st) && page.cursor != 0);
    history_reader_close(reader);
    return st;
}
