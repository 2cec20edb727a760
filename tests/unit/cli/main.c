#include "test.h"

int main(void)
{
    return documents_tests() + help_tests() + manifests_tests() + options_tests() + output_tests() +
           tree_diff_tests() + xml_tests();
}
