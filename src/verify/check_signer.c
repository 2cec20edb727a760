/* Who signed: the key of the policy, or the certificate of the bundle. */
#include "base/limits.h"
#include "verify/checking.h"

static status fail(struct checking *c, const char *what)
{
    return error_set(c->err, ERROR_EVIDENCE, "%s", what);
}

static status read_certificates(struct checking *c)
{
    for (size_t i = 0; i < c->bundle.n_certificates; i++) {
        if (failed(x509_read_der(c->bundle.certificates[i], &c->certificates[i], c->err))) {
            return error_wrap(c->err, "certificate %zu", i + 1);
        }
        c->n_certificates++;
    }
    return OK;
}

/* Whether it is a certificate that the trusted root has. */
static bool is_trusted(const struct checking *c, struct str certificate)
{
    for (size_t i = 0; i < c->trust->n_authorities; i++) {
        const struct trust_authority *authority = &c->trust->authorities[i];
        for (size_t j = 0; j < authority->n; j++) {
            if (str_eq(x509_facts(authority->chain[j])->der, certificate)) {
                return true;
            }
        }
    }
    return false;
}

/* Older bundles brought the root along that everybody has; to bring another one only misleads. */
static status check_roots(struct checking *c)
{
    for (size_t i = 1; i < c->n_certificates; i++) {
        const struct x509_facts *facts = x509_facts(c->certificates[i]);
        if (facts->self_issued && !is_trusted(c, facts->der)) {
            return fail(c, "the bundle brings a root certificate that is not trusted");
        }
    }
    return OK;
}

/* The text of a certificate, which goes before the verification does. */
static struct str keep(struct checking *c, struct str text)
{
    return arena_dup(c->arena, text);
}

static void read_names(struct checking *c)
{
    const struct x509_facts *leaf = x509_facts(c->certificates[0]);
    struct str *names = ARENA_ARRAY(c->arena, struct str, leaf->n_sans);
    for (size_t i = 0; i < leaf->n_sans; i++) {
        names[i] = keep(c, leaf->sans[i].text);
    }
    c->found->signer.names = names;
    c->found->signer.n_names = leaf->n_sans;
}

enum { FULCIO_ISSUER_OLD = 1, FULCIO_ISSUER = 8 };

/* The issuer of the OpenID token, in the newer extension or, where that is not, the older. */
static status read_issuer(struct checking *c)
{
    const struct x509_certificate *leaf = c->certificates[0];
    struct str issuer;
    TRY(x509_fulcio_text(leaf, FULCIO_ISSUER, &issuer, c->err));
    if (issuer.p == NULL) {
        TRY(x509_fulcio_text(leaf, FULCIO_ISSUER_OLD, &issuer, c->err));
    }
    c->found->signer.issuer = issuer.p == NULL ? STR_EMPTY : keep(c, issuer);
    return OK;
}

static status check_with_key(struct checking *c)
{
    if (c->bundle.n_certificates > 0) {
        return fail(c, "it is signed with a certificate, and a signature by a key is asked for");
    }
    c->key = c->policy->key;
    return OK;
}

static status check_with_certificate(struct checking *c)
{
    if (c->bundle.n_certificates == 0) {
        return fail(c, "it is signed with a key, and none is given to check it by");
    }
    TRY(read_certificates(c));
    TRY(check_roots(c));
    read_names(c);
    TRY(read_issuer(c));
    return x509_public_key(c->certificates[0], &c->key, c->err);
}

status check_signer(struct checking *c)
{
    TRY(c->policy->key != NULL ? check_with_key(c) : check_with_certificate(c));
    c->found->key = keep(c, str_from(public_key_name(c->key)));
    return OK;
}
