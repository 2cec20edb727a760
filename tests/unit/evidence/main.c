#include "test.h"

int main(void)
{
    return images_tests() + stale_tests();
}
