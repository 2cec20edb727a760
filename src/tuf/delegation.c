#include "tuf/delegation.h"

#include "base/hex.h"
#include "crypto/hash.h"

/* A star takes as little as it can; when that leads nowhere, the last one takes one more. */
static bool part_matches(struct str pattern, struct str part)
{
    size_t p = 0, at = 0, star = SIZE_MAX, taken = 0;
    while (at < part.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            taken = at;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == part.p[at])) {
            p++;
            at++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') {
        p++;
    }
    return p == pattern.n;
}

bool tuf_path_matches(struct str pattern, struct str path)
{
    struct str wanted, part;
    bool more = true;
    while (more) {
        more = str_cut(pattern, '/', &wanted, &pattern);
        if (more != str_cut(path, '/', &part, &path) || !part_matches(wanted, part)) {
            return false;
        }
    }
    return true;
}

static status match_pattern(struct str pattern, struct str path, bool *ret_is, struct error *err)
{
    if (str_find(pattern, '[') < pattern.n || str_find(pattern, '\\') < pattern.n) {
        return error_set(err, ERROR_INPUT,
                         "the pattern %.*s has a character that readers take in different ways",
                         STR_ARG(pattern));
    }
    *ret_is = tuf_path_matches(pattern, path);
    return OK;
}

static status match_prefix(struct str prefix, struct str digits, bool *ret_is, struct error *err)
{
    for (size_t i = 0; i < prefix.n; i++) {
        char c = prefix.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return error_set(err, ERROR_INPUT, "the hash prefix %.*s is malformed",
                             STR_ARG(prefix));
        }
    }
    *ret_is = str_starts(digits, prefix);
    return OK;
}

status tuf_delegation_is_for(yyjson_val *role, struct str path, bool *ret_is, struct error *err)
{
    yyjson_val *paths = json_get(role, "paths"), *one;
    yyjson_val *list = paths != NULL ? paths : json_get(role, "path_hash_prefixes");
    char room[HASH_ROOM], text[2 * HASH_ROOM];
    struct str digits = hex_write(hash_of(HASH_SHA256, &path, 1, room), text);
    size_t i, max;
    bool is = false;
    yyjson_arr_foreach(list, i, max, one)
    {
        bool this_one = false;
        TRY(paths != NULL ? match_pattern(json_str(one), path, &this_one, err)
                          : match_prefix(json_str(one), digits, &this_one, err));
        is |= this_one;
    }
    *ret_is = is;
    return OK;
}
