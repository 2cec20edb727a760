/* The certificate, at the times of signing: whose it is, who issued it, which logs hold it; or the
 * times of a key. */
#include "base/clock.h"
#include "base/limits.h"
#include "verify/checking.h"

/* -- times -- */

static status check_key_window(struct checking *c)
{
    const struct trust_window window = c->policy->key_window;
    if (window.from == 0 && window.until == 0) {
        return OK;
    }
    for (size_t i = 0; i < c->n_times; i++) {
        if (!trust_window_has(window, c->times[i].at)) {
            return error_set(c->err, ERROR_EVIDENCE, "the key was not valid when it was signed");
        }
    }
    return c->n_times > 0 ? OK
                          : error_set(c->err, ERROR_EVIDENCE,
                                      "the key is valid for a time, and it is not known when it "
                                      "was signed");
}

static status check_validity(struct checking *c, int64_t at)
{
    char when[CLOCK_TEXT_MAX], limit[CLOCK_TEXT_MAX];
    int64_t from = x509_facts(c->certificates[0])->not_before;
    int64_t until = x509_facts(c->certificates[0])->not_after;
    clock_format_seconds(at, when);
    if (at < from) {
        clock_format_seconds(from, limit);
        return error_set(c->err, ERROR_EVIDENCE,
                         "the certificate was not yet valid when it was signed: %s, valid from %s",
                         when, limit);
    }
    if (at > until) {
        clock_format_seconds(until, limit);
        return error_set(c->err, ERROR_EVIDENCE,
                         "the certificate had expired when it was signed: %s, valid until %s", when,
                         limit);
    }
    return OK;
}

/* -- the chain -- */

struct chain {
    const struct x509_certificate *between[LIMIT_BUNDLE_CERTIFICATES + LIMIT_TRUST_CHAIN];
    size_t n;
};

/* What may stand between the leaf and the root of an authority: its own certificates, and those of
 * the bundle, which are believed nothing. A root that is sent along is passed over: whoever trusts
 * it has it. */
static struct chain chain_of(const struct checking *c, const struct trust_authority *authority)
{
    struct chain chain = {.n = 0};
    for (size_t i = 0; i + 1 < authority->n; i++) {
        chain.between[chain.n++] = authority->chain[i];
    }
    for (size_t i = 1; i < c->n_certificates; i++) {
        if (!x509_facts(c->certificates[i])->self_issued) {
            chain.between[chain.n++] = c->certificates[i];
        }
    }
    return chain;
}

/* Find who issued the leaf at one time: of all authorities, one that was trusted then. */
static status check_chain(struct checking *c, int64_t at,
                          const struct x509_certificate **ret_issuer)
{
    struct error why = {.kind = ERROR_NONE};
    bool outside = false;
    for (size_t i = 0; i < c->trust->n_authorities; i++) {
        const struct trust_authority *authority = &c->trust->authorities[i];
        const struct x509_certificate *const root = authority->chain[authority->n - 1];
        const struct chain chain = chain_of(c, authority);
        if (!trust_window_has(authority->window, at)) {
            outside = true;
            continue;
        }
        const struct x509_issuers issuers = {chain.between, chain.n, &root, 1};
        if (!failed(x509_verify_chain(c->certificates[0], &issuers, at, FOR_CODE_SIGNING,
                                      ret_issuer, &why))) {
            return OK;
        }
    }
    if (why.kind == ERROR_NONE) {
        return error_set(c->err, ERROR_EVIDENCE, "%s",
                         outside ? "no authority was trusted when it was signed"
                                 : "no authority is trusted for certificates");
    }
    return error_set(c->err, ERROR_EVIDENCE, "the certificate is of no trusted authority: %s",
                     why.text);
}

static status check_ct_logs(struct checking *c, const struct x509_certificate *issuer)
{
    size_t n = 0;
    if (c->policy->ct_logs == 0) {
        return OK;
    }
    if (failed(sct_verify_embedded(c->certificates[0], issuer, c->trust->sct_logs,
                                   c->trust->n_ct_logs, &n, c->err))) {
        return error_wrap(c->err, "certificate transparency");
    }
    c->found->n_ct_logs = n;
    return n >= c->policy->ct_logs
               ? OK
               : error_set(c->err, ERROR_EVIDENCE,
                           "the certificate is in %zu trusted logs of certificates, and %u are "
                           "asked for",
                           n, c->policy->ct_logs);
}

status check_certificate(struct checking *c)
{
    const struct x509_certificate *issuer = NULL;
    if (c->n_certificates == 0) {
        return check_key_window(c);
    }
    for (size_t i = 0; i < c->n_times; i++) {
        TRY(check_validity(c, c->times[i].at));
        TRY(check_chain(c, c->times[i].at, &issuer));
    }
    TRY(check_ct_logs(c, issuer));
    return identity_check(c->arena, c->policy->identities, c->policy->n_identities,
                          &c->found->signer, c->err);
}
