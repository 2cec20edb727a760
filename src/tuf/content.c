#include "tuf/content.h"

#include "base/hex.h"
#include "crypto/hash.h"

static status no_known(struct error *err)
{
    return error_set(err, ERROR_EVIDENCE,
                     "none of its hashes is of a kind that is known (sha256, sha384, sha512)");
}

static status check_hashes(struct str bytes, yyjson_val *hashes, struct str by, struct error *err)
{
    size_t i, max, known = 0;
    yyjson_val *name, *value;
    enum hash hash = HASH_SHA256;
    char room[HASH_ROOM], digits[2 * HASH_ROOM];
    yyjson_obj_foreach(hashes, i, max, name, value)
    {
        if (!hash_named(json_str(name), &hash)) {
            continue;
        }
        known++;
        struct str got = hex_write(hash_of(hash, &bytes, 1, room), digits);
        if (!str_eq(got, json_str(value))) {
            return error_set(err, ERROR_EVIDENCE, "its %.*s is %.*s, and %.*s says %.*s",
                             STR_ARG(json_str(name)), STR_ARG(got), STR_ARG(by),
                             STR_ARG(json_str(value)));
        }
    }
    return known == 0 ? no_known(err) : OK;
}

status tuf_check_content(struct str bytes, const struct tuf_expected *expected, struct str by,
                         struct error *err)
{
    if (expected->has_length && bytes.n != expected->length) {
        return error_set(err, ERROR_EVIDENCE, "it has %zu bytes, and %.*s says %llu", bytes.n,
                         STR_ARG(by), (unsigned long long)expected->length);
    }
    return expected->hashes == NULL ? OK : check_hashes(bytes, expected->hashes, by, err);
}

status tuf_content_name(const struct tuf_expected *expected, struct str *ret_digits,
                        struct error *err)
{
    char room[HASH_ROOM];
    struct str bytes;
    for (enum hash hash = HASH_SHA256; hash < HASH_COUNT; hash++) {
        struct str name = hash_name(hash);
        yyjson_val *value = yyjson_obj_getn(expected->hashes, name.p, name.n);
        if (value == NULL) {
            continue;
        }
        struct str digits = json_str(value);
        if (!hex_read(digits, HEX_EITHER, room, hash_size(hash), &bytes) ||
            bytes.n != hash_size(hash)) {
            return error_set(err, ERROR_INPUT, "its %.*s is malformed", STR_ARG(name));
        }
        *ret_digits = digits;
        return OK;
    }
    return no_known(err);
}
