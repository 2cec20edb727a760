#pragma once
/* Decoded documents -> the structs of model.h. Everything that is wrong is added to the list of
 * diagnostics; what is compiled all the same is good for further checks, not for use: where a
 * pattern does not parse, its place in a list holds NULL, so that positions stay those of the
 * document. Private to policy/. */
#include "base/limits.h"
#include "policy/fields.h"
#include "policy/model.h"

struct compile {
    struct policy_set *set;   /* being built; owns what is compiled */
    struct diagnostics *list; /* of this document; its arena lives as long as the document */
    const struct json_doc *doc;
    struct str file;  /* in the set's arena */
    yyjson_val *rule; /* being compiled; perhaps no object */
    bool full;        /* the set has no room for more, which has been reported */
};

/* What documents may fill of a set's arena. The rest is for what one document adds between two
 * questions for room, and for the indexes. */
enum { POLICY_MEMORY_MAX = LIMIT_POLICY_ARENA / 3 };

/* Whether the set has room for more. If not, that is reported, once in a document. Asked before
 * every item of a list: meeting the arena's own cap would abort. */
bool policy_compile_room(struct compile *compile, const struct text *at);

/* Report an error at a `struct text`, or at a mark and path. */
#define COMPILE_ERROR(compile, at, ...)                                                            \
    diagnostics_add((compile)->list, DIAGNOSTIC_ERROR, (at)->mark, (at)->path, STR_EMPTY,          \
                    __VA_ARGS__)
#define COMPILE_WARNING(compile, at, ...)                                                          \
    diagnostics_add((compile)->list, DIAGNOSTIC_WARNING, (at)->mark, (at)->path, STR_EMPTY,        \
                    __VA_ARGS__)

/* Whether the lists of an object of a cluster are longer than checking it may take. If so, that is
 * an error in the list. Limits: LIMIT_POLICY_OBJECT_ITEMS. */
bool policy_object_is_too_large(const struct json_doc *doc, struct diagnostics *list);

/* Decode, compile and check one document, and add what it is to the set. */
void policy_compile(struct compile *compile);

/* -- parts of it, by file -- */

/* Compile each text as a pattern; NULL where one does not parse. Lives in the set. */
const struct pattern **policy_compile_patterns(struct compile *compile, const struct texts *texts);

/* Compile a list of patterns in which "!" excludes. */
struct pattern_list policy_compile_pattern_list(struct compile *compile, const struct texts *texts);

/* Which names a list of globs can match, so that one that can match nothing is an error. */
enum policy_names { NAMES_OF_NAMESPACES, NAMES_OF_KINDS, NAMES_OF_USERS, NAMES_OF_POLICIES };

/* Compile a list of globs in which "!" excludes. */
struct glob_list policy_compile_glob_list(struct compile *compile, const struct texts *texts,
                                          enum policy_names names);

/* True if the text is an exclusion in a list, which begins with "!". */
bool policy_excludes(struct str text);

/* True if the text is a name by RFC 1123: labels of lower-case letters, digits and inner "-",
 * joined by dots if `dots`. */
bool policy_is_dns_name(struct str text, bool dots);

/* Compile rule number `number` of a policy. */
void policy_compile_rule(struct compile *compile, const struct policy_rule_doc *doc, size_t number,
                         struct rule *rule);
