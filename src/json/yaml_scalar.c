#include "json/yaml_scalar.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/utf8.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

enum { SHOWN_TEXT = 40 };

bool yaml_tag_is(const char *tag, const char *name)
{
    struct str prefix = STR(TAG_PREFIX);
    struct str text = str_from(tag);
    return str_starts(text, prefix) && str_eq(str_sub(text, prefix.n, text.n), str_from(name));
}

static bool is_one_of(struct str text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_eq(text, str_from(*words))) {
            return true;
        }
    }
    return false;
}

/* The words of YAML 1.1, in the spellings that it allows. */
/* The longest of the words below: most texts of a manifest are longer, and are none. */
enum { WORD_MAX = 5 };

static bool resolve_word(struct str text, yyjson_val *ret_value)
{
    static const char *const NULLS[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const TRUES[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                        "True", "TRUE", "on",  "On",  "ON",  NULL};
    static const char *const FALSES[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                         "False", "FALSE", "off", "Off", "OFF", NULL};
    if (text.n > WORD_MAX) {
        return false;
    }
    if (is_one_of(text, NULLS)) {
        unsafe_yyjson_set_null(ret_value);
    } else if (is_one_of(text, TRUES)) {
        unsafe_yyjson_set_bool(ret_value, true);
    } else if (is_one_of(text, FALSES)) {
        unsafe_yyjson_set_bool(ret_value, false);
    } else {
        return false;
    }
    return true;
}

static bool is_infinite(struct str text)
{
    static const char *const WORDS[] = {
        ".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
        "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL,
    };
    return text.n <= WORD_MAX && is_one_of(text, WORDS);
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    char letter = (char)(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10 : 16;
}

/* All of `digits` as a number in `base`. Returns false if it is none, or does not fit. */
static bool parse_digits(struct str digits, unsigned base, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = digit_value(digits.p[i]);
        if (digit >= base || number > (UINT64_MAX - digit) / base) {
            return false;
        }
        number = number * base + digit;
    }
    *ret_number = number;
    return digits.n > 0;
}

/* Take the prefix of a base off: 0x, 0o, 0b, or the 0 that alone means octal. */
static unsigned take_base(struct str *digits)
{
    if (digits->n < 2 || digits->p[0] != '0') {
        return 10;
    }
    char letter = (char)(digits->p[1] | 0x20);
    unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    *digits = str_sub(*digits, base == 0 ? 1 : 2, digits->n);
    return base == 0 ? 8 : base;
}

static bool is_sign(char c)
{
    return c == '-' || c == '+';
}

static bool resolve_int(struct str text, yyjson_val *ret_value)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    struct str digits = str_sub(text, text.n > 0 && is_sign(text.p[0]), text.n);
    uint64_t number = 0;
    unsigned base = take_base(&digits);
    if (!parse_digits(digits, base, &number)) {
        return false;
    }
    if (!negative || number == 0) {
        unsafe_yyjson_set_uint(ret_value, number);
        return true;
    }
    if (number > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    unsafe_yyjson_set_sint(ret_value, (int64_t)(0 - number));
    return true;
}

static size_t count_digits(struct str text, size_t from)
{
    size_t n = 0;
    while (from + n < text.n && text.p[from + n] >= '0' && text.p[from + n] <= '9') {
        n++;
    }
    return n;
}

/* Write `text`, a decimal number as YAML allows it (+1, 007, 1., .5), as JSON spells it. Returns
 * false if it is no decimal number. */
static bool spell_decimal(struct str text, struct buf *spelled)
{
    size_t at = text.n > 0 && is_sign(text.p[0]);
    size_t whole = count_digits(text, at);
    size_t dot = at + whole;
    bool has_dot = dot < text.n && text.p[dot] == '.';
    size_t fraction = has_dot ? count_digits(text, dot + 1) : 0;
    size_t end = dot + has_dot + fraction;
    if (whole + fraction == 0) {
        return false;
    }
    while (whole > 1 && text.p[at] == '0') {
        at++;
        whole--;
    }
    buf_add_cstr(spelled, text.p[0] == '-' ? "-" : "");
    buf_add(spelled, whole > 0 ? str_sub(text, at, dot) : STR("0"));
    buf_add(spelled, fraction > 0 ? str_sub(text, dot, end) : STR_EMPTY);
    if (end < text.n && (text.p[end] | 0x20) == 'e') {
        size_t digits = end + 1 + (end + 1 < text.n && is_sign(text.p[end + 1]));
        size_t n = count_digits(text, digits);
        buf_add(spelled, str_sub(text, end, digits + n));
        end = n > 0 ? digits + n : end;
    }
    buf_add_char(spelled, '\0');
    return end == text.n;
}

static bool resolve_decimal(struct str text, yyjson_val *ret_value)
{
    buf_auto spelled;
    buf_init(&spelled, text.n + 3);
    if (!spell_decimal(text, &spelled)) {
        return false;
    }
    ENSURE(!buf_overflowed(&spelled));
    const char *end = yyjson_read_number(spelled.p, ret_value, YYJSON_READ_NOFLAG, NULL, NULL);
    if (end == NULL || *end != '\0') {
        return false; /* too large for any number: then it is text */
    }
    unsafe_yyjson_set_real(ret_value, unsafe_yyjson_get_num(ret_value));
    return true;
}

static bool stands_between_digits(struct str text, size_t at)
{
    return at > 0 && count_digits(text, at - 1) > 0 && count_digits(text, at + 1) > 0;
}

static bool resolve_number(struct str text, yyjson_val *ret_value)
{
    /* Nearly all scalars are words; only what begins so can be a number. */
    if (text.n == 0 || memchr("0123456789+-.", text.p[0], 13) == NULL) {
        return false;
    }
    buf_auto plain;
    buf_init(&plain, text.n);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '_') {
            buf_add_char(&plain, text.p[i]);
        } else if (text.p[0] == '.' && !stands_between_digits(text, i)) {
            return false;
        }
    }
    struct str digits = buf_str(&plain);
    return resolve_int(digits, ret_value) || resolve_decimal(digits, ret_value);
}

static status refuse(const struct yaml_node *node, struct error *err, const char *what)
{
    struct str text = str_sub(node->text, 0, utf8_cut(node->text.p, node->text.n, SHOWN_TEXT));
    return error_set(err, ERROR_INPUT, "line %u, column %u: \"%.*s%s\" %s", node->mark.line,
                     node->mark.column, STR_ARG(text), text.n < node->text.n ? "..." : "", what);
}

/* Whether a tag allows the value that its scalar looks like. */
static bool tag_allows(const char *tag, const yyjson_val *value)
{
    switch (yyjson_get_type((yyjson_val *)(uintptr_t)value)) {
    case YYJSON_TYPE_NULL:
        return yaml_tag_is(tag, "null");
    case YYJSON_TYPE_BOOL:
        return yaml_tag_is(tag, "bool");
    case YYJSON_TYPE_NUM:
        return yaml_tag_is(tag, "float") ||
               (yaml_tag_is(tag, "int") && !unsafe_yyjson_is_real((yyjson_val *)(uintptr_t)value));
    default:
        return false;
    }
}

static status check_tag(const struct yaml_node *node, struct error *err)
{
    static const char *const CORE[] = {"str", "int", "float", "bool", "null", NULL};
    for (const char *const *name = CORE; *name != NULL; name++) {
        if (yaml_tag_is(node->tag, *name)) {
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT,
                     "line %u, column %u: the tag \"%.*s\" is not allowed on a scalar; "
                     "only !!str, !!int, !!float, !!bool and !!null are",
                     node->mark.line, node->mark.column, SHOWN_TEXT, node->tag);
}

status yaml_scalar(const struct yaml_node *node, yyjson_val *ret_value, struct error *err)
{
    yyjson_val value = {0};
    if (node->tag != NULL) {
        TRY(check_tag(node, err));
    }
    bool resolves = node->tag == NULL ? node->plain : !yaml_tag_is(node->tag, "str");
    if (resolves && is_infinite(node->text)) {
        return refuse(node, err, "is not a number that JSON can hold; quote it if it is text");
    }
    bool resolved =
        resolves && (resolve_word(node->text, &value) || resolve_number(node->text, &value));
    if (!resolved) {
        unsafe_yyjson_set_strn(&value, node->text.p, node->text.n);
    }
    if (node->tag != NULL && resolves && !tag_allows(node->tag, &value)) {
        return refuse(node, err, "is not what its tag says");
    }
    *ret_value = value;
    return OK;
}

void yaml_value(yyjson_val *value)
{
    const double two_to_63 = 9223372036854775808.0;
    if (!yyjson_is_real(value)) {
        return;
    }
    double real = unsafe_yyjson_get_real(value);
    if (real >= 0 && real < 2 * two_to_63 && real == (double)(uint64_t)real) {
        unsafe_yyjson_set_uint(value, (uint64_t)real);
    } else if (real < 0 && real >= -two_to_63 && real == (double)(int64_t)real) {
        unsafe_yyjson_set_sint(value, (int64_t)real);
    }
}

status yaml_key(const struct yaml_node *node, yyjson_val *value, char room[YAML_KEY_MAX],
                struct error *err)
{
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_STR:
        return OK;
    case YYJSON_TYPE_BOOL:
        snprintf(room, YAML_KEY_MAX, "%s", unsafe_yyjson_get_bool(value) ? "true" : "false");
        break;
    case YYJSON_TYPE_NUM:
        if (unsafe_yyjson_is_real(value)) {
            return refuse(node, err, "would lose its spelling as a key; quote it");
        }
        if (unsafe_yyjson_is_uint(value)) {
            snprintf(room, YAML_KEY_MAX, "%ju", (uintmax_t)unsafe_yyjson_get_uint(value));
        } else {
            snprintf(room, YAML_KEY_MAX, "%jd", (intmax_t)unsafe_yyjson_get_sint(value));
        }
        break;
    default:
        return refuse(node, err, "is null, which cannot be a key; quote it if it is text");
    }
    unsafe_yyjson_set_strn(value, room, strlen(room));
    return OK;
}
