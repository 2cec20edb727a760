#include "image/semver.h"

#include "image/chars.h"

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!char_is_digit(s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

/* One of the fields between dots; `strict`: a number has no leading zero. */
static bool is_field(struct str s, bool strict)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!char_is_alnum(s.p[i]) && s.p[i] != '-') {
            return false;
        }
    }
    return s.n > 0 && !(strict && s.n > 1 && s.p[0] == '0' && is_digits(s));
}

static bool are_fields(struct str s, bool strict)
{
    struct str field;
    for (bool more = true; more;) {
        more = str_cut(s, '.', &field, &s);
        if (!is_field(field, strict)) {
            return false;
        }
    }
    return true;
}

/* Cut at the first character of `marks`. */
static bool cut_at(struct str s, struct str marks, struct str *ret_before, struct str *ret_after)
{
    size_t at = 0;
    while (at < s.n && str_find(marks, s.p[at]) == marks.n) {
        at++;
    }
    *ret_before = str_sub(s, 0, at);
    *ret_after = str_sub(s, at + 1, s.n);
    return at < s.n;
}

bool semver_parse(struct str text, struct semver *ret_version)
{
    struct str numbers, number, prerelease, build;
    uint64_t values[3] = {0};
    unsigned parts = 0;
    if (text.n > 0 && text.p[0] == 'v') {
        text = str_sub(text, 1, text.n);
    }
    if (text.n == 0 || (cut_at(text, STR("+_"), &numbers, &build) && !are_fields(build, false))) {
        return false;
    }
    if (str_cut(numbers, '-', &numbers, &prerelease) && !are_fields(prerelease, true)) {
        return false;
    }
    for (bool more = true; more; parts++) {
        more = str_cut(numbers, '.', &number, &numbers);
        if (parts == 3 || !str_parse_u64(number, SEMVER_NUMBER_MAX, &values[parts])) {
            return false;
        }
    }
    *ret_version = (struct semver){values[0], values[1], values[2], prerelease, parts};
    return true;
}

static int cmp_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Numbers by value, of any length, and below words; words by bytes. */
static int cmp_fields(struct str a, struct str b)
{
    bool a_number = is_digits(a), b_number = is_digits(b);
    if (a_number != b_number) {
        return a_number ? -1 : 1;
    }
    if (a_number && a.n != b.n) {
        return a.n < b.n ? -1 : 1;
    }
    return str_cmp(a, b);
}

static int cmp_prereleases(struct str a, struct str b)
{
    if (a.n == 0 || b.n == 0) {
        return (a.n == 0) - (b.n == 0);
    }
    struct str field_a, field_b;
    for (;;) {
        bool more_a = str_cut(a, '.', &field_a, &a);
        bool more_b = str_cut(b, '.', &field_b, &b);
        int order = cmp_fields(field_a, field_b);
        if (order != 0) {
            return order;
        }
        if (!more_a || !more_b) {
            return more_a - more_b;
        }
    }
}

int semver_cmp(const struct semver *a, const struct semver *b)
{
    int order = cmp_numbers(a->major, b->major);
    if (order == 0) {
        order = cmp_numbers(a->minor, b->minor);
    }
    if (order == 0) {
        order = cmp_numbers(a->patch, b->patch);
    }
    return order != 0 ? order : cmp_prereleases(a->prerelease, b->prerelease);
}
