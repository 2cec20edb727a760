#include <openssl/err.h>
#include <yyjson.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/sct.h"
#include "make_certificate.h"
#include "vectors.h"

#define SCTS    "1.3.6.1.4.1.11129.2.4.2"
#define LEAF_IN "sigstore-python/assets/bundle_v3_github.whl.sigstore"
#define SOON    (1500 * DAY)

static struct x509_certificate *read_certificate(struct str der)
{
    struct x509_certificate *it = NULL;
    struct error err;
    if (failed(x509_read_der(der, &it, &err))) {
        fail_msg("%s", err.text);
    }
    return it;
}

static struct public_key *read_key(struct str spki)
{
    struct public_key *key = NULL;
    struct error err;
    if (failed(public_key_read_der(spki, &key, &err))) {
        fail_msg("%s", err.text);
    }
    return key;
}

/* -- the cases of certificate-transparency-go -- */

static struct str member(yyjson_val *object, const char *name)
{
    return str_from(yyjson_get_str(yyjson_obj_get(object, name)));
}

static struct x509_certificate *read_pem(struct str pem)
{
    struct x509_list list;
    struct error err;
    if (failed(x509_read_pem(pem, &list, &err))) {
        fail_msg("%s", err.text);
    }
    struct x509_certificate *first = list.items[0];
    list.items[0] = NULL;
    x509_list_free(&list);
    return first;
}

static void check_case(yyjson_val *it, const struct sct_log *log)
{
    x509_certificate_auto *leaf = read_pem(member(it, "cert"));
    x509_certificate_auto *issuer = read_pem(member(it, "issuer"));
    struct error err;
    size_t valid;
    status st = yyjson_get_bool(yyjson_obj_get(it, "embedded"))
                    ? sct_verify_embedded(leaf, issuer, log, 1, &valid, &err)
                    : sct_verify(leaf, issuer, unhex(member(it, "sct_tls_hex").p), log, 1, &err);
    if (failed(st) == yyjson_get_bool(yyjson_obj_get(it, "valid"))) {
        fail_msg("%s: %s", member(it, "desc").p, failed(st) ? err.text : "accepted");
    }
    assert_true(!failed(st) || err.kind == ERROR_EVIDENCE);
}

static void vectors(void **state)
{
    (void)state;
    struct str text = vector("ct-sct/cases.json"), spki;
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *it;
    struct error err;
    assert_false(
        failed(base64_decode(&test_arena, member(root, "log_public_key_spki_b64"), &spki, &err)));
    public_key_auto *key = read_key(spki);
    const struct sct_log log = {public_key_id(key), key, 0, INT64_MAX};
    size_t i, n;
    yyjson_arr_foreach(yyjson_obj_get(root, "cases"), i, n, it)
    {
        check_case(it, &log);
    }
    assert_true(n >= 3);
    yyjson_doc_free(doc);
}

/* -- a real one -- */

enum { LOGS_MAX = 8 };

struct logs {
    struct public_key *keys[LOGS_MAX];
    struct sct_log items[LOGS_MAX];
    size_t n;
};

/* Every key of the trusted root that is none of a certificate: one is the log's. */
static struct logs read_logs(void)
{
    struct logs logs = {0};
    struct str bytes;
    for (size_t i = 0; (bytes = vector_member(PRODUCTION_ROOT, "rawBytes", i)).p != NULL; i++) {
        if (bytes.n < 256 && logs.n < LOGS_MAX) {
            struct public_key *key = logs.keys[logs.n] = read_key(bytes);
            logs.items[logs.n++] = (struct sct_log){public_key_id(key), key, 0, INT64_MAX};
        }
    }
    return logs;
}

static void free_logs(struct logs *logs)
{
    for (size_t i = 0; i < logs->n; i++) {
        public_key_free(logs->keys[i]);
    }
}

static void expect(const struct x509_certificate *leaf, const struct x509_certificate *issuer,
                   const struct sct_log *logs, size_t n, const char *wanted)
{
    size_t valid = 77;
    struct error err;
    bool bad = failed(sct_verify_embedded(leaf, issuer, logs, n, &valid, &err));
    if (bad && (wanted == NULL || strstr(err.text, wanted) == NULL)) {
        fail_msg("%s, not %s", err.text, wanted == NULL ? "fine" : wanted);
    }
    if (!bad && wanted != NULL) {
        fail_msg("holds: %s", wanted);
    }
    assert_int_equal(valid, bad ? 77 : 1);
    assert_int_equal(ERR_peek_error(), 0);
}

static int64_t time_of(const struct x509_certificate *leaf)
{
    struct str value;
    int64_t ms = 0;
    assert_true(x509_extension(leaf, SCTS, &value));
    for (size_t i = 0; i < 8; i++) {
        ms = ms << 8 | (unsigned char)value.p[2 + 4 + 1 + 32 + i];
    }
    return ms * NS_PER_MS;
}

static void real(void **state)
{
    (void)state;
    x509_certificate_auto *leaf = read_certificate(vector_certificate(LEAF_IN, 0));
    x509_certificate_auto *issuer = read_certificate(vector_certificate(PRODUCTION_ROOT, 1));
    x509_certificate_auto *root = read_certificate(vector_certificate(PRODUCTION_ROOT, 2));
    struct logs logs = read_logs();
    expect(leaf, issuer, logs.items, logs.n, NULL);
    expect(leaf, issuer, logs.items, 0, "SCT: of no log that is trusted");
    expect(leaf, root, logs.items, logs.n, "SCT: the log's signature does not hold");
    expect(issuer, root, logs.items, logs.n, "SCT: the certificate has none");
    const struct {
        int64_t from, until;
        const char *wanted;
    } CASES[] = {
        {0, 0, NULL},
        {0, INT64_MAX, NULL},
        {INT64_MIN, 0, NULL},
        {1, INT64_MAX, "not trusted for the time it was given"},
        {INT64_MIN, -1, "not trusted for the time it was given"},
    };
    for (size_t c = 0; c < COUNT(CASES); c++) {
        int64_t then = time_of(leaf), from = CASES[c].from, until = CASES[c].until;
        for (size_t i = 0; i < logs.n; i++) {
            logs.items[i].from = from == INT64_MIN ? from : then + from;
            logs.items[i].until = until == INT64_MAX ? until : then + until;
        }
        expect(leaf, issuer, logs.items, logs.n, CASES[c].wanted);
    }
    free_logs(&logs);
}

/* Of what the log saw, every bit matters. */
static void flipped(void **state)
{
    (void)state;
    struct str good = vector_certificate(LEAF_IN, 0), rest = good, body, tbs;
    x509_certificate_auto *issuer = read_certificate(vector_certificate(PRODUCTION_ROOT, 1));
    struct logs logs = read_logs();
    assert_true(der_take(&rest, DER_SEQUENCE, &body));
    assert_true(der_take(&body, DER_SEQUENCE, &tbs));
    size_t begin = (size_t)(tbs.p - good.p);
    char *copy = writable(good);
    for (size_t i = begin; i < begin + tbs.n; i++) {
        struct x509_certificate *leaf = NULL;
        struct error err;
        size_t valid;
        copy[i] = (char)(copy[i] ^ 1 << i % 8);
        if (!failed(x509_read_der((struct str){copy, good.n}, &leaf, &err))) {
            assert_true(
                failed(sct_verify_embedded(leaf, issuer, logs.items, logs.n, &valid, &err)));
            x509_free(leaf);
        }
        copy[i] = good.p[i];
    }
    free_logs(&logs);
}

/* -- SCTs of our own -- */

static void add_number(struct buf *buf, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0) {
        buf_add_char(buf, (char)(value >> (8 * bytes) & 0xff));
    }
}

static const struct certificate_request ISSUER = {.kind = "P-256", .name = "issuer"};
static const struct extension_request PLAIN[] = {{"extendedKeyUsage", "codeSigning"}};
static const struct certificate_request LEAF = {
    .kind = "P-256#2", .name = "leaf", .extensions = PLAIN, .n_extensions = COUNT(PLAIN)};

static struct str tbs_of(struct str der)
{
    struct str body;
    struct der_item item;
    assert_true(der_take(&der, DER_SEQUENCE, &body));
    assert_true(der_next(&body, &item));
    return item.all;
}

/* One SCT over LEAF by the key `kind`. */
static struct str make_sct(const char *kind, int64_t when, unsigned algorithms,
                           struct str extensions)
{
    char room[HASH_ROOM];
    struct str tbs = tbs_of(make_certificate(&LEAF, &ISSUER));
    struct str issuer = spki_of(make_pkey(ISSUER.kind)), log = spki_of(make_pkey(kind));
    buf_auto entry, sct;
    buf_init(&entry, 1 << 16);
    buf_init(&sct, 1 << 16);
    add_number(&entry, 0, 2);
    add_number(&entry, (uint64_t)(when / NS_PER_MS), 8);
    add_number(&entry, 1, 2);
    buf_add(&entry, hash_of(HASH_SHA256, &issuer, 1, room));
    add_number(&entry, tbs.n, 3);
    buf_add(&entry, tbs);
    add_number(&entry, extensions.n, 2);
    buf_add(&entry, extensions);
    struct str signature = make_signature(make_pkey(kind), "sha256", false, buf_str(&entry));
    add_number(&sct, 0, 1);
    buf_add(&sct, hash_of(HASH_SHA256, &log, 1, room));
    add_number(&sct, (uint64_t)(when / NS_PER_MS), 8);
    add_number(&sct, extensions.n, 2);
    buf_add(&sct, extensions);
    add_number(&sct, algorithms, 2);
    add_number(&sct, signature.n, 2);
    buf_add(&sct, signature);
    return arena_dup(&test_arena, buf_str(&sct));
}

/* LEAF with this value of the extension. */
static struct x509_certificate *leaf_with(struct str value)
{
    buf_auto text;
    buf_init(&text, 1 << 20);
    buf_add_cstr(&text, "DER:");
    for (size_t i = 0; i < value.n; i++) {
        buf_printf(&text, "%02x", (unsigned char)value.p[i]);
    }
    const struct extension_request list[] = {PLAIN[0],
                                             {SCTS, arena_dup(&test_arena, buf_str(&text)).p}};
    struct certificate_request leaf = LEAF;
    leaf.extensions = list;
    leaf.n_extensions = COUNT(list);
    return read_certificate(make_certificate(&leaf, &ISSUER));
}

static struct str list_of(const struct str *scts, size_t n)
{
    buf_auto list, octets, value;
    buf_init(&list, 1 << 20);
    buf_init(&octets, 1 << 20);
    buf_init(&value, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        add_number(&list, scts[i].n, 2);
        buf_add(&list, scts[i]);
    }
    add_number(&octets, buf_str(&list).n, 2);
    buf_add(&octets, buf_str(&list));
    der_add(&value, DER_OCTET_STRING, buf_str(&octets));
    return arena_dup(&test_arena, buf_str(&value));
}

static void counted(void **state)
{
    (void)state;
    static const char *const KINDS[] = {"P-256#3", "P-384", "RSA:2048", "ED25519"};
    struct public_key *keys[COUNT(KINDS)];
    struct sct_log logs[COUNT(KINDS)];
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        keys[i] = read_key(spki_of(make_pkey(KINDS[i])));
        logs[i] = (struct sct_log){public_key_id(keys[i]), keys[i], 0, INT64_MAX};
    }
    struct str first = make_sct(KINDS[0], SOON, 0x0403, STR_EMPTY),
               later = make_sct(KINDS[0], SOON + DAY, 0x0403, STR_EMPTY),
               second = make_sct(KINDS[1], SOON, 0x0403, STR("more")),
               third = make_sct(KINDS[2], SOON, 0x0401, STR_EMPTY),
               weak = make_sct(KINDS[0], SOON, 0x0203, STR_EMPTY),
               other = make_sct(KINDS[0], SOON, 0x0401, STR_EMPTY),
               unknown = make_sct("P-256", SOON, 0x0403, STR_EMPTY), future = STR("\1anything");
    const struct {
        struct str scts[4];
        size_t n, valid;
        const char *wanted;
    } CASES[] = {
        {{first}, 1, 1, NULL},
        {{first, first}, 2, 1, NULL},
        {{first, later}, 2, 1, NULL},
        {{first, second, third}, 3, 3, NULL},
        {{future, unknown, first}, 3, 1, NULL},
        {{weak, second}, 2, 1, NULL},
        {{weak}, 1, 0, "the log's signature does not hold"},
        {{other}, 1, 0, "the log's signature does not hold"},
        {{unknown}, 1, 0, "of no log that is trusted"},
        {{future}, 1, 0, "of no log that is trusted"},
        {{unknown, weak}, 2, 0, "the log's signature does not hold"},
    };
    x509_certificate_auto *issuer = read_certificate(make_certificate(&ISSUER, NULL));
    for (size_t i = 0; i < COUNT(CASES); i++) {
        size_t valid = 0;
        struct error err;
        x509_certificate_auto *leaf = leaf_with(list_of(CASES[i].scts, CASES[i].n));
        status st = sct_verify_embedded(leaf, issuer, logs, COUNT(logs), &valid, &err);
        assert_int_equal(failed(st), CASES[i].wanted != NULL);
        assert_true(!failed(st) || strstr(err.text, CASES[i].wanted) != NULL);
        assert_int_equal(valid, CASES[i].valid);
    }
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        public_key_free(keys[i]);
    }
}

static void malformed(void **state)
{
    (void)state;
    struct str sct = make_sct("P-256#3", SOON, 0x0403, STR_EMPTY), good = list_of(&sct, 1);
    struct str longer = arena_join(&test_arena, (struct str[]){sct, STR("x")}, 2);
    struct str cut = str_sub(sct, 0, sct.n - 1);
    const struct str values[] = {
        STR("x"),
        unhex("0400"),
        unhex("04020000"),
        unhex("0404000300"
              "01"),
        unhex("040400020000"),
        unhex("0404000200"
              "01"),
        str_sub(good, 2, good.n),
        arena_join(&test_arena, (struct str[]){good, STR("x")}, 2),
        list_of(&longer, 1),
        list_of(&cut, 1),
    };
    x509_certificate_auto *issuer = read_certificate(make_certificate(&ISSUER, NULL));
    for (size_t i = 0; i < COUNT(values); i++) {
        size_t valid;
        struct error err;
        x509_certificate_auto *leaf = leaf_with(values[i]);
        assert_true(failed(sct_verify_embedded(leaf, issuer, NULL, 0, &valid, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_string_equal(err.text, "SCT: malformed");
    }
    struct error err;
    x509_certificate_auto *leaf = leaf_with(good);
    assert_true(failed(sct_verify(leaf, issuer, longer, NULL, 0, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_true(failed(sct_verify(leaf, issuer, STR_EMPTY, NULL, 0, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
}

static void sizes(void **state)
{
    (void)state;
    struct str scts[LIMIT_SCTS + 1];
    public_key_auto *key = read_key(spki_of(make_pkey("P-256#3")));
    const struct sct_log log = {public_key_id(key), key, 0, INT64_MAX};
    x509_certificate_auto *issuer = read_certificate(make_certificate(&ISSUER, NULL));
    for (size_t i = 0; i < COUNT(scts); i++) {
        scts[i] = i < LIMIT_SCTS - 1 ? STR("\1") : make_sct("P-256#3", SOON, 0x0403, STR_EMPTY);
    }
    for (size_t n = LIMIT_SCTS; n <= LIMIT_SCTS + 1; n++) {
        size_t valid;
        struct error err;
        x509_certificate_auto *leaf = leaf_with(list_of(scts, n));
        bool bad = failed(sct_verify_embedded(leaf, issuer, &log, 1, &valid, &err));
        assert_int_equal(bad, n > LIMIT_SCTS);
        assert_true(!bad || err.kind == ERROR_LIMIT);
    }
}

/* A precertificate: what was signed is without its poison, and of which issuer. */
static void precertificates(void **state)
{
    (void)state;
    const struct extension_request list[] = {PLAIN[0],
                                             {"1.3.6.1.4.1.11129.2.4.3", "critical,DER:0500"}};
    struct certificate_request request = LEAF;
    request.extensions = list;
    request.n_extensions = COUNT(list);
    x509_certificate_auto *issuer = read_certificate(make_certificate(&ISSUER, NULL));
    x509_certificate_auto *poisoned = read_certificate(make_certificate(&request, &ISSUER));
    x509_certificate_auto *plain = read_certificate(make_certificate(&LEAF, &ISSUER));
    public_key_auto *key = read_key(spki_of(make_pkey("P-256#3")));
    const struct sct_log log = {public_key_id(key), key, 0, INT64_MAX};
    struct str sct = make_sct("P-256#3", SOON, 0x0403, STR_EMPTY);
    struct error err;
    assert_false(failed(sct_verify(poisoned, issuer, sct, &log, 1, &err)));
    assert_true(failed(sct_verify(poisoned, poisoned, sct, &log, 1, &err)));
    assert_true(failed(sct_verify(poisoned, NULL, sct, &log, 1, &err)));
    assert_non_null(strstr(err.text, "issuer is not known"));
    assert_true(failed(sct_verify(plain, issuer, sct, &log, 1, &err)));
    assert_non_null(strstr(err.text, "signature does not hold"));
}

int sct_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors, start, stop),
        cmocka_unit_test_setup_teardown(real, start, stop),
        cmocka_unit_test_setup_teardown(flipped, start, stop),
        cmocka_unit_test_setup_teardown(counted, start, stop),
        cmocka_unit_test_setup_teardown(malformed, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
        cmocka_unit_test_setup_teardown(precertificates, start, stop),
    };
    return cmocka_run_group_tests_name("sct", tests, NULL, NULL);
}
