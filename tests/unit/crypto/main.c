#include "test.h"

struct arena test_arena;
const struct str NAME = {"pratique.pratique-system.svc", 28};

int start(void **state)
{
    (void)state;
    arena_init(&test_arena, 16 << 20);
    return 0;
}

int stop(void **state)
{
    (void)state;
    arena_done(&test_arena);
    return 0;
}

struct key_pair make_authority(int64_t now, int64_t validity)
{
    struct key_pair pair;
    issue_authority(&test_arena, STR("pratique-tls"), now, validity, &pair);
    return pair;
}

struct key_pair make_leaf(const struct key_pair *authority, int64_t now, int64_t validity)
{
    struct key_pair pair;
    struct error err;
    const struct leaf_request request = {
        .names = &NAME, .n_names = 1, .now = now, .validity = validity};
    assert_false(failed(issue_leaf(&test_arena, authority, &request, &pair, &err)));
    return pair;
}

int main(void)
{
    return certificate_tests() + der_tests() + digest_tests() + hash_tests() + hmac_tests() +
           issue_tests() + pem_tests() + public_key_tests() + sct_tests() + timestamp_tests() +
           x509_tests() + x509_chain_tests();
}
