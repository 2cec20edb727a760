#pragma once
/* In what two documents differ, for people: lists of names and patterns as sets, lists of objects
 * by the objects' names. Pure. */
#include "base/arena.h"
#include "base/str.h"
#include "json/doc.h"

struct tree_change {
    struct str path;       /* "spec.rules[no-latest].deny" */
    yyjson_val *old, *new; /* NULL: not there */
};

struct tree_changes {
    struct tree_change *items; /* in the arena */
    size_t n, room;
};

/* Add every difference between two values, either of which may be NULL. An item of a set that came
 * or went is a change of the list's path with one side alone; the order of a set is no difference,
 * nor that of objects with names; that of others is. Lives in the arena, borrows the values. */
void tree_diff(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
               struct tree_changes *changes);
