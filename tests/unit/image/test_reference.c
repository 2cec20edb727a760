#include "test.h"

#include <stdio.h>

#include "base/limits.h"
#include "image/host.h"
#include "image/reference.h"

/* What `text` becomes: "registry|repository|tag|digest", or the error's text behind "!". */
static struct str outcome(struct arena *arena, enum reference_grammar grammar, const char *text)
{
    struct reference r;
    struct error err = {0};
    if (failed(reference_parse_as(arena, grammar, str_from(text), &r, &err))) {
        return arena_printf(arena, "!%s", err.text);
    }
    return arena_printf(arena, "%.*s|%.*s|%.*s|%.*s", STR_ARG(r.registry), STR_ARG(r.repository),
                        STR_ARG(r.tag), STR_ARG(r.digest));
}

struct row {
    const char *text;
    const char *outcome; /* "!": any error */
};

static void check(enum reference_grammar grammar, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct str got = outcome(&arena, grammar, rows[i].text);
        bool any_error = strcmp(rows[i].outcome, "!") == 0 && got.p[0] == '!';
        if (!any_error && !str_eq(got, str_from(rows[i].outcome))) {
            fail_msg("\"%s\" became %.*s, not %s", rows[i].text, STR_ARG(got), rows[i].outcome);
        }
    }
}

static void normalized(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"ubuntu", "docker.io|library/ubuntu||"},
        {"ubuntu:20.04", "docker.io|library/ubuntu|20.04|"},
        {"foo/bar:1", "docker.io|foo/bar|1|"},
        {"docker.io/ubuntu", "docker.io|library/ubuntu||"},
        {"index.docker.io/ubuntu", "docker.io|library/ubuntu||"},
        {"index.docker.io/a/b", "docker.io|a/b||"},
        {"docker.io/a/b/c", "docker.io|a/b/c||"},
        {"localhost", "docker.io|library/localhost||"},
        {"example.com", "docker.io|library/example.com||"},
        {"192.168.0.1:80", "docker.io|library/192.168.0.1|80|"},
        {"localhost/x", "localhost|x||"},
        {"LOCALHOST/x", "LOCALHOST|x||"},
        {"Foo/bar", "Foo|bar||"},
        {"DOCKER.IO/ubuntu", "DOCKER.IO|ubuntu||"},
        {"docker.io:443/ubuntu", "docker.io:443|ubuntu||"},
        {"registry-1.docker.io/ubuntu", "registry-1.docker.io|ubuntu||"},
        {"host:5000/x", "host:5000|x||"},
        {"10.0.0.1:8/x", "10.0.0.1:8|x||"},
        {"[fc00::1]:5000/x", "[fc00::1]:5000|x||"},
        {"busybox:1@" SHA256, "docker.io|library/busybox|1|" SHA256},
        {"x@" SHA256, "docker.io|library/x||" SHA256},
        {"x@sha512:" HEX64 HEX64, "docker.io|library/x||sha512:" HEX64 HEX64},
        {"sha256:" HEX64, "docker.io|library/sha256|" HEX64 "|"},
        {"docker.io/" HEX64, "docker.io|library/" HEX64 "||"},
        {"a_b/c", "docker.io|a_b/c||"},
    };
    check(REFERENCE_NORMALIZED, ROWS, COUNT(ROWS));
}

static void other_grammars(void **state)
{
    (void)state;
    static const struct row EXACT[] = {
        {"ubuntu", "|ubuntu||"},
        {"foo/bar", "foo|bar||"},
        {"a_b.c/d", "|a_b.c/d||"},
        {"docker.io/x", "docker.io|x||"},
        {HEX64, "|" HEX64 "||"},
        {"foo:5000", "|foo|5000|"},
        {"foo:5000/x", "foo:5000|x||"},
        {"[::1]/x", "[::1]|x||"},
        {"", "!"},
        {"[::1]", "!"},
        {"@" SHA256, "!"},
    };
    static const struct row CANONICAL[] = {
        {"docker.io/library/x:1", "docker.io|library/x|1|"},
        {"x", "!\"x\" is not in normal form: write \"docker.io/library/x\""},
        {"index.docker.io/a/b",
         "!\"index.docker.io/a/b\" is not in normal form: write \"docker.io/a/b\""},
        {"GHCR.IO/x", "GHCR.IO|x||"},
    };
    static const struct row DOCKER[] = {
        {"x", "docker.io|library/x|latest|"},
        {"x:1", "docker.io|library/x|1|"},
        {"x:1@" SHA256, "docker.io|library/x||" SHA256},
        {"x@" SHA256, "docker.io|library/x||" SHA256},
        {HEX64, "!"},
    };
    static const struct row ANY[] = {
        {"x", "docker.io|library/x||"},
        {HEX64, "|||" SHA256},
        {SHA256, "|||" SHA256},
        {"sha512:" HEX64 HEX64, "|||sha512:" HEX64 HEX64},
        {"sha256:abc", "docker.io|library/sha256|abc|"},
        {"", "!"},
    };
    check(REFERENCE_EXACT, EXACT, COUNT(EXACT));
    check(REFERENCE_CANONICAL, CANONICAL, COUNT(CANONICAL));
    check(REFERENCE_DOCKER, DOCKER, COUNT(DOCKER));
    check(REFERENCE_ANY, ANY, COUNT(ANY));
}

/* Each says what is wrong and, where it is plain, what would be right. */
static void messages(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"", "!empty: a reference such as \"docker.io/library/nginx:1.27\" is expected"},
        {" \n", "!nothing but white space"},
        {" nginx", "!white space around it: did you mean \"nginx\"?"},
        {"nginx:1\n", "!white space around it: did you mean \"nginx:1\"?"},
        {"ngi nx", "!white space at byte 4"},
        {" ngi nx", "!white space at byte 5"},
        {"ngi\x1b[31mnx", "!control character 0x1b at byte 4"},
        {"nginx\x7f", "!control character 0x7f at byte 6"},
        {"ngin\xc3\xa9", "!byte 5 is 0xc3: references are ASCII"},
        {"https://ghcr.io/acme/app",
         "!`https://` is not part of a reference: did you mean \"ghcr.io/acme/app\"?"},
        {"docker://ubuntu", "!`docker://` is not part of a reference: did you mean \"ubuntu\"?"},
        {"oci://", "!`oci://` is not part of a reference"},
        {"https://user:secret@ghcr.io/x", "!`https://` is not part of a reference"},
        {"user:secret@ghcr.io/x", "!a user name or password is not part of a reference (\"@\" "
                                  "before the first \"/\")"},
        {"${IMAGE}", "!\"${IMAGE}\" looks like a placeholder that was not filled in"},
        {"{{ .Values.image }}",
         "!\"{{ .Values.image }}\" looks like a placeholder that was not filled in"},
        {"<image>:1", "!\"<image>:1\" looks like a placeholder that was not filled in"},
        {"docker.io/Acme/App:V1",
         "!repository name must be lowercase: did you mean \"docker.io/acme/app:V1\"?"},
        {"Nginx", "!repository name must be lowercase: did you mean \"nginx\"?"},
        {"a//b", "!invalid repository name \"a//b\": \"\" is empty: \"/\" stands only between two "
                 "names"},
        {"a/", "!invalid repository name \"a/\": \"\" is empty: \"/\" stands only between two "
               "names"},
        {"ghcr.io/", "!the repository's name is missing"},
        {":1", "!the repository's name is missing"},
        {"@" SHA256, "!the repository's name is missing"},
        {"a/b!c", "!invalid repository name \"a/b!c\": \"b!c\" has a character other than "
                  "lower-case letters, digits, \".\", \"_\" and \"-\""},
        {"-a", "!invalid repository name \"-a\": \"-a\" is no repository name: it begins and ends "
               "with a letter or digit, and between these stand \".\", \"_\", \"__\" or any number "
               "of \"-\""},
        {"a:", "!invalid tag \"\": it is empty: a tag stands behind \":\""},
        {"a:-1", "!invalid tag \"-1\": it begins with \".\" or \"-\", which a tag cannot"},
        {"a:1+2", "!invalid tag \"1+2\": it has a character other than letters, digits, \"_\", "
                  "\".\" and \"-\""},
        {"a@", "!invalid digest \"\": it is missing behind \"@\""},
        {"a@sha256:abc", "!invalid digest \"sha256:abc\": it has the wrong length: sha256 has 64 "
                         "hex digits, sha384 96, sha512 128"},
        {"a@md5:" HEX64, "!invalid digest \"md5:" HEX64 "\": it has an unknown algorithm: sha256, "
                         "sha384 and sha512 are known"},
        {"a@latest", "!invalid digest \"latest\": it is malformed: an algorithm, \":\" and "
                     "lower-case hex digits are expected"},
        {"host:http/x", "!registry \"host:http\" has a port that is not a number"},
        {"host:/x", "!registry \"host:\" has a port that is not a number"},
        {"my_host.local/x", "!registry \"my_host.local\" has \"_\", which no host name has"},
        {"gcr.io./x", "!registry \"gcr.io.\" is no host name: labels of letters, digits and inner "
                      "\"-\", joined by \".\""},
        {"fc00::1:5000/x", "!registry \"fc00::1:5000\" looks like an IPv6 address, which stands in "
                           "brackets: \"[::1]:5000/app\""},
        {"[fe80::1%eth0]:5000/x",
         "!registry \"[fe80::1%eth0]:5000\" is no address: between brackets stand hex digits and "
         "\":\" alone, without a zone"},
        {HEX64, "!64 hex digits are an image ID, not a name: write a repository with \"@sha256:\" "
                "and these digits behind it"},
    };
    check(REFERENCE_NORMALIZED, ROWS, COUNT(ROWS));
}

static void canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *canonical; /* host, port, segments, tag to match */
    } CASES[] = {
        {"nginx", "docker.io 0 [library][nginx] latest"},
        {"nginx:1", "docker.io 0 [library][nginx] 1"},
        {"nginx@" SHA256, "docker.io 0 [library][nginx] "},
        {"nginx:1@" SHA256, "docker.io 0 [library][nginx] 1"},
        {"index.docker.io/a/b", "docker.io 0 [a][b] latest"},
        {"registry-1.docker.io/nginx", "docker.io 0 [nginx] latest"},
        {"docker.io:443/nginx", "docker.io 0 [nginx] latest"},
        {"docker.io:5000/a/b", "docker.io 5000 [a][b] latest"},
        {"GHCR.io:443/a/b/c", "ghcr.io 0 [a][b][c] latest"},
        {"Foo/bar", "foo 0 [bar] latest"},
        {"[FC00:0::1]:5000/x", "[fc00::1] 5000 [x] latest"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference r;
        struct error err;
        if (failed(reference_parse(&arena, str_from(CASES[i].text), &r, &err))) {
            fail_msg("\"%s\": %s", CASES[i].text, err.text);
        }
        struct str got = arena_printf(&arena, "%.*s %u ", STR_ARG(r.host), r.port);
        for (size_t s = 0; s < r.n_segments; s++) {
            got = arena_printf(&arena, "%.*s[%.*s]", STR_ARG(got), STR_ARG(r.segments[s]));
        }
        got = arena_printf(&arena, "%.*s %.*s", STR_ARG(got), STR_ARG(r.match_tag));
        if (!str_eq(got, str_from(CASES[i].canonical))) {
            fail_msg("\"%s\" became %.*s", CASES[i].text, STR_ARG(got));
        }
    }
}

static void quirks(void **state)
{
    (void)state;
    enum {
        SHORT = REFERENCE_SHORT_NAME,
        UPPER = REFERENCE_UPPER_CASE_HOST,
        ID = REFERENCE_IMAGE_ID
    };
    static const struct {
        const char *text;
        unsigned quirks;
    } CASES[] = {
        {"docker.io/library/nginx", 0},
        {"index.docker.io/nginx", 0},
        {"ghcr.io/acme/app", 0},
        {"localhost/x", 0},
        {"host:5000/x", 0},
        {"[::1]/x", 0},
        {"nginx", SHORT},
        {"nginx:1.27", SHORT},
        {"nginx@" SHA256, SHORT},
        {"acme/app", SHORT},
        {"library/nginx", SHORT},
        {"localhost", SHORT},
        {"localhost:5000", SHORT},
        {"ghcr.io", SHORT},
        {"Foo/bar", SHORT | UPPER},
        {"LOCALHOST/x", SHORT | UPPER},
        {"GHCR.io/x", UPPER},
        {"DOCKER.IO/library/nginx", UPPER},
        {"[FC00::1]/x", UPPER},
        /* containerd looks for an image whose ID begins so before it asks any registry */
        {SHA256, SHORT | ID},
        {"sha256:abc", SHORT | ID},
        {"sha256:latest", SHORT | ID},
        {"sha256", SHORT | ID},
        {"sha384:0", SHORT | ID},
        {"sha512:0", SHORT | ID},
        {"sha256@" SHA256, SHORT | ID},
        /* but what has a "/" is parsed as a name, and Docker Hub is asked for it */
        {"docker.io/library/sha256:abc", 0},
        {"docker.io/sha256:abc", 0},
        {"library/sha256:abc", SHORT},
        {"sha256/x:abc", SHORT},
        {"sha1:abc", SHORT},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference r;
        struct error err;
        if (failed(reference_parse(&arena, str_from(CASES[i].text), &r, &err))) {
            fail_msg("\"%s\": %s", CASES[i].text, err.text);
        }
        if (r.quirks != CASES[i].quirks) {
            fail_msg("\"%s\" has quirks %u, not %u", CASES[i].text, r.quirks, CASES[i].quirks);
        }
    }
}

static void printing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *familiar;
        const char *printed;
    } CASES[] = {
        {"nginx", "nginx", "docker.io/library/nginx"},
        {"nginx:1@" SHA256, "nginx", "docker.io/library/nginx:1@" SHA256},
        {"docker.io/acme/app", "acme/app", "docker.io/acme/app"},
        {"docker.io/library/foo/bar", "library/foo/bar", "docker.io/library/foo/bar"},
        {"docker.io/foo.bar", "foo.bar", "docker.io/library/foo.bar"},
        {"ghcr.io/a/b", "ghcr.io/a/b", "ghcr.io/a/b"},
        {"Foo/bar", "Foo/bar", "Foo/bar"},
        /* without docker.io these would be read as something else */
        {"docker.io/localhost/x", "docker.io/localhost/x", "docker.io/localhost/x"},
        {"docker.io/ghcr.io/x", "docker.io/ghcr.io/x", "docker.io/ghcr.io/x"},
        {"docker.io/" HEX64, "docker.io/" HEX64, "docker.io/library/" HEX64},
        {"docker.io/sha256:1", "docker.io/sha256", "docker.io/library/sha256:1"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference r, again;
        struct error err;
        assert_false(failed(reference_parse(&arena, str_from(CASES[i].text), &r, &err)));
        struct str familiar = reference_familiar(&arena, &r);
        struct str printed = reference_print(&arena, &r);
        if (!str_eq(familiar, str_from(CASES[i].familiar)) ||
            !str_eq(printed, str_from(CASES[i].printed))) {
            fail_msg("\"%s\" prints as %.*s, familiar %.*s", CASES[i].text, STR_ARG(printed),
                     STR_ARG(familiar));
        }
        assert_false(failed(reference_parse(&arena, familiar, &again, &err)));
        assert_true(str_eq(reference_name(&arena, &again), reference_name(&arena, &r)));
    }
}

static void limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct reference r;
    struct error err;
    char text[LIMIT_IMAGE_TEXT + 1];
    memset(text, 'a', sizeof text);

    /* The text: with a long host, since every other part has a limit of its own. */
    const char *end = ".io/b/c";
    memcpy(text + LIMIT_IMAGE_TEXT - strlen(end), end, strlen(end));
    assert_false(failed(reference_parse(&arena, (struct str){text, LIMIT_IMAGE_TEXT}, &r, &err)));
    memmove(text + 1, text, LIMIT_IMAGE_TEXT);
    assert_true(failed(reference_parse(&arena, (struct str){text, sizeof text}, &r, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "an image reference of 1025 bytes: at most 1024 are allowed");

    /* The repository, with and without "library/". */
    memset(text, 'a', sizeof text);
    assert_false(failed(reference_parse(&arena, (struct str){text, 247}, &r, &err)));
    assert_int_equal(r.repository.n, 255);
    assert_true(failed(reference_parse(&arena, (struct str){text, 248}, &r, &err)));
    assert_string_equal(err.text,
                        "the repository's name is longer than 255 bytes, \"library/\" included");
    assert_false(
        failed(reference_parse_as(&arena, REFERENCE_EXACT, (struct str){text, 255}, &r, &err)));
    assert_true(
        failed(reference_parse_as(&arena, REFERENCE_EXACT, (struct str){text, 256}, &r, &err)));

    /* The tag. */
    memcpy(text, "x:", 2);
    assert_false(failed(reference_parse(&arena, (struct str){text, 130}, &r, &err)));
    assert_true(failed(reference_parse(&arena, (struct str){text, 131}, &r, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
}

/* A failure leaves the result as it was, and bytes that are no text are no trouble. */
static void failures_touch_nothing(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct reference r = {.text = STR("untouched")};
    struct error err = {0};
    const struct str bad[] = {{NULL, 0}, {"a\0b", 3}, {"\xff\xfe", 2}, {"A/\0/B", 5}, STR("A/B/")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        for (int grammar = REFERENCE_NORMALIZED; grammar <= REFERENCE_ANY; grammar++) {
            assert_true(failed(
                reference_parse_as(&arena, (enum reference_grammar)grammar, bad[i], &r, &err)));
            assert_int_equal(err.kind, ERROR_INPUT);
            assert_true(strlen(err.text) > 0);
            assert_true(str_eq(r.text, STR("untouched")));
        }
    }
}

int reference_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalized), cmocka_unit_test(other_grammars),
        cmocka_unit_test(messages),   cmocka_unit_test(canonical_form),
        cmocka_unit_test(quirks),     cmocka_unit_test(printing),
        cmocka_unit_test(limits),     cmocka_unit_test(failures_touch_nothing),
    };
    return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
