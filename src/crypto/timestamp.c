#include "crypto/timestamp.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/cms.h"

#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"

enum { GRANTED = 0, GRANTED_WITH_CHANGES = 1, TST_VERSION = 1, SECONDS_MAX = 86400 };

static status malformed(const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "timestamp: malformed %s", what);
}

/* -- the response around a token -- */

/* Take the token out of a response; a token alone stays as it is. */
static status unwrap(struct str bytes, struct str *ret_token, struct error *err)
{
    struct str body, state, number;
    struct der_item first;
    uint64_t code;
    *ret_token = bytes;
    if (!der_check(bytes) || !der_take(&bytes, DER_SEQUENCE, &body) || !der_next(&body, &first)) {
        return malformed("token", err);
    }
    if (first.tag == DER_OID) {
        return OK;
    }
    state = first.body;
    if (first.tag != DER_SEQUENCE || !der_take(&state, DER_INTEGER, &number) ||
        !der_number(number, 100, &code)) {
        return malformed("response", err);
    }
    if (code != GRANTED && code != GRANTED_WITH_CHANGES) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: it was not granted");
    }
    *ret_token = body;
    return body.n > 0 ? OK : malformed("response", err);
}

/* -- what is told -- */

static bool take_imprint(struct str *reader, struct str *ret_algorithm, struct str *ret_imprint)
{
    struct str body;
    return der_take(reader, DER_SEQUENCE, &body) && der_take(&body, DER_SEQUENCE, ret_algorithm) &&
           der_take(&body, DER_OCTET_STRING, ret_imprint) && body.n == 0;
}

static bool take_part(struct str *reader, unsigned char tag, uint64_t max, int64_t unit,
                      int64_t *sum)
{
    struct str body;
    uint64_t value;
    if (!der_take_if(reader, tag, &body)) {
        return true;
    }
    if (!der_number(body, max, &value)) {
        return false;
    }
    *sum += (int64_t)value * unit;
    return true;
}

static bool take_accuracy(struct str *reader, int64_t *ret_ns)
{
    struct str body;
    *ret_ns = 0;
    return !der_take_if(reader, DER_SEQUENCE, &body) ||
           (take_part(&body, DER_INTEGER, SECONDS_MAX, NS_PER_S, ret_ns) &&
            take_part(&body, DER_TAGGED(0), 999, NS_PER_MS, ret_ns) &&
            take_part(&body, DER_TAGGED(1), 999, NS_PER_US, ret_ns) && body.n == 0);
}

/* Extensions may be there, but none that must be understood. */
static bool take_extensions(struct str *reader)
{
    struct str list, body, oid, critical, value;
    if (!der_take_if(reader, DER_WRAPPED(1), &list)) {
        return true;
    }
    while (list.n > 0) {
        if (!der_take(&list, DER_SEQUENCE, &body) || !der_take(&body, DER_OID, &oid) ||
            (der_take_if(&body, DER_BOOLEAN, &critical) && critical.p[0] != 0) ||
            !der_take(&body, DER_OCTET_STRING, &value) || body.n > 0) {
            return false;
        }
    }
    return true;
}

static bool take_time(struct str *reader, int64_t *ret_ns)
{
    bool wide = reader->n > 0 && reader->p[0] == DER_GENERALIZED_TIME;
    return wide && der_take_time(reader, true, ret_ns);
}

static status read_info(struct str content, struct timestamp *ret, struct error *err)
{
    struct str body, number, policy, algorithm, other;
    uint64_t version;
    if (!der_check(content) || !der_take(&content, DER_SEQUENCE, &body) ||
        !der_take(&body, DER_INTEGER, &number) || !der_number(number, TST_VERSION, &version) ||
        version != TST_VERSION || !der_take(&body, DER_OID, &policy) ||
        !take_imprint(&body, &algorithm, &ret->imprint) ||
        !der_take(&body, DER_INTEGER, &ret->serial) || !take_time(&body, &ret->time) ||
        !take_accuracy(&body, &ret->accuracy)) {
        return malformed("content", err);
    }
    (void)!der_take_if(&body, DER_BOOLEAN, &other);    /* ordering */
    (void)!der_take_if(&body, DER_INTEGER, &other);    /* nonce */
    (void)!der_take_if(&body, DER_WRAPPED(0), &other); /* a hint of who */
    if (!take_extensions(&body) || body.n > 0) {
        return malformed("content", err);
    }
    if (!cms_read_hash(algorithm, &ret->hash)) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: of a hash that is not taken");
    }
    return OK;
}

static status read_token(struct str token, struct cms *ret_cms, struct timestamp *ret,
                         struct error *err)
{
    char room[DER_OID_ROOM];
    struct str bare;
    if (token.n > LIMIT_TIMESTAMP) {
        return error_set(err, ERROR_LIMIT, "timestamp larger than %u bytes", LIMIT_TIMESTAMP);
    }
    TRY(unwrap(token, &bare, err));
    TRY(cms_read(bare, ret_cms, err));
    if (!str_eq(ret_cms->content_type, der_oid(OID_TST_INFO, room))) {
        return error_set(err, ERROR_INPUT, "timestamp: signed data of something else");
    }
    return read_info(ret_cms->content, ret, err);
}

/* -- who signed it -- */

/* The certificates in a token that can be read. */
struct carried {
    struct x509_certificate *items[LIMIT_TIMESTAMP_CERTIFICATES];
    size_t n;
};

static void free_carried(struct carried *carried)
{
    for (size_t i = 0; i < carried->n; i++) {
        x509_free(carried->items[i]);
    }
}

static status read_carried(struct str certificates, struct carried *ret, struct error *err)
{
    struct der_item item;
    for (size_t seen = 0; certificates.n > 0; seen++) {
        struct error unread;
        if (seen == LIMIT_TIMESTAMP_CERTIFICATES) {
            return error_set(err, ERROR_LIMIT, "timestamp: more than %u certificates",
                             LIMIT_TIMESTAMP_CERTIFICATES);
        }
        if (!der_next(&certificates, &item)) {
            return malformed("certificates", err);
        }
        if (item.tag == DER_SEQUENCE &&
            !failed(x509_read_der(item.all, &ret->items[ret->n], &unread))) {
            ret->n++;
        }
    }
    return OK;
}

static const struct x509_certificate *find_signer(const struct cms *cms,
                                                  const struct timestamp_authority *authority,
                                                  const struct carried *carried)
{
    const struct x509_certificate *first = authority->chain[0];
    if (!first->facts.authority) {
        return cms_names(cms, first) ? first : NULL;
    }
    for (size_t i = 0; i < carried->n; i++) {
        if (cms_names(cms, carried->items[i])) {
            return carried->items[i];
        }
    }
    return NULL;
}

static status check_chain(const struct x509_certificate *signer, const struct carried *carried,
                          const struct timestamp_authority *authority, int64_t when,
                          struct error *err)
{
    const struct x509_certificate *between[LIMIT_CERTIFICATES], *issuer;
    size_t n = 0;
    for (size_t i = 0; i + 1 < authority->n && n < LIMIT_CERTIFICATES; i++) {
        between[n++] = authority->chain[i];
    }
    for (size_t i = 0; i < carried->n && n < LIMIT_CERTIFICATES; i++) {
        between[n++] = carried->items[i];
    }
    const struct x509_issuers issuers = {between, n, &authority->chain[authority->n - 1], 1};
    if (failed(x509_verify_chain(signer, &issuers, when, FOR_TIMESTAMPS, &issuer, err))) {
        return error_wrap(err, "timestamp");
    }
    return OK;
}

static status check_authority(const struct cms *cms, const struct timestamp *stamp,
                              const struct timestamp_authority *authority,
                              const struct carried *carried, struct error *err)
{
    char then[CLOCK_TEXT_MAX];
    const struct x509_certificate *signer = find_signer(cms, authority, carried);
    if (signer == NULL) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: of no authority that is trusted");
    }
    if (stamp->time < authority->from || stamp->time > authority->until) {
        clock_format_seconds(stamp->time, then);
        return error_set(err, ERROR_EVIDENCE,
                         "timestamp: its authority is not trusted for %s, the time it tells", then);
    }
    TRY(cms_verify(cms, signer, err));
    return check_chain(signer, carried, authority, stamp->time, err);
}

/* Try all authorities; the error is that of the last one that has the signer, if one has. */
static status find_authority(const struct cms *cms, const struct timestamp_authority *authorities,
                             size_t n, struct timestamp *stamp, struct error *err)
{
    __attribute__((cleanup(free_carried))) struct carried carried = {0};
    struct error why;
    bool known = false;
    error_fill(&why, ERROR_EVIDENCE, "timestamp: of no authority that is trusted");
    TRY(read_carried(cms->certificates, &carried, err));
    for (size_t i = 0; i < n; i++) {
        struct error one;
        if (!failed(check_authority(cms, stamp, &authorities[i], &carried, &one))) {
            stamp->authority = i;
            return OK;
        }
        bool has = find_signer(cms, &authorities[i], &carried) != NULL;
        why = has || !known ? one : why;
        known = known || has;
    }
    *err = why;
    return FAILED;
}

status timestamp_verify(struct str token, struct str bytes,
                        const struct timestamp_authority *authorities, size_t n_authorities,
                        struct timestamp *ret_timestamp, struct error *err)
{
    char room[HASH_ROOM];
    struct cms cms;
    struct timestamp stamp = {0};
    TRY(read_token(token, &cms, &stamp, err));
    if (!str_eq(stamp.imprint, hash_of(stamp.hash, &bytes, 1, room))) {
        return error_set(err, ERROR_EVIDENCE, "timestamp: of something else");
    }
    TRY(find_authority(&cms, authorities, n_authorities, &stamp, err));
    *ret_timestamp = stamp;
    return OK;
}
