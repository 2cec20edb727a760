#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const struct command COMMAND = {.name = "test"};

static void text_cannot_steer_a_terminal(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *want;
    } CASES[] = {
        {STR("nginx:1.27"), "nginx:1.27"},
        {STR("a\033[2Jb"), "a?[2Jb"},
        {STR("a\nb\rc\td\0e\177f"), "a?b?c?d?e?f"},
        {STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
         "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
        {STR("\xc2\x80\xc2\x9f\xc2\xa0"), "??\xc2\xa0"}, /* C1 controls */
        {STR("a\xe2\x80\xaez"), "a?z"},                  /* right-to-left override */
        {STR("\xe2\x80\x8e\xe2\x80\x8f\xe2\x81\xa6\xe2\x81\xa9"), "????"},
        {STR("\xe2\x80\x8b\xef\xbb\xbf\xd8\x9c\xe2\x81\xaf"), "????"},
        /* just beside them */
        {STR("\xe2\x80\x8a\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xb0"),
         "\xe2\x80\x8a\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xb0"},
        {STR("\xff\xc3"), "??"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *got = NULL;
        size_t n = 0;
        FILE *file = open_memstream(&got, &n);
        output_text(file, CASES[i].text);
        fclose(file);
        if (strcmp(got, CASES[i].want) != 0) {
            fail_msg("row %zu: \"%s\" is not \"%s\"", i, got, CASES[i].want);
        }
        free(got);
    }
}

static void json_of_any_length(void **state)
{
    (void)state;
    /* characters of two bytes, so that a piece of any even or odd size must be cut with care */
    for (size_t n = 4090; n < 4102; n++) {
        char *bytes = malloc(2 * n + 1);
        assert_non_null(bytes);
        bytes[0] = 'x';
        for (size_t i = 0; i < n; i++) {
            memcpy(bytes + 1 + 2 * i, "\xc3\xbc", 2);
        }
        struct str text = {bytes, 2 * n + 1};
        char *got = NULL;
        size_t length = 0;
        FILE *file = open_memstream(&got, &length);
        output_json(file, text);
        fclose(file);
        assert_int_equal(length, text.n + 2);
        assert_memory_equal(got + 1, bytes, text.n);
        free(got);
        free(bytes);
    }
}

static void json_escapes(void **state)
{
    (void)state;
    char *got = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&got, &n);
    output_member(file, true, "a", STR("\"\\\n\xf0\x9f"));
    output_member(file, false, "b", STR(""));
    fclose(file);
    assert_string_equal(got, "\"a\":\"\\\"\\\\\\n\xef\xbf\xbd\xef\xbf\xbd\",\"b\":\"\"");
    free(got);
}

static void colors(void **state)
{
    (void)state;
    for (int on = 0; on < 2; on++) {
        char *got = NULL;
        size_t n = 0;
        FILE *file = open_memstream(&got, &n);
        struct invocation invocation = {.command = &COMMAND, .out = file, .colors = on == 1};
        output_styled(&invocation, STYLE_BAD, STR("denied"));
        output_styled(&invocation, STYLE_PLAIN, STR(" x"));
        fclose(file);
        assert_string_equal(got, on ? "\033[31mdenied\033[0m x" : "denied x");
        free(got);
    }
}

static void colors_are_for_terminals(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    setenv("TERM", "xterm", 1);
    assert_false(output_wants_colors(file));
    fclose(file);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(full);
    struct invocation invocation = {.command = &COMMAND, .out = full};
    fputs("x", full);
    struct error err = {0};
    assert_true(failed(output_finish(&invocation, &err)));
    assert_string_equal(err.text, "cannot write the output: No space left on device");
    fclose(full);
}

int output_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_cannot_steer_a_terminal),
        cmocka_unit_test(json_of_any_length),
        cmocka_unit_test(json_escapes),
        cmocka_unit_test(colors),
        cmocka_unit_test(colors_are_for_terminals),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
