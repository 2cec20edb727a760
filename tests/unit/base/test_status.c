#include "test.h"

#include <string.h>

#include "base/status.h"
#include "base/str.h"
#include "base/utf8.h"

MUST static status fails(struct error *err)
{
    return error_set(err, ERROR_INPUT, "tag %s", "x");
}

MUST static status wraps(struct error *err)
{
    if (failed(fails(err))) {
        return error_wrap(err, "image %d", 3);
    }
    return OK;
}

MUST static status tries(struct error *err)
{
    TRY(wraps(err));
    return OK;
}

static void errors(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(failed(tries(&err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.text, "image 3: tag x");
    assert_false(failed(OK));
}

static void printable(void **state)
{
    (void)state;
    struct error err;
    assert_true(failed(error_set(&err, ERROR_INPUT, "%s", "a\nb\x1b[1m\xff\xc3\xa9\x7f")));
    assert_string_equal(err.text, "a?b?[1m?\xc3\xa9?");
}

static void cut(void **state)
{
    (void)state;
    char longer[2 * ERROR_TEXT_MAX] = "";
    for (size_t i = 0; i + 2 < sizeof longer; i += 2) {
        memcpy(longer + i, "\xc3\xa9", 3);
    }
    struct error err;
    assert_true(failed(error_set(&err, ERROR_LIMIT, "x%s", longer)));
    assert_true(strlen(err.text) < ERROR_TEXT_MAX && strlen(err.text) > ERROR_TEXT_MAX - 4);
    assert_true(utf8_valid(str_from(err.text)));
    assert_true(failed(error_wrap(&err, "%s", "context")));
    assert_true(utf8_valid(str_from(err.text)));
    assert_memory_equal(err.text, "context: x", 10);
}

static void kinds(void **state)
{
    (void)state;
    for (int kind = ERROR_NONE; kind < ERROR_KIND_COUNT; kind++) {
        const struct error_kind_info *info = error_kind_info((enum error_kind)kind);
        assert_non_null(info->label);
        /* Nothing that failed may look like success, nor be a redirect, at any edge. */
        assert_true(kind == ERROR_NONE ? info->http_status == 200 : info->http_status >= 400);
        assert_true((info->exit_code == 0) == (kind == ERROR_NONE));
    }
}

int status_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors),
        cmocka_unit_test(printable),
        cmocka_unit_test(cut),
        cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
