#include "policy/compile.h"

#include <string.h>

#include "base/limits.h"

bool policy_excludes(struct str text)
{
    return text.n > 0 && text.p[0] == '!';
}

static bool is_lower_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_dns_label(struct str label)
{
    if (label.n == 0 || !is_lower_alphanumeric(label.p[0]) ||
        !is_lower_alphanumeric(label.p[label.n - 1])) {
        return false;
    }
    for (size_t i = 0; i < label.n; i++) {
        if (!is_lower_alphanumeric(label.p[i]) && label.p[i] != '-') {
            return false;
        }
    }
    return true;
}

bool policy_is_dns_name(struct str text, bool dots)
{
    struct str label, rest = text;
    for (bool more = true; more;) {
        more = str_cut(rest, '.', &label, &rest);
        if (!is_dns_label(label) || (more && !dots)) {
            return false;
        }
    }
    return true;
}

bool policy_compile_room(struct compile *compile, const struct text *at)
{
    bool room = compile->set->arena.used < POLICY_MEMORY_MAX;
    if (!room && !compile->full) {
        compile->full = true;
        COMPILE_ERROR(compile, at, "from here on, the policies need more than %u MiB of memory",
                      POLICY_MEMORY_MAX / MIB);
    }
    return room;
}

/* -- patterns -- */

static const struct pattern *compile_pattern(struct compile *compile, const struct text *at,
                                             struct str text)
{
    const struct pattern *pattern = NULL;
    struct error err;
    if (!policy_compile_room(compile, at)) {
        return NULL;
    }
    if (failed(pattern_parse(&compile->set->arena, text, &pattern, &err))) {
        COMPILE_ERROR(compile, at, "%s", err.text);
        return NULL;
    }
    return pattern;
}

const struct pattern **policy_compile_patterns(struct compile *compile, const struct texts *texts)
{
    const struct pattern **patterns =
        ARENA_ARRAY(&compile->set->arena, const struct pattern *, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        const struct text *text = &texts->items[i];
        if (policy_excludes(text->text)) {
            COMPILE_ERROR(compile, text,
                          "\"!\" excludes in the lists of images, namespaces, kinds and users "
                          "only; here, list what is meant");
            continue;
        }
        patterns[i] = compile_pattern(compile, text, text->text);
    }
    return patterns;
}

struct pattern_list policy_compile_pattern_list(struct compile *compile, const struct texts *texts)
{
    struct pattern_list list = {
        .include = ARENA_ARRAY(&compile->set->arena, const struct pattern *, texts->n),
        .exclude = ARENA_ARRAY(&compile->set->arena, const struct pattern *, texts->n),
    };
    for (size_t i = 0; i < texts->n; i++) {
        const struct text *text = &texts->items[i];
        if (policy_excludes(text->text)) {
            struct str rest = str_sub(text->text, 1, text->text.n);
            list.exclude[list.n_exclude++] = compile_pattern(compile, text, rest);
        } else {
            list.include[list.n_include++] = compile_pattern(compile, text, text->text);
        }
    }
    return list;
}

/* -- globs -- */

struct alphabet {
    const char *noun;
    const char *letters; /* beside lower-case letters and digits */
    bool upper;          /* upper-case letters too */
    bool any;            /* everything that can be printed */
    const char *rule;
};

static const struct alphabet ALPHABETS[] = {
    [NAMES_OF_NAMESPACES] = {"namespace", "-*", false, false,
                             "lower-case letters, digits and \"-\""},
    [NAMES_OF_KINDS] = {"kind", "*", true, false, "letters and digits"},
    [NAMES_OF_USERS] = {"user", "", true, true, "printable characters"},
    [NAMES_OF_POLICIES] = {"policy", "-.*", false, false,
                           "lower-case letters, digits, \"-\" and \".\""},
};

static bool in_alphabet(const struct alphabet *alphabet, char c)
{
    if (alphabet->any) {
        return (unsigned char)c >= 0x20 && c != 0x7f;
    }
    return is_lower_alphanumeric(c) || (alphabet->upper && c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr(alphabet->letters, c) != NULL);
}

static void check_glob(struct compile *compile, const struct text *at, struct str glob,
                       const struct alphabet *alphabet)
{
    if (glob.n == 0) {
        COMPILE_ERROR(compile, at, "a name of a %s is missing; \"*\" stands for all",
                      alphabet->noun);
    } else if (glob.n > LIMIT_PATTERN_TEXT) {
        COMPILE_ERROR(compile, at, "longer than %u bytes, as no name of a %s is",
                      LIMIT_PATTERN_TEXT, alphabet->noun);
    }
    for (size_t i = 0; i < glob.n; i++) {
        if (!in_alphabet(alphabet, glob.p[i])) {
            COMPILE_ERROR(compile, at,
                          "\"%.*s\" can match no %s, whose name consists of %s; \"*\" is the one "
                          "wildcard",
                          STR_ARG(glob), alphabet->noun, alphabet->rule);
            return;
        }
    }
}

struct glob_list policy_compile_glob_list(struct compile *compile, const struct texts *texts,
                                          enum policy_names names)
{
    struct arena *arena = &compile->set->arena;
    struct glob_list list = {.include = ARENA_ARRAY(arena, struct str, texts->n),
                             .exclude = ARENA_ARRAY(arena, struct str, texts->n)};
    for (size_t i = 0; i < texts->n && policy_compile_room(compile, &texts->items[i]); i++) {
        const struct text *text = &texts->items[i];
        bool excludes = policy_excludes(text->text);
        struct str glob = str_sub(text->text, excludes ? 1 : 0, text->text.n);
        check_glob(compile, text, glob, &ALPHABETS[names]);
        struct str *place =
            excludes ? &list.exclude[list.n_exclude++] : &list.include[list.n_include++];
        *place = arena_dup(arena, glob);
    }
    return list;
}
