/* Replies of a server that may say anything. */
#include "test.h"

#include <stdio.h>

#include "base/limits.h"
#include "shared/resp.h"

static const struct {
    const char *bytes;
    enum resp_kind kind;
    const char *text;
} REPLIES[] = {
    {"+OK\r\n", RESP_OK, "OK"},
    {":1\r\n", RESP_OK, "1"},
    {"-NOAUTH Authentication required.\r\n", RESP_ERROR, "NOAUTH Authentication required."},
    {"$-1\r\n", RESP_NOTHING, ""},
    {"$0\r\n\r\n", RESP_BYTES, ""},
    {"$3\r\na\rb\r\n", RESP_BYTES, "a\rb"},
    {"$4\r\na\r\nb\r\n", RESP_BYTES, "a\r\nb"},
    {"$3\r\nabcd\r\n", RESP_WRONG, ""},
    {"$3\r\nabc\n\n", RESP_WRONG, ""},
    {"$03\r\nabc\r\n", RESP_BYTES, "abc"},
    {"$-2\r\n", RESP_WRONG, ""},
    {"$+3\r\nabc\r\n", RESP_WRONG, ""},
    {"$\r\n", RESP_WRONG, ""},
    {"$ 3\r\nabc\r\n", RESP_WRONG, ""},
    {"$99999999999999999999\r\n", RESP_WRONG, ""},
    {"$536870912\r\n", RESP_WRONG, ""},
    {"*1\r\n$3\r\nabc\r\n", RESP_WRONG, ""},
    {"*1000000000\r\n", RESP_WRONG, ""},
    {"%1\r\n", RESP_WRONG, ""},
    {"HTTP/1.1 400 Bad Request\r\n", RESP_WRONG, ""},
    {"\r\n", RESP_WRONG, ""},
};

static void replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(REPLIES); i++) {
        struct str bytes = str_from(REPLIES[i].bytes);
        struct resp resp = resp_read(bytes);
        if (resp.kind != REPLIES[i].kind) {
            fail_msg("%s: %d", REPLIES[i].bytes, resp.kind);
        }
        bool whole = resp.kind != RESP_WRONG;
        assert_int_equal(resp.n, whole ? bytes.n : 0);
        assert_true(str_eq(resp.text, str_from(REPLIES[i].text)));
        for (size_t n = 0; n < bytes.n && whole; n++) { /* as it comes, byte by byte */
            assert_int_equal(resp_read(str_sub(bytes, 0, n)).kind, RESP_PART);
        }
    }
}

static void limits(void **state)
{
    (void)state;
    static char room[2 * LIMIT_SHARED_REPLY];
    /* the longest value that there may be, and one byte more */
    size_t n = LIMIT_SHARED_REPLY - sizeof "$1015\r\n\r\n" + 1;
    int head = snprintf(room, sizeof room, "$%zu\r\n", n);
    assert_int_equal(resp_read((struct str){room, (size_t)head}).kind, RESP_PART);
    memset(room + head, 'a', n);
    memcpy(room + head + n, "\r\n", 2);
    struct resp resp = resp_read((struct str){room, (size_t)head + n + 2});
    assert_int_equal(resp.kind, RESP_BYTES);
    assert_int_equal(resp.n, LIMIT_SHARED_REPLY);
    snprintf(room, sizeof room, "$%zu\r\n", n + 1);
    assert_int_equal(resp_read(str_from(room)).kind, RESP_WRONG);
    /* a line that does not end */
    memset(room, 'a', sizeof room);
    room[0] = '+';
    assert_int_equal(resp_read((struct str){room, LIMIT_SHARED_REPLY - 1}).kind, RESP_PART);
    assert_int_equal(resp_read((struct str){room, LIMIT_SHARED_REPLY}).kind, RESP_WRONG);
}

static void commands(void **state)
{
    (void)state;
    buf_auto buf;
    buf_init(&buf, 1000);
    const struct str words[] = {STR("SET"), STR("k"), STR("a\r\nb"), STR("")};
    resp_command(&buf, words, 4);
    assert_true(
        str_eq(buf_str(&buf), STR("*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n$0\r\n\r\n")));
}

int resp_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies),
        cmocka_unit_test(limits),
        cmocka_unit_test(commands),
    };
    return cmocka_run_group_tests_name("resp", tests, NULL, NULL);
}
