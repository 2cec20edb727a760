#include "test.h"

int main(void)
{
    return index_tests() + schedule_tests() + result_tests() + report_tests() + round_tests() +
           fault_tests();
}
