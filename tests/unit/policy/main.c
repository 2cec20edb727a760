#include "test.h"

int main(void)
{
    return decide_tests() + exception_tests() + match_tests() + rewrite_tests() + rule_tests() +
           select_tests();
}
