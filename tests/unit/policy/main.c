#include "test.h"

int main(void)
{
    return check_tests() + crd_tests() + decide_tests() + describe_tests() + exception_tests() +
           explain_tests() + image_tests() + index_tests() + limit_tests() + load_tests() +
           match_tests() + object_tests() + rewrite_tests() + rule_tests() + select_tests() +
           words_tests();
}
