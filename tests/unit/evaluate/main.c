#include "test.h"

int main(void)
{
    return answer_tests() + gather_tests() + pin_tests() + property_tests() + rewrite_tests() +
           room_tests() + stale_tests() + walk_tests();
}
