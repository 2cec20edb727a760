#include "crypto/hmac.h"

#include <limits.h>
#include <openssl/hmac.h>

#include "crypto/openssl.h"

void hmac_sha256(struct str key, struct str message, unsigned char ret_code[HMAC_BYTES])
{
    unsigned n = 0;
    ENSURE(key.n <= INT_MAX);
    ENSURE(HMAC(EVP_sha256(), key.n == 0 ? "" : key.p, (int)key.n,
                (const unsigned char *)(message.n == 0 ? "" : message.p), message.n, ret_code,
                &n) != NULL);
    ENSURE(n == HMAC_BYTES);
}
