#include "cache/hash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

#include "base/status.h"

struct hash_seed hash_seed_new(void)
{
    struct hash_seed seed;
    ENSURE(getrandom(&seed, sizeof seed, 0) == sizeof seed);
    return seed;
}

static uint64_t turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(uint64_t v[4], unsigned rounds)
{
    for (; rounds > 0; rounds--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turn(v[1], 13) ^ v[0];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] = turn(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turn(v[1], 17) ^ v[2];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] = turn(v[2], 32);
    }
}

static void take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
}

uint64_t hash_seeded(const struct hash_seed *seed, struct str s)
{
    uint64_t v[4] = {seed->a ^ UINT64_C(0x736f6d6570736575), seed->b ^ UINT64_C(0x646f72616e646f6d),
                     seed->a ^ UINT64_C(0x6c7967656e657261),
                     seed->b ^ UINT64_C(0x7465646279746573)};
    size_t at = 0;
    uint64_t last = (uint64_t)s.n << 56;
    for (; at + 8 <= s.n; at += 8) {
        uint64_t word;
        memcpy(&word, s.p + at, sizeof word);
        take(v, le64toh(word));
    }
    for (unsigned shift = 0; at < s.n; at++, shift += 8) {
        last |= (uint64_t)(unsigned char)s.p[at] << shift;
    }
    take(v, last);
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
