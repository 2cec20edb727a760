#include "test.h"

int main(void)
{
    return keep_tests() + status_tests() + table_tests();
}
