#include "image/reference_fault.h"

#include "base/limits.h"
#include "image/chars.h"
#include "image/digest.h"
#include "image/grammar.h"

/* Offset of `word` in `s`, or s.n. */
static size_t find_word(struct str s, struct str word)
{
    for (size_t i = 0; i + word.n <= s.n; i++) {
        if (str_starts(str_sub(s, i, s.n), word)) {
            return i;
        }
    }
    return s.n;
}

/* Characters that no reference has, each of which tells its own story. */
static status check_characters(struct str text, struct error *err)
{
    struct str trimmed = str_trim(text);
    if (text.n > 0 && trimmed.n == 0) {
        return error_set(err, ERROR_INPUT, "nothing but white space");
    }
    for (size_t i = 0; i < trimmed.n; i++) {
        unsigned char c = (unsigned char)trimmed.p[i];
        size_t at = (size_t)(trimmed.p - text.p) + i + 1;
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            return error_set(err, ERROR_INPUT, "white space at byte %zu", at);
        }
        if (c < 0x20 || c == 0x7f) {
            return error_set(err, ERROR_INPUT, "control character 0x%02x at byte %zu", c, at);
        }
        if (c >= 0x80) {
            return error_set(err, ERROR_INPUT, "byte %zu is 0x%02x: references are ASCII", at, c);
        }
    }
    if (trimmed.n < text.n) {
        return error_set(err, ERROR_INPUT, "white space around it: did you mean \"%.*s\"?",
                         STR_ARG(trimmed));
    }
    return OK;
}

/* The variables of templates. They may have spaces, so they are looked for first. */
static status check_placeholder(struct str text, struct error *err)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '$' || c == '{' || c == '<') {
            return error_set(err, ERROR_INPUT,
                             "\"%.*s\" looks like a placeholder that was not filled in",
                             STR_ARG(text));
        }
    }
    return OK;
}

/* A form that is right elsewhere: a URL. */
static status check_habits(struct str text, struct error *err)
{
    size_t scheme = find_word(text, STR("://"));
    if (scheme < text.n) {
        struct str before = str_sub(text, 0, scheme);
        struct str rest = str_sub(text, scheme + 3, text.n);
        if (rest.n == 0 || str_find(rest, '@') < str_find(rest, '/')) {
            return error_set(err, ERROR_INPUT, "`%.*s://` is not part of a reference",
                             STR_ARG(before));
        }
        return error_set(err, ERROR_INPUT,
                         "`%.*s://` is not part of a reference: did you mean \"%.*s\"?",
                         STR_ARG(before), STR_ARG(rest));
    }
    return OK;
}

static status refuse_registry(struct str domain, struct error *err)
{
    if (str_find(domain, '@') < domain.n) {
        return error_set(err, ERROR_INPUT,
                         "a user name or password is not part of a reference (\"@\" before the "
                         "first \"/\")");
    }
    return error_set(err, ERROR_INPUT, "registry \"%.*s\" %s", STR_ARG(domain),
                     grammar_domain_fault(domain));
}

/* The text with its name in lower case, if the case is all that is wrong with `path`. */
static bool lower_name(struct str text, struct str path, char room[static LIMIT_IMAGE_TEXT])
{
    size_t start = (size_t)(path.p - text.p);
    memcpy(room, text.p, text.n);
    for (size_t i = 0; i < start + path.n; i++) {
        room[i] = char_lower(room[i]);
    }
    return grammar_is_path((struct str){room + start, path.n});
}

static status refuse_path(struct str text, struct str path, struct error *err)
{
    char lowered[LIMIT_IMAGE_TEXT];
    if (path.n == 0) {
        return error_set(err, ERROR_INPUT, "the repository's name is missing");
    }
    if (lower_name(text, path, lowered)) {
        return error_set(err, ERROR_INPUT,
                         "repository name must be lowercase: did you mean \"%.*s\"?",
                         STR_ARG(((struct str){lowered, text.n})));
    }
    struct str component, rest = path;
    do {
        (void)str_cut(rest, '/', &component, &rest);
    } while (grammar_is_component(component));
    return error_set(err, ERROR_INPUT, "invalid repository name \"%.*s\": \"%.*s\" %s",
                     STR_ARG(path), STR_ARG(component), grammar_component_fault(component));
}

static status refuse_digest(struct str digest, struct error *err)
{
    struct digest parsed;
    if (digest.n == 0) {
        return error_set(err, ERROR_INPUT, "invalid digest \"\": it is missing behind \"@\"");
    }
    return error_set(err, ERROR_INPUT, "invalid digest \"%.*s\": it %s", STR_ARG(digest),
                     digest_error_text(digest_parse(digest, &parsed)));
}

status reference_refuse(struct str text, const struct reference_fault *fault, struct error *err)
{
    TRY(check_placeholder(text, err));
    TRY(check_characters(text, err));
    TRY(check_habits(text, err));
    switch (fault->kind) {
    case FAULT_EMPTY:
        return error_set(err, ERROR_INPUT,
                         "empty: a reference such as \"docker.io/library/nginx:1.27\" is expected");
    case FAULT_IDENTIFIER:
        return error_set(err, ERROR_INPUT,
                         "64 hex digits are an image ID, not a name: write a repository with "
                         "\"@sha256:\" and these digits behind it");
    case FAULT_REGISTRY:
        return refuse_registry(fault->part, err);
    case FAULT_PATH:
        return refuse_path(text, fault->part, err);
    case FAULT_PATH_LENGTH:
        return error_set(err, ERROR_INPUT,
                         "the repository's name is longer than %d bytes, \"library/\" included",
                         GRAMMAR_PATH_MAX);
    case FAULT_TAG:
        return error_set(err, ERROR_INPUT, "invalid tag \"%.*s\": it %s", STR_ARG(fault->part),
                         grammar_tag_fault(fault->part));
    case FAULT_DIGEST:
        return refuse_digest(fault->part, err);
    case FAULT_NONE:
        break;
    }
    fatal("reference_refuse: there is no fault");
}
