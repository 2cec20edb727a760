#include "test.h"

#include <ftw.h>
#include <unistd.h>

struct arena test_arena;
static char folder[] = "/tmp/pratique-kube-XXXXXX";

int start(void **state)
{
    (void)state;
    arena_init(&test_arena, 64 << 20);
    memset(folder + sizeof folder - 7, 'X', 6);
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int stop(void **state)
{
    (void)state;
    arena_done(&test_arena);
    return chdir("/") != 0 || nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0;
}

void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

int main(void)
{
    return config_tests() + client_tests() + object_tests() + lease_tests() + leader_tests() +
           events_tests() + parse_tests() + list_tests() + sync_tests() + watch_tests();
}
