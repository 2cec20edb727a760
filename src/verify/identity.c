#include "verify/identity.h"

#include "base/buf.h"
#include "base/limits.h"
#include "image/glob.h"

enum { SHOWN = 160, SHOWN_NAMES = 3, ROOM = 480 };

status text_match_make(struct arena *arena, struct regex **list, enum text_match_kind kind,
                       struct str text, struct text_match *ret, struct error *err)
{
    struct text_match it = {.kind = kind, .text = text};
    if (text.n == 0) {
        return error_set(err, ERROR_INPUT, "an identity must not be empty");
    }
    if (kind == TEXT_REGEX) {
        TRY(regex_compile(arena, list, text, &it.regex, err));
    }
    if (kind == TEXT_GLOB && text.n > LIMIT_PATTERN_TEXT) {
        return error_set(err, ERROR_LIMIT, "a pattern of more than %u bytes", LIMIT_PATTERN_TEXT);
    }
    *ret = it;
    return OK;
}

/* What could not be told within the limits is no match. */
static bool matches(const struct text_match *match, struct str text, struct regex_memory *memory)
{
    switch (match->kind) {
    case TEXT_ANY:
        return true;
    case TEXT_EXACT:
        return str_eq(match->text, text);
    case TEXT_GLOB:
        return text.n <= LIMIT_SIGSTORE_TEXT && glob_match(match->text, text);
    case TEXT_REGEX:
        return text.n <= LIMIT_SIGSTORE_TEXT &&
               regex_match(match->regex, text, memory) == REGEX_MATCH;
    case TEXT_NONE:
    default:
        return false;
    }
}

static bool is_subject(const struct text_match *match, const struct signer *signer,
                       struct regex_memory *memory)
{
    if (match->kind == TEXT_ANY) {
        return true;
    }
    for (size_t i = 0; i < signer->n_names; i++) {
        if (matches(match, signer->names[i], memory)) {
            return true;
        }
    }
    return false;
}

static bool is_issuer(const struct text_match *match, const struct signer *signer,
                      struct regex_memory *memory)
{
    return match->kind == TEXT_ANY ||
           (signer->issuer.n > 0 && matches(match, signer->issuer, memory));
}

/* -- in words -- */

static void write_text(struct buf *words, struct str text)
{
    buf_printf(words, "\"%.*s%s\"", STR_ARG(str_sub(text, 0, SHOWN)), text.n > SHOWN ? "..." : "");
}

static void write_signer(struct buf *words, const struct signer *signer)
{
    for (size_t i = 0; i < signer->n_names && i < SHOWN_NAMES; i++) {
        buf_printf(words, "%s", i == 0 ? "" : ", ");
        write_text(words, signer->names[i]);
    }
    if (signer->n_names == 0) {
        buf_add_cstr(words, "nobody that is named");
    }
    if (signer->issuer.n > 0) {
        buf_add_cstr(words, " of issuer ");
        write_text(words, signer->issuer);
    }
}

static void write_match(struct buf *words, const struct text_match *match)
{
    if (match->kind == TEXT_ANY) {
        buf_add_cstr(words, "anyone");
    } else {
        write_text(words, match->text);
    }
}

status identity_check(struct arena *arena, const struct identity *identities, size_t n,
                      const struct signer *signer, struct error *err)
{
    struct regex_memory memory = {.arena = arena};
    for (size_t i = 0; i < n; i++) {
        if (is_subject(&identities[i].subject, signer, &memory) &&
            is_issuer(&identities[i].issuer, signer, &memory)) {
            return OK;
        }
    }
    buf_auto was, wanted;
    buf_init(&was, ROOM);
    buf_init(&wanted, ROOM);
    write_signer(&was, signer);
    if (n == 1) {
        write_match(&wanted, &identities[0].subject);
        buf_add_cstr(&wanted, " of issuer ");
        write_match(&wanted, &identities[0].issuer);
    } else {
        buf_printf(&wanted, "one of %zu identities", n);
    }
    return error_set(err, ERROR_EVIDENCE, "wrong identity: signed by %.*s, not by %.*s",
                     STR_ARG(buf_str(&was)), STR_ARG(buf_str(&wanted)));
}
