#include "verify/verify.h"

#include "verify/checking.h"

struct str checking_signature(const struct checking *c)
{
    return c->bundle.is_message ? c->bundle.message.signature
                                : c->bundle.envelope.signatures[0].bytes;
}

static status check(struct checking *c, struct str text)
{
    TRY(bundle_parse(c->arena, text, &c->bundle, c->err));
    TRY(check_signer(c));
    TRY(check_logs(c));
    TRY(check_times(c));
    TRY(check_certificate(c));
    TRY(check_entries(c));
    return check_content(c);
}

struct verification verify_bundle(struct arena *arena, struct str text,
                                  const struct trust_root *trust,
                                  const struct verify_policy *policy,
                                  const struct artifact *artifact)
{
    struct error err = {.kind = ERROR_NONE};
    struct verification found = {.finding = {.kind = FINDING_INVALID}};
    struct checking c = {.arena = arena,
                         .trust = trust,
                         .policy = policy,
                         .artifact = artifact,
                         .found = &found,
                         .err = &err};
    bool holds = !failed(check(&c, text));
    found.times = c.times;
    found.n_times = c.n_times;
    for (size_t i = 0; i < c.n_certificates; i++) {
        x509_free(c.certificates[i]);
    }
    if (holds) {
        found.finding = (struct finding){.kind = FINDING_VALID};
    } else {
        found.finding.reason = arena_dup(arena, str_from(err.text));
    }
    return found;
}
