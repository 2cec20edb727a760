#include "test.h"

int main(void)
{
    return answer_tests() + curl_tests() + guard_tests() + streams_tests();
}
