/* The signature itself, and what it is about. */
#include "base/limits.h"
#include "verify/checking.h"

/* -- schemes -- */

enum { SCHEMES = 3 };

/* Those that a certificate's key may have signed by: signers say it nowhere that could be believed,
 * and a signature that holds by one of them is the signer's. Ends with SCHEME_DEFAULT. */
static const enum signature_scheme *schemes_of(enum public_key_type type)
{
    static const enum signature_scheme P256[SCHEMES] = {SCHEME_ECDSA_SHA256},
                                       P384[SCHEMES] = {SCHEME_ECDSA_SHA384, SCHEME_ECDSA_SHA256},
                                       P521[SCHEMES] = {SCHEME_ECDSA_SHA512, SCHEME_ECDSA_SHA256},
                                       ED25519[SCHEMES] = {SCHEME_ED25519, SCHEME_ED25519PH},
                                       RSA[SCHEMES] = {SCHEME_RSA_PKCS1_SHA256,
                                                       SCHEME_RSA_PSS_SHA256};
    switch (type) {
    case KEY_P256:
        return P256;
    case KEY_P384:
        return P384;
    case KEY_P521:
        return P521;
    case KEY_ED25519:
        return ED25519;
    case KEY_RSA:
    default:
        return RSA;
    }
}

/* The bytes that are signed, or their digests alone. */
struct content {
    bool whole;
    struct str bytes;
    const struct artifact *artifact;
};

static status check_by(struct checking *c, enum signature_scheme scheme,
                       const struct content *content)
{
    enum hash hash = HASH_SHA256;
    struct str signature = checking_signature(c);
    if (content->whole) {
        return public_key_verify(c->key, scheme, content->bytes, signature, c->err);
    }
    if (!public_key_hash(c->key, scheme, &hash)) {
        return error_set(c->err, ERROR_EVIDENCE,
                         "a signature of %s needs the artifact itself, not its digest alone",
                         public_key_name(c->key));
    }
    if (content->artifact->digests[hash].n == 0) {
        return error_set(c->err, ERROR_EVIDENCE,
                         "a signature of %s needs the artifact's %s digest, which is not known",
                         public_key_name(c->key), hash_name(hash).p);
    }
    return public_key_verify_digest(c->key, scheme, content->artifact->digests[hash], signature,
                                    c->err);
}

/* A key that the policy gives says its scheme, or the default is tried first. */
static status check_signature(struct checking *c, const struct content *content)
{
    const enum signature_scheme *scheme = schemes_of(public_key_type(c->key));
    struct error first = {.kind = ERROR_NONE};
    if (c->policy->key != NULL && c->policy->scheme != SCHEME_DEFAULT) {
        return check_by(c, c->policy->scheme, content);
    }
    for (; *scheme != SCHEME_DEFAULT; scheme++) {
        if (!failed(check_by(c, *scheme, content))) {
            return OK;
        }
        first = first.kind == ERROR_NONE ? *c->err : first;
    }
    *c->err = first;
    return error_wrap(c->err, "the signature");
}

/* -- messages -- */

static status check_message(struct checking *c)
{
    const struct bundle_message *message = &c->bundle.message;
    if (message->has_digest &&
        (message->digest.n != hash_size(message->hash) ||
         artifact_has(c->artifact, message->hash, message->digest) == ARTIFACT_OTHER)) {
        return error_set(c->err, ERROR_EVIDENCE, "the bundle is of another artifact");
    }
    const struct content content = {c->artifact->whole, c->artifact->bytes, c->artifact};
    return check_signature(c, &content);
}

/* -- envelopes -- */

static status check_statement(struct checking *c)
{
    const struct dsse_envelope *envelope = &c->bundle.envelope;
    statement_auto statement = {.n_subjects = 0};
    if (!str_eq(envelope->payload_type, STR(DSSE_IN_TOTO))) {
        return error_set(c->err, ERROR_EVIDENCE,
                         "the envelope holds no in-toto statement, but %.*s",
                         STR_ARG(str_sub(envelope->payload_type, 0, 80)));
    }
    TRY(statement_parse(c->arena, envelope->payload, &statement, c->err));
    c->found->predicate_type = statement.predicate_type;
    return statement_names(&statement, c->artifact)
               ? OK
               : error_set(c->err, ERROR_EVIDENCE,
                           "the statement is about something else: the artifact is none of its %zu "
                           "subjects",
                           statement.n_subjects);
}

static status check_envelope(struct checking *c)
{
    const struct content content = {true, dsse_signed(c->arena, &c->bundle.envelope), NULL};
    TRY(check_signature(c, &content));
    return c->policy->envelope_alone ? OK : check_statement(c);
}

status check_content(struct checking *c)
{
    return c->bundle.is_message ? check_message(c) : check_envelope(c);
}
