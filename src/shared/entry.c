#include "shared/entry.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"

enum { HEX_BYTES = 2 * HMAC_BYTES };

/* Clocks of machines differ by so much. */
static const int64_t SKEW = NS_PER_S;

static struct str code_of(struct str secret, const struct str *parts, size_t n, struct arena *arena)
{
    unsigned char code[HMAC_BYTES];
    hmac_sha256(secret, arena_join(arena, parts, n), code);
    return hex_encode(arena, (struct str){(const char *)code, sizeof code});
}

struct str entry_key(struct str secret, struct str key, struct arena *arena)
{
    const struct str parts[] = {STR("pratique 1 key\n"), key};
    const struct str name[] = {STR("pratique:1:"), code_of(secret, parts, 2, arena)};
    return arena_join(arena, name, 2);
}

/* Of `rest`: the time, a space, the value. No key has a line's end, nor has the time. */
static struct str seal_of(struct str secret, struct str key, struct str rest, struct arena *arena)
{
    const struct str parts[] = {STR("pratique 1 value\n"), key, STR("\n"), rest};
    return code_of(secret, parts, sizeof parts / sizeof *parts, arena);
}

struct str entry_seal(struct str secret, struct str key, struct str value, int64_t had,
                      struct arena *arena)
{
    struct str rest = arena_printf(arena, "%lld %.*s", (long long)had, STR_ARG(value));
    const struct str parts[] = {seal_of(secret, key, rest, arena), STR(" "), rest};
    return arena_join(arena, parts, sizeof parts / sizeof *parts);
}

/* In a time that does not tell where they differ. */
static bool are_equal(struct str a, struct str b)
{
    unsigned char differs = 0;
    for (size_t i = 0; i < HEX_BYTES; i++) {
        differs |= (unsigned char)(a.p[i] ^ b.p[i]);
    }
    return differs == 0;
}

enum entry_state entry_open(struct str secret, const struct entry_wish *wish, struct str text,
                            struct str *ret_value, int64_t *ret_age)
{
    struct str seal, rest, time;
    uint64_t had;
    arena_auto arena;
    arena_init(&arena, 64 << 10);
    if (!str_cut(text, ' ', &seal, &rest) || seal.n != HEX_BYTES ||
        !are_equal(seal, seal_of(secret, wish->key, rest, &arena)) ||
        !str_cut(rest, ' ', &time, ret_value) || !str_parse_u64(time, INT64_MAX, &had)) {
        return ENTRY_FORGED;
    }
    int64_t age = wish->now - (int64_t)had;
    if (age < -SKEW || age >= wish->ttl) {
        return ENTRY_OLD;
    }
    *ret_age = age > 0 ? age : 0;
    return ENTRY_GOOD;
}
