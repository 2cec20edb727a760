#include "net.h"

int main(void)
{
    return ahead_tests() + content_tests() + credentials_tests() + gates_tests() + hosts_tests() +
           passwords_tests() + places_tests() + referrers_tests() + resolve_tests() +
           tokens_tests() + waiting_tests();
}
