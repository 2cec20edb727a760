#include "crypto/digest.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/openssl.h"

static const struct {
    struct str name;
    const EVP_MD *(*function)(void);
} ALGORITHMS[] = {
    {STR("sha256"), EVP_sha256},
    {STR("sha384"), EVP_sha384},
    {STR("sha512"), EVP_sha512},
};

bool digester_start(struct digester *digester, struct str algorithm)
{
    *digester = (struct digester){.algorithm = algorithm};
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof *ALGORITHMS; i++) {
        if (str_eq(algorithm, ALGORITHMS[i].name)) {
            digester->state = EVP_MD_CTX_new();
            ENSURE(digester->state != NULL);
            ENSURE(EVP_DigestInit_ex(digester->state, ALGORITHMS[i].function(), NULL) == 1);
            return true;
        }
    }
    return false;
}

void digester_add(struct digester *digester, struct str bytes)
{
    ENSURE(EVP_DigestUpdate(digester->state, bytes.p, bytes.n) == 1);
}

struct str digester_end(struct digester *digester, char room[DIGEST_ROOM])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n;
    ENSURE(EVP_DigestFinal_ex(digester->state, sum, &n) == 1);
    size_t at = digester->algorithm.n;
    ENSURE(at + 1 + 2 * (size_t)n <= DIGEST_ROOM);
    memcpy(room, digester->algorithm.p, at);
    room[at++] = ':';
    at += hex_write((struct str){(const char *)sum, n}, room + at).n;
    digester_done(digester);
    return (struct str){room, at};
}

void digester_done(struct digester *digester)
{
    EVP_MD_CTX_free(digester->state);
    digester->state = NULL;
}

struct str digest_of(struct arena *arena, struct str algorithm, struct str bytes)
{
    char room[DIGEST_ROOM];
    struct digester digester;
    ENSURE(digester_start(&digester, algorithm));
    digester_add(&digester, bytes);
    return arena_dup(arena, digester_end(&digester, room));
}

bool digest_holds(struct str digest, struct str bytes)
{
    char room[DIGEST_ROOM];
    struct digester digester;
    struct str algorithm, hex;
    if (!str_cut(digest, ':', &algorithm, &hex) || !digester_start(&digester, algorithm)) {
        return false;
    }
    digester_add(&digester, bytes);
    return str_eq(digester_end(&digester, room), digest);
}
