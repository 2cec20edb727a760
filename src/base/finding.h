#pragma once
/* What did the evidence say? A rule's judge and, later, each verifier answers with a finding.
 * Zero is ABSENT, which fails a rule, so that forgotten or zeroed findings never admit. */
#include "base/str.h"

enum finding_kind {
    FINDING_ABSENT = 0,     /* there is nothing that could show it */
    FINDING_INVALID,        /* there is something, and it speaks against */
    FINDING_VALID,          /* it is shown */
    FINDING_NOT_APPLICABLE, /* the question does not arise for this image */
    FINDING_UNREACHABLE /* those who could show it gave no answer; fails a rule that does not say
                           otherwise */
};

struct finding {
    enum finding_kind kind;
    struct str reason; /* what is wrong: `tag "latest" is not allowed`; empty if VALID */
    struct str remedy; /* what would satisfy it: "use a version tag or a digest" */
};
