#pragma once
/* Memory that is freed whole: one arena per review, per policy snapshot, per command.
 *
 * Invariants: all memory is zeroed; nothing is freed singly; pointers live until `arena_reset` or
 * `arena_done`. An arena has a hard cap. Whoever allocates by the size of something from outside
 * bounds it first (base/limits.h), so meeting the cap is a broken assumption and aborts, as running
 * out of memory does.
 *
 * Threading: an arena belongs to one thread at a time. */
#include <stddef.h>

#include "base/status.h"
#include "base/str.h"

struct arena_block;
struct arena_deferred;

struct arena {
    struct arena_block *first;
    struct arena_block *current; /* being filled */
    size_t used;                 /* bytes handed out since the last reset */
    size_t cap;                  /* `used` never exceeds this */
    struct arena_deferred *deferred;
};

/* Start an empty arena that will hand out at most `cap` bytes. Allocates nothing yet. */
void arena_init(struct arena *arena, size_t cap);

/* Take back all that was handed out, for use again. Keeps one block of memory, as large as was
 * needed last time within reason, so that a worker's arena soon stops allocating. */
void arena_reset(struct arena *arena);

/* Free everything. The arena is as after arena_init with a cap of zero. */
void arena_done(struct arena *arena);

/* As arena_done, but what was handed out is overwritten first: for what nobody may find in freed
 * memory. */
void arena_wipe(struct arena *arena);

/* Have `call` called with `argument` before the memory is taken back or freed, the last deferred
 * first: for what an arena's contents hold on to elsewhere. */
void arena_defer(struct arena *arena, void (*call)(void *argument), void *argument);

/* Bytes of memory that the arena has from the system. */
size_t arena_memory(const struct arena *arena);

/* `size` zeroed bytes aligned for any type. Never NULL; lives in the arena. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));

/* `count` zeroed elements of `size`; aborts if the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));

/* A list with room for one item more: `items`, of which `n` are used, while n < *room; else a copy
 * with twice the room, which *room then says. What is outgrown stays behind in the arena: together
 * at most as much again. `items` may be NULL if n is 0. */
void *arena_grow(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
    __attribute__((returns_nonnull));

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

/* A copy of `s`, with a NUL behind it that is not counted. Lives in the arena. */
struct str arena_dup(struct arena *arena, struct str s);

/* The parts one after the other, with a NUL behind them that is not counted. Lives in the arena. */
struct str arena_join(struct arena *arena, const struct str *parts, size_t n);

/* Formatted text, with a NUL behind it that is not counted. Lives in the arena. */
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);

#define arena_auto        __attribute__((cleanup(arena_done))) struct arena
#define arena_secret_auto __attribute__((cleanup(arena_wipe))) struct arena
