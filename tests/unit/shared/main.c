#include "test.h"

int main(void)
{
    return entry_tests() + resp_tests();
}
