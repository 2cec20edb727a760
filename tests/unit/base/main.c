#include "test.h"

int main(void)
{
    return base64_tests() + clock_tests() + file_tests() + hex_tests() + memory_tests() +
           queue_tests() + status_tests() + str_tests() + task_tests();
}
