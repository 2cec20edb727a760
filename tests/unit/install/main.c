#include "test.h"

int main(void)
{
    return argument_tests() + yaml_tests();
}
