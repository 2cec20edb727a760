#pragma once
/* Text from outside: a pointer and a length, never a terminator. A `struct str` borrows its bytes;
 * who owns them is said where it is made. May hold NUL and any other byte. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A str of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_EMPTY    ((struct str){"", 0})

/* For printf: "%.*s" with STR_ARG(s). Cut to INT_MAX bytes. */
#define STR_ARG(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).p)

/* Borrow a C string; NULL is the empty str. Lives as long as `text`. */
struct str str_from(const char *text);

/* Equal bytes. */
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal without regard to the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);

/* Order by bytes, shorter first among equals: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* Whether `s` begins or ends with the given bytes. */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* The part of `s` in [from, to), with both cut to its length. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
    to = to > s.n ? s.n : to;
    from = from > to ? to : from;
    return (struct str){s.p + from, to - from};
}

/* Index of the first or last `c`, or `s.n` if there is none. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);

/* Cut `s` at the first `c`: *ret_before is what stands before it, *ret_after what stands behind it.
 * Returns false, with all of `s` in *ret_before and an empty *ret_after, if there is no `c`. */
bool str_cut(struct str s, char c, struct str *ret_before, struct str *ret_after);

/* `s` without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str s);

/* Parse decimal digits and nothing else, at most `max`. Returns false on anything else. */
bool str_parse_u64(struct str s, uint64_t max, uint64_t *ret_value);

/* A 64-bit hash, the same on every machine. Not against an adversary: only for keys that the
 * operator chose. */
uint64_t str_hash(struct str s);

/* The candidate nearest to `word` by edit distance, if near enough to be a slip of the hand; NULL
 * otherwise. `candidates` ends with NULL. Returns one of the candidates. */
const char *str_nearest(struct str word, const char *const *candidates);
