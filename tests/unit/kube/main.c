#include "test.h"

struct arena test_arena;

int start(void **state)
{
    arena_init(&test_arena, 64 << 20);
    return enter_folder(state);
}

int stop(void **state)
{
    arena_done(&test_arena);
    return leave_folder(state);
}

int main(void)
{
    return config_tests() + client_tests() + object_tests() + lease_tests() + leader_tests() +
           events_tests() + parse_tests() + list_tests() + sync_tests() + watch_tests();
}
