#include "base/str.h"

#include <endian.h>
#include <string.h>

struct str str_from(const char *text)
{
    return text == NULL ? STR_EMPTY : (struct str){text, strlen(text)};
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0) {
        return order;
    }
    return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

size_t str_find(struct str s, char c)
{
    const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);
    return at == NULL ? s.n : (size_t)(at - s.p);
}

size_t str_rfind(struct str s, char c)
{
    const char *at = s.n == 0 ? NULL : memrchr(s.p, c, s.n);
    return at == NULL ? s.n : (size_t)(at - s.p);
}

bool str_cut(struct str s, char c, struct str *ret_before, struct str *ret_after)
{
    size_t at = str_find(s, c);
    *ret_before = str_sub(s, 0, at);
    *ret_after = str_sub(s, at + 1, s.n);
    return at < s.n;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s = str_sub(s, 1, s.n);
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

bool str_parse_u64(struct str s, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (s.n == 0) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (max - digit) / 10 || digit > max) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

static uint64_t stir(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

uint64_t str_hash(struct str s)
{
    uint64_t hash = s.n, word = 0;
    size_t i = 0;
    for (; s.n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        hash = stir(hash, le64toh(word));
    }
    for (word = 0; i < s.n; i++) {
        word = word << 8 | (unsigned char)s.p[i];
    }
    return stir(stir(hash, word), 0);
}

enum { NEAREST_MAX = 48 };

/* Edit distance with swaps of neighbours counted as one, letters compared without case. Both texts
 * are at most NEAREST_MAX long. */
static unsigned edit_distance(struct str a, struct str b)
{
    unsigned rows[3][NEAREST_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.n; j++) {
        above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            bool same = lower(a.p[i - 1]) == lower(b.p[j - 1]);
            unsigned best = above[j - 1] + !same;
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
                           lower(a.p[i - 2]) == lower(b.p[j - 1]);
            if (swapped && before[j - 2] + 1 < best) {
                best = before[j - 2] + 1;
            }
            row[j] = best;
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.n];
}

const char *str_nearest(struct str word, const char *const *candidates)
{
    const char *nearest = NULL;
    unsigned least = 0;
    if (word.n == 0 || word.n > NEAREST_MAX) {
        return NULL;
    }
    for (; *candidates != NULL; candidates++) {
        struct str candidate = str_from(*candidates);
        if (candidate.n > NEAREST_MAX) {
            continue;
        }
        unsigned distance = edit_distance(word, candidate);
        if (nearest == NULL || distance < least) {
            nearest = *candidates;
            least = distance;
        }
    }
    /* One slip in a short word, one in three letters of a longer one. */
    unsigned allowed = word.n < 6 ? 1 + (word.n > 3) : (unsigned)(word.n / 3);
    return nearest != NULL && least <= allowed ? nearest : NULL;
}
