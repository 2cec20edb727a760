#include "oci/url.h"

#include <arpa/inet.h>

#include "base/limits.h"
#include "oci/chars.h"

static unsigned scheme_port(bool plain)
{
    return plain ? 80 : 443;
}

static bool is_address(struct str text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (text.n == 0 || text.n >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1;
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!http_is_alnum(c) && c != '-' && c != '.' && c != '_') {
            return false;
        }
    }
    return text.n > 0 && text.n <= 255 && text.p[0] != '.' && text.p[0] != '-';
}

static struct str lower(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        copy[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return (struct str){copy, text.n};
}

static bool parse_port(struct str text, unsigned *ret_port)
{
    uint64_t port;
    if (!str_parse_u64(text, 65535, &port) || port == 0 || text.n > 5) {
        return false;
    }
    *ret_port = (unsigned)port;
    return true;
}

bool url_parse_host(struct arena *arena, struct str text, bool plain, struct url *ret_url)
{
    struct str host, rest;
    struct url url = {.plain = plain, .port = scheme_port(plain), .target = STR("/")};
    if (str_starts(text, STR("["))) {
        size_t end = str_find(text, ']');
        host = str_sub(text, 0, end + 1);
        rest = str_sub(text, end + 1, text.n);
        if (end == text.n || !is_address(str_sub(text, 1, end))) {
            return false;
        }
    } else {
        size_t end = str_find(text, ':');
        host = str_sub(text, 0, end);
        rest = str_sub(text, end, text.n);
        if (!is_name(host)) {
            return false;
        }
    }
    if (rest.n > 0 && (rest.p[0] != ':' || !parse_port(str_sub(rest, 1, rest.n), &url.port))) {
        return false;
    }
    url.host = lower(arena, host);
    *ret_url = url;
    return true;
}

static bool is_target(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!http_is_visible(c) || c == '#' || c == '\\' || c == '"' || c == '<' || c == '>') {
            return false;
        }
    }
    return true;
}

/* Where host and port end. */
static size_t authority_end(struct str text)
{
    size_t slash = str_find(text, '/'), question = str_find(text, '?');
    return slash < question ? slash : question;
}

bool url_parse(struct arena *arena, struct str text, struct url *ret_url)
{
    bool plain = str_starts(text, STR("http://"));
    if (text.n > LIMIT_URL || (!plain && !str_starts(text, STR("https://"))) || !is_target(text)) {
        return false;
    }
    struct str rest = str_sub(text, plain ? 7 : 8, text.n);
    struct str target = str_sub(rest, authority_end(rest), rest.n);
    struct url url;
    if (!url_parse_host(arena, str_sub(rest, 0, authority_end(rest)), plain, &url)) {
        return false;
    }
    const struct str parts[] = {STR("/"), target};
    url.target = arena_join(arena, target.n > 0 && target.p[0] == '/' ? parts + 1 : parts,
                            target.n > 0 && target.p[0] == '/' ? 1 : 2);
    *ret_url = url;
    return true;
}

bool url_resolve(struct arena *arena, const struct url *base, struct str text, struct url *ret_url)
{
    if (!str_starts(text, STR("/"))) {
        return url_parse(arena, text, ret_url);
    }
    if (str_starts(text, STR("//")) || text.n > LIMIT_URL || !is_target(text)) {
        return false;
    }
    *ret_url = *base;
    ret_url->target = arena_dup(arena, text);
    return true;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->plain == b->plain && a->port == b->port && str_eq(a->host, b->host);
}

struct str url_host(struct arena *arena, const struct url *url)
{
    return url->port == scheme_port(url->plain)
               ? url->host
               : arena_printf(arena, "%.*s:%u", STR_ARG(url->host), url->port);
}

struct str url_print(struct arena *arena, const struct url *url)
{
    const struct str parts[] = {url->plain ? STR("http://") : STR("https://"), url_host(arena, url),
                                url->target};
    return arena_join(arena, parts, 3);
}

struct str url_encode(struct arena *arena, struct str text)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    char *encoded = arena_alloc(arena, 3 * text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (http_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL)) {
            encoded[n++] = c;
        } else {
            encoded[n++] = '%';
            encoded[n++] = DIGITS[(unsigned char)c >> 4];
            encoded[n++] = DIGITS[(unsigned char)c & 15];
        }
    }
    return (struct str){encoded, n};
}
