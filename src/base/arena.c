#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t room; /* bytes in `bytes` */
    size_t used;
    alignas(max_align_t) char bytes[];
};

/* In the arena itself. */
struct arena_deferred {
    struct arena_deferred *next;
    void (*call)(void *argument);
    void *argument;
};

void arena_init(struct arena *arena, size_t cap)
{
    *arena = (struct arena){.cap = cap};
}

static void free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_defer(struct arena *arena, void (*call)(void *argument), void *argument)
{
    struct arena_deferred *deferred = ARENA_NEW(arena, struct arena_deferred);
    *deferred = (struct arena_deferred){arena->deferred, call, argument};
    arena->deferred = deferred;
}

static void call_deferred(struct arena *arena)
{
    for (const struct arena_deferred *at = arena->deferred; at != NULL; at = at->next) {
        at->call(at->argument);
    }
    arena->deferred = NULL;
}

size_t arena_memory(const struct arena *arena)
{
    size_t n = 0;
    for (const struct arena_block *block = arena->first; block != NULL; block = block->next) {
        n += sizeof *block + block->room;
    }
    return n;
}

void arena_done(struct arena *arena)
{
    call_deferred(arena);
    free_blocks(arena->first);
    *arena = (struct arena){0};
}

void arena_wipe(struct arena *arena)
{
    call_deferred(arena);
    for (struct arena_block *block = arena->first; block != NULL; block = block->next) {
        explicit_bzero(block->bytes, block->used);
    }
    arena_done(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t at_least)
{
    size_t room = arena->current == NULL ? FIRST_BLOCK : arena->current->room * 2;
    room = room > LARGEST_BLOCK ? LARGEST_BLOCK : room;
    room = room < at_least ? at_least : room;
    struct arena_block *block = calloc(1, sizeof *block + room);
    if (block == NULL) {
        fatal("out of memory");
    }
    block->room = room;
    if (arena->current == NULL) {
        arena->first = block;
    } else {
        arena->current->next = block;
    }
    arena->current = block;
    return block;
}

void arena_reset(struct arena *arena)
{
    call_deferred(arena);
    struct arena_block *first = arena->first;
    if (first == NULL) {
        return;
    }
    if (first->next != NULL) {
        /* One block was too small: next time, start with one that holds as much as was used now. */
        size_t room = arena->used < LARGEST_BLOCK ? arena->used : LARGEST_BLOCK;
        free_blocks(first);
        arena->first = arena->current = NULL;
        add_block(arena, room);
    } else {
        /* Zero what was handed out, so that the next user finds zeroed memory. */
        memset(first->bytes, 0, first->used);
        first->used = 0;
    }
    arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > arena->cap || arena->cap - arena->used < size + align) {
        fatal("an arena of %zu bytes is full: a limit upstream of it is missing", arena->cap);
    }
    size = (size + align - 1) / align * align;
    struct arena_block *block = arena->current;
    if (block == NULL || block->room - block->used < size) {
        block = add_block(arena, size);
    }
    void *memory = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        fatal("an array of %zu times %zu bytes was asked for", count, size);
    }
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
    enum { FIRST_ROOM = 16 };
    if (n < *room) {
        return items;
    }
    size_t wanted = *room == 0 ? FIRST_ROOM : *room * 2;
    void *larger = arena_array(arena, wanted, size);
    if (n > 0) {
        memcpy(larger, items, n * size);
    }
    *room = wanted;
    return larger;
}

struct str arena_dup(struct arena *arena, struct str s)
{
    char *copy = arena_alloc(arena, s.n + 1);
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    return (struct str){copy, s.n};
}

struct str arena_join(struct arena *arena, const struct str *parts, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += parts[i].n;
    }
    char *text = arena_alloc(arena, total + 1);
    char *end = text;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n > 0) {
            end = mempcpy(end, parts[i].p, parts[i].n);
        }
    }
    return (struct str){text, total};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    char short_text[512] __attribute__((uninitialized));
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(short_text, sizeof short_text, format, arguments);
    va_end(arguments);
    ENSURE(n >= 0);
    char *text = arena_alloc(arena, (size_t)n + 1);
    if ((size_t)n < sizeof short_text) {
        memcpy(text, short_text, (size_t)n);
    } else {
        vsnprintf(text, (size_t)n + 1, format, again);
    }
    va_end(again);
    return (struct str){text, (size_t)n};
}
