#pragma once
/* Who may sign: the names and the issuer that a certificate must have. Pure.
 * Spec: sigstore/fulcio docs/oid-info.md; RFC 5280 section 4.2.1.6. */
#include "base/arena.h"
#include "base/status.h"
#include "image/regex.h"

/* How a text is compared. Zero matches nothing. */
enum text_match_kind { TEXT_NONE = 0, TEXT_ANY, TEXT_EXACT, TEXT_GLOB, TEXT_REGEX };

struct text_match {
    enum text_match_kind kind;
    struct str text;           /* as written; EXACT, GLOB, REGEX */
    const struct regex *regex; /* REGEX */
};

struct identity {
    struct text_match subject; /* one of the certificate's names */
    struct text_match issuer;  /* who vouched for it: of the OpenID token */
};

/* What a certificate says of its signer. */
struct signer {
    struct str issuer;       /* empty: it names none */
    const struct str *names; /* of any kind */
    size_t n_names;
};

/* Make a match of kind EXACT, GLOB or REGEX. A regular expression must match the whole text, and is
 * put before *list, which owns it. `text` lives as long. Errors: INPUT, LIMIT. */
MUST status text_match_make(struct arena *arena, struct regex **list, enum text_match_kind kind,
                            struct str text, struct text_match *ret, struct error *err);

/* Check that the signer is one of the identities. Scratch lives in the arena.
 * Errors: EVIDENCE, which says who it was, and who was wanted. */
MUST status identity_check(struct arena *arena, const struct identity *identities, size_t n,
                           const struct signer *signer, struct error *err);
