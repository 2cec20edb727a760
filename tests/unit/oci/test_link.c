#include "test.h"

#include "oci/link.h"

static void sound(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"</v2/a/tags/list?n=2&last=b>; rel=\"next\"", "/v2/a/tags/list?n=2&last=b"},
        {"<https://h/x>;rel=next", "https://h/x"},
        {"</x> ; rel = \"NEXT\"", "/x"},
        {"</x>; rel=\"prev next\"", "/x"},
        {"</x>; rel=\"prev\"", ""},
        {"</x>; rel=\"nextish\"", ""},
        {"</x>; title=\"a, b; rel=next\"; rel=\"next\"", "/x"},
        {"</x>; title=\"\\\"\"; rel=\"next\"", "/x"},
        {"</a>; rel=\"first\", </b>; rel=\"next\", </c>; rel=\"next\"", "/b"},
        {"</x>; rel=prev; rel=next", ""},
        {"</x>; flag; rel=next", "/x"},
        {"</x>", ""},
        {"<>; rel=next", ""},
        {"", ""},
        {" , ", ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct str target;
        struct error err;
        if (failed(link_next(str_from(CASES[i][0]), &target, &err))) {
            fail_msg("%s: %s", CASES[i][0], err.text);
        }
        if (!str_eq(target, str_from(CASES[i][1]))) {
            fail_msg("%s: %.*s", CASES[i][0], STR_ARG(target));
        }
    }
}

static void malformed(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "/x; rel=next",    "</x; rel=next",        "</x y>; rel=next",    "</x>; rel=\"next",
        "</x>; rel=",      "</x>; =next",          "</x>; rel=next </y>", "</x> rel=next",
        "</x>; rel=\"a\\", "</x>; rel=\"next\n\"", "</x\n>; rel=next",
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct str target;
        struct error err;
        if (!failed(link_next(str_from(CASES[i]), &target, &err))) {
            fail_msg("%s: %.*s", CASES[i], STR_ARG(target));
        }
        assert_int_equal(err.kind, ERROR_UPSTREAM);
        assert_non_null(strstr(err.text, "Link is malformed at byte "));
    }
}

static void limit(void **state)
{
    (void)state;
    static char text[LIMIT_LINK_TEXT + 1];
    struct str target;
    struct error err;
    memset(text, ',', sizeof text);
    assert_false(failed(link_next((struct str){text, LIMIT_LINK_TEXT}, &target, &err)));
    assert_true(failed(link_next((struct str){text, LIMIT_LINK_TEXT + 1}, &target, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int link_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound),
        cmocka_unit_test(malformed),
        cmocka_unit_test(limit),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
