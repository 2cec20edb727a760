#include "install/arguments.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"

static status wrong(const char *what, struct str text, const char *why, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s \"%.*s\": %s", what, STR_ARG(text), why);
}

status install_check_text(const char *what, struct str text, struct error *err)
{
    if (text.n == 0 || text.n > LIMIT_NAME) {
        return error_set(err, ERROR_CONFIG, "%s: it has 1 to %u bytes", what, LIMIT_NAME);
    }
    for (struct str rest = text; rest.n > 0;) {
        size_t n = utf8_length(rest.p, rest.n);
        if (n == 0 || utf8_acts(rest.p, n)) {
            return wrong(what, text, "it has a character that is not text", err);
        }
        rest = str_sub(rest, n, rest.n);
    }
    return OK;
}

status install_check_path(const char *what, struct str path, struct error *err)
{
    TRY(install_check_text(what, path, err));
    if (*path.p != '/') {
        return wrong(what, path, "it must be an absolute path, such as /etc/kubernetes/pratique",
                     err);
    }
    struct str part;
    for (bool more = true; more;) {
        more = str_cut(path, '/', &part, &path);
        if (str_eq(part, STR(".")) || str_eq(part, STR(".."))) {
            return error_set(err, ERROR_CONFIG, "%s: a path without \".\" and \"..\" is wanted",
                             what);
        }
    }
    return OK;
}

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

status install_check_name(const char *what, struct str name, struct error *err)
{
    bool sound = name.n > 0 && name.n <= 63;
    for (size_t i = 0; i < name.n && sound; i++) {
        bool edge = i == 0 || i + 1 == name.n;
        sound = is_lower(name.p[i]) || (!edge && name.p[i] == '-');
    }
    return sound
               ? OK
               : wrong(what, name,
                       "it has 1 to 63 lower-case letters, digits and, between them, hyphens", err);
}

/* -- URLs -- */

static bool is_port(struct str port)
{
    uint64_t number;
    return str_parse_u64(port, 65535, &number) && number > 0;
}

/* Whether `host` is a name or an IPv4 address, or an IPv6 address in brackets. */
static bool is_host(struct str host)
{
    bool v6 = str_starts(host, STR("[")) && str_ends(host, STR("]"));
    struct str inner = v6 ? str_sub(host, 1, host.n - 1) : host;
    for (size_t i = 0; i < inner.n; i++) {
        char c = inner.p[i];
        bool letter = is_lower(c) || (c >= 'A' && c <= 'Z');
        if (!letter && str_find(v6 ? STR(":.") : STR(".-"), c) == 2) {
            return false;
        }
    }
    return inner.n > 0 && (!v6 || str_find(inner, ':') < inner.n);
}

static bool is_authority(struct str authority)
{
    size_t bracket = str_rfind(authority, ']');
    size_t from = bracket < authority.n ? bracket : 0;
    size_t colon = from + str_find(str_sub(authority, from, authority.n), ':');
    return is_host(str_sub(authority, 0, colon)) &&
           (colon == authority.n || is_port(str_sub(authority, colon + 1, authority.n)));
}

static bool is_url_path(struct str path)
{
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        bool letter = is_lower(c) || (c >= 'A' && c <= 'Z');
        if (!letter && str_find(STR("/._-"), c) == 4) {
            return false;
        }
    }
    return true;
}

static struct str url_rest(struct str url)
{
    return str_sub(url, STR("https://").n, url.n);
}

status install_url(struct arena *arena, const char *what, struct str text, const char *path,
                   struct str *ret_url, struct error *err)
{
    TRY(install_check_text(what, text, err));
    if (!str_starts(text, STR("https://"))) {
        return wrong(what, text, "it must begin with https://, such as https://127.0.0.1:8443",
                     err);
    }
    struct str rest = url_rest(text);
    struct str authority = str_sub(rest, 0, str_find(rest, '/'));
    struct str given = str_sub(rest, authority.n, rest.n);
    if (!is_authority(authority)) {
        return wrong(what, text,
                     "a host, and a port from 1 to 65535 if not 443, are wanted "
                     "behind https://",
                     err);
    }
    if (!is_url_path(given)) {
        return wrong(what, text,
                     "a path of letters, digits, '.', '_', '-' is wanted; API servers "
                     "refuse a query",
                     err);
    }
    bool bare = given.n == 0 || str_eq(given, STR("/"));
    if (!bare && !str_ends(given, str_from(path))) {
        return error_set(err, ERROR_CONFIG, "%s \"%.*s\": its path must end in %s, or be left out",
                         what, STR_ARG(text), path);
    }
    struct str base = str_sub(text, 0, text.n - given.n);
    *ret_url = bare ? arena_printf(arena, "%.*s%s", STR_ARG(base), path) : arena_dup(arena, text);
    return OK;
}

struct str install_url_host(struct arena *arena, struct str url)
{
    struct str rest = url_rest(url);
    struct str authority = str_sub(rest, 0, str_find(rest, '/'));
    size_t colon = str_rfind(authority, ':');
    bool port = colon < authority.n && is_port(str_sub(authority, colon + 1, authority.n)) &&
                (*authority.p != '[' || authority.p[colon - 1] == ']');
    return port ? arena_dup(arena, authority) : arena_printf(arena, "%.*s:443", STR_ARG(authority));
}

/* -- PEM -- */

/* The label of a line "-----BEGIN LABEL-----"; empty if it is no such line. */
static struct str pem_label(struct str line, struct str word)
{
    bool edge = str_starts(line, word) && str_ends(line, STR("-----")) && line.n > word.n + 5;
    return edge ? str_sub(line, word.n, line.n - 5) : STR_EMPTY;
}

/* What `openssl ecparam -genkey` puts before a key; readers pass over it. */
static bool is_parameters(struct str label)
{
    return str_eq(label, STR("EC PARAMETERS"));
}

static bool is_wanted(enum pem_kind kind, struct str label)
{
    if (kind == PEM_CERTIFICATES) {
        return str_eq(label, STR("CERTIFICATE"));
    }
    return is_parameters(label) || str_eq(label, STR("PRIVATE KEY")) ||
           str_eq(label, STR("EC PRIVATE KEY")) || str_eq(label, STR("RSA PRIVATE KEY"));
}

static status check_block(const char *what, enum pem_kind kind, struct str label, struct error *err)
{
    if (is_wanted(kind, label)) {
        return OK;
    }
    return error_set(err, ERROR_CONFIG, "%s: it has a block \"%.*s\"; %s is wanted", what,
                     STR_ARG(label),
                     kind == PEM_CERTIFICATES ? "nothing but certificates"
                                              : "one private key that is not encrypted");
}

/* Headers in a block, "Proc-Type: 4,ENCRYPTED", are how old keys say that they are encrypted. */
static bool is_body(struct str line)
{
    return str_find(line, ':') == line.n;
}

status install_check_pem(const char *what, enum pem_kind kind, struct str text, struct error *err)
{
    static const char *const WANTED[] = {"certificates", "a private key"};
    struct str open = STR_EMPTY, line;
    size_t blocks = 0;
    for (bool more = true; more;) {
        more = str_cut(text, '\n', &line, &text);
        line = str_trim(line);
        struct str begin = pem_label(line, STR("-----BEGIN "));
        struct str end = pem_label(line, STR("-----END "));
        bool nested = begin.n > 0 && open.n > 0;
        bool stray = end.n > 0 && !str_eq(end, open);
        if (nested || stray || (open.n > 0 && !is_body(line))) {
            return error_set(err, ERROR_CONFIG, "%s: it is no sound PEM of %s", what, WANTED[kind]);
        }
        if (begin.n > 0) {
            TRY(check_block(what, kind, begin, err));
            open = begin;
            blocks += !is_parameters(begin);
        }
        open = end.n > 0 ? STR_EMPTY : open;
    }
    if (blocks == 0 || open.n > 0 || (kind == PEM_KEY && blocks > 1)) {
        return error_set(err, ERROR_CONFIG, "%s: it is no PEM of %s", what, WANTED[kind]);
    }
    return OK;
}

/* -- numbers -- */

status install_duration(const char *what, struct str text, int64_t unit, int64_t most,
                        int64_t *ret_units, struct error *err)
{
    if (str_eq(text, STR("off"))) {
        *ret_units = -1;
        return OK;
    }
    int64_t ns;
    struct error unused;
    bool sound = !failed(clock_parse_duration(text, &ns, &unused));
    if (!sound || ns < unit || ns > most || ns % unit != 0) {
        return error_set(err, ERROR_CONFIG, "%s \"%.*s\": it takes %s to %" PRId64 "m, or off",
                         what, STR_ARG(text), unit == NS_PER_S ? "whole seconds, 1s" : "1ms",
                         most / (60 * NS_PER_S));
    }
    *ret_units = ns / unit;
    return OK;
}

status install_number(const char *what, struct str text, uint64_t least, uint64_t most,
                      uint64_t *ret_number, struct error *err)
{
    if (!str_parse_u64(text, most, ret_number) || *ret_number < least) {
        return error_set(err, ERROR_CONFIG,
                         "%s \"%.*s\": it takes a number from %" PRIu64 " to %" PRIu64, what,
                         STR_ARG(text), least, most);
    }
    return OK;
}
