#pragma once
/* Regular expressions over tags and other short texts, compiled once, matched under limits. The
 * only user of PCRE2. */
#include "base/arena.h"
#include "base/status.h"

struct regex;

/* Compile `text` so that it must match a whole text, with JIT where the machine has it. The result
 * is put before *list, which owns it, and lives until regex_done.
 * Errors: INPUT (with the place in the text), LIMIT (longer than LIMIT_REGEX_TEXT). */
MUST status regex_compile(struct arena *arena, struct regex **list, struct str text,
                          const struct regex **ret_regex, struct error *err);

/* Free what PCRE2 owns of all expressions in the list; NULL is fine. */
void regex_done(struct regex *list);

/* What the matches of one review share, in its arena; zeroed but for `arena` to start with. */
struct regex_memory {
    struct arena *arena;
    void *match_data, *match_context;
    unsigned errors; /* matches that ran into a limit */
};

enum regex_answer { REGEX_ERROR = 0, REGEX_NO_MATCH, REGEX_MATCH };

/* Whether the expression matches all of `text`. REGEX_ERROR: it could not be told within
 * LIMIT_REGEX_STEPS, or within the memory for one match, or LIMIT_REGEX_ERRORS matches of the
 * review could not, after which none is tried: one review shall not cost seconds. */
enum regex_answer regex_match(const struct regex *regex, struct str text,
                              struct regex_memory *memory);
