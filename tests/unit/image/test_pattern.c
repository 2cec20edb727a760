#include "test.h"

#include "base/limits.h"
#include "image/pattern.h"

static const struct pattern *compile(struct arena *arena, const char *text)
{
    const struct pattern *pattern = NULL;
    struct error err;
    if (failed(pattern_parse(arena, str_from(text), &pattern, &err))) {
        fail_msg("%s", err.text);
    }
    return pattern;
}

static struct reference parse(struct arena *arena, const char *text)
{
    struct reference reference;
    struct error err;
    if (failed(reference_parse(arena, str_from(text), &reference, &err))) {
        fail_msg("\"%s\": %s", text, err.text);
    }
    return reference;
}

struct row {
    const char *pattern;
    const char *reference;
    bool match;
};

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference reference = parse(&arena, rows[i].reference);
        if (pattern_match(compile(&arena, rows[i].pattern), &reference) != rows[i].match) {
            fail_msg("\"%s\" %s \"%s\"", rows[i].pattern,
                     rows[i].match ? "does not match" : "matches", rows[i].reference);
        }
    }
}

static void registries(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"ghcr.io", "ghcr.io/acme/app", true},
        {"ghcr.io", "ghcr.io/app:1@" SHA256, true},
        {"ghcr.io", "GHCR.IO/acme/app", true},
        {"GHCR.io", "ghcr.io/acme/app", true},
        {"ghcr.io", "ghcr.io:443/acme/app", true},
        {"ghcr.io:443", "ghcr.io/acme/app", true},
        {"ghcr.io", "ghcr.io:5000/acme/app", false},
        {"ghcr.io:5000", "ghcr.io:5000/acme/app", true},
        {"ghcr.io:5000", "ghcr.io:05000/acme/app", true},
        {"ghcr.io:5000", "ghcr.io/acme/app", false},
        {"ghcr.io:*", "ghcr.io:5000/acme/app", true},
        {"ghcr.io:*", "ghcr.io/acme/app", true},
        {"ghcr.io", "ghcr.io:0/acme/app", false},
        {"ghcr.io", "ghcr.io:65979/acme/app", false}, /* 443 in 16 bits */
        {"ghcr.io", "acme/ghcr.io", false},
        {"localhost", "localhost/x", true},
        {"localhost:5000", "localhost:5000/x/y", true},
        {"localhost", "localhost:5000/x", false},
        {"localhost", "localhost", false}, /* docker.io/library/localhost */
        {"10.0.0.1:5000", "10.0.0.1:5000/x", true},
        {"[::1]", "[0:0::1]:443/x", true},
        {"[::1]:5000", "[::1]:5000/x", true},
        {"[FD00::1]", "[fd00:0::1]/x", true},
        {"[::1]", "[::2]/x", false},
        {"docker.io", "nginx", true},
        {"docker.io", "index.docker.io/nginx", true},
        {"docker.io", "registry-1.docker.io/library/nginx", true},
        {"registry-1.docker.io", "nginx", true},
        {"docker.io", "registry.hub.docker.com/acme/app", true},
        {"docker.io", "quay.io/docker.io/nginx", false},
    };
    check(ROWS, COUNT(ROWS));
}

static void host_wildcards(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"*.example.com", "a.example.com/x", true},
        {"*.example.com", "a.b.example.com/x", false},
        {"*.example.com", "example.com/x", false},
        {"*.EXAMPLE.com", "A.example.COM/x", true},
        {"**.example.com", "a.example.com/x", true},
        {"**.example.com", "a.b.example.com/x", true},
        {"**.example.com", "example.com/x", false},
        {"**.example.com", "badexample.com/x", false},
        {"**.example.com", "a.example.com:5000/x", false},
        {"**.example.com:*", "a.example.com:5000/x", true},
        {"*-reg.example.com", "eu-reg.example.com/x", true},
        {"*-reg.example.com", "eu.reg.example.com/x", false},
        {"*.*.com/**", "a.b.com/x", true},
        {"*.*.com/**", "a.b.c.com/x", false},
        {"10.0.*.*", "10.0.3.4/x", true},
        {"10.0.*.*", "10.1.3.4/x", false},
        {"*:5000/**", "localhost:5000/x", true},
        {"*:5000/**", "a.b:5000/x", false},
        {"*:5000/**", "[::1]:5000/x", true},
        {"**:5000/**", "a.b.c:5000/x/y", true},
        {"**:5000/**", "[::1]:5000/x", true},
        {"**:5000/**", "a.b.c/x", false},
        {"*.*.3.4", "[::ffff:102:304]/x", false}, /* an address has no labels */
        {"*.dkr.ecr.*.amazonaws.com/**", "123.dkr.ecr.eu-west-1.amazonaws.com/a", true},
        {"*.dkr.ecr.*.amazonaws.com/**", "123.dkr.ecr.eu.west.amazonaws.com/a", false},
        /* what names Docker Hub in one way names it in all */
        {"*.hub.docker.com/**", "nginx", true},
        {"*.docker.com/**", "nginx", false},
        {"**.docker.com", "registry.hub.docker.com/acme/app", true},
        {"*.docker.io/**", "index.docker.io/acme/app", true},
        {"*.docker.io/acme/*", "acme/app", true},
        {"*.docker.io/acme/*", "evil/app", false},
        {"hub.*.com", "nginx", false},
        {"*.io", "nginx", true},
    };
    check(ROWS, COUNT(ROWS));
}

static void paths(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"ghcr.io/acme/app", "ghcr.io/acme/app:1", true},
        {"ghcr.io/acme/app", "ghcr.io/acme/app/x", false},
        {"ghcr.io/acme/app", "ghcr.io/acme", false},
        {"ghcr.io/acme/**", "ghcr.io/acme/app", true},
        {"ghcr.io/acme/**", "ghcr.io/acme/a/b/c", true},
        {"ghcr.io/acme/**", "ghcr.io/acme", false},
        {"ghcr.io/acme/*", "ghcr.io/acme/app", true},
        {"ghcr.io/acme/*", "ghcr.io/acme/a/b", false},
        {"ghcr.io/*", "ghcr.io/app", true},
        {"ghcr.io/*", "ghcr.io/acme/app", false},
        {"ghcr.io/**", "ghcr.io/app", true},
        {"ghcr.io/**/app", "ghcr.io/app", true},
        {"ghcr.io/**/app", "ghcr.io/a/b/app", true},
        {"ghcr.io/**/app", "ghcr.io/a/b/app/c", false},
        {"ghcr.io/**/x/**", "ghcr.io/x/a", true},
        {"ghcr.io/**/x/**", "ghcr.io/a/x", false},
        {"ghcr.io/a/**/b/**/c", "ghcr.io/a/b/c", true},
        {"ghcr.io/a/**/b/**/c", "ghcr.io/a/x/b/b/y/c", true},
        {"ghcr.io/a/**/b/**/c", "ghcr.io/a/c/b", false},
        {"ghcr.io/*/**/*", "ghcr.io/a", false},
        {"ghcr.io/*/**/*", "ghcr.io/a/b", true},
        {"ghcr.io/**/*/**", "ghcr.io/a", false},
        {"ghcr.io/**/*/**", "ghcr.io/a/b/c", true},
        {"ghcr.io/app-*", "ghcr.io/app-1", true},
        {"ghcr.io/app-*", "ghcr.io/app", false},
        {"ghcr.io/a*c/d", "ghcr.io/abbc/d", true},
        {"nginx", "nginx", true},
        {"nginx", "docker.io/library/nginx:1", true},
        {"nginx", "acme/nginx", false},
        {"nginx*", "nginx-debug", true},
        {"nginx*", "library/nginx", true},
        {"nginx*", "nginx/x", false},
        {"library/nginx", "nginx", true},
        {"docker.io/nginx", "nginx", true},
        {"docker.io/nginx", "docker.io/library/nginx", true},
        {"Index.Docker.io/nginx", "nginx", true},
        {"docker.io/*", "nginx", true},
        {"docker.io/*", "acme/app", false},
        {"docker.io/library/*", "nginx", true},
        {"docker.io/library/*", "library/a/b", false},
        {"docker.io/**", "acme/app", true},
        {"acme/*", "acme/app", true},
        {"acme/*", "ghcr.io/acme/app", false},
        {"acme/**", "acme/a/b", true},
        {"my-*/app", "my-team/app", true},
        {"**", "nginx", true},
        {"**", "a.b:5000/x/y@" SHA256, true},
        {"**/nginx", "nginx", true},
        {"**/nginx", "ghcr.io/nginx", true},
        {"**/nginx", "ghcr.io:5000/a/b/nginx:1", true},
        {"**/nginx", "ghcr.io/nginx/a", false},
        {"**/nginx", "nginx-x", false},
        {"**/legacy/**", "ghcr.io/a/legacy/b", true},
        {"**/legacy/**", "ghcr.io/a/legacy", false},
        {"**/**", "ghcr.io/a", true},
        {"**/ghcr.io/x", "ghcr.io/x", false}, /* a host is no segment */
        {"**/*", "ghcr.io/a/b/c", true},
    };
    check(ROWS, COUNT(ROWS));
}

static void tags_and_digests(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"**:latest", "nginx", true},
        {"**:latest", "nginx:latest", true},
        {"**:latest", "ghcr.io/a/b:latest", true},
        {"**:latest", "nginx:1", false},
        {"**:latest", "nginx:Latest", false},
        {"**:latest", "nginx@" SHA256, false},
        {"**:latest", "nginx:latest@" SHA256, true},
        {"nginx:1.*", "nginx:1.27", true},
        {"nginx:1.*", "nginx:1", false},
        {"nginx:1.*", "nginx:21.0", false},
        {"nginx:27", "nginx:27", true},
        {"ghcr.io/acme/app:v1.*", "ghcr.io/acme/app:v1.2.3-rc.1", true},
        {"ghcr.io/acme/app:v1.*", "ghcr.io/acme/app@" SHA256, false},
        {"ghcr.io/acme/app:*", "ghcr.io/acme/app", true},
        {"ghcr.io/acme/app:*", "ghcr.io/acme/app@" SHA256, false},
        {"**@sha256:*", "nginx@" SHA256, true},
        {"**@sha256:*", "nginx:1@" SHA256, true},
        {"**@sha256:*", "nginx:1", false},
        {"**@sha256:*", "nginx@sha512:" HEX64 HEX64, false},
        {"**@*", "nginx@sha512:" HEX64 HEX64, true},
        {"**@*", "nginx", false},
        {"**@sha256:0123*", "nginx@" SHA256, true},
        {"**@sha256:1*", "nginx@" SHA256, false},
        {"nginx@" SHA256, "nginx:2@" SHA256, true},
        {"nginx:1@sha256:*", "nginx:1@" SHA256, true},
        {"nginx:1@sha256:*", "nginx:2@" SHA256, false},
        {"nginx:1@sha256:*", "nginx:1", false},
        {"ghcr.io/**:stable", "ghcr.io/a/b:stable", true},
        {"localhost:5000/**:stable", "localhost:5000/a:stable", true},
    };
    check(ROWS, COUNT(ROWS));
}

/* Ways round allow lists that were found in other gates. None may match. */
static void bypasses(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"registry.example.com", "registry.example.com.evil.org/app", false},
        {"registry.example.com", "registry.example.community/app", false},
        {"registry.example.com/**", "registry.example.com.evil.org/app", false},
        {"myregistry.io", "myregistry.io.malicious.com/app", false},
        {"myregistry.io", "evil.org/myregistry.io/app", false},
        {"ghcr.io/acme/**", "ghcr.io/acme-evil/app", false},
        {"ghcr.io/acme/*", "ghcr.io/acmeevil/app", false},
        {"ghcr.io/acme/app", "ghcr.io/acme/app-evil", false},
        {"ghcr.io/acme/**", "ghcr.io/evil/ghcr.io/acme/app", false},
        {"*.registry.example.com/*", "attacker.com/x.registry.example.com/app", false},
        {"**.registry.example.com", "attacker.com/x.registry.example.com/app", false},
        {"*.registry.example.com/**", "x.registry.example.com.attacker.com/app", false},
        {"*.example.com", "evil.org:443/a.example.com", false},
        {"example.com", "evil-example.com/app", false},
        {"example.com", "example.com:8443/app", false},
        {"docker.io/library/*", "docker.io.evil.org/library/nginx", false},
        {"docker.io/library/*", "evil/library/nginx", false},
        {"docker.io/library/*", "library.io/nginx", false},
        {"docker.io", "docker.io:8080/library/nginx", false},
        {"nginx", "evil.io/library/nginx", false},
        {"nginx", "evil.io/docker.io/library/nginx", false},
        {"**/acme/app", "evil.io/acme/app-x", false},
        {"ghcr.io/acme/app:v1", "ghcr.io/acme/app:v1-evil", false},
        {"localhost", "localhost.evil.org/x", false},
        {"[::1]", "[::1:2]/x", false},
    };
    check(ROWS, COUNT(ROWS));

    /* User names and escapes do not even parse. */
    static const char *const BAD[] = {
        "ghcr.io@evil.org/acme/app",
        "ghcr.io%2facme/app",
        "ghcr.io\\acme/app",
        "ghcr.io/../app",
        "ghcr.io/./app",
        "ghcr.io#x/app",
        "ghcr.io?x/app",
        "ghcr.io/a;b",
        "ghcr.io./acme/app",
        "gh\xd1\x81r.io/x",
        "ghcr.io/a\n.evil",
        "ghcr.io//acme/app",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference reference;
        struct error err;
        if (!failed(reference_parse(&arena, str_from(BAD[i]), &reference, &err))) {
            fail_msg("\"%s\" parses", BAD[i]);
        }
    }
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *message; /* part of it */
    } CASES[] = {
        {"", "empty: write \"**\" for every image"},
        {"*", "write \"**\" for any image"},
        {"*:latest", "write \"**:latest\" for any image"},
        {"*@sha256:*", "write \"**@sha256:*\" for any image"},
        {"*/app", "write \"**/app\" for any registry, or \"docker.io/*/app\""},
        {" ghcr.io", "white space"},
        {"ghcr.io ", "white space"},
        {"ghcr.io\n", "white space"},
        {"ghcr.io/\x01", "byte 0x01"},
        {"ghcr.io/\xc3\xa9", "byte 0xc3"},
        {"https://ghcr.io/acme", "`https://` is not part of a reference"},
        {"!ghcr.io", "\"!\" excludes a pattern from a list"},
        {"nginx:1.?", "\"?\" is no wildcard here"},
        {"ghcr.io/[ab]", "\"[\" is no wildcard here"},
        {"^ghcr.io/.*$", "this is no regular expression"},
        {"ghcr\\.io", "this is no regular expression"},
        {"ghcr.io/(a|b)", "this is no regular expression"},
        {"ghcr.io/{a,b}", "this is no regular expression"},
        {"ghcr.io/a+", "this is no regular expression"},
        {"***", "\"**\" stands alone between slashes"},
        {"a**", "\"**\" stands alone between slashes"},
        {"**a", "\"**\" stands alone between slashes"},
        {"ghcr.io/a**", "\"**\" stands alone between slashes"},
        {"ghcr.io/***", "\"**\" stands alone between slashes"},
        {"a.**.com", "\"**\" can only be the whole first label"},
        {"a**.com", "\"**\" can only be the whole first label"},
        {"***.com", "\"**\" can only be the whole first label"},
        {"nginx:**", "\"*\" is any run of characters"},
        {"ghcr.io/Acme", "\"Acme\" has upper case"},
        {"ghcr.io/Acme*", "upper case"},
        {"Nginx", "\"Nginx\" has upper case"},
        {"Foo/bar", "\"Foo\" has upper case"},
        {"ghcr.io/", "nothing behind \"ghcr.io/\": write \"ghcr.io/**\""},
        {"ghcr.io/:1", "nothing behind \"ghcr.io/\": write \"ghcr.io/**\""},
        {"ghcr.io/@sha256:*", "nothing behind \"ghcr.io/\": write \"ghcr.io/**\""},
        {"**/:1", "nothing behind \"**/\""},
        {":latest", "write \"**\" before it for any image"},
        {"@sha256:*", "write \"**\" before it for any image"},
        {"fc00::1:5000", "an IPv6 address stands in brackets"},
        {"ghcr.io/a:b:c", "\":\" stands before a port or a tag"},
        {"ghcr.io//a", "is empty"},
        {"/a", "is empty"},
        {"acme/", "is empty"},
        {"ghcr.io/a/", "is empty"},
        {"ghcr.io:latest", "write \"ghcr.io/**\" and the tag or digest behind it"},
        {"ghcr.io@sha256:*", "write \"ghcr.io/**\" and the tag or digest behind it"},
        {"ghcr.io:5000@sha256:*", "write \"ghcr.io/**\" and the tag or digest behind it"},
        {"localhost:", "write \"localhost/**\""},
        {"ghcr.io:5000:latest", "registry, which has no tag"},
        {"**:5000:1", "stands before a port or a tag"},
        {"ghcr.io:0", "a number from 1 to 65535"},
        {"ghcr.io:65536/x", "a number from 1 to 65535"},
        {"ghcr.io:50*/x", "a number from 1 to 65535"},
        {"ghcr.io:http/x", "a number from 1 to 65535"},
        {":5000/x", "has no host"},
        {"my_host.local", "\"_\""},
        {"*.my_host.local", "no label of a host"},
        {"*..com", "empty label"},
        {"gcr.io.", "no host name"},
        {"[fe80::1%eth0]", "no address"},
        {"[::*]", "no address"},
        {"::1", "without a name"},
        {"ghcr.io/a:", "is empty: a tag"},
        {"nginx:", "is empty: a tag"},
        {"nginx:-1", "begins with"},
        {"a/b:c/d", "\"c/d\""},
        {"nginx:a,b", "has a character other than"},
        {"nginx:*,b", "has a character other than"},
        {"nginx@", "is malformed"},
        {"nginx@sha256:abc", "wrong length"},
        {"nginx@md5:*", "malformed"},
        {"nginx@sha256:XYZ*", "malformed"},
        {"nginx@*:*", "malformed"},
        {"nginx@a@b", "malformed"},
        {"ghcr.io/a b", "white space"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct pattern *pattern = NULL;
        struct error err = {0};
        if (!failed(pattern_parse(&arena, str_from(CASES[i].pattern), &pattern, &err))) {
            fail_msg("\"%s\" is taken", CASES[i].pattern);
        }
        if (err.kind != ERROR_INPUT || strstr(err.text, CASES[i].message) == NULL) {
            fail_msg("\"%s\": %s", CASES[i].pattern, err.text);
        }
        assert_null(pattern);
    }
}

static void limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    const struct pattern *pattern;
    struct error err;
    char text[LIMIT_PATTERN_TEXT + 1];
    memset(text, 'a', sizeof text);
    memcpy(text, "ghcr.io/", 8);
    assert_false(
        failed(pattern_parse(&arena, (struct str){text, LIMIT_PATTERN_TEXT}, &pattern, &err)));
    assert_true(
        failed(pattern_parse(&arena, (struct str){text, LIMIT_PATTERN_TEXT + 1}, &pattern, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "a pattern of 513 bytes: at most 512 are allowed");
}

/* Patterns that a matcher which tries all ways would not finish in a lifetime. */
static void no_explosion(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct str repository = STR("a"), wild = STR("ghcr.io/**"), stars = STR("ghcr.io/");
    for (size_t i = 0; i < 120; i++) {
        repository = arena_printf(&arena, "%.*s/a", STR_ARG(repository));
    }
    for (size_t i = 0; i < 60; i++) {
        wild = arena_printf(&arena, "%.*s/a/**", STR_ARG(wild));
        stars = arena_printf(&arena, "%.*s*a*a", STR_ARG(stars));
    }
    wild = arena_printf(&arena, "%.*s/b", STR_ARG(wild));
    stars = arena_printf(&arena, "%.*s*b", STR_ARG(stars));
    struct str deep = arena_printf(&arena, "ghcr.io/%.*s", STR_ARG(repository));
    char flat[256] = "ghcr.io/";
    memset(flat + 8, 'a', sizeof flat - 9);
    flat[255] = '\0';
    struct reference deep_reference = parse(&arena, deep.p), flat_reference = parse(&arena, flat);
    const struct pattern *deep_pattern = compile(&arena, wild.p);
    const struct pattern *flat_pattern = compile(&arena, stars.p);
    for (size_t i = 0; i < 1000; i++) {
        assert_false(pattern_match(deep_pattern, &deep_reference));
        assert_false(pattern_match(flat_pattern, &flat_reference));
        assert_true(pattern_covers(deep_pattern, deep_pattern));
        assert_false(pattern_disjoint(deep_pattern, flat_pattern) &&
                     pattern_match(deep_pattern, &flat_reference));
    }
}

static void accessors(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *prefix; /* host, then segments; NULL: the host is not literal */
        bool tag, digest;
    } CASES[] = {
        {"ghcr.io", "ghcr.io", false, false},
        {"GHCR.io:5000/acme/**", "ghcr.io acme", false, false},
        {"ghcr.io/a/b:1", "ghcr.io a b", true, false},
        {"ghcr.io/a/*/c@sha256:*", "ghcr.io a", false, true},
        {"nginx:1@*", "docker.io library nginx", true, true},
        {"acme/*", "docker.io acme", false, false},
        {"registry-1.docker.io/x", "docker.io x", false, false},
        {"**", NULL, false, false},
        {"**/nginx:latest", NULL, true, false},
        {"*.example.com/a", NULL, false, false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct pattern *pattern = compile(&arena, CASES[i].pattern);
        assert_true(str_eq(pattern_text(pattern), str_from(CASES[i].pattern)));
        assert_int_equal(pattern_names_tag(pattern), CASES[i].tag);
        assert_int_equal(pattern_names_digest(pattern), CASES[i].digest);
        struct str got;
        const struct str *segments;
        size_t n;
        bool literal = pattern_literal_prefix(pattern, &got, &segments, &n);
        for (size_t k = 0; literal && k < n; k++) {
            got = arena_printf(&arena, "%.*s %.*s", STR_ARG(got), STR_ARG(segments[k]));
        }
        if (literal != (CASES[i].prefix != NULL) ||
            (literal && !str_eq(got, str_from(CASES[i].prefix)))) {
            fail_msg("\"%s\": wrong prefix", CASES[i].pattern);
        }
    }
}

static void lists(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    const struct pattern *include[] = {compile(&arena, "ghcr.io"), compile(&arena, "acme/*")};
    const struct pattern *exclude[] = {compile(&arena, "ghcr.io/legacy/**")};
    const struct pattern_list all = {0};
    const struct pattern_list some = {include, 2, NULL, 0};
    const struct pattern_list but = {include, 2, exclude, 1};
    const struct pattern_list not_these = {NULL, 0, exclude, 1};
    struct reference legacy = parse(&arena, "ghcr.io/legacy/x");
    struct reference acme = parse(&arena, "acme/x"), other = parse(&arena, "quay.io/x");
    assert_true(pattern_list_match(&all, &other));
    assert_true(pattern_list_match(&some, &legacy));
    assert_true(pattern_list_match(&some, &acme));
    assert_false(pattern_list_match(&some, &other));
    assert_false(pattern_list_match(&but, &legacy));
    assert_true(pattern_list_match(&but, &acme));
    assert_false(pattern_list_match(&not_these, &legacy));
    assert_true(pattern_list_match(&not_these, &other));
}

/* What has no registry is matched by nothing, not even by `**`. */
static void nameless(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct reference reference;
    struct error err;
    const struct pattern *any = compile(&arena, "**"), *digest = compile(&arena, "**@*");
    assert_false(failed(reference_parse_as(&arena, REFERENCE_ANY, STR(SHA256), &reference, &err)));
    assert_false(pattern_match(any, &reference) || pattern_match(digest, &reference));
    assert_false(
        failed(reference_parse_as(&arena, REFERENCE_EXACT, STR("nginx"), &reference, &err)));
    assert_false(pattern_match(any, &reference));
}

/* A digest that is not known yet may be any; all else must match. */
static void any_digest(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"ghcr.io/a@" SHA256, "ghcr.io/a:1", true},
        {"ghcr.io/a:1@sha512:*", "ghcr.io/a:1@" SHA256, true},
        {"ghcr.io/a:2@" SHA256, "ghcr.io/a:1", false},
        {"ghcr.io/b@" SHA256, "ghcr.io/a:1", false},
        {"quay.io/**@*", "ghcr.io/a:1", false},
        {"ghcr.io:5000/a@*", "ghcr.io/a:1", false},
        {"**:latest", "ghcr.io/a", true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct reference reference = parse(&arena, ROWS[i].reference);
        const struct pattern *pattern = compile(&arena, ROWS[i].pattern);
        assert_int_equal(pattern_match_any_digest(pattern, &reference), ROWS[i].match);
    }
}

int pattern_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registries), cmocka_unit_test(host_wildcards),
        cmocka_unit_test(paths),      cmocka_unit_test(tags_and_digests),
        cmocka_unit_test(bypasses),   cmocka_unit_test(refusals),
        cmocka_unit_test(limits),     cmocka_unit_test(no_explosion),
        cmocka_unit_test(accessors),  cmocka_unit_test(lists),
        cmocka_unit_test(nameless),   cmocka_unit_test(any_digest),
    };
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
