#include "test.h"

void assert_text(const struct buf *buf, const char *text)
{
    assert_false(buf_overflowed(buf));
    struct str all = buf_str(buf);
    if (!str_eq(all, str_from(text))) {
        fail_msg("%.*s\nis not\n%s", STR_ARG(all), text);
    }
}

int main(void)
{
    return html_tests() + query_tests() + pages_tests();
}
