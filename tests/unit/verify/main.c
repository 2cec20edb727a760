#include "test.h"

int main(void)
{
    return bundle_tests() + checkpoint_tests() + dsse_tests() + identity_tests() + merkle_tests() +
           policy_tests() + rekor_tests() + release_tests() + simple_signing_tests() +
           statement_tests() + trust_tests();
}
