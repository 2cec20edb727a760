#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

static void arena_zeroed_and_aligned(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 22);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 5000; size += 37) {
            unsigned char *p = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(p[i], 0);
            }
            memset(p, 0xff, size);
        }
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    struct str copy = arena_dup(&arena, STR("a\0b"));
    assert_int_equal(copy.n, 3);
    assert_memory_equal(copy.p, "a\0b\0", 4);
    assert_true(str_eq(arena_printf(&arena, "%s-%d", "x", 7), STR("x-7")));
}

static void note(void *argument)
{
    char **end = argument;
    *(*end)++ = 'x';
}

static void note_first(void *argument)
{
    char **end = argument;
    *(*end)++ = '1';
}

/* Once, the last first, at whatever ends the contents. */
static void arena_defers(void **state)
{
    (void)state;
    void (*const ENDS[])(struct arena *) = {arena_reset, arena_done, arena_wipe};
    for (size_t i = 0; i < 3; i++) {
        char calls[8] = "", *end = calls;
        struct arena arena;
        arena_init(&arena, 1 << 16);
        arena_defer(&arena, note_first, &end);
        arena_defer(&arena, note, &end);
        assert_true(arena_memory(&arena) >= arena.used && arena.used > 0);
        assert_string_equal(calls, "");
        ENDS[i](&arena);
        assert_string_equal(calls, "x1");
        arena_done(&arena);
        assert_string_equal(calls, "x1");
        assert_int_equal(arena_memory(&arena), 0);
    }
}

/* Run `body` in a child and return the signal that ended it. */
static int signal_of(void (*body)(void))
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        body();
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how) ? WTERMSIG(how) : 0;
}

enum { CAP = 1 << 16 };

static void fill_to_cap(void)
{
    struct arena arena;
    arena_init(&arena, CAP);
    arena_alloc(&arena, CAP - 64);
    arena_done(&arena);
}

static void fill_past_cap(void)
{
    struct arena arena;
    arena_init(&arena, CAP);
    arena_alloc(&arena, CAP - 64);
    arena_alloc(&arena, 65);
}

static void overflow_product(void)
{
    struct arena arena;
    arena_init(&arena, CAP);
    arena_array(&arena, SIZE_MAX / 2, 3);
}

static void arena_joins(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    const struct str parts[] = {STR("a"), STR_EMPTY, {NULL, 0}, STR("b\0c")};
    struct str joined = arena_join(&arena, parts, 4);
    assert_true(str_eq(joined, STR("ab\0c")));
    assert_int_equal(joined.p[joined.n], '\0');
    assert_true(str_eq(arena_join(&arena, parts, 0), STR_EMPTY));
    /* formatted text on both sides of what fits on the stack */
    for (int n = 510; n < 514; n++) {
        struct str text = arena_printf(&arena, "%*s", n, "x");
        assert_int_equal(text.n, n);
        assert_int_equal(text.p[n - 1], 'x');
        assert_int_equal(text.p[n], '\0');
    }
}

static void arena_grows(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    size_t room = 0;
    uint16_t *items = NULL;
    for (size_t n = 0; n < 1000; n++) {
        size_t before = room;
        items = arena_grow(&arena, items, n, &room, sizeof *items);
        assert_true(n < room && (room == before || n == before));
        items[n] = (uint16_t)n;
    }
    for (size_t n = 0; n < 1000; n++) {
        assert_int_equal(items[n], n);
    }
}

static void arena_cap(void **state)
{
    (void)state;
    assert_int_equal(signal_of(fill_to_cap), 0);
    assert_int_equal(signal_of(fill_past_cap), SIGABRT);
    assert_int_equal(signal_of(overflow_product), SIGABRT);
}

static void buf_maximum(void **state)
{
    (void)state;
    buf_auto buf;
    buf_init(&buf, 1000);
    for (int i = 0; i < 10; i++) {
        buf_printf(&buf, "%0100d", i);
    }
    assert_int_equal(buf.n, 1000);
    assert_false(buf_overflowed(&buf));
    buf_add_char(&buf, 'x');
    assert_true(buf_overflowed(&buf));
    assert_int_equal(buf.n, 1000);
    buf_clear(&buf);
    assert_false(buf_overflowed(&buf));
    char longer[600];
    memset(longer, 'y', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    buf_printf(&buf, "%s", longer);
    assert_int_equal(buf.n, sizeof longer - 1);
}

static void buf_json(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *json;
    } CASES[] = {
        {{"", 0}, "\"\""},
        {{"nginx", 5}, "\"nginx\""},
        {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
        {{"\n\t\r\b\f", 5}, "\"\\n\\t\\r\\b\\f\""},
        {{"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\""},
        {{"\xc3\xa9", 2}, "\"\xc3\xa9\""},
        {{"\xc3", 1}, "\"\xef\xbf\xbd\""},
        {{"a\xff\x80z", 4}, "\"a\xef\xbf\xbd\xef\xbf\xbdz\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        buf_auto buf;
        buf_init(&buf, 1000);
        buf_add_json(&buf, CASES[i].text);
        if (!str_eq(buf_str(&buf), str_from(CASES[i].json))) {
            fail_msg("row %zu: %.*s", i, STR_ARG(buf_str(&buf)));
        }
    }
}

static void buf_base64(void **state)
{
    (void)state;
    /* Spec: RFC 4648 section 10, test vectors. */
    static const char *const CASES[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xff\xff", "////"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        buf_auto buf;
        buf_init(&buf, 1000);
        buf_add_base64(&buf, str_from(CASES[i][0]));
        assert_true(str_eq(buf_str(&buf), str_from(CASES[i][1])));
    }
}

int memory_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_zeroed_and_aligned),
        cmocka_unit_test(arena_defers),
        cmocka_unit_test(arena_joins),
        cmocka_unit_test(arena_grows),
        cmocka_unit_test(arena_cap),
        cmocka_unit_test(buf_maximum),
        cmocka_unit_test(buf_json),
        cmocka_unit_test(buf_base64),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
