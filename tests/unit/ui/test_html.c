#include "test.h"

#include "base/utf8.h"
#include "ui/html.h"

/* -- text -- */

static void test_text(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *html;
    } CASES[] = {
        {STR(""), ""},
        {STR("nginx:1.27"), "nginx:1.27"},
        {STR("<b>&\"'</b>"), "&lt;b&gt;&amp;&#34;&#39;&lt;/b&gt;"},
        {STR("é 漢 🚢"), "é 漢 🚢"},
        {STR("a\0b"), "a␀b"},
        {STR("\x1b[31m\x7f"), "␛[31m␡"},
        {STR("a\tb\r\nc"), "a␉b␍␊c"},
        {STR("\xc2\x85"), "⟨U+0085⟩"},            /* C1 */
        {STR("\xc2\xa0"), "⟨U+00A0⟩"},            /* a space that is none */
        {STR("\xc2\xad"), "⟨U+00AD⟩"},            /* soft hyphen */
        {STR("\xe2\x80\xae"), "⟨U+202E⟩"},        /* turns the direction */
        {STR("\xe2\x81\xa6"), "⟨U+2066⟩"},        /* and so does this */
        {STR("\xd8\x9c"), "⟨U+061C⟩"},            /* and this */
        {STR("\xe2\x80\x8b"), "⟨U+200B⟩"},        /* no width */
        {STR("\xef\xbb\xbf"), "⟨U+FEFF⟩"},        /* byte order mark */
        {STR("\xef\xbf\xbe"), "⟨U+FFFE⟩"},        /* noncharacter */
        {STR("\xf0\x9f\xbf\xbf"), "⟨U+1FFFF⟩"},   /* and one of another plane */
        {STR("\xee\x80\x80"), "⟨U+E000⟩"},        /* private use */
        {STR("\xf3\xa0\x81\x81"), "⟨U+E0041⟩"},   /* tag */
        {STR("\xe3\x85\xa4"), "⟨U+3164⟩"},        /* filler */
        {STR("\xe2\xa0\x80"), "⟨U+2800⟩"},        /* empty Braille */
        {STR("\xff\xc0\x80"), "⟨xFF⟩⟨xC0⟩⟨x80⟩"}, /* no UTF-8 */
        {STR("\xed\xa0\x80"), "⟨xED⟩⟨xA0⟩⟨x80⟩"}, /* a surrogate */
        {STR("ab\xe2\x82"), "ab⟨xE2⟩⟨x82⟩"},      /* cut within a character */
        {STR("a\xcc\x80\xcc\x80\xcc\x80"), "a\xcc\x80\xcc\x80\xcc\x80"}, /* three marks */
        {STR("a\xcc\x80\xcc\x80\xcc\x80\xcc\x80"), "a\xcc\x80\xcc\x80\xcc\x80⟨U+0300⟩"},
        {STR("a\xcc\x80\xcc\x80\xcc\x80"
             "b\xcc\x80"),
         "a\xcc\x80\xcc\x80\xcc\x80"
         "b\xcc\x80"}, /* the next letter's */
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_text(&html, CASES[i].text);
        assert_text(&html, CASES[i].html);
    }
}

static size_t encode(uint32_t c, char p[4])
{
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char FIRST[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        p[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    p[0] = (char)(FIRST[n] | c);
    return n;
}

/* Of every character there is: what comes out is UTF-8, acts on nothing, and ends no attribute. */
static void test_every_character(void **state)
{
    (void)state;
    buf_auto html;
    buf_init(&html, KIB);
    for (uint32_t c = 0; c < 0x110000; c++) {
        char p[4];
        size_t n = encode(c, p);
        buf_clear(&html);
        html_text(&html, (struct str){p, n});
        struct str all = buf_str(&html);
        assert_true(all.n > 0 && all.n <= 13 * n && utf8_valid(all));
        for (size_t i = 0; i < all.n;) {
            size_t m = utf8_length(all.p + i, all.n - i);
            assert_false(utf8_acts(all.p + i, m));
            i += m;
        }
        assert_int_equal(str_find(all, '<'), all.n);
        assert_int_equal(str_find(all, '>'), all.n);
        assert_int_equal(str_find(all, '"'), all.n);
        assert_int_equal(str_find(all, '\''), all.n);
        assert_true(str_find(all, '&') == all.n || c == '&' || str_find(STR("<>\"'"), (char)c) < 4);
    }
}

static void test_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t max;
        const char *html;
    } CASES[] = {{"abcd", 4, "abcd"},     {"abcde", 4, "abcd…"}, {"abcé", 4, "abc…"},
                 {"<<<", 2, "&lt;&lt;…"}, {"", 0, ""},           {"a", 0, "…"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_cut(&html, str_from(CASES[i].text), CASES[i].max);
        assert_text(&html, CASES[i].html);
    }
}

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t max;
        const char *html;
    } CASES[] = {{"a/b:c@d,e", 99, "<bdi>a/<wbr>b:<wbr>c@<wbr>d,<wbr>e</bdi>"},
                 {"a/", 99, "<bdi>a/</bdi>"},
                 {"//<", 99, "<bdi>/<wbr>/<wbr>&lt;</bdi>"},
                 {"a/b", 2, "<bdi>a/…</bdi>"},
                 {"", 0, "<bdi></bdi>"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_parts(&html, str_from(CASES[i].text), CASES[i].max);
        assert_text(&html, CASES[i].html);
    }
}

static void test_percent(void **state)
{
    (void)state;
    buf_auto html;
    buf_init(&html, KIB);
    html_percent(&html, STR("aZ0-._~ &=+#%\"'<>/?:@é\0\xff"));
    assert_text(&html, "aZ0-._~%20%26%3D%2B%23%25%22%27%3C%3E%2F%3F%3A%40%C3%A9%00%FF");
}

/* -- times and numbers -- */

static void test_duration(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } CASES[] = {{-5, "0 µs"},
                 {0, "0 µs"},
                 {400, "0.4 µs"},
                 {870 * NS_PER_US, "870 µs"},
                 {999999, "999 µs"},
                 {1200 * NS_PER_US, "1.2 ms"},
                 {12 * NS_PER_MS, "12 ms"},
                 {NS_PER_S, "1 s"},
                 {90 * NS_PER_S, "1.5 min"},
                 {3600 * NS_PER_S, "1 h"},
                 {36 * 3600 * NS_PER_S, "1.5 d"},
                 {INT64_MAX, "106751 d"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_duration(&html, CASES[i].ns);
        assert_text(&html, CASES[i].text);
    }
}

static void test_time(void **state)
{
    (void)state;
    const int64_t now = INT64_C(1795715999123) * NS_PER_MS; /* 2026-11-26T17:59:59.123Z */
    static const struct {
        int64_t ago;
        const char *text;
    } CASES[] = {{0, "now"},
                 {NS_PER_S - 1, "now"},
                 {NS_PER_S, "1 s ago"},
                 {59 * NS_PER_S, "59 s ago"},
                 {60 * NS_PER_S, "1 min ago"},
                 {3600 * NS_PER_S, "1 h ago"},
                 {86400 * NS_PER_S, "1 d ago"},
                 {-90 * 86400 * NS_PER_S, "in 90 d"},
                 {-5 * NS_PER_S, "in 5 s"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_time(&html, now, now - CASES[i].ago);
        struct str all = buf_str(&html);
        size_t at = str_find(all, '>') + 1;
        assert_true(str_starts(str_sub(all, at, all.n), str_from(CASES[i].text)));
    }
    buf_auto html;
    buf_init(&html, KIB);
    html_time(&html, now, now);
    assert_text(&html,
                "<time datetime=\"2026-11-26T17:59:59.123Z\" title=\"2026-11-26 17:59:59.123 "
                "UTC\">now</time>");
    buf_clear(&html);
    html_time(&html, now, INT64_MIN); /* a damaged row */
    assert_true(str_starts(buf_str(&html), STR("<time datetime=\"1970-01-01T00:00:00.000Z\"")));
}

static void test_count(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *word, *text;
    } CASES[] = {{0, "image", "0 images"},
                 {1, "image", "1 image"},
                 {999, "", "999"},
                 {1000, "", "1,000"},
                 {20007, "rule", "20,007 rules"},
                 {UINT64_MAX, "", "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto html;
        buf_init(&html, KIB);
        html_count(&html, CASES[i].n, CASES[i].word);
        assert_text(&html, CASES[i].text);
    }
}

int html_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),  cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_percent),
        cmocka_unit_test(test_parts), cmocka_unit_test(test_duration),
        cmocka_unit_test(test_time),  cmocka_unit_test(test_count),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
