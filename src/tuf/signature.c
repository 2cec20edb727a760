#include "tuf/signature.h"

#include "base/hex.h"
#include "tuf/canonical.h"
#include "tuf/key.h"

static bool holds(const struct tuf_key *key, struct str message, struct str digits)
{
    char room[LIMIT_SIGNATURE];
    struct str signature;
    struct error err;
    return key->key != NULL && hex_read(digits, HEX_EITHER, room, sizeof room, &signature) &&
           !failed(public_key_verify(key->key, key->scheme, message, signature, &err));
}

/* How many of the keys have signed; no more than are needed. */
static uint64_t count(const struct tuf_metadata *metadata, const struct tuf_signers *signers,
                      struct str message)
{
    bool counted[LIMIT_TUF_ROLE_KEYS] = {false};
    uint64_t good = 0;
    size_t i, max;
    yyjson_val *one;
    tuf_keys_auto keys;
    tuf_keys_read(signers, &keys);
    yyjson_arr_foreach(metadata->signatures, i, max, one)
    {
        size_t at = tuf_keys_find(&keys, json_str(json_get(one, "keyid")));
        if (at == keys.n || counted[keys.items[at].same]) {
            continue;
        }
        if (holds(&keys.items[at], message, json_str(json_get(one, "sig")))) {
            counted[keys.items[at].same] = true;
            good++;
        }
        if (good == signers->threshold) {
            break;
        }
    }
    return good;
}

status tuf_check_threshold(const struct tuf_metadata *metadata, const struct tuf_signers *signers,
                           struct error *err)
{
    buf_auto message;
    buf_init(&message, metadata->bytes.n);
    TRY(tuf_canonical(metadata->body, &message, err));
    ENSURE(!buf_overflowed(&message));
    uint64_t good = count(metadata, signers, buf_str(&message));
    if (good < signers->threshold) {
        return error_set(err, ERROR_EVIDENCE,
                         "it is signed by %llu of the %llu keys that %.*s version %llu asks for",
                         (unsigned long long)good, (unsigned long long)signers->threshold,
                         STR_ARG(signers->by), (unsigned long long)signers->by_version);
    }
    return OK;
}
