#include "base/limits.h"
#include "image/interval.h"
#include "image/semver.h"

/* Comparators joined by "and": what they have in common, but for what "!=" takes out. */
struct alternative {
    struct interval within;
    struct interval *without;
    size_t n_without;
    bool takes_prereleases;
};

struct semver_range {
    struct alternative *alternatives;
    size_t n;
};

static const struct {
    struct str text;
    enum comparison comparison;
} OPERATORS[] = {
    {STR(""), EQUAL},        {STR("="), EQUAL},          {STR("!="), NOT_EQUAL},
    {STR(">"), GREATER},     {STR(">="), GREATER_EQUAL}, {STR("<"), LESS},
    {STR("<="), LESS_EQUAL}, {STR("^"), CARET},          {STR("~"), TILDE},
};

/* Operators of other languages. */
static const struct {
    struct str text;
    const char *meant;
} SLIPS[] = {
    {STR("=="), "="},  {STR("=>"), ">="}, {STR("=<"), "<="}, {STR("!"), "!="},
    {STR("<>"), "!="}, {STR("~>"), "~"},  {STR("~="), "~"},  {STR("^="), "^"},
};

/* -- text -- */

static bool is_wildcard(struct str s)
{
    return str_eq(s, STR("x")) || str_eq(s, STR("X")) || str_eq(s, STR("*"));
}

/* "1.2.x" -> "1.2"; "*" -> "". Returns false if something other than a wildcard follows one. */
static bool drop_wildcards(struct str word, struct str *ret_word)
{
    struct str part, rest = word;
    size_t kept = 0;
    bool wild = false, more = true;
    for (unsigned n = 0; more; n++) {
        more = str_cut(rest, '.', &part, &rest);
        if (is_wildcard(part) && n < 3) {
            wild = true;
        } else if (wild) {
            return false;
        } else if (str_find(part, '-') < part.n) {
            *ret_word = word;
            return true;
        } else {
            kept += part.n + (n > 0);
        }
    }
    *ret_word = str_sub(word, 0, kept);
    return true;
}

static status parse_version(struct str word, bool *ret_any, struct semver *ret_version,
                            struct error *err)
{
    struct str plain;
    if (str_find(word, '+') < word.n || str_find(word, '_') < word.n) {
        return error_set(err, ERROR_INPUT, "\"%.*s\": a build part does not order: leave it out",
                         STR_ARG(word));
    }
    if (drop_wildcards(word, &plain)) {
        *ret_any = plain.n == 0;
        if (*ret_any || semver_parse(plain, ret_version)) {
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT, "\"%.*s\" is no version: 1.2.3, 1.2, 1.2.x or 1.2.3-rc.1",
                     STR_ARG(word));
}

/* Take from the front of *text what is, or is not, of `set`. */
static struct str take(struct str *text, struct str set, bool of_set)
{
    size_t n = 0;
    while (n < text->n && (str_find(set, text->p[n]) < set.n) == of_set) {
        n++;
    }
    struct str taken = str_sub(*text, 0, n);
    *text = str_sub(*text, n, text->n);
    return taken;
}

static void skip_space(struct str *text)
{
    (void)take(text, STR(" \t\r\n"), true);
}

static status parse_operator(struct str *text, struct str *ret_text,
                             enum comparison *ret_comparison, struct error *err)
{
    *ret_text = take(text, STR("<>=!^~"), true);
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++) {
        if (str_eq(*ret_text, OPERATORS[i].text)) {
            *ret_comparison = OPERATORS[i].comparison;
            return OK;
        }
    }
    for (size_t i = 0; i < sizeof SLIPS / sizeof *SLIPS; i++) {
        if (str_eq(*ret_text, SLIPS[i].text)) {
            return error_set(err, ERROR_INPUT, "\"%.*s\" is no operator: did you mean \"%s\"?",
                             STR_ARG(*ret_text), SLIPS[i].meant);
        }
    }
    return error_set(err, ERROR_INPUT, "\"%.*s\" is no operator: =, !=, >, >=, <, <=, ^ or ~",
                     STR_ARG(*ret_text));
}

static status parse_operand(struct str *text, struct str operator_text, bool *ret_any,
                            struct semver *ret_version, struct error *err)
{
    skip_space(text);
    struct str word = take(text, STR(" \t\r\n,"), false);
    if (word.n == 0) {
        return error_set(err, ERROR_INPUT, "a version is missing behind \"%.*s\"",
                         STR_ARG(operator_text));
    }
    TRY(parse_version(word, ret_any, ret_version, err));
    if (*ret_any && operator_text.n > 0) {
        return error_set(err, ERROR_INPUT, "\"%.*s\" behind \"%.*s\": any version is \"*\" alone",
                         STR_ARG(word), STR_ARG(operator_text));
    }
    return OK;
}

static void add_comparator(struct alternative *alternative, enum comparison comparison,
                           const struct semver *version)
{
    struct interval interval = interval_of(comparison, version);
    if (comparison == NOT_EQUAL) {
        alternative->without[alternative->n_without++] = interval;
        return;
    }
    alternative->within = interval_intersect(&alternative->within, &interval);
    alternative->takes_prereleases |= version->prerelease.n > 0;
}

/* One comparator, or "1.2 - 1.4", from the front of *text. */
static status parse_comparator(struct str *text, struct alternative *alternative, struct error *err)
{
    enum comparison comparison = EQUAL;
    struct str operator_text = STR_EMPTY;
    struct semver version = {0};
    bool any = false;
    TRY(parse_operator(text, &operator_text, &comparison, err));
    TRY(parse_operand(text, operator_text, &any, &version, err));
    skip_space(text);
    if (operator_text.n == 0 && (str_eq(*text, STR("-")) || str_starts(*text, STR("- ")))) {
        struct semver last = {0};
        bool any_last = false;
        *text = str_sub(*text, 1, text->n);
        TRY(parse_operand(text, STR("-"), &any_last, &last, err));
        if (any) {
            return error_set(err, ERROR_INPUT, "a range from any version: write \"<=\" instead");
        }
        add_comparator(alternative, GREATER_EQUAL, &version);
        add_comparator(alternative, LESS_EQUAL, &last);
    } else if (!any) {
        add_comparator(alternative, comparison, &version);
    }
    return OK;
}

static status parse_alternative(struct arena *arena, struct str text,
                                struct alternative *alternative, struct error *err)
{
    size_t exclusions = 0;
    for (size_t i = 0; i < text.n; i++) {
        exclusions += text.p[i] == '!';
    }
    alternative->within = interval_everything;
    alternative->without = ARENA_ARRAY(arena, struct interval, exclusions);
    skip_space(&text);
    if (text.n == 0) {
        return error_set(err, ERROR_INPUT, "empty: write \"*\" for any version");
    }
    while (text.n > 0) {
        TRY(parse_comparator(&text, alternative, err));
        skip_space(&text);
        if (text.n > 0 && text.p[0] == ',') {
            text = str_sub(text, 1, text.n);
            skip_space(&text);
            if (text.n == 0) {
                return error_set(err, ERROR_INPUT, "nothing stands behind the last \",\"");
            }
        }
    }
    return OK;
}

/* Cut at the first "||". */
static bool cut_or(struct str text, struct str *ret_before, struct str *ret_after)
{
    size_t at = 0;
    while (at < text.n && !str_starts(str_sub(text, at, text.n), STR("||"))) {
        at++;
    }
    *ret_before = str_sub(text, 0, at);
    *ret_after = str_sub(text, at + 2, text.n);
    return at < text.n;
}

status semver_range_parse(struct arena *arena, struct str text,
                          const struct semver_range **ret_range, struct error *err)
{
    if (text.n > LIMIT_PATTERN_TEXT) {
        return error_set(err, ERROR_LIMIT, "a version range of %zu bytes: at most %u are allowed",
                         text.n, LIMIT_PATTERN_TEXT);
    }
    struct str part, rest = arena_dup(arena, text);
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++) {
        room += text.p[i] == '|';
    }
    struct semver_range *range = ARENA_NEW(arena, struct semver_range);
    range->alternatives = ARENA_ARRAY(arena, struct alternative, room);
    for (bool more = true; more; range->n++) {
        more = cut_or(rest, &part, &rest);
        if (failed(parse_alternative(arena, part, &range->alternatives[range->n], err))) {
            return error_wrap(err, "version range \"%.*s\"", STR_ARG(text));
        }
    }
    *ret_range = range;
    return OK;
}

/* -- meaning -- */

static const struct interval *excluding(const struct alternative *alternative,
                                        const struct semver *version)
{
    for (size_t i = 0; i < alternative->n_without; i++) {
        if (interval_has(&alternative->without[i], version)) {
            return &alternative->without[i];
        }
    }
    return NULL;
}

bool semver_range_match(const struct semver_range *range, const struct semver *version)
{
    for (size_t i = 0; i < range->n; i++) {
        const struct alternative *alternative = &range->alternatives[i];
        if ((version->prerelease.n == 0 || alternative->takes_prereleases) &&
            interval_has(&alternative->within, version) &&
            excluding(alternative, version) == NULL) {
            return true;
        }
    }
    return false;
}

/* Go from numbers that no version has to the next that one has. Returns false if there is none. */
static bool carry(struct semver *version)
{
    if (version->patch > SEMVER_NUMBER_MAX) {
        *version = semver_bump(version, 1);
    }
    if (version->minor > SEMVER_NUMBER_MAX) {
        *version = semver_bump(version, 0);
    }
    return version->major <= SEMVER_NUMBER_MAX;
}

/* Whether no version without a prerelease is in: walk from the lower end over what is excluded. */
static bool is_plainly_empty(const struct alternative *alternative)
{
    struct semver next = alternative->within.low;
    if (next.prerelease.n > 0) {
        next.prerelease = STR_EMPTY;
    } else if (alternative->within.low_open) {
        next = semver_bump(&next, 2);
    }
    for (;;) {
        if (!carry(&next) || !interval_has(&alternative->within, &next)) {
            return true;
        }
        const struct interval *hole = excluding(alternative, &next);
        if (hole == NULL) {
            return false;
        }
        next = hole->high_open ? hole->high : semver_bump(&hole->high, 2);
        next.prerelease = STR_EMPTY;
    }
}

static bool is_certainly_empty(const struct alternative *alternative)
{
    const struct interval *within = &alternative->within;
    if (!alternative->takes_prereleases) {
        return is_plainly_empty(alternative);
    }
    if (within->endless) {
        return false;
    }
    int order = semver_cmp(&within->low, &within->high);
    bool point = order == 0 && !within->low_open && !within->high_open;
    return order > 0 || (order == 0 && !point) ||
           (point && excluding(alternative, &within->low) != NULL);
}

bool semver_range_empty(const struct semver_range *range)
{
    for (size_t i = 0; i < range->n; i++) {
        if (!is_certainly_empty(&range->alternatives[i])) {
            return false;
        }
    }
    return true;
}
