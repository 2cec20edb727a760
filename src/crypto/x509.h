#pragma once
/* X.509 certificates of signers and of those who vouch for them. Strict: one that is not DER to the
 * last byte, says a thing twice or says it in a form of its own is refused. Pure: no clock, no
 * network. Threading: a certificate is immutable, for any thread. Serving certificates:
 * certificate.h. Spec: RFC 5280 section 4. */
#include "base/status.h"
#include "base/str.h"
#include "crypto/public_key.h"

/* A certificate, owned by who read it. */
struct x509_certificate;

enum san_kind {
    SAN_EMAIL,
    SAN_URI,
    SAN_DNS,
    SAN_IP,
    SAN_OTHER_NAME /* Fulcio's, 1.3.6.1.4.1.57264.1.7 */
};

struct x509_san {
    enum san_kind kind;
    struct str text; /* not empty; UTF-8 in which nothing acts (base/utf8.h) */
};

/* What it says. All lives as long as the certificate. */
struct x509_facts {
    struct str der;
    int64_t not_before, not_after; /* wall time in nanoseconds; both are within */
    struct str subject, issuer;    /* as RFC 2253 writes them */
    struct str serial;             /* in hexadecimal */
    bool authority;                /* may sign certificates, as basic constraints say */
    bool self_issued;              /* subject and issuer are the same name */
    bool signs_code;               /* extended key usage names code signing */
    bool stamps_time;              /* it is for timestamps alone, and says so critically */
    const struct x509_san
        *sans; /* of the kinds above, in its order; names of others are left out */
    size_t n_sans;
};

/* Read one, with nothing behind it. The key may be one that public_key.h refuses. Returns owned.
 * Errors: INPUT. Limits: LIMIT_CERTIFICATE, LIMIT_CERTIFICATE_EXTENSIONS, LIMIT_CERTIFICATE_NAMES.
 */
MUST status x509_read_der(struct str der, struct x509_certificate **ret_certificate,
                          struct error *err);

struct x509_list {
    struct x509_certificate **items;
    size_t n;
};

/* Read all certificates of a PEM text, at least one, in their order; text between them is passed
 * over. Returns owned. Errors: INPUT (also for a block of anything else).
 * Limits: LIMIT_BUNDLE, LIMIT_CERTIFICATES. */
MUST status x509_read_pem(struct str pem, struct x509_list *ret_list, struct error *err);

/* Free; NULL and a zeroed list are fine. */
void x509_free(struct x509_certificate *certificate);
void x509_list_free(struct x509_list *list);

static inline void x509_cleanup(struct x509_certificate **certificate)
{
    x509_free(*certificate);
}

#define x509_certificate_auto __attribute__((cleanup(x509_cleanup))) struct x509_certificate
#define x509_list_auto        __attribute__((cleanup(x509_list_free))) struct x509_list

/* What it says; borrows. */
const struct x509_facts *x509_facts(const struct x509_certificate *certificate);

/* Its key; borrows. Errors: INPUT (one that public_key.h refuses). */
MUST status x509_public_key(const struct x509_certificate *certificate,
                            const struct public_key **ret_key, struct error *err);

/* The value of the extension `oid`, "2.5.29.17", as DER; borrows. False if there is none. `oid` is
 * a text of the program's own: one that is no OID aborts. */
MUST bool x509_extension(const struct x509_certificate *certificate, const char *oid,
                         struct str *ret_value);

/* The text of Fulcio's extension 1.3.6.1.4.1.57264.1.NUMBER, of which 1 to 6 are plain text and
 * those from 8 on are DER; borrows. *ret_text has no address if there is none. Errors: INPUT (not
 * UTF-8, or with characters that act). */
MUST status x509_fulcio_text(const struct x509_certificate *certificate, unsigned number,
                             struct str *ret_text, struct error *err);

/* Who may have signed: authorities that come with the evidence and prove nothing by themselves, and
 * those that are trusted, whether or not they signed themselves. Borrowed. */
struct x509_issuers {
    const struct x509_certificate *const *intermediates;
    size_t n_intermediates;
    const struct x509_certificate *const *roots;
    size_t n_roots;
};

enum x509_purpose { FOR_CODE_SIGNING, FOR_TIMESTAMPS, FOR_ANYTHING };

/* Check that a chain leads from `leaf` to a root and that all of it held at wall time `when`:
 * signatures with SHA-256 or better and by keys that public_key.h takes, validity, path lengths,
 * name constraints, no critical extension that is not looked at here. The leaf is no authority, may
 * sign, and names the purpose (timestamps: critically, and nothing else); each issuer is an
 * authority that may sign certificates, and if it names purposes, this one is among them. Every
 * chain there is gets tried. *ret_issuer is who signed the leaf; borrows from `issuers`.
 * Errors: EVIDENCE (none holds; says why), LIMIT. Limits: LIMIT_CERTIFICATES of each,
 * LIMIT_CHAIN_DEPTH, LIMIT_CHAIN_TRIES, LIMIT_CHAIN_STEPS. Spec: RFC 5280 section 6, RFC 3161
 * section 2.3. */
MUST status x509_verify_chain(const struct x509_certificate *leaf,
                              const struct x509_issuers *issuers, int64_t when,
                              enum x509_purpose purpose, const struct x509_certificate **ret_issuer,
                              struct error *err);
