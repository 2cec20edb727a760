/* The writer: what a text becomes. That it reads back is tests/cli/test_manifests.py's. */
#include "install/yaml.h"
#include "test.h"

struct row {
    const char *text, *want;
};

static const struct row TEXTS[] = {
    {"name", "name"},
    {"/etc/kubernetes/pratique", "/etc/kubernetes/pratique"},
    {"LS0tLS1CRUdJTg==", "LS0tLS1CRUdJTg=="},
    {"pods/ephemeralcontainers", "pods/ephemeralcontainers"},
    {"", "\"\""},
    {"*", "\"*\""},
    {"1.0", "\"1.0\""},
    {"0x10", "\"0x10\""},
    {".inf", "\".inf\""},
    {"yes", "\"yes\""},
    {"No", "\"No\""},
    {"y", "\"y\""},
    {"null", "\"null\""},
    {"~", "\"~\""},
    {"-", "\"-\""},
    {"--config", "\"--config\""},
    {"a b", "\"a b\""},
    {"a: b", "\"a: b\""},
    {"a #b", "\"a #b\""},
    {"a,b", "\"a,b\""},
    {"[a]", "\"[a]\""},
    {"{a}", "\"{a}\""},
    {"&a", "\"&a\""},
    {"!a", "\"!a\""},
    {"%a", "\"%a\""},
    {"@a", "\"@a\""},
    {"it's", "\"it's\""},
    {"\"", "\"\\\"\""},
    {"\\", "\"\\\\\""},
    {"a\nkind: Evil", "\"a\\nkind: Evil\""},
    {"https://127.0.0.1:8443/validate", "\"https://127.0.0.1:8443/validate\""},
    {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        buf_auto buf, want;
        buf_init(&buf, ROOM);
        buf_init(&want, ROOM);
        struct yaml yaml = {.buf = &buf};
        struct str text = str_from(TEXTS[i].text);
        yaml_text(&yaml, "a", text);
        yaml_texts(&yaml, "b", (struct str[]){text, text}, 2);
        buf_printf(&want, "a: %s\nb: [%s, %s]\n", TEXTS[i].want, TEXTS[i].want, TEXTS[i].want);
        buf_add_char(&buf, '\0');
        buf_add_char(&want, '\0');
        assert_string_equal(buf.p, want.p);
    }
}

static void shape(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"x", "1", NULL};
    buf_auto buf;
    buf_init(&buf, ROOM);
    struct yaml yaml = {.buf = &buf};
    yaml_document(&yaml);
    yaml_open(&yaml, "list");
    yaml_item(&yaml);
    yaml_open(&yaml, "first");
    yaml_item(&yaml);
    yaml_comment(&yaml, STR("one\n\ntwo"));
    yaml_number(&yaml, "n", -1);
    yaml_truth(&yaml, "t", true);
    yaml_item_end(&yaml);
    yaml_close(&yaml);
    yaml_truth(&yaml, "second", false);
    yaml_item_end(&yaml);
    yaml_item(&yaml);
    yaml_names(&yaml, "names", NAMES);
    yaml_item_end(&yaml);
    yaml_close(&yaml);
    yaml_document(&yaml);
    yaml_texts(&yaml, "none", NULL, 0);
    buf_add_char(&buf, '\0');
    assert_string_equal(buf.p, "list:\n"
                               "  - first:\n"
                               "      # one\n"
                               "      #\n"
                               "      # two\n"
                               "      - n: -1\n"
                               "        t: true\n"
                               "    second: false\n"
                               "  - names: [x, \"1\"]\n"
                               "---\n"
                               "none: []\n");
}

int yaml_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(shape)};
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
