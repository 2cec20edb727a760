#include "make.h"

#include <openssl/err.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/x509.h"
#include "make_certificate.h"
#include "vectors.h"

static struct x509_certificate *read_der(struct str der)
{
    struct x509_certificate *it = NULL;
    struct error err;
    if (failed(x509_read_der(der, &it, &err))) {
        fail_msg("%s", err.text);
    }
    return it;
}

static void refused(struct str der, enum error_kind kind, const char *wanted)
{
    struct x509_certificate *it = NULL;
    struct error err;
    if (!failed(x509_read_der(der, &it, &err))) {
        fail_msg("accepted: %s", wanted);
    }
    assert_int_equal(err.kind, kind);
    if (strstr(err.text, wanted) == NULL) {
        fail_msg("%s, not %s", err.text, wanted);
    }
    assert_null(it);
    assert_int_equal(ERR_peek_error(), 0);
}

/* -- what it says -- */

static void facts(void **state)
{
    (void)state;
    static const struct extension_request EXTENSIONS[] = {
        {"subjectAltName", "email:a@example.com,URI:https://example.com/x?y=1,DNS:example.com,"
                           "IP:192.0.2.1,IP:2001:db8::1,RID:1.2.3,"
                           "otherName:1.3.6.1.4.1.57264.1.7;UTF8:somebody,"
                           "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:nobody"},
        {"extendedKeyUsage", "codeSigning"},
    };
    static const struct x509_san WANTED[] = {
        {SAN_EMAIL, STR("a@example.com")}, {SAN_URI, STR("https://example.com/x?y=1")},
        {SAN_DNS, STR("example.com")},     {SAN_IP, STR("192.0.2.1")},
        {SAN_IP, STR("2001:db8::1")},      {SAN_OTHER_NAME, STR("somebody")},
    };
    const struct certificate_request request = {.kind = "P-256",
                                                .name = "Grüße",
                                                .serial = 0x1a2b,
                                                .from = 1000 * DAY,
                                                .until = 1001 * DAY,
                                                .extensions = EXTENSIONS,
                                                .n_extensions = COUNT(EXTENSIONS)};
    struct str der = make_certificate(&request, NULL);
    x509_certificate_auto *it = read_der(der);
    const struct x509_facts *said = x509_facts(it);
    assert_true(str_eq(said->der, der));
    assert_true(said->not_before == 1000 * DAY && said->not_after == 1001 * DAY);
    assert_true(str_eq(said->subject, STR("CN=Grüße")) && str_eq(said->issuer, said->subject));
    assert_true(str_eq(said->serial, STR("1a2b")));
    assert_true(said->self_issued && !said->authority && said->signs_code && !said->stamps_time);
    assert_int_equal(said->n_sans, COUNT(WANTED));
    for (size_t i = 0; i < COUNT(WANTED); i++) {
        assert_int_equal(said->sans[i].kind, WANTED[i].kind);
        assert_true(str_eq(said->sans[i].text, WANTED[i].text));
    }
    const struct public_key *key;
    struct error err;
    assert_false(failed(x509_public_key(it, &key, &err)));
    assert_true(str_eq(public_key_spki(key), spki_of(make_pkey("P-256"))));
}

static void purposes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool code, time;
    } CASES[] = {
        {"critical,timeStamping", false, true},
        {"timeStamping", false, false},
        {"critical,timeStamping,codeSigning", true, false},
        {"critical,codeSigning", true, false},
        {"serverAuth", false, false},
        {"anyExtendedKeyUsage", false, false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct extension_request extension = {"extendedKeyUsage", CASES[i].text};
        const struct certificate_request request = {
            .kind = "P-256", .name = "x", .extensions = &extension, .n_extensions = 1};
        x509_certificate_auto *it = read_der(make_certificate(&request, NULL));
        assert_int_equal(x509_facts(it)->signs_code, CASES[i].code);
        assert_int_equal(x509_facts(it)->stamps_time, CASES[i].time);
    }
}

static void extensions(void **state)
{
    (void)state;
    static const struct extension_request EXTENSIONS[] = {
        {"1.3.6.1.4.1.57264.1.1", "DER:68747470733a2f2f61"},     /* https://a, bare */
        {"1.3.6.1.4.1.57264.1.8", "DER:0c0968747470733a2f2f62"}, /* https://b */
        {"1.3.6.1.4.1.57264.1.9", "DER:68747470733a2f2f61"},     /* bare where DER belongs */
        {"1.3.6.1.4.1.57264.1.10", "DER:160161"},                /* a string of another kind */
        {"1.3.6.1.4.1.57264.1.11", "DER:0c01610c0162"},          /* two */
        {"1.3.6.1.4.1.57264.1.12", "DER:0c00"},                  /* empty */
        {"1.3.6.1.4.1.57264.1.13", "DER:0c03610062"},            /* with a NUL */
        {"1.3.6.1.4.1.57264.1.14", "DER:0c02c328"},              /* no UTF-8 */
        {"1.3.6.1.4.1.57264.1.2", "DER:ff"},
    };
    const struct certificate_request request = {
        .kind = "P-256", .name = "x", .extensions = EXTENSIONS, .n_extensions = COUNT(EXTENSIONS)};
    x509_certificate_auto *it = read_der(make_certificate(&request, NULL));
    struct str text, value;
    struct error err;
    assert_false(failed(x509_fulcio_text(it, 1, &text, &err)));
    assert_true(str_eq(text, STR("https://a")));
    assert_false(failed(x509_fulcio_text(it, 8, &text, &err)));
    assert_true(str_eq(text, STR("https://b")));
    assert_false(failed(x509_fulcio_text(it, 22, &text, &err)));
    assert_null(text.p);
    static const unsigned BAD[] = {2, 9, 10, 11, 12, 13, 14};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_true(failed(x509_fulcio_text(it, BAD[i], &text, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, "is no text"));
    }
    assert_true(x509_extension(it, "1.3.6.1.4.1.57264.1.8", &value));
    assert_true(str_eq(value, unhex("0c0968747470733a2f2f62")));
    assert_false(x509_extension(it, "1.3.6.1.4.1.57264.1.88", &value));
    assert_false(x509_extension(it, "2.5.29.17", &value));
}

/* What another implementation read of a real one. */
static void expected(void **state)
{
    (void)state;
    struct str json = vector("sigstore-python/extensions-expected.json");
    x509_certificate_auto *it =
        read_der(vector_certificate("sigstore-python/assets/bundle_v3_github.whl.sigstore", 0));
    unsigned n = 0;
    for (const char *p = json.p; (p = strstr(p, "\"1.3.6.1.4.1.57264.1.")) != NULL; n++) {
        unsigned number;
        char text[256];
        struct str got;
        struct error err;
        assert_int_equal(sscanf(p, "\"1.3.6.1.4.1.57264.1.%u\": \"%255[^\"]\"", &number, text), 2);
        assert_false(failed(x509_fulcio_text(it, number, &got, &err)));
        assert_true(str_eq(got, str_from(text)));
        p++;
    }
    assert_int_equal(n, 21);
    const struct x509_facts *said = x509_facts(it);
    assert_true(said->n_sans == 1 && said->sans[0].kind == SAN_URI && said->signs_code);
    assert_true(str_eq(said->sans[0].text, STR("https://github.com/trailofbits/rfc8785.py/.github/"
                                               "workflows/release.yml@refs/tags/v0.1.2")));
    assert_true(str_eq(said->issuer, STR("CN=sigstore-intermediate,O=sigstore.dev")));
    assert_int_equal(said->subject.n, 0);
}

/* -- what is refused -- */

static void names(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "DER:3000",             /* none */
        "DER:30028100",         /* an empty one */
        "DER:3005810361000062", /* behind the list */
        "DER:300581036100"
        "62",             /* a NUL */
        "DER:3003810180", /* beyond ASCII */
        "DER:300482026"
        "10a", /* a line end */
        "DER:3003860120"
        "00",
        "DER:300787050102030405",                     /* an address of five bytes */
        "DER:3081028161",                             /* lengths otherwise */
        "DER:3011a00f060a2b0601040183bf3001070c0161", /* another name, not wrapped */
        "DER:8161",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        const struct extension_request extension = {"2.5.29.17", BAD[i]};
        const struct certificate_request request = {
            .kind = "P-256", .name = "x", .extensions = &extension, .n_extensions = 1};
        refused(make_certificate(&request, NULL), ERROR_INPUT, "certificate: ");
    }
}

static void twice(void **state)
{
    (void)state;
    static const struct extension_request EXTENSIONS[] = {
        {"1.3.6.1.4.1.57264.1.1", "DER:68"},
        {"1.3.6.1.4.1.57264.1.8", "DER:0c0161"},
        {"1.3.6.1.4.1.57264.1.1", "DER:68"},
    };
    const struct certificate_request request = {
        .kind = "P-256", .name = "x", .extensions = EXTENSIONS, .n_extensions = 3};
    refused(make_certificate(&request, NULL), ERROR_INPUT, "the same extension twice");
}

static struct str with_extensions(size_t n)
{
    struct extension_request *list = ARENA_ARRAY(&test_arena, struct extension_request, n);
    for (size_t i = 0; i < n; i++) {
        list[i].oid = arena_printf(&test_arena, "1.3.6.1.4.1.57264.2.%zu", i).p;
        list[i].value = "DER:0500";
    }
    const struct certificate_request request = {
        .kind = "P-256", .name = "x", .extensions = list, .n_extensions = n};
    return make_certificate(&request, NULL);
}

static struct str with_names(size_t n)
{
    buf_auto buf;
    buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&buf, "%sDNS:%zu.example.com", i == 0 ? "" : ",", i);
    }
    const struct extension_request extension = {"subjectAltName",
                                                arena_dup(&test_arena, buf_str(&buf)).p};
    const struct certificate_request request = {
        .kind = "P-256", .name = "x", .extensions = &extension, .n_extensions = 1};
    return make_certificate(&request, NULL);
}

static void sizes(void **state)
{
    (void)state;
    x509_free(read_der(with_extensions(LIMIT_CERTIFICATE_EXTENSIONS)));
    refused(with_extensions(LIMIT_CERTIFICATE_EXTENSIONS + 1), ERROR_LIMIT, "more than 64");
    x509_certificate_auto *named = read_der(with_names(LIMIT_CERTIFICATE_NAMES));
    assert_int_equal(x509_facts(named)->n_sans, LIMIT_CERTIFICATE_NAMES);
    refused(with_names(LIMIT_CERTIFICATE_NAMES + 1), ERROR_LIMIT, "more than 128 names");
    struct str large = {arena_alloc(&test_arena, LIMIT_CERTIFICATE + 1), LIMIT_CERTIFICATE};
    refused(large, ERROR_INPUT, "malformed");
    large.n++;
    refused(large, ERROR_LIMIT, "larger than 16384 bytes");
}

/* A certificate of exactly so many bytes, by an extension without meaning. */
static struct str certificate_of(size_t size)
{
    size_t body = size - 300;
    for (;;) {
        buf_auto buf;
        buf_init(&buf, 1 << 20);
        buf_printf(&buf, "DER:0482%04zx", body);
        for (size_t i = 0; i < body; i++) {
            buf_add_cstr(&buf, "00");
        }
        const struct extension_request extension = {"1.3.6.1.4.1.57264.2.1",
                                                    arena_dup(&test_arena, buf_str(&buf)).p};
        const struct certificate_request request = {
            .kind = "ED25519", .name = "x", .extensions = &extension, .n_extensions = 1};
        struct str der = make_certificate(&request, NULL);
        if (der.n == size) {
            return der;
        }
        body = body + size - der.n;
    }
}

static void largest(void **state)
{
    (void)state;
    x509_free(read_der(certificate_of(LIMIT_CERTIFICATE)));
    refused(certificate_of(LIMIT_CERTIFICATE + 1), ERROR_LIMIT, "larger than");
}

/* Cut anywhere, longer, or with any bit flipped: refused, or not what it was. */
static void bytes(void **state)
{
    (void)state;
    struct str good = vector_certificate("sigstore-python/assets/bundle_v3_github.whl.sigstore", 0);
    char *copy = arena_alloc(&test_arena, good.n + 1);
    memcpy(copy, good.p, good.n);
    struct x509_certificate *it = NULL;
    struct error err;
    assert_true(failed(x509_read_der((struct str){copy, good.n + 1}, &it, &err)));
    for (size_t n = 0; n < good.n; n++) {
        assert_true(failed(x509_read_der((struct str){copy, n}, &it, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
    for (size_t i = 0; i < good.n; i++) {
        copy[i] ^= 1;
        if (!failed(x509_read_der((struct str){copy, good.n}, &it, &err))) {
            assert_false(str_eq(x509_facts(it)->der, good));
            x509_free(it);
        }
        copy[i] ^= 1;
        assert_int_equal(ERR_peek_error(), 0);
    }
}

static void weak_keys(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *wanted;
    } CASES[] = {{"RSA:1024", "RSA with 1024 bits"},
                 {"secp256k1", "a curve other than"},
                 {"ED448", "not ECDSA on"}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct certificate_request request = {.kind = CASES[i].kind, .name = "x"};
        x509_certificate_auto *it = read_der(make_certificate(&request, NULL));
        const struct public_key *key = NULL;
        struct error err;
        assert_true(failed(x509_public_key(it, &key, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, CASES[i].wanted));
        assert_null(key);
    }
}

/* -- lists -- */

static void lists(void **state)
{
    (void)state;
    struct str one = pem_of("CERTIFICATE", vector_certificate(PRODUCTION_ROOT, 0));
    struct str two = pem_of("CERTIFICATE", vector_certificate(PRODUCTION_ROOT, 1));
    struct str both = arena_printf(&test_arena, "# first\n%s\n# second\n%s\n", one.p, two.p);
    x509_list_auto list = {0};
    struct error err;
    assert_false(failed(x509_read_pem(both, &list, &err)));
    assert_int_equal(list.n, 2);
    assert_true(str_eq(x509_facts(list.items[0])->der, vector_certificate(PRODUCTION_ROOT, 0)));
    assert_true(str_eq(x509_facts(list.items[1])->der, vector_certificate(PRODUCTION_ROOT, 1)));
    const struct {
        struct str pem;
        const char *wanted;
    } CASES[] = {
        {STR(""), "no certificates in PEM"},
        {STR("nothing"), "no certificates in PEM"},
        {arena_printf(&test_arena, "%s%s", one.p, spki_pem_of(make_pkey("P-256")).p),
         "the PEM has a PUBLIC KEY"},
        {arena_printf(&test_arena, "%s%s", one.p, pem_of("CERTIFICATE", STR("x")).p), "malformed"},
        {str_sub(both, 0, both.n - 40), "without an end"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct x509_list none = {0};
        assert_true(failed(x509_read_pem(CASES[i].pem, &none, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, CASES[i].wanted));
        assert_true(none.n == 0 && none.items == NULL);
    }
}

static void long_lists(void **state)
{
    (void)state;
    struct str one = pem_of("CERTIFICATE", vector_certificate(PRODUCTION_ROOT, 0));
    size_t room = (LIMIT_CERTIFICATES + 1) * one.n;
    char *text = arena_alloc(&test_arena, LIMIT_BUNDLE + 1 + room);
    for (size_t i = 0; i <= LIMIT_CERTIFICATES; i++) {
        memcpy(text + i * one.n, one.p, one.n);
    }
    struct x509_list list = {0};
    struct error err;
    assert_true(room < LIMIT_BUNDLE);
    assert_false(failed(x509_read_pem((struct str){text, room - one.n}, &list, &err)));
    assert_int_equal(list.n, LIMIT_CERTIFICATES);
    x509_list_free(&list);
    assert_true(failed(x509_read_pem((struct str){text, room}, &list, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    memset(text + one.n, '\n', LIMIT_BUNDLE + 1 - one.n);
    assert_false(failed(x509_read_pem((struct str){text, LIMIT_BUNDLE}, &list, &err)));
    x509_list_free(&list);
    assert_true(failed(x509_read_pem((struct str){text, LIMIT_BUNDLE + 1}, &list, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int x509_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts, start, stop),
        cmocka_unit_test_setup_teardown(purposes, start, stop),
        cmocka_unit_test_setup_teardown(extensions, start, stop),
        cmocka_unit_test_setup_teardown(expected, start, stop),
        cmocka_unit_test_setup_teardown(names, start, stop),
        cmocka_unit_test_setup_teardown(twice, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
        cmocka_unit_test_setup_teardown(largest, start, stop),
        cmocka_unit_test_setup_teardown(bytes, start, stop),
        cmocka_unit_test_setup_teardown(weak_keys, start, stop),
        cmocka_unit_test_setup_teardown(lists, start, stop),
        cmocka_unit_test_setup_teardown(long_lists, start, stop),
    };
    return cmocka_run_group_tests_name("x509", tests, NULL, NULL);
}
