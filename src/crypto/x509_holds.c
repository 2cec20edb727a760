/* What is asked of each certificate of a chain by itself. */
#include "base/clock.h"
#include "crypto/der.h"
#include "crypto/x509_own.h"

enum { NAME_SHOWN = 128 };

/* "the certificate", or which authority. */
struct who {
    char text[NAME_SHOWN + 32];
};

static struct who name_of(const struct x509_path *path, size_t i)
{
    struct who who;
    struct str subject = path->items[i]->facts.subject;
    if (i == 0) {
        snprintf(who.text, sizeof who.text, "the certificate");
    } else {
        snprintf(who.text, sizeof who.text, "the authority \"%.*s\"",
                 STR_ARG(str_sub(subject, 0, NAME_SHOWN)));
    }
    return who;
}

/* -- of every one -- */

/* The extensions that are looked at here or by OpenSSL, as RFC 5280 means them; policies restrict
 * nothing, since none is asked for. */
static bool is_known(struct str oid)
{
    static const char *const KNOWN[] = {OID_KEY_USAGE, OID_SAN,     OID_BASIC_CONSTRAINTS,
                                        OID_PURPOSES,  "2.5.29.14", "2.5.29.30",
                                        "2.5.29.32",   "2.5.29.35"};
    char room[DER_OID_ROOM];
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (str_eq(oid, der_oid(KNOWN[i], room))) {
            return true;
        }
    }
    return false;
}

static bool is_understood(const struct x509_certificate *it)
{
    for (size_t i = 0; i < it->parts.n_extensions; i++) {
        if (it->parts.extensions[i].critical && !is_known(it->parts.extensions[i].oid)) {
            return false;
        }
    }
    return true;
}

static status check_time(const struct x509_path *path, size_t i, struct error *err)
{
    char then[CLOCK_TEXT_MAX], border[CLOCK_TEXT_MAX];
    const struct x509_facts *facts = &path->items[i]->facts;
    clock_format_seconds(path->when, then);
    if (path->when < facts->not_before) {
        clock_format_seconds(facts->not_before, border);
        return error_set(err, ERROR_EVIDENCE, "%s is valid from %s, and not yet at %s",
                         name_of(path, i).text, border, then);
    }
    if (path->when > facts->not_after) {
        clock_format_seconds(facts->not_after, border);
        return error_set(err, ERROR_EVIDENCE, "%s was valid until %s, and no longer at %s",
                         name_of(path, i).text, border, then);
    }
    return OK;
}

/* SHA-256 and better, with the kinds of keys that are taken. */
static bool signed_well(const struct x509_certificate *it)
{
    int hash, key, bits;
    uint32_t flags;
    if (X509_get_signature_info(it->x509, &hash, &key, &bits, &flags) != 1) {
        return false;
    }
    bool hashes = hash == NID_sha256 || hash == NID_sha384 || hash == NID_sha512;
    bool signs =
        key == NID_rsaEncryption || key == NID_rsassaPss || key == NID_X9_62_id_ecPublicKey;
    return (hashes && signs) || key == NID_ED25519;
}

static status check_each(const struct x509_path *path, size_t i, struct error *err)
{
    const struct x509_certificate *it = path->items[i];
    const struct public_key *key;
    struct error inner;
    TRY(check_time(path, i, err));
    if (failed(x509_public_key(it, &key, &inner))) {
        return error_set(err, ERROR_EVIDENCE, "%s: %s", name_of(path, i).text, inner.text);
    }
    if (!is_understood(it)) {
        return error_set(err, ERROR_EVIDENCE,
                         "%s has an extension that is critical and not known here",
                         name_of(path, i).text);
    }
    /* What a root says of itself is believed without its signature. */
    if (i + 1 < path->n && !signed_well(it)) {
        return error_set(err, ERROR_EVIDENCE, "%s is signed with an algorithm that is not taken",
                         name_of(path, i).text);
    }
    return OK;
}

/* -- of the signer -- */

static bool may_sign(const struct x509_certificate *leaf, enum x509_purpose purpose)
{
    unsigned enough =
        purpose == FOR_TIMESTAMPS ? USAGE_SIGNATURE | USAGE_COMMITMENT : USAGE_SIGNATURE;
    return !leaf->has_usage ||
           ((leaf->usage & enough) != 0 && (leaf->usage & USAGE_CERTIFICATES) == 0);
}

static status check_leaf(const struct x509_path *path, struct error *err)
{
    const struct x509_certificate *leaf = path->items[0];
    if (leaf->facts.authority) {
        return error_set(err, ERROR_EVIDENCE, "the certificate is that of an authority");
    }
    if (!may_sign(leaf, path->purpose)) {
        return error_set(err, ERROR_EVIDENCE, "the certificate's key is not for signatures");
    }
    if (path->purpose == FOR_CODE_SIGNING && !leaf->facts.signs_code) {
        return error_set(err, ERROR_EVIDENCE, "the certificate is not for code signing");
    }
    if (path->purpose == FOR_TIMESTAMPS && !leaf->facts.stamps_time) {
        return error_set(err, ERROR_EVIDENCE, "the certificate is not for timestamps alone");
    }
    return OK;
}

/* -- of who vouches -- */

static bool vouches_for(const struct x509_certificate *it, enum x509_purpose purpose)
{
    if (purpose == FOR_ANYTHING || !it->has_purposes || it->any_purpose) {
        return true;
    }
    return purpose == FOR_CODE_SIGNING ? it->facts.signs_code : it->purposes_stamp;
}

static status check_issuer(const struct x509_path *path, size_t i, struct error *err)
{
    const struct x509_certificate *it = path->items[i];
    bool is_root = i + 1 == path->n;
    bool usage_holds =
        it->has_usage ? (it->usage & USAGE_CERTIFICATES) != 0 : is_root; /* old roots say nothing */
    if (!it->facts.authority || !usage_holds) {
        return error_set(err, ERROR_EVIDENCE, "\"%.*s\" may not sign certificates",
                         STR_ARG(str_sub(it->facts.subject, 0, NAME_SHOWN)));
    }
    if (!vouches_for(it, path->purpose)) {
        return error_set(err, ERROR_EVIDENCE, "%s is for other purposes", name_of(path, i).text);
    }
    return OK;
}

status x509_path_holds(const struct x509_path *path, struct error *err)
{
    TRY(check_leaf(path, err));
    for (size_t i = 0; i < path->n; i++) {
        TRY(check_each(path, i, err));
        if (i > 0) {
            TRY(check_issuer(path, i, err));
        }
    }
    return OK;
}
