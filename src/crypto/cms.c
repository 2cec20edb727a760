#include "crypto/cms.h"

#include <openssl/x509v3.h>

#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"

enum { SIGNED_DATA_VERSION = 3, BY_NAME_VERSION = 1, BY_KEY_VERSION = 3 };

static status malformed(const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "timestamp: malformed %s", what);
}

static bool is_oid(struct str body, const char *dotted)
{
    char room[DER_OID_ROOM];
    return str_eq(body, der_oid(dotted, room));
}

static bool take_version(struct str *reader, uint64_t *ret_version)
{
    struct str number;
    return der_take(reader, DER_INTEGER, &number) && der_number(number, 5, ret_version);
}

bool cms_read_hash(struct str body, enum hash *ret_hash)
{
    static const char *const OIDS[HASH_COUNT] = {
        [HASH_SHA256] = "2.16.840.1.101.3.4.2.1",
        [HASH_SHA384] = "2.16.840.1.101.3.4.2.2",
        [HASH_SHA512] = "2.16.840.1.101.3.4.2.3",
    };
    struct str oid, none;
    if (!der_take(&body, DER_OID, &oid)) {
        return false;
    }
    (void)!der_take_if(&body, DER_NULL, &none);
    for (unsigned i = 0; i < HASH_COUNT && body.n == 0; i++) {
        if (is_oid(oid, OIDS[i])) {
            *ret_hash = (enum hash)i;
            return true;
        }
    }
    return false;
}

/* -- the signer -- */

static bool take_name(struct str body, struct cms *ret)
{
    struct der_item issuer;
    if (!der_next(&body, &issuer) || issuer.tag != DER_SEQUENCE ||
        !der_take(&body, DER_INTEGER, &ret->serial) || body.n > 0) {
        return false;
    }
    ret->issuer = issuer.all;
    return true;
}

static bool take_who(struct str *reader, uint64_t version, struct cms *ret)
{
    struct str body;
    if (der_take_if(reader, DER_SEQUENCE, &body)) {
        return version == BY_NAME_VERSION && take_name(body, ret);
    }
    return version == BY_KEY_VERSION && der_take(reader, DER_TAGGED(0), &ret->key_id) &&
           ret->key_id.n > 0;
}

static status read_signer(struct str signers, struct cms *ret, struct error *err)
{
    struct str body, unsigned_ones;
    uint64_t version;
    if (!der_take(&signers, DER_SEQUENCE, &body)) {
        return malformed("signer", err);
    }
    if (signers.n > 0) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: more than one signer");
    }
    if (!take_version(&body, &version) || !take_who(&body, version, ret) ||
        !der_take(&body, DER_SEQUENCE, &ret->digest_algorithm)) {
        return malformed("signer", err);
    }
    if (!cms_read_hash(ret->digest_algorithm, &ret->hash)) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: a hash that is not taken");
    }
    if (!der_take(&body, DER_WRAPPED(0), &ret->attributes) ||
        !der_take(&body, DER_SEQUENCE, &ret->signature_algorithm) ||
        !der_take(&body, DER_OCTET_STRING, &ret->signature)) {
        return malformed("signer", err);
    }
    (void)!der_take_if(&body, DER_WRAPPED(1), &unsigned_ones);
    return body.n == 0 ? OK : malformed("signer", err);
}

/* -- the whole -- */

static bool take_content(struct str *reader, struct cms *ret)
{
    struct str body, wrapped;
    return der_take(reader, DER_SEQUENCE, &body) && der_take(&body, DER_OID, &ret->content_type) &&
           der_take(&body, DER_WRAPPED(0), &wrapped) && body.n == 0 &&
           der_take(&wrapped, DER_OCTET_STRING, &ret->content) && wrapped.n == 0;
}

/* Whether the list of hashes before the content, which nobody signs, has the signer's, or is empty.
 * Spec: RFC 5652 section 5.1, which allows to ask that. */
static bool lists_hash(struct str algorithms, enum hash hash)
{
    bool found = algorithms.n == 0;
    while (algorithms.n > 0) {
        struct str body;
        enum hash one;
        if (!der_take(&algorithms, DER_SEQUENCE, &body)) {
            return false;
        }
        found = (cms_read_hash(body, &one) && one == hash) || found;
    }
    return found;
}

status cms_read(struct str token, struct cms *ret_cms, struct error *err)
{
    struct str body, type, wrapped, data, algorithms, revoked, signers;
    struct cms it = {0};
    uint64_t version;
    if (!der_take(&token, DER_SEQUENCE, &body) || !der_take(&body, DER_OID, &type) ||
        !is_oid(type, OID_SIGNED_DATA) || !der_take(&body, DER_WRAPPED(0), &wrapped) ||
        body.n > 0 || !der_take(&wrapped, DER_SEQUENCE, &data) || wrapped.n > 0 || token.n > 0) {
        return malformed("signed data", err);
    }
    if (!take_version(&data, &version) || version != SIGNED_DATA_VERSION ||
        !der_take(&data, DER_SET, &algorithms) || !take_content(&data, &it)) {
        return malformed("signed data", err);
    }
    (void)!der_take_if(&data, DER_WRAPPED(0), &it.certificates);
    (void)!der_take_if(&data, DER_WRAPPED(1), &revoked);
    if (!der_take(&data, DER_SET, &signers) || data.n > 0) {
        return malformed("signed data", err);
    }
    TRY(read_signer(signers, &it, err));
    if (!lists_hash(algorithms, it.hash)) {
        return malformed("signed data", err);
    }
    *ret_cms = it;
    return OK;
}

bool cms_names(const struct cms *cms, const struct x509_certificate *certificate)
{
    if (cms->key_id.p == NULL) {
        return str_eq(cms->issuer, certificate->parts.issuer) &&
               str_eq(cms->serial, certificate->parts.serial);
    }
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate->x509);
    struct str bytes = id == NULL ? STR_EMPTY
                                  : (struct str){(const char *)ASN1_STRING_get0_data(id),
                                                 (size_t)ASN1_STRING_length(id)};
    return str_eq(cms->key_id, bytes);
}
