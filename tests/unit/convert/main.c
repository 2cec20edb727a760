#include "test.h"

int main(void)
{
    return glob_tests() + glob_random_tests();
}
