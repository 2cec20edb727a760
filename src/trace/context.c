#include "trace/context.h"

#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "base/status.h"

enum { MEMBERS_MAX = 32, KEY_MAX = 256, TENANT_MAX = 241, VENDOR_MAX = 14, VALUE_MAX = 256 };
enum { PARENT_BYTES = 55, MILLION = 1000000 };

/* -- traceparent -- */

/* Only lower-case digits are allowed. */
static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_bytes(struct str text, unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int high = digit_of(text.p[2 * i]), low = digit_of(text.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
    unsigned char any = 0;
    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/* Version 0 ends with the flags; a later one may have more, behind another dash. */
static bool ends_well(struct str header, unsigned char version)
{
    return version != 0xff &&
           (header.n == PARENT_BYTES || (version > 0 && header.p[PARENT_BYTES] == '-'));
}

bool trace_parse_parent(struct str header, struct trace_context *ret_context)
{
    struct trace_context context = {.joined = true, .state = STR_EMPTY};
    unsigned char version, flags;
    bool sound = header.n >= PARENT_BYTES && header.p[2] == '-' && header.p[35] == '-' &&
                 header.p[52] == '-' && read_bytes(header, &version, 1) &&
                 read_bytes(str_sub(header, 3, 35), context.trace, TRACE_ID_BYTES) &&
                 read_bytes(str_sub(header, 36, 52), context.parent, SPAN_ID_BYTES) &&
                 read_bytes(str_sub(header, 53, 55), &flags, 1) && ends_well(header, version) &&
                 !is_zero(context.trace, TRACE_ID_BYTES) && !is_zero(context.parent, SPAN_ID_BYTES);
    if (sound) {
        context.sampled = (flags & 1) != 0;
        *ret_context = context;
    }
    return sound;
}

/* -- tracestate -- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The first character is a letter, or a digit where `digit` allows one. */
static bool is_name(struct str name, bool digit, size_t max)
{
    if (name.n == 0 || name.n > max || !(is_lower(name.p[0]) || (digit && is_digit(name.p[0])))) {
        return false;
    }
    for (size_t i = 1; i < name.n; i++) {
        char c = name.p[i];
        if (!is_lower(c) && !is_digit(c) && c != '_' && c != '-' && c != '*' && c != '/') {
            return false;
        }
    }
    return true;
}

static bool is_key(struct str key)
{
    struct str tenant, vendor;
    return str_cut(key, '@', &tenant, &vendor)
               ? is_name(tenant, true, TENANT_MAX) && is_name(vendor, false, VENDOR_MAX)
               : is_name(key, false, KEY_MAX);
}

static bool is_value(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c < 0x20 || c > 0x7e || c == ',' || c == '=') {
            return false;
        }
    }
    return value.n > 0 && value.n <= VALUE_MAX;
}

static struct str trim_blanks(struct str text)
{
    while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t')) {
        text = str_sub(text, 1, text.n);
    }
    while (text.n > 0 && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t')) {
        text.n--;
    }
    return text;
}

bool trace_state_is_sound(struct str header)
{
    struct str rest = header, member, key, value;
    size_t n = 0;
    bool more = header.n <= LIMIT_TRACE_STATE;
    bool sound = more;
    while (sound && more) {
        more = str_cut(rest, ',', &member, &rest);
        member = trim_blanks(member);
        if (member.n > 0) {
            sound = str_cut(member, '=', &key, &value) && is_key(key) && is_value(value) &&
                    ++n <= MEMBERS_MAX;
        }
    }
    return sound;
}

/* -- our own -- */

/* Taken from the system a page at a time: most identifiers then cost no call of it. */
static void take_random(unsigned char *bytes, size_t n)
{
    static _Thread_local unsigned char pool[256]; /* as much as the system gives in one piece */
    static _Thread_local size_t left;
    if (left < n) {
        ENSURE(getrandom(pool, sizeof pool, 0) == (ssize_t)sizeof pool);
        left = sizeof pool;
    }
    left -= n;
    memcpy(bytes, pool + left, n);
}

void trace_random(unsigned char *bytes, size_t n)
{
    do {
        take_random(bytes, n);
    } while (is_zero(bytes, n));
}

static bool is_chosen(uint64_t per_million)
{
    uint32_t number;
    unsigned char bytes[sizeof number];
    take_random(bytes, sizeof bytes);
    memcpy(&number, bytes, sizeof number);
    return number % MILLION < per_million;
}

void trace_join(struct str parent, struct str state, uint64_t per_million,
                struct trace_context *ret_context)
{
    if (trace_parse_parent(trim_blanks(parent), ret_context)) {
        ret_context->state = trace_state_is_sound(state) ? state : STR_EMPTY;
        return;
    }
    *ret_context = (struct trace_context){.sampled = is_chosen(per_million), .state = STR_EMPTY};
    if (ret_context->sampled) {
        trace_random(ret_context->trace, TRACE_ID_BYTES);
    }
}
