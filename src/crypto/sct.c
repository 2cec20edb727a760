#include "crypto/sct.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/x509_own.h"

#define OID_SCTS   "1.3.6.1.4.1.11129.2.4.2"
#define OID_POISON "1.3.6.1.4.1.11129.2.4.3"

enum {
    VERSION_1 = 0,
    LOG_ID = 32,
    OF_CERTIFICATE = 0,    /* what the signature is of: certificate_timestamp */
    AS_CERTIFICATE = 0,    /* x509_entry */
    AS_PRECERTIFICATE = 1, /* precert_entry */
    HASH_IS_SHA256 = 4,
    RSA_SIGNATURE = 1,
    ECDSA_SIGNATURE = 3,
};

struct sct {
    struct str id, extensions, signature;
    uint64_t time; /* milliseconds */
    unsigned algorithms;
    bool known; /* of version 1, whose fields these are */
};

/* -- reading -- */

static bool take_number(struct str *reader, size_t bytes, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (reader->n < bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | (unsigned char)reader->p[i];
    }
    *reader = str_sub(*reader, bytes, reader->n);
    *ret_value = value;
    return true;
}

static bool take_bytes(struct str *reader, size_t n, struct str *ret_bytes)
{
    if (reader->n < n) {
        return false;
    }
    *ret_bytes = str_sub(*reader, 0, n);
    *reader = str_sub(*reader, n, reader->n);
    return true;
}

/* Bytes behind their length in two. */
static bool take_vector(struct str *reader, struct str *ret_bytes)
{
    uint64_t n;
    return take_number(reader, 2, &n) && take_bytes(reader, n, ret_bytes);
}

static bool read_sct(struct str bytes, struct sct *ret)
{
    uint64_t version, algorithms;
    if (!take_number(&bytes, 1, &version)) {
        return false;
    }
    ret->known = version == VERSION_1;
    if (!ret->known) {
        return true;
    }
    if (!take_bytes(&bytes, LOG_ID, &ret->id) || !take_number(&bytes, 8, &ret->time) ||
        !take_vector(&bytes, &ret->extensions) || !take_number(&bytes, 2, &algorithms) ||
        !take_vector(&bytes, &ret->signature) || bytes.n > 0) {
        return false;
    }
    ret->algorithms = (unsigned)algorithms;
    return true;
}

static status malformed(struct error *err)
{
    return error_set(err, ERROR_INPUT, "SCT: malformed");
}

static status read_list(struct str value, struct sct ret[LIMIT_SCTS], size_t *ret_n,
                        struct error *err)
{
    struct str octets, list, one;
    size_t n = 0;
    if (!der_take(&value, DER_OCTET_STRING, &octets) || value.n > 0 ||
        !take_vector(&octets, &list) || octets.n > 0 || list.n == 0) {
        return malformed(err);
    }
    for (; list.n > 0; n++) {
        if (n == LIMIT_SCTS) {
            return error_set(err, ERROR_LIMIT, "more than %u SCTs", LIMIT_SCTS);
        }
        if (!take_vector(&list, &one) || !read_sct(one, &ret[n])) {
            return malformed(err);
        }
    }
    *ret_n = n;
    return OK;
}

/* -- what is signed -- */

static void add_number(struct buf *buf, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0) {
        buf_add_char(buf, (char)(value >> (8 * bytes) & 0xff));
    }
}

/* Append the extensions but one, with their tags; nothing if none remains. */
static void add_extensions(struct buf *buf, struct str wrapped, struct str without)
{
    struct str list, body, oid, reader;
    struct der_item item;
    buf_auto kept, sequence;
    buf_init(&kept, LIMIT_CERTIFICATE);
    buf_init(&sequence, LIMIT_CERTIFICATE);
    ENSURE(der_take(&wrapped, DER_SEQUENCE, &list));
    while (list.n > 0) {
        ENSURE(der_next(&list, &item));
        reader = item.all;
        ENSURE(der_take(&reader, DER_SEQUENCE, &body) && der_take(&body, DER_OID, &oid));
        if (!str_eq(oid, without)) {
            buf_add(&kept, item.all);
        }
    }
    if (buf_str(&kept).n > 0) {
        der_add(&sequence, DER_SEQUENCE, buf_str(&kept));
        der_add(buf, DER_WRAPPED(3), buf_str(&sequence));
    }
}

/* Append what of the certificate is signed, without one extension. */
static void add_precertificate(struct buf *buf, const struct x509_certificate *it,
                               const char *without)
{
    char room[DER_OID_ROOM];
    struct str oid = der_oid(without, room), rest = it->parts.tbs;
    struct der_item item;
    buf_auto body, tbs;
    buf_init(&body, LIMIT_CERTIFICATE);
    buf_init(&tbs, LIMIT_CERTIFICATE);
    while (rest.n > 0) {
        ENSURE(der_next(&rest, &item));
        if (item.tag == DER_WRAPPED(3)) {
            add_extensions(&body, item.body, oid);
        } else {
            buf_add(&body, item.all);
        }
    }
    der_add(&tbs, DER_SEQUENCE, buf_str(&body));
    add_number(buf, buf_str(&tbs).n, 3);
    buf_add(buf, buf_str(&tbs));
}

/* Append a log's entry. Its parts are those of a certificate that was read, so they fit. */
static void add_entry(struct buf *buf, const struct x509_certificate *it,
                      const struct x509_certificate *issuer, const char *without)
{
    if (without == NULL) {
        add_number(buf, AS_CERTIFICATE, 2);
        add_number(buf, it->facts.der.n, 3);
        buf_add(buf, it->facts.der);
        return;
    }
    char room[HASH_ROOM];
    add_number(buf, AS_PRECERTIFICATE, 2);
    buf_add(buf, hash_of(HASH_SHA256, &issuer->parts.spki, 1, room));
    add_precertificate(buf, it, without);
}

/* -- verification -- */

/* How far an SCT came; the furthest is told of. */
enum outcome { NO_LOG, WRONG_TIME, NOT_HELD, HELD };

static bool signature_holds(const struct sct *sct, const struct public_key *key, struct str entry)
{
    struct error err;
    buf_auto buf;
    enum signature_scheme scheme = SCHEME_COUNT;
    if (sct->algorithms == (HASH_IS_SHA256 << 8 | ECDSA_SIGNATURE)) {
        scheme = SCHEME_ECDSA_SHA256;
    } else if (sct->algorithms == (HASH_IS_SHA256 << 8 | RSA_SIGNATURE)) {
        scheme = SCHEME_RSA_PKCS1_SHA256;
    }
    buf_init(&buf, entry.n + sct->extensions.n + 16);
    add_number(&buf, VERSION_1, 1);
    add_number(&buf, OF_CERTIFICATE, 1);
    add_number(&buf, sct->time, 8);
    buf_add(&buf, entry);
    add_number(&buf, sct->extensions.n, 2);
    buf_add(&buf, sct->extensions);
    ENSURE(!buf_overflowed(&buf));
    return !failed(public_key_verify(key, scheme, buf_str(&buf), sct->signature, &err));
}

static bool was_trusted(const struct sct_log *log, const struct sct *sct)
{
    if (sct->time > (uint64_t)(INT64_MAX / NS_PER_MS)) {
        return false;
    }
    int64_t when = (int64_t)sct->time * NS_PER_MS;
    return when >= log->from && when <= log->until;
}

static enum outcome judge(const struct sct *sct, struct str entry, const struct sct_log *logs,
                          size_t n_logs)
{
    enum outcome best = NO_LOG;
    for (size_t i = 0; i < n_logs && best != HELD; i++) {
        if (!sct->known || !str_eq(sct->id, logs[i].id)) {
            continue;
        }
        enum outcome outcome = !was_trusted(&logs[i], sct)                 ? WRONG_TIME
                               : !signature_holds(sct, logs[i].key, entry) ? NOT_HELD
                                                                           : HELD;
        best = outcome > best ? outcome : best;
    }
    return best;
}

static status tell(enum outcome best, struct error *err)
{
    switch (best) {
    case NO_LOG:
        return error_set(err, ERROR_EVIDENCE, "SCT: of no log that is trusted");
    case WRONG_TIME:
        return error_set(err, ERROR_EVIDENCE,
                         "SCT: of a log that is not trusted for the time it was given");
    case NOT_HELD:
        return error_set(err, ERROR_EVIDENCE, "SCT: the log's signature does not hold");
    case HELD:
        return OK;
    }
    return error_set(err, ERROR_INTERNAL, "SCT: no outcome");
}

static bool stands_before(const struct sct *scts, const enum outcome *outcomes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (outcomes[i] == HELD && str_eq(scts[i].id, scts[n].id)) {
            return true;
        }
    }
    return false;
}

status sct_verify_embedded(const struct x509_certificate *leaf,
                           const struct x509_certificate *issuer, const struct sct_log *logs,
                           size_t n_logs, size_t *ret_valid, struct error *err)
{
    struct sct scts[LIMIT_SCTS] = {0};
    enum outcome outcomes[LIMIT_SCTS], best = NO_LOG;
    size_t n = 0, valid = 0;
    struct str value;
    if (!x509_extension(leaf, OID_SCTS, &value)) {
        return error_set(err, ERROR_EVIDENCE, "SCT: the certificate has none");
    }
    TRY(read_list(value, scts, &n, err));
    buf_auto entry;
    buf_init(&entry, 2 * LIMIT_CERTIFICATE);
    add_entry(&entry, leaf, issuer, OID_SCTS);
    ENSURE(!buf_overflowed(&entry));
    for (size_t i = 0; i < n; i++) {
        outcomes[i] = judge(&scts[i], buf_str(&entry), logs, n_logs);
        best = outcomes[i] > best ? outcomes[i] : best;
        valid += outcomes[i] == HELD && !stands_before(scts, outcomes, i);
    }
    TRY(tell(best, err));
    *ret_valid = valid;
    return OK;
}

status sct_verify(const struct x509_certificate *certificate, const struct x509_certificate *issuer,
                  struct str sct, const struct sct_log *logs, size_t n_logs, struct error *err)
{
    struct sct it = {0};
    struct str value;
    bool is_precertificate = x509_extension(certificate, OID_POISON, &value);
    if (!read_sct(sct, &it)) {
        return malformed(err);
    }
    if (is_precertificate && issuer == NULL) {
        return error_set(err, ERROR_EVIDENCE, "SCT: the precertificate's issuer is not known");
    }
    buf_auto entry;
    buf_init(&entry, 2 * LIMIT_CERTIFICATE);
    add_entry(&entry, certificate, issuer, is_precertificate ? OID_POISON : NULL);
    ENSURE(!buf_overflowed(&entry));
    return tell(judge(&it, buf_str(&entry), logs, n_logs), err);
}
