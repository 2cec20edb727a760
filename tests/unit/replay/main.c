#include "test.h"

int main(void)
{
    return audit_tests() + judge_tests();
}
