#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "observe/log.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

/* A log in memory. */
struct sample {
    int fd;
    char *text;
    size_t n;
};

static void sample_start(struct sample *sample, enum log_level level, enum log_format format)
{
    *sample = (struct sample){.fd = memfd_create("log", MFD_CLOEXEC)};
    assert_true(sample->fd >= 0);
    log_setup(sample->fd, level, format);
}

static void sample_read(struct sample *sample)
{
    off_t size = lseek(sample->fd, 0, SEEK_END);
    assert_true(size >= 0);
    free(sample->text);
    sample->n = (size_t)size;
    sample->text = calloc(1, sample->n + 1);
    assert_non_null(sample->text);
    assert_int_equal(pread(sample->fd, sample->text, sample->n, 0), size);
}

static void sample_done(struct sample *sample)
{
    log_setup(STDERR_FILENO, LOG_INFO, LOG_AUTO);
    close(sample->fd);
    free(sample->text);
}

/* Behind the time, which is checked: "2026-11-25T01:22:20.123Z" and what must follow it. */
static const char *skip_time(const char *at, const char *behind)
{
    int64_t ns = 0;
    struct error err;
    assert_true(strlen(at) > 24);
    assert_false(failed(clock_parse_time((struct str){at, 24}, &ns, &err)));
    assert_true(ns <= clock_wall() && ns > clock_wall() - 600 * NS_PER_S);
    assert_memory_equal(at + 24, behind, strlen(behind));
    return at + 24 + strlen(behind);
}

/* -- the two forms -- */

static void json_form(void **state)
{
    (void)state;
    struct sample sample;
    sample_start(&sample, LOG_INFO, LOG_JSON);
    LOG(LOG_WARNING, "it \"happened\"", LOG_FIELD_STR("text", STR("a\nb")),
        LOG_FIELD_CSTR("none", NULL), LOG_FIELD_INT("least", INT64_MIN), LOG_FIELD_INT("n", 7),
        LOG_FIELD_BOOL("yes", true), LOG_FIELD_BOOL("no", false));
    LOG(LOG_INFO, "alone");
    sample_read(&sample);
    assert_memory_equal(sample.text, "{\"time\":\"", 9);
    const char *rest = skip_time(sample.text + 9, "\",");
    const char *second = strchr(rest, '\n') + 1;
    assert_int_equal(second - rest, strlen("\"level\":\"warning\",\"message\":\"it "
                                           "\\\"happened\\\"\",\"text\":\"a\\nb\",\"none\":\"\","
                                           "\"least\":-9223372036854775808,\"n\":7,\"yes\":true,"
                                           "\"no\":false}\n"));
    assert_memory_equal(rest,
                        "\"level\":\"warning\",\"message\":\"it \\\"happened\\\"\",\"text\":"
                        "\"a\\nb\",\"none\":\"\",\"least\":-9223372036854775808,\"n\":7,"
                        "\"yes\":true,\"no\":false}\n",
                        (size_t)(second - rest));
    assert_string_equal(skip_time(second + 9, "\","),
                        "\"level\":\"info\",\"message\":\"alone\"}\n");
    sample_done(&sample);
}

static void text_form(void **state)
{
    (void)state;
    struct sample sample;
    sample_start(&sample, LOG_DEBUG, LOG_TEXT);
    LOG(LOG_ERROR, "it happened", LOG_FIELD_STR("text", STR("a b\n\x1b[31m")),
        LOG_FIELD_INT("n", -1), LOG_FIELD_BOOL("yes", true));
    sample_read(&sample);
    assert_string_equal(skip_time(sample.text, " "),
                        "error   it happened text=\"a b\\n\\u001b[31m\" n=-1 yes=true\n");
    sample_done(&sample);
}

static void auto_is_json_where_no_terminal_is(void **state)
{
    (void)state;
    struct sample sample;
    sample_start(&sample, LOG_INFO, LOG_AUTO);
    LOG(LOG_INFO, "m");
    sample_read(&sample);
    assert_int_equal(sample.text[0], '{');
    sample_done(&sample);
}

/* -- terminals -- */

/* Log one error to a terminal; returns what is behind the time, to be freed. */
static char *on_terminal(enum log_format format)
{
    struct termios raw;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0 && tcgetattr(slave, &raw) == 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    log_setup(slave, LOG_INFO, format);
    LOG(LOG_ERROR, "m", LOG_FIELD_INT("n", 1));
    char text[256] = "";
    size_t n = 0;
    while (n == 0 || text[n - 1] != '\n') {
        ssize_t more = read(master, text + n, sizeof text - 1 - n);
        assert_true(more > 0);
        n += (size_t)more;
    }
    log_setup(STDERR_FILENO, LOG_INFO, LOG_AUTO);
    close(slave);
    close(master);
    char *copy = strdup(format == LOG_JSON ? text : skip_time(text, " "));
    assert_non_null(copy);
    return copy;
}

static void assert_on_terminal(enum log_format format, const char *wanted)
{
    char *found = on_terminal(format);
    assert_string_equal(found, wanted);
    free(found);
}

static void terminals_get_text_and_colour(void **state)
{
    (void)state;
    unsetenv("NO_COLOR");
    assert_on_terminal(LOG_AUTO, "\033[31merror  \033[0m m n=1\n");
    assert_on_terminal(LOG_TEXT, "\033[31merror  \033[0m m n=1\n");
    setenv("NO_COLOR", "", 1);
    assert_on_terminal(LOG_AUTO, "error   m n=1\n");
    unsetenv("NO_COLOR");
    char *json = on_terminal(LOG_JSON);
    assert_int_equal(json[0], '{');
    assert_null(strchr(json, '\033'));
    free(json);
}

/* -- levels -- */

static void levels(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"debug", "info", "warning", "error"};
    for (enum log_level least = LOG_DEBUG; least <= LOG_ERROR; least++) {
        for (enum log_level level = LOG_DEBUG; level <= LOG_ERROR; level++) {
            struct sample sample;
            char wanted[32];
            sample_start(&sample, least, LOG_JSON);
            log_event(level, "m", NULL, 0);
            sample_read(&sample);
            snprintf(wanted, sizeof wanted, "\"level\":\"%s\"", NAMES[level]);
            assert_int_equal(sample.n > 0, level >= least);
            assert_int_equal(strstr(sample.text, wanted) != NULL, level >= least);
            sample_done(&sample);
        }
    }
}

static void errors_tell_their_kind(void **state)
{
    (void)state;
    struct sample sample;
    struct error err;
    error_fill(&err, ERROR_CONFIG, "a\nb");
    sample_start(&sample, LOG_ERROR, LOG_JSON);
    log_error("it failed", &err);
    sample_read(&sample);
    assert_string_equal(skip_time(sample.text + 9, "\","),
                        "\"level\":\"error\",\"message\":\"it failed\",\"error\":\"a?b\",\"kind\":"
                        "\"config\"}\n");
    sample_done(&sample);
}

/* -- values from outside -- */

/* One line, nothing in it that does anything but show. */
static void assert_harmless(const char *text, size_t n)
{
    assert_true(n > 0 && text[n - 1] == '\n');
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1];
        assert_true(c >= 0x20 && c != 0x7f);
        assert_false(c == 0xc2 && next >= 0x80 && next <= 0x9f);
        assert_false(c == 0xe2 && next == 0x80 && (unsigned char)text[i + 2] >= 0xa8 &&
                     (unsigned char)text[i + 2] <= 0xa9);
    }
    assert_true(utf8_valid((struct str){text, n}));
}

/* Log a value; if it is UTF-8, a reader of JSON gets it back. */
static void check_value(struct str value)
{
    for (enum log_format format = LOG_JSON; format <= LOG_TEXT; format++) {
        struct sample sample;
        sample_start(&sample, LOG_INFO, format);
        LOG(LOG_INFO, "m", LOG_FIELD_STR("v", value));
        sample_read(&sample);
        assert_harmless(sample.text, sample.n);
        if (format == LOG_JSON) {
            yyjson_doc *doc = yyjson_read(sample.text, sample.n, 0);
            assert_non_null(doc);
            yyjson_val *found = yyjson_obj_get(yyjson_doc_get_root(doc), "v");
            assert_true(yyjson_is_str(found));
            if (utf8_valid(value)) {
                assert_int_equal(yyjson_get_len(found), value.n);
                assert_memory_equal(yyjson_get_str(found), value.p, value.n);
            }
            yyjson_doc_free(doc);
        }
        sample_done(&sample);
    }
}

static void values_forge_nothing(void **state)
{
    (void)state;
    static const struct str VALUES[] = {
        {"", 0},
        {"\",\"level\":\"error", 16},
        {"\n{\"time\":\"x\"}", 13},
        {"\xc2\x85\xc2\x9b[2J\xc2\x80\xc2\x9f\xc2\xa0", 14},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7\xe2\x80\xaa", 12},
        {"\xe2\x80\xe2\x80\xa8\xc2", 6},
        {"\0\x7f\\\"", 4},
    };
    for (size_t i = 0; i < COUNT(VALUES); i++) {
        check_value(VALUES[i]);
    }
    char all[256];
    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (char)i;
        check_value((struct str){all + i, 1});
    }
    check_value((struct str){all, sizeof all});
}

static void any_bytes_are_one_line(void **state)
{
    (void)state;
    static const char PIECES[] = "\xc2\x85\xe2\x80\xa8\x9b\n\\\"\0a\xf0\x9f\x98\x80\xed\xa0";
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[40];
        size_t n = next_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = PIECES[next_random(&seed) % (sizeof PIECES - 1)];
        }
        check_value((struct str){bytes, n});
    }
}

/* -- how long -- */

/* The length of a line with a value of `n` bytes; *ret_cut says whether the value is in it. */
static size_t line_length(enum log_format format, size_t n, bool *ret_cut)
{
    struct sample sample;
    char *value = malloc(n + 1);
    assert_non_null(value);
    memset(value, 'x', n);
    sample_start(&sample, LOG_INFO, format);
    LOG(LOG_INFO, "m", LOG_FIELD_STR("v", ((struct str){value, n})));
    sample_read(&sample);
    const char *cut =
        format == LOG_JSON ? "\"message\":\"m\",\"truncated\":true}\n" : " m truncated=true\n";
    *ret_cut = strstr(sample.text, cut) != NULL;
    assert_int_equal(strstr(sample.text, "xx") == NULL, *ret_cut);
    size_t length = sample.n;
    sample_done(&sample);
    free(value);
    return length;
}

static void long_lines_lose_their_fields(void **state)
{
    (void)state;
    for (enum log_format format = LOG_JSON; format <= LOG_TEXT; format++) {
        bool cut = true;
        size_t frame = line_length(format, 2, &cut) - 2;
        assert_false(cut);
        assert_int_equal(line_length(format, LINE_MAX_BYTES - frame, &cut), LINE_MAX_BYTES);
        assert_false(cut);
        assert_in_range(line_length(format, LINE_MAX_BYTES - frame + 1, &cut), 1, 200);
        assert_true(cut);
        (void)line_length(format, 10 * LINE_MAX_BYTES, &cut);
        assert_true(cut);
    }
}

/* -- threads -- */

enum { THREADS = 4, LINES = 200, LONG = 20000 };

static void *log_much(void *letter)
{
    char *value = malloc(LONG);
    if (value != NULL) {
        memset(value, *(char *)letter, LONG);
        for (int i = 0; i < LINES; i++) {
            LOG(LOG_INFO, "m", LOG_FIELD_STR("v", ((struct str){value, LONG})));
        }
        free(value);
    }
    return NULL;
}

/* Lines longer than a pipe takes at one time. */
static void lines_of_threads_do_not_mix(void **state)
{
    (void)state;
    int ends[2];
    pthread_t threads[THREADS];
    char letters[THREADS] = {'a', 'b', 'c', 'd'};
    assert_int_equal(pipe(ends), 0);
    log_setup(ends[1], LOG_INFO, LOG_JSON);
    FILE *reader = fdopen(ends[0], "r");
    assert_non_null(reader);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, log_much, &letters[i]), 0);
    }
    static char line[2 * LONG];
    for (int i = 0; i < THREADS * LINES; i++) {
        assert_non_null(fgets(line, sizeof line, reader));
        const char *value = strstr(line, "\"v\":\"");
        assert_non_null(value);
        char run[2] = {value[5], '\0'};
        assert_int_equal(strspn(value + 5, run), LONG);
        assert_string_equal(value + 5 + LONG, "\"}\n");
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    log_setup(STDERR_FILENO, LOG_INFO, LOG_AUTO);
    fclose(reader);
    close(ends[1]);
}

int log_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(json_form),
        cmocka_unit_test(text_form),
        cmocka_unit_test(auto_is_json_where_no_terminal_is),
        cmocka_unit_test(terminals_get_text_and_colour),
        cmocka_unit_test(levels),
        cmocka_unit_test(errors_tell_their_kind),
        cmocka_unit_test(values_forge_nothing),
        cmocka_unit_test(any_bytes_are_one_line),
        cmocka_unit_test(long_lines_lose_their_fields),
        cmocka_unit_test(lines_of_threads_do_not_mix),
    };
    return cmocka_run_group_tests_name("log", TESTS, NULL, NULL);
}
