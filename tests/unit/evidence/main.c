#include "test.h"

int main(void)
{
    return images_tests() + shared_tests() + stale_tests();
}
