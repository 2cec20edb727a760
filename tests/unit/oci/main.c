#include "test.h"

int main(void)
{
    return challenge_tests() + flow_tests() + flow_token_tests() + link_tests() + token_tests() +
           url_tests();
}
