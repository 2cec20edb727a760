#include "cli/changed.h"

#include <string.h>

#include "base/limits.h"
#include "base/process.h"

enum { FIXED_WORDS = 9, NAMES_MAX = 16 * MIB };

static bool is_manifest(struct str name)
{
    return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
           str_ends(name, STR(".json"));
}

/* Names end with NUL in `names`, so that a line end can stand in one. */
static status take_names(struct arena *arena, struct str names, const char ***ret_files,
                         size_t *ret_n, struct error *err)
{
    const char **files = ARENA_ARRAY(arena, const char *, LIMIT_MANIFEST_FILES);
    size_t n = 0;
    struct str name;
    while (names.n > 0) {
        str_cut(names, '\0', &name, &names);
        if (!is_manifest(name)) {
            continue;
        }
        if (n == LIMIT_MANIFEST_FILES) {
            return error_set(err, ERROR_LIMIT, "more than %u manifest files", LIMIT_MANIFEST_FILES);
        }
        files[n++] = arena_dup(arena, name).p;
    }
    *ret_files = files;
    *ret_n = n;
    return OK;
}

status changed_since(struct arena *arena, const char *revision, const char *const *paths, size_t n,
                     const char ***ret_files, size_t *ret_n, struct error *err)
{
    const char **argv = ARENA_ARRAY(arena, const char *, FIXED_WORDS + n + 1);
    const char *const fixed[FIXED_WORDS] = {
        "git",    "diff", "--name-only", "-z", "--relative", "--diff-filter=d", "--end-of-options",
        revision, "--"};
    memcpy(argv, fixed, sizeof fixed);
    memcpy(argv + FIXED_WORDS, paths, n * sizeof *paths);
    struct str names;
    TRY(process_read(arena, argv, NAMES_MAX, &names, err));
    return take_names(arena, names, ret_files, ret_n, err);
}
