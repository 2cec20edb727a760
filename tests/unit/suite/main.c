#include "test.h"

int main(void)
{
    return is_one_tests() + compare_tests();
}
