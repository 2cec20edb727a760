#include "test.h"

int main(void)
{
    return digest_tests() + glob_tests() + grammar_tests() + pattern_tests() + pattern_set_tests() +
           reference_tests() + rewrite_tests() + semver_tests() + semver_range_tests() +
           vector_tests();
}
