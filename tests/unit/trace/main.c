#include "test.h"

int main(void)
{
    return context_tests() + credentials_tests() + otlp_tests() + sending_tests();
}
