#pragma once
/* Parts that loading and running share. Private to suite/. */
#include "suite/suite.h"

/* The path that `relative` means in the file at `file`. Lives in the arena. */
const char *suite_path(struct arena *arena, const char *file, struct str relative);

/* The operations of a JSON Patch, which is a list, each as JSON on one line. Lives in the arena. */
struct suite_entries suite_operations(struct arena *arena, yyjson_val *patch);
