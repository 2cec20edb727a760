#include "crypto/der.h"

#include "base/clock.h"
#include "base/limits.h"

enum { CONSTRUCTED = 0x20, NUMBER = 0x1f, LENGTH_BYTES_MAX = 4 };

static unsigned char byte_at(struct str s, size_t i)
{
    return (unsigned char)s.p[i];
}

/* -- elements -- */

/* Read a length; false unless it is definite and as short as can be. */
static bool take_length(struct str *reader, size_t *ret_n)
{
    if (reader->n == 0) {
        return false;
    }
    size_t first = byte_at(*reader, 0), n = 0;
    if (first < 0x80) {
        *ret_n = first;
        *reader = str_sub(*reader, 1, reader->n);
        return true;
    }
    size_t count = first & 0x7f;
    if (count == 0 || count > LENGTH_BYTES_MAX || reader->n < 1 + count) {
        return false;
    }
    for (size_t i = 1; i <= count; i++) {
        n = n << 8 | byte_at(*reader, i);
    }
    if (n < 0x80 || n >> (8 * (count - 1)) == 0) {
        return false;
    }
    *ret_n = n;
    *reader = str_sub(*reader, 1 + count, reader->n);
    return true;
}

bool der_next(struct str *reader, struct der_item *ret_item)
{
    struct str rest = *reader;
    size_t n;
    if (rest.n == 0 || (byte_at(rest, 0) & NUMBER) == NUMBER) {
        return false;
    }
    unsigned char tag = byte_at(rest, 0);
    rest = str_sub(rest, 1, rest.n);
    if (!take_length(&rest, &n) || n > rest.n) {
        return false;
    }
    struct str all = str_sub(*reader, 0, reader->n - rest.n + n);
    *ret_item = (struct der_item){tag, str_sub(rest, 0, n), all};
    *reader = str_sub(rest, n, rest.n);
    return true;
}

bool der_take(struct str *reader, unsigned char tag, struct str *ret_body)
{
    struct str rest = *reader;
    struct der_item item;
    if (!der_next(&rest, &item) || item.tag != tag) {
        return false;
    }
    *ret_body = item.body;
    *reader = rest;
    return true;
}

bool der_take_if(struct str *reader, unsigned char tag, struct str *ret_body)
{
    *ret_body = (struct str){0};
    return der_take(reader, tag, ret_body);
}

/* -- strictness -- */

static bool integer_holds(struct str body)
{
    if (body.n == 0) {
        return false;
    }
    unsigned char first = byte_at(body, 0);
    bool high = body.n > 1 && byte_at(body, 1) >= 0x80;
    return body.n == 1 || !((first == 0 && !high) || (first == 0xff && high));
}

static bool oid_holds(struct str body)
{
    bool begins = true;
    for (size_t i = 0; i < body.n; i++) {
        if (begins && byte_at(body, i) == 0x80) {
            return false;
        }
        begins = byte_at(body, i) < 0x80;
    }
    return body.n > 0 && begins;
}

static bool bits_hold(struct str body)
{
    if (body.n == 0 || byte_at(body, 0) > 7) {
        return false;
    }
    unsigned unused = byte_at(body, 0);
    return body.n == 1 ? unused == 0 : (byte_at(body, body.n - 1) & ((1u << unused) - 1)) == 0;
}

static bool primitive_holds(struct der_item item)
{
    switch (item.tag) {
    case DER_BOOLEAN:
        return item.body.n == 1 && (byte_at(item.body, 0) == 0 || byte_at(item.body, 0) == 0xff);
    case DER_INTEGER:
    case DER_ENUMERATED:
        return integer_holds(item.body);
    case DER_BIT_STRING:
        return bits_hold(item.body);
    case DER_NULL:
        return item.body.n == 0;
    case DER_OID:
        return oid_holds(item.body);
    default:
        return item.tag != 0; /* the mark of an end in BER */
    }
}

static bool kind_holds(struct der_item item)
{
    bool universal = item.tag < 0x40;
    unsigned char base = item.tag & NUMBER;
    bool holds_items = base == (DER_SEQUENCE & NUMBER) || base == (DER_SET & NUMBER);
    return !universal || holds_items == ((item.tag & CONSTRUCTED) != 0);
}

static bool elements_hold(struct str bytes, unsigned depth)
{
    struct der_item item;
    while (bytes.n > 0) {
        if (!der_next(&bytes, &item) || !kind_holds(item)) {
            return false;
        }
        bool inner = (item.tag & CONSTRUCTED) != 0;
        if (inner ? depth == LIMIT_DER_DEPTH || !elements_hold(item.body, depth + 1)
                  : !primitive_holds(item)) {
            return false;
        }
    }
    return true;
}

bool der_check(struct str bytes)
{
    struct str rest = bytes;
    struct der_item item;
    return der_next(&rest, &item) && rest.n == 0 && elements_hold(bytes, 0);
}

/* -- values -- */

bool der_number(struct str body, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (!integer_holds(body) || byte_at(body, 0) >= 0x80 || body.n > 9) {
        return false;
    }
    for (size_t i = 0; i < body.n; i++) {
        value = value << 8 | byte_at(body, i); /* a ninth byte is behind a zero */
    }
    if (body.n == 9 && byte_at(body, 0) != 0) {
        return false;
    }
    if (value > max) {
        return false;
    }
    *ret_value = value;
    return true;
}

bool der_bits(struct str body, struct str *ret_bytes)
{
    if (body.n == 0 || byte_at(body, 0) != 0) {
        return false;
    }
    *ret_bytes = str_sub(body, 1, body.n);
    return true;
}

/* -- times -- */

static bool take_digits(struct str *s, size_t count, int *ret_value)
{
    uint64_t value;
    if (s->n < count || !str_parse_u64(str_sub(*s, 0, count), 9999, &value)) {
        return false;
    }
    *ret_value = (int)value;
    *s = str_sub(*s, count, s->n);
    return true;
}

static int days_of(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : DAYS[month - 1];
}

/* The fraction and the Z that ends a time. */
static bool read_end(struct str s, bool fractions, int64_t *ret_ns)
{
    int64_t ns = 0, unit = NS_PER_S;
    if (fractions && s.n > 2 && s.p[0] == '.') {
        for (s = str_sub(s, 1, s.n); s.n > 1 && unit > 1; s = str_sub(s, 1, s.n)) {
            if (s.p[0] < '0' || s.p[0] > '9') {
                return false;
            }
            unit /= 10;
            ns += (s.p[0] - '0') * unit;
        }
    }
    *ret_ns = ns;
    return str_eq(s, STR("Z"));
}

bool der_time(struct der_item item, bool fractions, int64_t *ret_ns)
{
    struct tm tm = {0};
    int year, month;
    int64_t ns;
    struct str s = item.body;
    bool wide = item.tag == DER_GENERALIZED_TIME;
    if ((!wide && item.tag != DER_UTC_TIME) || !take_digits(&s, wide ? 4 : 2, &year) ||
        !take_digits(&s, 2, &month) || !take_digits(&s, 2, &tm.tm_mday) ||
        !take_digits(&s, 2, &tm.tm_hour) || !take_digits(&s, 2, &tm.tm_min) ||
        !take_digits(&s, 2, &tm.tm_sec) || !read_end(s, wide && fractions, &ns)) {
        return false;
    }
    year += wide ? 0 : year < 50 ? 2000 : 1900;
    if (month < 1 || month > 12 || tm.tm_mday < 1 || tm.tm_mday > days_of(year, month) ||
        tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59) {
        return false;
    }
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    int64_t seconds = timegm(&tm), most = INT64_MAX / NS_PER_S - 1;
    *ret_ns = seconds > most ? INT64_MAX : seconds < -most ? INT64_MIN : seconds * NS_PER_S + ns;
    return true;
}

bool der_take_time(struct str *reader, bool fractions, int64_t *ret_ns)
{
    struct str rest = *reader;
    struct der_item item;
    if (!der_next(&rest, &item) || !der_time(item, fractions, ret_ns)) {
        return false;
    }
    *reader = rest;
    return true;
}

/* -- writing -- */

static size_t add_arc(char *room, size_t n, uint64_t arc)
{
    size_t groups = 1;
    while (groups < 10 && arc >> (7 * groups) != 0) {
        groups++;
    }
    ENSURE(n + groups <= DER_OID_ROOM);
    while (groups-- > 0) {
        room[n++] = (char)((arc >> (7 * groups) & 0x7f) | (groups > 0 ? 0x80 : 0));
    }
    return n;
}

struct str der_oid(const char *dotted, char room[DER_OID_ROOM])
{
    struct str part, rest = str_from(dotted);
    uint64_t arc = 0, first = 0;
    size_t n = 0;
    for (size_t i = 0; rest.n > 0; i++) {
        str_cut(rest, '.', &part, &rest);
        ENSURE(str_parse_u64(part, UINT32_MAX, &arc));
        if (i == 0) {
            first = arc;
        } else {
            n = add_arc(room, n, i == 1 ? 40 * first + arc : arc);
        }
    }
    return (struct str){room, n};
}

void der_add_head(struct buf *buf, unsigned char tag, size_t n)
{
    buf_add_char(buf, (char)tag);
    if (n < 0x80) {
        buf_add_char(buf, (char)n);
        return;
    }
    unsigned count = 1;
    while (count < sizeof n && n >> (8 * count) != 0) {
        count++;
    }
    buf_add_char(buf, (char)(0x80 | count));
    while (count-- > 0) {
        buf_add_char(buf, (char)(n >> (8 * count) & 0xff));
    }
}

void der_add(struct buf *buf, unsigned char tag, struct str body)
{
    der_add_head(buf, tag, body.n);
    buf_add(buf, body);
}
