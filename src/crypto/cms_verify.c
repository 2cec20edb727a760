#include <openssl/sha.h>

#include "base/limits.h"
#include "crypto/cms.h"

#define OID_CONTENT_TYPE   "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME   "1.2.840.113549.1.9.5"
#define OID_PROTECTION     "1.2.840.113549.1.9.52"
#define OID_CERTIFICATE_1  "1.2.840.113549.1.9.16.2.12"
#define OID_CERTIFICATE_2  "1.2.840.113549.1.9.16.2.47"

enum { DIRECTORY_NAME = 0xa4 };

static bool is_oid(struct str body, const char *dotted)
{
    char room[DER_OID_ROOM];
    return str_eq(body, der_oid(dotted, room));
}

/* -- attributes -- */

/* What is read of them; without address if there is none. */
struct attributes {
    struct str content_type, digest, time, protection, certificate_1, certificate_2;
};

static bool take_attribute(struct str *reader, struct str *ret_oid, struct str *ret_value)
{
    struct str body, values;
    struct der_item item;
    if (!der_take(reader, DER_SEQUENCE, &body) || !der_take(&body, DER_OID, ret_oid) ||
        !der_take(&body, DER_SET, &values) || body.n > 0 || values.n == 0) {
        return false;
    }
    *ret_value = values;
    return der_next(&values, &item);
}

/* Those that matter have one value, and stand once. */
static bool read_attributes(struct str set, struct attributes *ret)
{
    struct str oid, value;
    const struct {
        const char *oid;
        struct str *value;
    } WANTED[] = {
        {OID_CONTENT_TYPE, &ret->content_type},   {OID_MESSAGE_DIGEST, &ret->digest},
        {OID_SIGNING_TIME, &ret->time},           {OID_PROTECTION, &ret->protection},
        {OID_CERTIFICATE_1, &ret->certificate_1}, {OID_CERTIFICATE_2, &ret->certificate_2},
    };
    while (set.n > 0) {
        if (!take_attribute(&set, &oid, &value)) {
            return false;
        }
        for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
            if (!is_oid(oid, WANTED[i].oid)) {
                continue;
            }
            struct str rest = value;
            struct der_item item;
            if (WANTED[i].value->p != NULL || !der_next(&rest, &item) || rest.n > 0) {
                return false;
            }
            *WANTED[i].value = value;
        }
    }
    return true;
}

/* -- which certificate is meant -- */

static bool issuer_holds(struct str body, const struct x509_certificate *it)
{
    struct str names, name, serial;
    return der_take(&body, DER_SEQUENCE, &names) && der_take(&names, DIRECTORY_NAME, &name) &&
           names.n == 0 && str_eq(name, it->parts.issuer) &&
           der_take(&body, DER_INTEGER, &serial) && body.n == 0 && str_eq(serial, it->parts.serial);
}

/* The first of those that are named is the signer's. */
static bool take_first(struct str value, struct str *ret_id)
{
    struct str body, list;
    return der_take(&value, DER_SEQUENCE, &body) && der_take(&body, DER_SEQUENCE, &list) &&
           der_take(&list, DER_SEQUENCE, ret_id);
}

static bool id_holds(struct str id, struct str hash, const struct x509_certificate *it)
{
    struct str said, issuer;
    if (!der_take(&id, DER_OCTET_STRING, &said) || !str_eq(said, hash)) {
        return false;
    }
    bool more = der_take_if(&id, DER_SEQUENCE, &issuer);
    return id.n == 0 && (!more || issuer_holds(issuer, it));
}

static bool certificate_2_holds(struct str value, const struct x509_certificate *it)
{
    char room[HASH_ROOM];
    enum hash hash = HASH_SHA256;
    struct str id, algorithm;
    if (!take_first(value, &id) ||
        (der_take_if(&id, DER_SEQUENCE, &algorithm) && !cms_read_hash(algorithm, &hash))) {
        return false;
    }
    return id_holds(id, hash_of(hash, &it->facts.der, 1, room), it);
}

/* SHA-1 names a certificate here, whose key and chain are checked by other means. */
static bool certificate_1_holds(struct str value, const struct x509_certificate *it)
{
    unsigned char sum[SHA_DIGEST_LENGTH];
    struct str id;
    if (!take_first(value, &id) ||
        EVP_Digest(it->facts.der.p, it->facts.der.n, sum, NULL, EVP_sha1(), NULL) != 1) {
        return false;
    }
    return id_holds(id, (struct str){(const char *)sum, sizeof sum}, it);
}

static bool certificate_holds(const struct attributes *said, const struct x509_certificate *it)
{
    bool first = said->certificate_1.p != NULL, second = said->certificate_2.p != NULL;
    return (first || second) && (!first || certificate_1_holds(said->certificate_1, it)) &&
           (!second || certificate_2_holds(said->certificate_2, it));
}

/* -- checks -- */

/* If it tells when it was signed, the certificate was valid then. */
static bool time_holds(struct str value, const struct x509_certificate *it)
{
    int64_t when;
    return value.p == NULL || (der_take_time(&value, false, &when) && value.n == 0 &&
                               when >= it->facts.not_before && when <= it->facts.not_after);
}

/* The algorithms, said again where they are signed. */
static bool protection_holds(const struct cms *cms, struct str value)
{
    struct str body, digest, signature;
    return value.p == NULL ||
           (der_take(&value, DER_SEQUENCE, &body) && der_take(&body, DER_SEQUENCE, &digest) &&
            str_eq(digest, cms->digest_algorithm) && der_take(&body, DER_WRAPPED(1), &signature) &&
            body.n == 0 && str_eq(signature, cms->signature_algorithm));
}

static bool content_holds(const struct cms *cms, const struct attributes *said)
{
    char room[HASH_ROOM];
    struct str type = said->content_type, digest = said->digest, oid, bytes;
    return type.p != NULL && der_take(&type, DER_OID, &oid) && str_eq(oid, cms->content_type) &&
           digest.p != NULL && der_take(&digest, DER_OCTET_STRING, &bytes) &&
           str_eq(bytes, hash_of(cms->hash, &cms->content, 1, room));
}

/* The scheme of the signature; SCHEME_COUNT if it is not taken. */
static enum signature_scheme read_scheme(const struct cms *cms)
{
    static const struct {
        const char *oid;
        bool own_hash;
        enum hash hash;
        enum signature_scheme scheme;
        bool null_after;
    } SCHEMES[] = {
        {"1.2.840.10045.4.3.2", true, HASH_SHA256, SCHEME_ECDSA_SHA256, false},
        {"1.2.840.10045.4.3.3", true, HASH_SHA384, SCHEME_ECDSA_SHA384, false},
        {"1.2.840.10045.4.3.4", true, HASH_SHA512, SCHEME_ECDSA_SHA512, false},
        {"1.3.101.112", true, HASH_SHA512, SCHEME_ED25519, false},
        {"1.2.840.113549.1.1.11", true, HASH_SHA256, SCHEME_RSA_PKCS1_SHA256, true},
        {"1.2.840.113549.1.1.12", true, HASH_SHA384, SCHEME_RSA_PKCS1_SHA384, true},
        {"1.2.840.113549.1.1.13", true, HASH_SHA512, SCHEME_RSA_PKCS1_SHA512, true},
        {"1.2.840.113549.1.1.1", false, HASH_SHA256, SCHEME_RSA_PKCS1_SHA256, true},
        {"1.2.840.113549.1.1.1", false, HASH_SHA384, SCHEME_RSA_PKCS1_SHA384, true},
        {"1.2.840.113549.1.1.1", false, HASH_SHA512, SCHEME_RSA_PKCS1_SHA512, true},
    };
    struct str body = cms->signature_algorithm, oid, none;
    if (!der_take(&body, DER_OID, &oid)) {
        return SCHEME_COUNT;
    }
    bool null_after = der_take_if(&body, DER_NULL, &none);
    for (size_t i = 0; body.n == 0 && i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        if (is_oid(oid, SCHEMES[i].oid) && SCHEMES[i].hash == cms->hash &&
            (SCHEMES[i].null_after || !null_after)) {
            return SCHEMES[i].scheme;
        }
    }
    return SCHEME_COUNT;
}

static status check_signature(const struct cms *cms, const struct public_key *key,
                              struct error *err)
{
    struct error inner;
    enum signature_scheme scheme = read_scheme(cms);
    if (scheme == SCHEME_COUNT) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: a kind of signature that is not taken");
    }
    buf_auto buf;
    buf_init(&buf, LIMIT_TIMESTAMP + 8);
    der_add(&buf, DER_SET, cms->attributes);
    if (failed(public_key_verify(key, scheme, buf_str(&buf), cms->signature, &inner))) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: %s", inner.text);
    }
    return OK;
}

status cms_verify(const struct cms *cms, const struct x509_certificate *certificate,
                  struct error *err)
{
    struct attributes said = {0};
    const struct public_key *key;
    struct error inner;
    if (!read_attributes(cms->attributes, &said)) {
        return error_set(err, ERROR_INPUT, "timestamp: malformed attributes");
    }
    if (!content_holds(cms, &said)) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: what is signed is not what is told");
    }
    if (!certificate_holds(&said, certificate)) {
        return error_set(err, ERROR_EVIDENCE,
                         "timestamp: it does not name its signer's certificate");
    }
    if (!time_holds(said.time, certificate)) {
        return error_set(err, ERROR_EVIDENCE,
                         "timestamp: signed when its signer's certificate was not valid");
    }
    if (!protection_holds(cms, said.protection)) {
        return error_set(err, ERROR_EVIDENCE,
                         "timestamp: signed with other algorithms than it says");
    }
    if (failed(x509_public_key(certificate, &key, &inner))) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: %s", inner.text);
    }
    return check_signature(cms, key, err);
}
