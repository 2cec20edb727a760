#include "image/pattern.h"

#include "base/limits.h"
#include "image/chars.h"
#include "image/digest.h"
#include "image/grammar.h"
#include "image/host.h"
#include "image/pattern_parts.h"

#define ONE     STR("*")
#define MANY    STR("**")
#define LIBRARY STR("library")

static bool has(struct str s, char c)
{
    return str_find(s, c) < s.n;
}

static bool has_many(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == '*' && s.p[i + 1] == '*') {
            return true;
        }
    }
    return false;
}

/* An empty list with room for the parts of `s` and `more` others. */
static struct pattern_items new_items(struct arena *arena, struct str s, char separator,
                                      size_t more)
{
    size_t n = 1 + more;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == separator;
    }
    return (struct pattern_items){ARENA_ARRAY(arena, struct str, n), 0};
}

/* Append an item. A `**` goes in front of a run of `*`, and stands there once. */
static void push(struct pattern_items *list, struct str item)
{
    size_t at = list->n;
    if (pattern_is_many(item)) {
        while (at > 0 && str_eq(list->items[at - 1], ONE)) {
            at--;
        }
        if (at > 0 && pattern_is_many(list->items[at - 1])) {
            return;
        }
    }
    memmove(&list->items[at + 1], &list->items[at], (list->n - at) * sizeof *list->items);
    list->items[at] = item;
    list->n++;
}

static void push_one_or_more(struct pattern_items *list)
{
    push(list, MANY);
    push(list, ONE);
}

/* -- hosts -- */

static status check_label(struct str label, struct error *err)
{
    if (label.n == 0) {
        return error_set(err, ERROR_INPUT, "a host name has no empty label");
    }
    if (has_many(label)) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\": in a host, \"**\" can only be the whole first label",
                         STR_ARG(label));
    }
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        if (!char_is_alnum(c) && c != '-' && c != '*') {
            return error_set(err, ERROR_INPUT,
                             "\"%.*s\" is no label of a host: letters, digits, \"-\" and \"*\"",
                             STR_ARG(label));
        }
    }
    return OK;
}

static status compile_labels(struct arena *arena, struct pattern *pattern, struct error *err)
{
    struct str label, rest = pattern->host;
    pattern->wild_host = true;
    pattern->labels = new_items(arena, rest, '.', 1);
    for (bool more = true; more;) {
        more = str_cut(rest, '.', &label, &rest);
        if (pattern_is_many(label) && pattern->labels.n == 0) {
            push_one_or_more(&pattern->labels);
        } else {
            TRY(check_label(label, err));
            push(&pattern->labels, label);
        }
    }
    for (const struct str *alias = host_hub_aliases; alias->n > 0; alias++) {
        pattern->hub = pattern->hub || pattern_labels_match(&pattern->labels, *alias);
    }
    return OK;
}

static status compile_port(struct str port, struct pattern *pattern, struct error *err)
{
    uint64_t number = 0;
    if (str_eq(port, ONE)) {
        pattern->any_port = true;
        return OK;
    }
    if (!str_parse_u64(port, 65535, &number) || number == 0) {
        return error_set(err, ERROR_INPUT,
                         "port \"%.*s\": a number from 1 to 65535, or \"*\" for any or none",
                         STR_ARG(port));
    }
    pattern->port = host_canonical_port(port);
    return OK;
}

static status compile_host(struct arena *arena, struct str domain, struct pattern *pattern,
                           struct error *err)
{
    struct str host, port;
    if (grammar_cut_port(domain, &host, &port)) {
        TRY(compile_port(port, pattern, err));
    }
    if (has(host, '*') && host.p[0] != '[') {
        pattern->host = host_lower(arena, host);
        return compile_labels(arena, pattern, err);
    }
    if (!grammar_is_domain(host)) {
        return error_set(err, ERROR_INPUT, "host \"%.*s\" %s", STR_ARG(host),
                         grammar_domain_fault(host));
    }
    unsigned none;
    host_canonical(arena, host, &pattern->host, &none);
    return OK;
}

/* -- paths -- */

static status check_segment(struct str segment, struct error *err)
{
    if (!has(segment, '*')) {
        return grammar_is_component(segment)
                   ? OK
                   : error_set(err, ERROR_INPUT, "\"%.*s\" %s", STR_ARG(segment),
                               grammar_component_fault(segment));
    }
    if (has_many(segment)) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\": \"**\" stands alone between slashes; \"*\" is any run of "
                         "characters inside one segment",
                         STR_ARG(segment));
    }
    for (size_t i = 0; i < segment.n; i++) {
        char c = segment.p[i];
        if (!char_is_lower(c) && !char_is_digit(c) && !has(STR("._-*"), c)) {
            return error_set(err, ERROR_INPUT, "\"%.*s\" %s", STR_ARG(segment),
                             grammar_component_fault(str_sub(segment, i, i + 1)));
        }
    }
    return OK;
}

/* Where normalisation puts a "library/" before the one segment of a reference. */
static bool in_library(const struct pattern_parts *parts)
{
    bool hub = parts->host.n == 0 || str_eq_nocase(parts->host, HOST_HUB) ||
               str_eq_nocase(parts->host, host_hub_aliases[0]);
    return hub && !parts->any_host && !has(parts->path, '/') && !pattern_is_many(parts->path);
}

static status compile_path(struct arena *arena, const struct pattern_parts *parts,
                           struct pattern *pattern, struct error *err)
{
    struct pattern_items *segments = &pattern->segments;
    struct str segment, rest = parts->path;
    *segments = new_items(arena, rest, '/', 2);
    if (parts->everything) {
        push_one_or_more(segments);
        return OK;
    }
    if (parts->any_host) {
        push(segments, MANY);
    } else if (in_library(parts)) {
        push(segments, LIBRARY);
    }
    for (bool more = true; more;) {
        more = str_cut(rest, '/', &segment, &rest);
        if (!pattern_is_many(segment)) {
            TRY(check_segment(segment, err));
            push(segments, segment);
        } else if (more) {
            push(segments, MANY);
        } else {
            push_one_or_more(segments);
        }
    }
    while (pattern->n_literal < segments->n && !has(segments->items[pattern->n_literal], '*')) {
        pattern->n_literal++;
    }
    return OK;
}

/* -- tags and digests -- */

static status compile_tag(struct str tag, struct pattern *pattern, struct error *err)
{
    if (has(tag, ':')) {
        return error_set(err, ERROR_INPUT,
                         "\":\" stands before a port or a tag; an IPv6 address stands in brackets");
    }
    if (has_many(tag)) {
        return error_set(err, ERROR_INPUT,
                         "tag \"%.*s\": \"**\" spans segments, which a tag has "
                         "not; \"*\" is any run of characters",
                         STR_ARG(tag));
    }
    if (!has(tag, '*')) {
        if (!grammar_is_tag(tag)) {
            return error_set(err, ERROR_INPUT, "tag \"%.*s\" %s", STR_ARG(tag),
                             grammar_tag_fault(tag));
        }
    } else {
        for (size_t i = 0; i < tag.n; i++) {
            if (!char_is_alnum(tag.p[i]) && !has(STR("._-*"), tag.p[i])) {
                return error_set(err, ERROR_INPUT, "tag \"%.*s\" %s", STR_ARG(tag),
                                 grammar_tag_fault(str_sub(tag, i, i + 1)));
            }
        }
    }
    pattern->tag = tag;
    return OK;
}

static status compile_digest(struct str text, struct pattern *pattern, struct error *err)
{
    struct str algorithm, hex;
    struct digest digest;
    enum digest_error fault = DIGEST_OK;
    if (!has(text, '*')) {
        fault = digest_parse(text, &digest);
    } else if (!str_eq(text, ONE)) {
        bool sound = str_cut(text, ':', &algorithm, &hex) && digest_is_algorithm(algorithm);
        for (size_t i = 0; sound && i < hex.n; i++) {
            sound = char_is_lower_hex(hex.p[i]) || hex.p[i] == '*';
        }
        fault = sound ? DIGEST_OK : DIGEST_FORMAT;
    }
    if (fault != DIGEST_OK) {
        return error_set(err, ERROR_INPUT,
                         "digest \"%.*s\" %s; \"@sha256:*\" is any of sha256, \"@*\" any at all",
                         STR_ARG(text), digest_error_text(fault));
    }
    pattern->digest = text;
    return OK;
}

/* -- the whole -- */

static status compile(struct arena *arena, struct pattern *pattern, struct error *err)
{
    struct pattern_parts parts;
    TRY(pattern_cut(pattern->text, &parts, err));
    pattern->any_host = pattern->any_port = parts.any_host;
    if (parts.host.n > 0) {
        TRY(compile_host(arena, parts.host, pattern, err));
    } else {
        pattern->host = HOST_HUB;
    }
    TRY(compile_path(arena, &parts, pattern, err));
    if (parts.has_tag) {
        TRY(compile_tag(parts.tag, pattern, err));
    }
    return parts.has_digest ? compile_digest(parts.digest, pattern, err) : OK;
}

status pattern_parse(struct arena *arena, struct str text, const struct pattern **ret_pattern,
                     struct error *err)
{
    if (text.n > LIMIT_PATTERN_TEXT) {
        return error_set(err, ERROR_LIMIT, "a pattern of %zu bytes: at most %u are allowed", text.n,
                         LIMIT_PATTERN_TEXT);
    }
    struct pattern *pattern = ARENA_NEW(arena, struct pattern);
    pattern->text = arena_dup(arena, text);
    if (failed(compile(arena, pattern, err))) {
        return error_wrap(err, "pattern \"%.*s\"", STR_ARG(text));
    }
    *ret_pattern = pattern;
    return OK;
}

const struct pattern *pattern_on_any_port(struct arena *arena, const struct pattern *pattern)
{
    if (pattern->any_port || pattern->port != 0) {
        return pattern;
    }
    struct pattern *wider = ARENA_NEW(arena, struct pattern);
    *wider = *pattern;
    wider->any_port = true;
    return wider;
}

struct str pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

bool pattern_literal_prefix(const struct pattern *pattern, struct str *ret_host,
                            const struct str **ret_segments, size_t *ret_n)
{
    if (pattern->any_host || pattern->wild_host) {
        return false;
    }
    *ret_host = pattern->host;
    *ret_segments = pattern->segments.items;
    *ret_n = pattern->n_literal;
    return true;
}

bool pattern_names_tag(const struct pattern *pattern)
{
    return pattern->tag.n > 0;
}

bool pattern_names_digest(const struct pattern *pattern)
{
    return pattern->digest.n > 0;
}
