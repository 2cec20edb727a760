#include "test.h"

#include "base/clock.h"
#include "fetch/scripted.h"

static struct fetch_answer with(const char *name, const char *value)
{
    static struct fetch_header headers[2];
    headers[0] = (struct fetch_header){STR("X-Other"), STR("1")};
    headers[1] = (struct fetch_header){str_from(name), str_from(value)};
    return (struct fetch_answer){.status = 200, .headers = headers, .n_headers = 2};
}

static void headers(void **state)
{
    (void)state;
    struct fetch_answer answer = with("Docker-Content-Digest", "sha256:00");
    assert_true(str_eq(fetch_header(&answer, "docker-content-digest"), STR("sha256:00")));
    assert_int_equal(fetch_header(&answer, "Docker-Content").n, 0);
}

static void dates(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"Thu, 26 Nov 2026 14:36:31 GMT", 1795703791}, {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Thu, 26 Nov 2026 14:36:31 GMT ", 0},         {"2026-11-26T14:36:31Z", 0},
        {"Thu, 26 Nov 2026 14:36:31 CET", 0},          {"", 0},
        {"Thu, 26 Nov 1926 14:36:31 GMT", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fetch_answer answer = with("Date", cases[i].text);
        assert_int_equal(fetch_date(&answer), cases[i].seconds * NS_PER_S);
    }
}

static void retry_after(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {{"1", 1},  {"0", 0},   {"3600", 3600}, {"3601", 3600},
                 {"-1", 0}, {"1.5", 0}, {"soon", 0},    {"99999999999999999999", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fetch_answer answer = with("retry-after", cases[i].text);
        assert_int_equal(fetch_retry_after(&answer), cases[i].seconds * NS_PER_S);
    }
}

static void retry_after_a_date(void **state)
{
    (void)state;
    static struct fetch_header headers[2] = {{STR("Date"), STR("Thu, 26 Nov 2026 14:36:31 GMT")}};
    const struct fetch_answer answer = {.status = 429, .headers = headers, .n_headers = 2};
    const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {{"Thu, 26 Nov 2026 14:36:38 GMT", 7},
                 {"Thu, 26 Nov 2026 14:36:31 GMT", 0},
                 {"Thu, 26 Nov 2026 14:36:30 GMT", 0},
                 {"Thu, 26 Nov 2026 15:36:32 GMT", 3600},
                 {"Thu, 26 Nov 2026 14:36:38 CET", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        headers[1] = (struct fetch_header){STR("Retry-After"), str_from(cases[i].text)};
        assert_int_equal(fetch_retry_after(&answer), cases[i].seconds * NS_PER_S);
    }
}

static status never(void *argument, const struct fetch_request *request, struct arena *arena,
                    struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument, (void)request, (void)arena, (void)ret_answer, (void)err;
    fail_msg("it was sent");
    return OK;
}

static void requests_that_are_none(void **state)
{
    (void)state;
    struct fetch_scripted scripted = {.script = never};
    struct fetch fetch = fetch_scripted_port(&scripted);
    const struct fetch_header sound = {STR("A"), STR("b")};
    const struct {
        struct str url;
        struct fetch_header header;
        bool plain;
        const char *wanted;
    } cases[] = {
        {STR("http://h/"), sound, false, "not a URL that may be asked: \"http://h/\""},
        {STR("ftp://h/"), sound, true, "not a URL that may be asked: \"ftp://h/\""},
        {STR("file:///etc/passwd"), sound, true, "not a URL"},
        {STR(""), sound, true, "not a URL"},
        {STR("https://h/a b"), sound, false, "not a URL"},
        {STR("https://h/\r\nX: y"), sound, false, "not a URL"},
        {STR("https://h/\0"), sound, false, "not a URL"},
        {STR("https://h/"), {STR("A"), STR("secret\r\nB: c")}, false, "header 1 is not one line"},
        {STR("https://h/"), {STR("A"), STR("secret\n")}, false, "header 1 is not one line"},
        {STR("https://h/"), {STR("A"), STR("secret\0")}, false, "header 1 is not one line"},
        {STR("https://h/"), {STR("A:"), STR("b")}, false, "header 1 is not one line"},
        {STR("https://h/"), {STR(""), STR("b")}, false, "header 1 is not one line"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 20);
        const struct fetch_request request = {.method = "GET",
                                              .url = cases[i].url,
                                              .headers = &cases[i].header,
                                              .n_headers = 1,
                                              .plain = cases[i].plain};
        struct fetch_answer answer;
        struct error err;
        assert_true(failed(fetch_send(&fetch, &request, &arena, &answer, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, cases[i].wanted));
        assert_null(strstr(err.text, "secret"));
        arena_done(&arena);
    }
}

int answer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(dates),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(retry_after_a_date),
        cmocka_unit_test(requests_that_are_none),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
