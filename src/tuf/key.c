#include "tuf/key.h"

#include <string.h>

#include "base/hex.h"

/* What a scheme is called, and of which key it is. "ecdsa" is also written as the scheme. */
static const struct {
    struct str keytype, scheme;
    enum public_key_type type;
    enum signature_scheme how;
} SCHEMES[] = {
    {STR("ed25519"), STR("ed25519"), KEY_ED25519, SCHEME_ED25519},
    {STR("ecdsa"), STR("ecdsa-sha2-nistp256"), KEY_P256, SCHEME_ECDSA_SHA256},
    {STR("ecdsa"), STR("ecdsa-sha2-nistp384"), KEY_P384, SCHEME_ECDSA_SHA384},
    {STR("rsa"), STR("rsassa-pss-sha256"), KEY_RSA, SCHEME_RSA_PSS_SHA256},
    {STR("rsa"), STR("rsassa-pss-sha384"), KEY_RSA, SCHEME_RSA_PSS_SHA384},
    {STR("rsa"), STR("rsassa-pss-sha512"), KEY_RSA, SCHEME_RSA_PSS_SHA512},
};

enum { SCHEMES_N = sizeof SCHEMES / sizeof *SCHEMES, POINT_MAX = 97, PREFIX_MAX = 26 };

/* What stands before the bits of a key in its SPKI. */
static const struct {
    enum public_key_type type;
    size_t bits;
    size_t n;
    const char *bytes;
} PREFIXES[] = {
    {KEY_ED25519, 32, 12, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"},
    {KEY_P256, 65, 26,
     "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
     "\x03\x42\x00"},
    {KEY_P384, 97, 23,
     "\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62"
     "\x00"},
};

static bool read_bits(enum public_key_type type, struct str digits, struct public_key **ret_key)
{
    char der[PREFIX_MAX + POINT_MAX];
    struct str bits;
    struct error err;
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
        if (PREFIXES[i].type != type) {
            continue;
        }
        size_t n = PREFIXES[i].n;
        memcpy(der, PREFIXES[i].bytes, n);
        return hex_read(digits, HEX_EITHER, der + n, PREFIXES[i].bits, &bits) &&
               bits.n == PREFIXES[i].bits &&
               !failed(public_key_read_der((struct str){der, n + bits.n}, ret_key, &err));
    }
    return false;
}

/* One form alone: digits for Ed25519, PEM for RSA, both for ECDSA. */
static bool read_value(enum public_key_type type, struct str value, struct public_key **ret_key)
{
    struct error err;
    bool pem = str_starts(value, STR("-----BEGIN"));
    if (!pem || type == KEY_ED25519) {
        return read_bits(type, value, ret_key);
    }
    if (failed(public_key_read_pem(value, ret_key, &err))) {
        return false;
    }
    if (public_key_type(*ret_key) != type) {
        public_key_free(*ret_key);
        *ret_key = NULL;
        return false;
    }
    return true;
}

static void read_key(yyjson_val *object, struct tuf_key *key)
{
    struct str keytype = json_str(json_get(object, "keytype"));
    struct str scheme = json_str(json_get(object, "scheme"));
    for (size_t i = 0; i < SCHEMES_N; i++) {
        bool named = str_eq(keytype, SCHEMES[i].keytype) ||
                     (str_eq(SCHEMES[i].keytype, STR("ecdsa")) && str_eq(keytype, scheme));
        if (named && str_eq(scheme, SCHEMES[i].scheme)) {
            struct str value = json_str(json_get(json_get(object, "keyval"), "public"));
            key->scheme = SCHEMES[i].how;
            if (!read_value(SCHEMES[i].type, value, &key->key)) {
                key->key = NULL;
            }
            return;
        }
    }
}

static size_t first_equal(const struct tuf_keys *keys, const struct public_key *key)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->items[i].key != NULL && public_key_equal(keys->items[i].key, key)) {
            return i;
        }
    }
    return keys->n;
}

void tuf_keys_read(const struct tuf_signers *signers, struct tuf_keys *ret_keys)
{
    size_t i, max;
    yyjson_val *id;
    *ret_keys = (struct tuf_keys){.n = 0};
    yyjson_arr_foreach(signers->key_ids, i, max, id)
    {
        struct tuf_key *key = &ret_keys->items[ret_keys->n];
        key->id = json_str(id);
        key->same = ret_keys->n;
        read_key(yyjson_obj_getn(signers->keys, key->id.p, key->id.n), key);
        if (key->key != NULL) {
            key->same = first_equal(ret_keys, key->key);
        }
        ret_keys->n++;
    }
}

void tuf_keys_done(struct tuf_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        public_key_free(keys->items[i].key);
    }
    keys->n = 0;
}

size_t tuf_keys_find(const struct tuf_keys *keys, struct str id)
{
    size_t i = 0;
    while (i < keys->n && !str_eq(keys->items[i].id, id)) {
        i++;
    }
    return i;
}

bool tuf_keys_replaced(const struct tuf_signers *before, const struct tuf_signers *after)
{
    tuf_keys_auto old, new;
    tuf_keys_read(before, &old);
    tuf_keys_read(after, &new);
    for (size_t i = 0; i < old.n; i++) {
        const struct tuf_key *key = &old.items[i];
        size_t found =
            key->key != NULL ? first_equal(&new, key->key) : tuf_keys_find(&new, key->id);
        if (found == new.n) {
            return true;
        }
    }
    return false;
}
