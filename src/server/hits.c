#include "server/hits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "server/snapshot.h"

enum { FIRST_ROOM = 64 };

struct entry {
    char *names; /* owned: what the rows' names point into */
    struct hits_row row;
    bool current; /* of the set in use */
};

static struct {
    pthread_mutex_t lock;
    struct entry *entries; /* sorted */
    size_t n, room;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* -- places -- */

static int compare(const struct policy_hits *a, const struct policy_hits *b)
{
    int order = str_cmp(a->kind, b->kind);
    order = order != 0 ? order : str_cmp(a->namespace, b->namespace);
    return order != 0 ? order : str_cmp(a->name, b->name);
}

static size_t place(const struct policy_hits *hits)
{
    size_t low = 0;
    for (size_t high = kept.n; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare(&kept.entries[middle].row.total, hits) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct entry *find(const struct policy_hits *hits)
{
    size_t i = place(hits);
    bool there = i < kept.n && compare(&kept.entries[i].row.total, hits) == 0;
    return there ? &kept.entries[i] : NULL;
}

static struct str append(char **at, struct str text)
{
    struct str copy = {*at, text.n};
    if (text.n > 0) {
        memcpy(*at, text.p, text.n);
    }
    *at += text.n;
    return copy;
}

static struct entry make_entry(const struct policy_hits *hits)
{
    char *names = malloc(hits->kind.n + hits->namespace.n + hits->name.n + 1);
    if (names == NULL) {
        fatal("out of memory");
    }
    struct entry entry = {.names = names};
    char *at = names;
    struct policy_hits bare = {.kind = append(&at, hits->kind),
                               .namespace = append(&at, hits->namespace),
                               .name = append(&at, hits->name)};
    entry.row = (struct hits_row){.total = bare, .fresh = bare};
    return entry;
}

static struct entry *insert(const struct policy_hits *hits)
{
    size_t i = place(hits);
    if (kept.n == kept.room) {
        kept.room = kept.room == 0 ? FIRST_ROOM : kept.room * 2;
        kept.entries = reallocarray(kept.entries, kept.room, sizeof *kept.entries);
        if (kept.entries == NULL) {
            fatal("out of memory");
        }
    }
    memmove(&kept.entries[i + 1], &kept.entries[i], (kept.n - i) * sizeof *kept.entries);
    kept.entries[i] = make_entry(hits);
    kept.n++;
    return &kept.entries[i];
}

/* -- taking -- */

static void add(struct policy_hits *sum, const struct policy_hits *more)
{
    sum->judged += more->judged;
    sum->denied += more->denied;
    sum->warned += more->warned;
    sum->excused += more->excused;
}

/* Under the lock. */
static void take(void *self, const struct policy_hits *hits)
{
    (void)self;
    struct entry *entry = find(hits);
    entry = entry != NULL ? entry : insert(hits);
    entry->current = true;
    add(&entry->row.total, hits);
    add(&entry->row.fresh, hits);
}

/* A set ends: its counts are kept for those that stand in the one that follows. */
static void ended(void *self, struct policy_set *set)
{
    (void)self;
    pthread_mutex_lock(&kept.lock);
    policy_hits_take(set, take, NULL);
    pthread_mutex_unlock(&kept.lock);
}

void hits_follow(struct policy_set *set)
{
    policy_set_on_end(set, ended, NULL);
}

/* Under the lock. */
static void forget_others(void)
{
    size_t n = 0;
    for (size_t i = 0; i < kept.n; i++) {
        if (kept.entries[i].current) {
            kept.entries[n++] = kept.entries[i];
        } else {
            free(kept.entries[i].names);
        }
    }
    kept.n = n;
}

void hits_collect(struct snapshot *snapshot)
{
    struct policy_set *set = snapshot_take(snapshot);
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < kept.n; i++) {
        kept.entries[i].current = false;
    }
    if (set != NULL) {
        policy_hits_take(set, take, NULL);
    }
    forget_others();
    pthread_mutex_unlock(&kept.lock);
    policy_set_unref(set); /* may be the last, and so calls `ended`: not under the lock */
}

/* With names of its own. */
static struct hits_row copy_row(struct arena *arena, const struct hits_row *row)
{
    struct hits_row copy = *row;
    copy.total.kind = copy.fresh.kind = arena_dup(arena, row->total.kind);
    copy.total.namespace = copy.fresh.namespace = arena_dup(arena, row->total.namespace);
    copy.total.name = copy.fresh.name = arena_dup(arena, row->total.name);
    return copy;
}

void hits_list(struct arena *arena, struct hits_row **ret_rows, size_t *ret_n)
{
    pthread_mutex_lock(&kept.lock);
    struct hits_row *rows = ARENA_ARRAY(arena, struct hits_row, kept.n);
    for (size_t i = 0; i < kept.n; i++) {
        rows[i] = copy_row(arena, &kept.entries[i].row);
    }
    *ret_rows = rows;
    *ret_n = kept.n;
    pthread_mutex_unlock(&kept.lock);
}

bool hits_find(const struct policy_hits *named, struct policy_hits *ret_total)
{
    pthread_mutex_lock(&kept.lock);
    const struct entry *entry = find(named);
    *ret_total = entry != NULL ? entry->row.total : (struct policy_hits){0};
    pthread_mutex_unlock(&kept.lock);
    ret_total->kind = named->kind; /* the entry's own may go */
    ret_total->namespace = named->namespace;
    ret_total->name = named->name;
    return entry != NULL;
}

void hits_told(const struct policy_hits *told)
{
    pthread_mutex_lock(&kept.lock);
    struct entry *entry = find(told);
    if (entry != NULL) {
        entry->row.fresh.judged -= told->judged;
        entry->row.fresh.denied -= told->denied;
        entry->row.fresh.warned -= told->warned;
        entry->row.fresh.excused -= told->excused;
    }
    pthread_mutex_unlock(&kept.lock);
}

void hits_done(void)
{
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < kept.n; i++) {
        free(kept.entries[i].names);
    }
    free(kept.entries);
    kept.entries = NULL;
    kept.n = kept.room = 0;
    pthread_mutex_unlock(&kept.lock);
}
