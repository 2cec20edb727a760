/* Text in XML: what a reader gets back is what was put in, or U+FFFD. */
#include "base/limits.h"
#include "cli/xml.h"
#include "test.h"

#define UNKNOWN "\xef\xbf\xbd"

static void expect_xml(struct str text, const char *want)
{
    buf_auto buf;
    buf_init(&buf, MIB);
    xml_add(&buf, text);
    if (!str_eq(buf_str(&buf), str_from(want))) {
        fail_msg("got %.*s, wanted %s", STR_ARG(buf_str(&buf)), want);
    }
}

static void test_text(void **state)
{
    (void)state;
    expect_xml(STR_EMPTY, "");
    expect_xml(STR("a \xc3\xa9 \xf0\x9f\x98\x80"), "a \xc3\xa9 \xf0\x9f\x98\x80");
    expect_xml(STR("<&>\"'"), "&lt;&amp;&gt;&quot;'");
    expect_xml(STR("]]>"), "]]&gt;");
    expect_xml(STR("a\nb\tc\rd"), "a&#10;b&#9;c&#13;d");
    expect_xml(STR("a\0b\x1b\x7f"), "a" UNKNOWN "b" UNKNOWN UNKNOWN);
    expect_xml(STR("\xff\xc3"), UNKNOWN UNKNOWN);
    expect_xml(STR("\xed\xa0\x80"), UNKNOWN UNKNOWN UNKNOWN);
    expect_xml(STR("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), UNKNOWN UNKNOWN UNKNOWN);
}

int xml_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
