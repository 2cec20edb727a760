#pragma once
/* References that runtimes read differently: which are refused, and in which words. Pure. Private
 * to policy/. */
#include "image/reference.h"
#include "policy/policy.h"

/* Why the reference is refused; empty if it is not. `accepted` are the quirks that policies accept;
 * a short name is ambiguous only for some runtimes. Lives in the arena. */
struct str policy_refuse(const struct reference *reference, enum policy_runtime runtime,
                         unsigned accepted, struct arena *arena);
