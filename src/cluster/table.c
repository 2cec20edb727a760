#include "cluster/table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

/* -- one entry: a block that ends with its texts -- */

static struct str append(char **at, struct str text)
{
    struct str copy = {*at, text.n};
    if (text.n > 0) {
        memcpy(*at, text.p, text.n);
    }
    (*at)[text.n] = '\0';
    *at += text.n + 1;
    return copy;
}

static struct table_entry *copy_entry(const struct table_entry *entry)
{
    const struct str texts[] = {entry->namespace, entry->name, entry->uid,
                                entry->version,   entry->text, entry->status};
    size_t size = sizeof *entry;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size += texts[i].n + 1;
    }
    struct table_entry *copy = malloc(size);
    if (copy == NULL) {
        fatal("out of memory");
    }
    char *at = (char *)(copy + 1);
    *copy = (struct table_entry){.generation = entry->generation, .listed = true};
    copy->namespace = append(&at, entry->namespace);
    copy->name = append(&at, entry->name);
    copy->uid = append(&at, entry->uid);
    copy->version = append(&at, entry->version);
    copy->text = append(&at, entry->text);
    copy->status = append(&at, entry->status);
    return copy;
}

static size_t weight(const struct table_entry *entry)
{
    return entry->text.n + entry->status.n;
}

/* -- places -- */

static int compare(const struct table_entry *entry, struct str namespace, struct str name)
{
    int order = str_cmp(entry->namespace, namespace);
    return order != 0 ? order : str_cmp(entry->name, name);
}

/* Where the object stands, or would stand. */
static size_t place(const struct table *table, struct str namespace, struct str name)
{
    size_t low = 0;
    for (size_t high = table->n; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare(table->entries[middle], namespace, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool stands_at(const struct table *table, size_t i, struct str namespace, struct str name)
{
    return i < table->n && compare(table->entries[i], namespace, name) == 0;
}

static void insert(struct table *table, size_t i, struct table_entry *entry)
{
    if (table->n == table->room) {
        table->room = table->room == 0 ? FIRST_ROOM : table->room * 2;
        table->entries = reallocarray(table->entries, table->room, sizeof(void *));
        if (table->entries == NULL) {
            fatal("out of memory");
        }
    }
    memmove(&table->entries[i + 1], &table->entries[i], (table->n - i) * sizeof(void *));
    table->entries[i] = entry;
    table->n++;
}

static void forget(struct table *table, size_t i)
{
    table->bytes -= weight(table->entries[i]);
    free(table->entries[i]);
}

/* -- the table -- */

void table_done(struct table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        free(table->entries[i]);
    }
    free(table->entries);
    *table = (struct table){0};
}

bool table_put(struct table *table, const struct table_entry *entry)
{
    size_t i = place(table, entry->namespace, entry->name);
    struct table_entry *copy = copy_entry(entry);
    bool changed = true;
    if (stands_at(table, i, entry->namespace, entry->name)) {
        changed = !str_eq(table->entries[i]->text, entry->text);
        forget(table, i);
        table->entries[i] = copy;
    } else {
        insert(table, i, copy);
    }
    table->bytes += weight(copy);
    return changed;
}

bool table_drop(struct table *table, struct str namespace, struct str name)
{
    size_t i = place(table, namespace, name);
    if (!stands_at(table, i, namespace, name)) {
        return false;
    }
    forget(table, i);
    table->n--;
    memmove(&table->entries[i], &table->entries[i + 1], (table->n - i) * sizeof(void *));
    return true;
}

void table_list(struct table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        table->entries[i]->listed = false;
    }
}

bool table_listed(struct table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->n; i++) {
        if (table->entries[i]->listed) {
            table->entries[kept++] = table->entries[i];
        } else {
            forget(table, i);
        }
    }
    bool changed = kept < table->n;
    table->n = kept;
    return changed;
}

const struct table_entry *table_find(const struct table *table, struct str namespace,
                                     struct str name)
{
    size_t i = place(table, namespace, name);
    return stands_at(table, i, namespace, name) ? table->entries[i] : NULL;
}
