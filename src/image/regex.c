#include "image/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/limits.h"

/* KiB for the frames of one match without JIT; a tag is short, so a sane match needs a few. */
enum { HEAP_KIB = (LIMIT_REVIEW_ARENA - LIMIT_EVIDENCE) / 96 / KIB };

struct regex {
    struct regex *next;
    pcre2_code *code;
};

/* Tags are ASCII, so neither UTF nor Unicode classes are wanted; and `$` means the very end. */
static const uint32_t OPTIONS = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;

status regex_compile(struct arena *arena, struct regex **list, struct str text,
                     const struct regex **ret_regex, struct error *err)
{
    if (text.n > LIMIT_REGEX_TEXT) {
        return error_set(err, ERROR_LIMIT, "a regular expression of more than %u bytes",
                         LIMIT_REGEX_TEXT);
    }
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text.p, text.n, OPTIONS, &code, &offset, NULL);
    if (compiled == NULL) {
        PCRE2_UCHAR message[ERROR_TEXT_MAX / 2];
        pcre2_get_error_message(code, message, sizeof message);
        return error_set(err, ERROR_INPUT, "%s at character %zu", (const char *)message,
                         (size_t)offset + 1);
    }
    /* Where JIT cannot be had (no executable memory is allowed), the interpreter does. */
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    struct regex *regex = ARENA_NEW(arena, struct regex);
    *regex = (struct regex){.next = *list, .code = compiled};
    *list = regex;
    *ret_regex = regex;
    return OK;
}

void regex_done(struct regex *list)
{
    for (; list != NULL; list = list->next) {
        pcre2_code_free(list->code);
    }
}

/* -- matching -- */

static void *take(PCRE2_SIZE size, void *arena)
{
    return arena_alloc(arena, size);
}

/* The arena frees everything at once. PCRE2 keeps a match's frames for the next one in the same
 * match data and at most doubles them, so what stays behind is bounded by twice HEAP_KIB. */
static void leave(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

static void prepare(struct regex_memory *memory)
{
    pcre2_general_context *general = pcre2_general_context_create(take, leave, memory->arena);
    pcre2_match_context *context = pcre2_match_context_create(general);
    pcre2_set_match_limit(context, LIMIT_REGEX_STEPS);
    pcre2_set_depth_limit(context, LIMIT_REGEX_STEPS);
    pcre2_set_heap_limit(context, HEAP_KIB);
    memory->match_context = context;
    memory->match_data = pcre2_match_data_create(1, general);
}

enum regex_answer regex_match(const struct regex *regex, struct str text,
                              struct regex_memory *memory)
{
    if (memory->errors >= LIMIT_REGEX_ERRORS) {
        return REGEX_ERROR;
    }
    if (memory->match_data == NULL) {
        prepare(memory);
    }
    int result = pcre2_match(regex->code, (PCRE2_SPTR)text.p, text.n, 0, 0, memory->match_data,
                             memory->match_context);
    if (result >= 0) {
        return REGEX_MATCH;
    }
    if (result == PCRE2_ERROR_NOMATCH) {
        return REGEX_NO_MATCH;
    }
    memory->errors++;
    return REGEX_ERROR;
}
