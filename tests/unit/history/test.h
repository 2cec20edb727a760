#pragma once
/* The groups of tests of history/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "history/history.h"
#include "history/query.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A history in a folder of the test's own, and what its watcher was told. */
struct world {
    char folder[64];
    char path[96];
    struct history_config config;
    struct history_watcher watcher;
    struct history *history;
    struct arena arena;
    _Atomic uint64_t lost[HISTORY_LOSS_COUNT], written;
    _Atomic int losing, recovered, moved;
    char error[512]; /* of the last event; to be read when flushed */
};

int start(void **state);
int stop(void **state);

/* Start, with the configuration as it is; write all and end. */
void open_history(struct world *world);
void close_history(struct world *world);

/* An admitted Pod with one image. */
struct history_entry sample(int64_t time);
void add(struct world *world, const struct history_entry *entry);
void add_many(struct world *world, size_t n);

/* Bytes of all files of the history. */
uint64_t bytes_of(const struct world *world);

/* The whole history, newest first; lives in the arena. */
struct history_page read_all(struct world *world);
struct history_page query(struct world *world, struct history_filter filter);

/* One statement by a connection of its own; the number that it yields, or 0. */
int64_t sql(const struct world *world, const char *text);

int bounds_tests(void);
int entry_tests(void);
int faults_tests(void);
int query_tests(void);
int write_tests(void);
