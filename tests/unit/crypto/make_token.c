#include "make_token.h"

#include <openssl/evp.h>

#include "base/buf.h"
#include "crypto/der.h"

#define WRAP(tag, ...)                                                                             \
    wrap((tag), (const struct str[]){__VA_ARGS__},                                                 \
         sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

static struct str wrap(unsigned char tag, const struct str *parts, size_t n)
{
    buf_auto buf;
    buf_init(&buf, 1 << 20);
    der_add(&buf, tag, arena_join(&test_arena, parts, n));
    return arena_dup(&test_arena, buf_str(&buf));
}

static struct str oid(const char *dotted)
{
    char room[DER_OID_ROOM];
    return WRAP(DER_OID, der_oid(dotted, room));
}

/* What is said otherwise, or what is right. */
static struct str or_right(const char *hex, struct str right)
{
    return hex == NULL ? right : unhex(hex);
}

static struct str hash_algorithm(enum hash hash)
{
    static const char *const OIDS[] = {"2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2",
                                       "2.16.840.1.101.3.4.2.3"};
    return WRAP(DER_SEQUENCE, oid(OIDS[hash]));
}

static struct str hashed(enum hash hash, struct str bytes)
{
    char room[HASH_ROOM];
    return arena_dup(&test_arena, hash_of(hash, &bytes, 1, room));
}

static struct str signature_algorithm(const struct token_request *it)
{
    static const char *const ECDSA[] = {"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3",
                                        "1.2.840.10045.4.3.4"};
    static const char *const RSA[] = {"1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12",
                                      "1.2.840.113549.1.1.13"};
    if (it->signature_algorithm != NULL) {
        return unhex(it->signature_algorithm);
    }
    if (strncmp(it->kind, "RSA", 3) == 0) {
        return WRAP(DER_SEQUENCE, oid(RSA[it->hash]), unhex("0500"));
    }
    return WRAP(DER_SEQUENCE, oid(it->kind[0] == 'E' ? "1.3.101.112" : ECDSA[it->hash]));
}

static struct str info(const struct token_request *it)
{
    struct str imprint =
        WRAP(DER_SEQUENCE, or_right(it->imprint_algorithm, hash_algorithm(it->hash)),
             WRAP(DER_OCTET_STRING, hashed(it->hash, it->message)));
    struct str time = WRAP(DER_GENERALIZED_TIME, str_from(it->time));
    return WRAP(DER_SEQUENCE, or_right(it->version, unhex("020101")), oid("1.2.3"), imprint,
                or_right(it->serial, unhex("02012a")), time, or_right(it->after_time, STR_EMPTY));
}

/* Issuer and serial number, taken out of a certificate. */
static struct str take_issuer(struct str certificate, struct str *ret_serial)
{
    struct str body, tbs, version, number;
    struct der_item serial, algorithm, issuer;
    assert_true(der_take(&certificate, DER_SEQUENCE, &body));
    assert_true(der_take(&body, DER_SEQUENCE, &tbs));
    (void)!der_take_if(&tbs, DER_WRAPPED(0), &version);
    assert_true(der_next(&tbs, &serial));
    assert_true(der_next(&tbs, &algorithm));
    assert_true(der_next(&tbs, &issuer));
    number = serial.all;
    *ret_serial = number;
    return issuer.all;
}

static struct str certificate_id(const struct token_request *it, struct str hash)
{
    struct str serial, issuer = take_issuer(it->certificate, &serial);
    if (!it->names_issuer) {
        return WRAP(DER_SEQUENCE, hash);
    }
    return WRAP(DER_SEQUENCE, hash,
                WRAP(DER_SEQUENCE, WRAP(DER_SEQUENCE, WRAP(0xa4, issuer)),
                     it->names_other_serial ? unhex("02017b") : serial));
}

static struct str certificate_1(const struct token_request *it, struct str named)
{
    unsigned char sum[20];
    assert_int_equal(EVP_Digest(named.p, named.n, sum, NULL, EVP_sha1(), NULL), 1);
    struct str hash = WRAP(DER_OCTET_STRING, ((struct str){(const char *)sum, sizeof sum}));
    return WRAP(DER_SEQUENCE, WRAP(DER_SEQUENCE, certificate_id(it, hash)));
}

static struct str certificate_2(const struct token_request *it, struct str named)
{
    struct str algorithm = STR_EMPTY, hash = hashed(HASH_SHA256, named);
    if (it->id_hash != NULL) {
        enum hash other = HASH_SHA256;
        assert_true(hash_named(str_from(it->id_hash), &other));
        algorithm = hash_algorithm(other);
        hash = hashed(other, named);
    }
    struct str both[] = {algorithm, WRAP(DER_OCTET_STRING, hash)};
    return WRAP(DER_SEQUENCE,
                WRAP(DER_SEQUENCE, certificate_id(it, arena_join(&test_arena, both, 2))));
}

static struct str protection(const struct token_request *it)
{
    struct str signature = signature_algorithm(it), body;
    assert_true(der_take(&signature, DER_SEQUENCE, &body));
    return or_right(it->protection,
                    WRAP(DER_SEQUENCE, or_right(it->digest_algorithm, hash_algorithm(it->hash)),
                         WRAP(DER_WRAPPED(1), body)));
}

static void add_attribute(struct buf *buf, const struct token_request *it, unsigned bit,
                          const char *dotted, struct str value)
{
    unsigned which = it->attributes == 0 ? A_TYPE | A_DIGEST | A_CERTIFICATE_2 : it->attributes;
    struct str one = WRAP(DER_SEQUENCE, oid(dotted), WRAP(DER_SET, value));
    if ((which & bit) != 0) {
        buf_add(buf, one);
    }
    if ((it->twice & bit) != 0) {
        buf_add(buf, one);
    }
}

static struct str attributes(const struct token_request *it, struct str content)
{
    buf_auto buf;
    buf_init(&buf, 1 << 20);
    struct str named = it->named.n > 0 ? it->named : it->certificate;
    struct str digest = it->digest.n > 0 ? it->digest : hashed(it->hash, content);
    struct str signing_time = WRAP(
        DER_UTC_TIME, it->signing_time == NULL ? STR("740210000000Z") : str_from(it->signing_time));
    add_attribute(&buf, it, A_TYPE, "1.2.840.113549.1.9.3",
                  oid(it->type == NULL ? "1.2.840.113549.1.9.16.1.4" : it->type));
    add_attribute(&buf, it, A_TIME, "1.2.840.113549.1.9.5", signing_time);
    add_attribute(&buf, it, A_DIGEST, "1.2.840.113549.1.9.4", WRAP(DER_OCTET_STRING, digest));
    add_attribute(&buf, it, A_PROTECTION, "1.2.840.113549.1.9.52", protection(it));
    add_attribute(&buf, it, A_CERTIFICATE_1, "1.2.840.113549.1.9.16.2.12",
                  certificate_1(it, named));
    add_attribute(&buf, it, A_CERTIFICATE_2, "1.2.840.113549.1.9.16.2.47",
                  certificate_2(it, named));
    return arena_dup(&test_arena, buf_str(&buf));
}

/* The first 20 bytes of the key's hash: what the certificates of these tests have for an id. */
static struct str key_id(const struct token_request *it)
{
    unsigned char sum[20];
    struct str spki = spki_of(make_pkey(it->kind)), body, algorithm, bits;
    assert_true(der_take(&spki, DER_SEQUENCE, &body));
    assert_true(der_take(&body, DER_SEQUENCE, &algorithm));
    assert_true(der_take(&body, DER_BIT_STRING, &bits));
    assert_int_equal(EVP_Digest(bits.p + 1, bits.n - 1, sum, NULL, EVP_sha1(), NULL), 1);
    return arena_dup(&test_arena, (struct str){(const char *)sum, sizeof sum});
}

static struct str signer(const struct token_request *it, struct str content)
{
    struct str set = attributes(it, content), serial,
               issuer = take_issuer(it->certificate, &serial);
    const char *hash = it->kind[0] == 'E'           ? NULL
                       : it->signature_hash != NULL ? it->signature_hash
                                                    : hash_name(it->hash).p;
    struct str signature = make_signature(make_pkey(it->kind), hash, false, WRAP(DER_SET, set));
    struct str who =
        it->by_key_id ? WRAP(DER_TAGGED(0), key_id(it)) : WRAP(DER_SEQUENCE, issuer, serial);
    return WRAP(DER_SEQUENCE,
                or_right(it->signer_version, unhex(it->by_key_id ? "020103" : "020101")), who,
                or_right(it->digest_algorithm, hash_algorithm(it->hash)), WRAP(DER_WRAPPED(0), set),
                signature_algorithm(it), WRAP(DER_OCTET_STRING, signature),
                it->unsigned_ones ? unhex("a109300706010331020400") : STR_EMPTY);
}

static struct str repeated(struct str one, unsigned n)
{
    struct str all = STR_EMPTY;
    while (n-- > 0) {
        all = arena_join(&test_arena, (struct str[]){all, one}, 2);
    }
    return all;
}

struct str make_token(const struct token_request *request)
{
    struct str content = info(request);
    struct str one = signer(request, content);
    struct str certificates = STR_EMPTY;
    if (request->certificates > 0) {
        certificates = WRAP(DER_WRAPPED(0), repeated(request->certificate, request->certificates));
    }
    const char *type =
        request->content_type == NULL ? "1.2.840.113549.1.9.16.1.4" : request->content_type;
    struct str data = WRAP(
        DER_SEQUENCE, or_right(request->data_version, unhex("020103")),
        WRAP(DER_SET, hash_algorithm(request->hash)),
        WRAP(DER_SEQUENCE, oid(type), WRAP(DER_WRAPPED(0), WRAP(DER_OCTET_STRING, content))),
        certificates, WRAP(DER_SET, repeated(one, request->signers == 0 ? 1 : request->signers)));
    struct str token = WRAP(DER_SEQUENCE, oid("1.2.840.113549.1.7.2"), WRAP(DER_WRAPPED(0), data));
    return request->response == NULL ? token : WRAP(DER_SEQUENCE, unhex(request->response), token);
}
