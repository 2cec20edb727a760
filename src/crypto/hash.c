#include "crypto/hash.h"

#include "crypto/openssl.h"

static const struct {
    struct str name;
    size_t size;
    const EVP_MD *(*function)(void);
} HASHES[HASH_COUNT] = {
    [HASH_SHA256] = {STR("sha256"), 32, EVP_sha256},
    [HASH_SHA384] = {STR("sha384"), 48, EVP_sha384},
    [HASH_SHA512] = {STR("sha512"), 64, EVP_sha512},
};

size_t hash_size(enum hash hash)
{
    return HASHES[hash].size;
}

struct str hash_name(enum hash hash)
{
    return HASHES[hash].name;
}

bool hash_named(struct str name, enum hash *ret_hash)
{
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        if (str_eq(name, HASHES[i].name)) {
            *ret_hash = (enum hash)i;
            return true;
        }
    }
    return false;
}

struct str hash_of(enum hash hash, const struct str *parts, size_t n, char room[HASH_ROOM])
{
    unsigned size = 0;
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    ENSURE(state != NULL && EVP_DigestInit_ex(state, HASHES[hash].function(), NULL) == 1);
    for (size_t i = 0; i < n; i++) {
        ENSURE(EVP_DigestUpdate(state, parts[i].p, parts[i].n) == 1);
    }
    ENSURE(EVP_DigestFinal_ex(state, (unsigned char *)room, &size) == 1);
    EVP_MD_CTX_free(state);
    ENSURE(size == HASHES[hash].size);
    return (struct str){room, size};
}
