#include "test.h"

struct arena test_arena;

int start(void **state)
{
    (void)state;
    arena_init(&test_arena, 512 << 20);
    return 0;
}

int stop(void **state)
{
    (void)state;
    arena_done(&test_arena);
    return 0;
}

int main(void)
{
    return attack_tests() + canonical_tests() + conformance_tests() + delegation_tests() +
           key_tests() + limit_tests() + malformed_tests() + rollback_tests() + rotation_tests() +
           tampering_tests() + vector_tests();
}
