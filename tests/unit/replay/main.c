#include "test.h"

int main(void)
{
    return audit_tests() + history_tests() + judge_tests();
}
