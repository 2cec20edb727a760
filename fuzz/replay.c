/* Run a fuzz target over stored inputs: every file of the folders or files named as arguments. A
 * property that does not hold aborts, so reaching the end is passing. */
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 * 1024 * 1024, INPUTS_MAX = 100000 };

static status replay_file(const char *path, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 2 * INPUT_MAX);
    struct str text;
    TRY(file_read(&arena, path, INPUT_MAX, &text, err));
    LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.n);
    return OK;
}

static status replay(const char *path, size_t *count, struct error *err)
{
    static const char *const ANY[] = {"", NULL};
    if (!file_is_directory(path)) {
        *count += 1;
        return replay_file(path, err);
    }
    arena_auto arena;
    arena_init(&arena, INPUT_MAX);
    struct file_list list;
    TRY(file_list(&arena, path, ANY, INPUTS_MAX, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        TRY(replay_file(list.paths[i], err));
    }
    *count += list.n;
    return OK;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    struct error err;
    for (int i = 1; i < argc; i++) {
        if (failed(replay(argv[i], &count, &err))) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    /* A corpus that went missing must not pass for one that holds. */
    printf("%zu inputs replayed\n", count);
    return count == 0;
}
