#include "make.h"

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/der.h"

static void strict(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool holds;
    } CASES[] = {
        {"0500", true},
        {"", false},
        {"05", false},
        {"050000", false},     /* something behind it */
        {"050100", false},     /* NULL with a body */
        {"0101ff", true},      /* true */
        {"010100", true},      /* false */
        {"010101", false},     /* BER's true */
        {"0100", false},       /* no truth value at all */
        {"020100", true},      /* 0 */
        {"02020080", true},    /* 128 */
        {"0202007f", false},   /* 127, longer than it need be */
        {"0202ff80", false},   /* -128 likewise */
        {"0202ff7f", true},    /* -129 */
        {"0200", false},       /* no number */
        {"0a0105", true},      /* an enumerated */
        {"0a020005", false},   /* the same, longer */
        {"060355040a", true},  /* an OID */
        {"0600", false},       /* none */
        {"06028001", false},   /* a leading zero */
        {"060185", false},     /* that does not end */
        {"03020780", true},    /* one bit */
        {"03020781", false},   /* with others set behind it */
        {"03020880", false},   /* eight unused ones */
        {"030107", false},     /* unused ones of none */
        {"030100", true},      /* no bits */
        {"0300", false},       /* not even their count */
        {"2403040141", false}, /* a string in pieces */
        {"0401"
         "41",
         true},
        {"3000", true},
        {"1000", false},     /* a sequence that says it holds nothing */
        {"30800000", false}, /* no definite length */
        {"308100", false},   /* a length longer than it need be */
        {"30820000", false},
        {"3084000000"
         "02"
         "0500",
         false},
        {"3003020100", true},
        {"3003020200", false},   /* beyond its end */
        {"3004020100", false},   /* cut */
        {"300402010005", false}, /* rest within */
        {"0000", false},         /* BER's end */
        {"30020000", false},
        {"1f8101"
         "00",
         false},              /* a high tag */
        {"a003020100", true}, /* [0] that wraps */
        {"a0020500", true},
        {"a0030500"
         "05",
         false},
        {"800141", true}, /* [0] of bytes */
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (der_check(unhex(CASES[i].hex)) != CASES[i].holds) {
            fail_msg("%s", CASES[i].hex);
        }
    }
}

static void lengths(void **state)
{
    (void)state;
    static const size_t SIZES[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000};
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        buf_auto buf;
        buf_init(&buf, 1 << 20);
        struct str body = {arena_alloc(&test_arena, SIZES[i] + 1), SIZES[i]};
        der_add(&buf, DER_OCTET_STRING, body);
        struct str reader = buf_str(&buf), taken;
        assert_true(der_check(reader));
        assert_true(der_take(&reader, DER_OCTET_STRING, &taken));
        assert_true(taken.n == SIZES[i] && reader.n == 0);
    }
}

static struct str nested(unsigned depth)
{
    buf_auto one, two;
    buf_init(&one, 4096);
    buf_init(&two, 4096);
    for (unsigned i = 0; i < depth; i++) {
        buf_clear(&two);
        der_add(&two, DER_SEQUENCE, buf_str(&one));
        buf_clear(&one);
        buf_add(&one, buf_str(&two));
    }
    return arena_dup(&test_arena, buf_str(&one));
}

static void depth(void **state)
{
    (void)state;
    assert_true(der_check(nested(LIMIT_DER_DEPTH)));
    assert_false(der_check(nested(LIMIT_DER_DEPTH + 1)));
}

static void readers_stay(void **state)
{
    (void)state;
    struct str reader = unhex("0201070500"), before = reader, body;
    assert_false(der_take(&reader, DER_NULL, &body));
    assert_true(str_eq(reader, before));
    assert_false(der_take_if(&reader, DER_NULL, &body));
    assert_null(body.p);
    assert_true(der_take_if(&reader, DER_INTEGER, &body));
    assert_true(body.n == 1 && reader.n == 2);
    assert_true(der_take(&reader, DER_NULL, &body));
    assert_false(der_take(&reader, DER_NULL, &body));
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        uint64_t max, value;
        bool holds;
    } CASES[] = {
        {"00", 0, 0, true},
        {"01", 0, 0, false},
        {"00ff", 255, 255, true},
        {"00ff", 254, 0, false},
        {"ff", UINT64_MAX, 0, false},
        {"", UINT64_MAX, 0, false},
        {"0001", UINT64_MAX, 0, false},
        {"7fffffffffffffff", UINT64_MAX, INT64_MAX, true},
        {"00ffffffffffffffff", UINT64_MAX, UINT64_MAX, true},
        {"01ffffffffffffffff", UINT64_MAX, 0, false},
        {"00ffffffffffffffffff", UINT64_MAX, 0, false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        uint64_t value = 0;
        assert_int_equal(der_number(unhex(CASES[i].hex), CASES[i].max, &value), CASES[i].holds);
        assert_true(value == CASES[i].value);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        unsigned char tag;
        const char *text;
        bool fractions;
        const char *wanted; /* NULL: refused */
    } CASES[] = {
        {DER_UTC_TIME, "260102030405Z", false, "2026-01-02T03:04:05.000Z"},
        {DER_UTC_TIME, "490102030405Z", false, "2049-01-02T03:04:05.000Z"},
        {DER_UTC_TIME, "700101000000Z", false, "1970-01-01T00:00:00.000Z"},
        {DER_GENERALIZED_TIME, "20240229235959Z", false, "2024-02-29T23:59:59.000Z"},
        {DER_GENERALIZED_TIME, "20240229235959.25Z", true, "2024-02-29T23:59:59.250Z"},
        {DER_GENERALIZED_TIME, "20240229235959.123456789Z", true, "2024-02-29T23:59:59.123Z"},
        {DER_GENERALIZED_TIME, "20240229235959.1234567891Z", true, NULL},
        {DER_GENERALIZED_TIME, "20240229235959.25Z", false, NULL},
        {DER_GENERALIZED_TIME, "20240229235959.Z", true, NULL},
        {DER_GENERALIZED_TIME, "20240229235959.2xZ", true, NULL},
        {DER_GENERALIZED_TIME, "20240229235959,2Z", true, NULL},
        {DER_UTC_TIME, "260102030405.5Z", true, NULL},
        {DER_UTC_TIME, "2601020304Z", false, NULL},
        {DER_UTC_TIME, "260102030405", false, NULL},
        {DER_UTC_TIME, "260102030405+0000", false, NULL},
        {DER_UTC_TIME, "260102030405ZZ", false, NULL},
        {DER_UTC_TIME, "26010203040 Z", false, NULL},
        {DER_UTC_TIME, "260132030405Z", false, NULL},
        {DER_UTC_TIME, "260229030405Z", false, NULL},
        {DER_UTC_TIME, "260002030405Z", false, NULL},
        {DER_UTC_TIME, "261302030405Z", false, NULL},
        {DER_UTC_TIME, "260100030405Z", false, NULL},
        {DER_UTC_TIME, "260102240405Z", false, NULL},
        {DER_UTC_TIME, "260102036005Z", false, NULL},
        {DER_UTC_TIME, "260102030460Z", false, NULL},
        {DER_GENERALIZED_TIME, "19000229000000Z", false, NULL},
        {DER_UTF8, "20240229235959Z", false, NULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct der_item item = {.tag = CASES[i].tag, .body = str_from(CASES[i].text)};
        char text[CLOCK_TEXT_MAX];
        int64_t ns;
        bool holds = der_time(item, CASES[i].fractions, &ns);
        assert_int_equal(holds, CASES[i].wanted != NULL);
        if (holds) {
            clock_format(ns, text);
            assert_string_equal(text, CASES[i].wanted);
        }
    }
}

static void distant_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wanted;
    } CASES[] = {{"99991231235959Z", INT64_MAX},
                 {"00010101000000Z", INT64_MIN},
                 {"19691231235959Z", -NS_PER_S}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct der_item item = {.tag = DER_GENERALIZED_TIME, .body = str_from(CASES[i].text)};
        int64_t ns;
        assert_true(der_time(item, false, &ns) && ns == CASES[i].wanted);
    }
}

static void oids(void **state)
{
    (void)state;
    char room[DER_OID_ROOM];
    assert_true(str_eq(der_oid("2.5.29.17", room), unhex("551d11")));
    assert_true(str_eq(der_oid("1.3.6.1.4.1.57264.1.8", room), unhex("2b0601040183bf300108")));
    assert_true(str_eq(der_oid("1.2.840.113549.1.1.1", room), unhex("2a864886f70d010101")));
    assert_true(str_eq(der_oid("2.999.0", room), unhex("883700")));
}

int der_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strict, start, stop),
        cmocka_unit_test_setup_teardown(lengths, start, stop),
        cmocka_unit_test_setup_teardown(depth, start, stop),
        cmocka_unit_test_setup_teardown(readers_stay, start, stop),
        cmocka_unit_test_setup_teardown(numbers, start, stop),
        cmocka_unit_test_setup_teardown(times, start, stop),
        cmocka_unit_test_setup_teardown(distant_times, start, stop),
        cmocka_unit_test_setup_teardown(oids, start, stop),
    };
    return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
