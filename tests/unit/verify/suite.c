#include "suite.h"

struct trust_root *vector_trust(const char *name, unsigned line)
{
    struct trust_root *root;
    struct error err;
    struct str rest = vector_text(name), text = rest;
    for (unsigned i = 0; i < line; i++) {
        str_cut(rest, '\n', &text, &rest);
    }
    if (failed(trust_root_read(text, &root, &err))) {
        fail_msg("%s: %s", name, err.text);
    }
    return root;
}

void ask(struct asked *ret, const char *name, const char *issuer)
{
    *ret = (struct asked){.policy = {VERIFY_POLICY_DEFAULT}};
    ret->identity.subject = (struct text_match){TEXT_EXACT, str_from(name), NULL};
    ret->identity.issuer = (struct text_match){TEXT_EXACT, str_from(issuer), NULL};
    ret->policy.identities = &ret->identity;
    ret->policy.n_identities = 1;
}

void expect_valid(const struct verification *found)
{
    if (found->finding.kind != FINDING_VALID) {
        fail_msg("%.*s", STR_ARG(found->finding.reason));
    }
    assert_int_equal(found->finding.reason.n, 0);
}

void expect_invalid(const struct verification *found, const char *says)
{
    assert_int_equal(found->finding.kind, FINDING_INVALID);
    struct str reason = arena_dup(&test_arena, found->finding.reason);
    if (strstr(reason.p, says) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", reason.p, says);
    }
}
