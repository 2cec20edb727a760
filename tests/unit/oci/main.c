#include "test.h"

int main(void)
{
    return assemble_tests() + challenge_tests() + config_tests() + flow_tests() +
           flow_token_tests() + image_tests() + link_tests() + manifest_tests() + media_tests() +
           platform_tests() + token_tests() + url_tests() + vector_tests();
}
