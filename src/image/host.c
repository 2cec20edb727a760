#include "image/host.h"

#include <arpa/inet.h>

#include "image/chars.h"
#include "image/grammar.h"

const struct str host_hub_aliases[] = {
    STR("index.docker.io"),
    STR("registry-1.docker.io"),
    STR("registry.hub.docker.com"),
    STR(""),
};

unsigned host_canonical_port(struct str digits)
{
    unsigned port = 0;
    for (size_t i = 0; i < digits.n && port < HOST_PORT_IMPOSSIBLE; i++) {
        port = port * 10 + (unsigned)(digits.p[i] - '0');
    }
    if (port == 0 || port >= HOST_PORT_IMPOSSIBLE) {
        return HOST_PORT_IMPOSSIBLE;
    }
    return port == 443 ? 0 : port;
}

struct str host_lower(struct arena *arena, struct str s)
{
    size_t i = 0;
    while (i < s.n && !char_is_upper(s.p[i])) {
        i++;
    }
    if (i == s.n) {
        return s;
    }
    char *copy = arena_alloc(arena, s.n);
    for (i = 0; i < s.n; i++) {
        copy[i] = char_lower(s.p[i]);
    }
    return (struct str){copy, s.n};
}

/* The short form of an address in brackets. The grammar also takes texts that are no address
 * ("[dead]"); nothing can be pulled from these, and they stay as they are. */
static struct str short_address(struct arena *arena, struct str host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    struct str inner = str_sub(host, 1, host.n - 1);
    if (inner.n >= sizeof text) {
        return host;
    }
    memcpy(text, inner.p, inner.n);
    text[inner.n] = '\0';
    if (inet_pton(AF_INET6, text, &address) != 1 ||
        inet_ntop(AF_INET6, &address, text, sizeof text) == NULL) {
        return host;
    }
    struct str written = str_from(text);
    if (str_find(written, '.') == written.n) {
        return arena_printf(arena, "[%s]", text);
    }
    /* "::ffff:1.2.3.4": references have no dots in brackets, so the last 32 bits become hex. */
    const uint8_t *last = &address.s6_addr[12];
    return arena_printf(arena, "[%.*s:%x:%x]",
                        STR_ARG(str_sub(written, 0, str_rfind(written, ':'))),
                        (unsigned)(last[0] << 8 | last[1]), (unsigned)(last[2] << 8 | last[3]));
}

static bool is_hub_alias(struct str host)
{
    for (const struct str *alias = host_hub_aliases; alias->n > 0; alias++) {
        if (str_eq(host, *alias)) {
            return true;
        }
    }
    return false;
}

void host_canonical(struct arena *arena, struct str domain, struct str *ret_host,
                    unsigned *ret_port)
{
    struct str host, port;
    *ret_port = grammar_cut_port(domain, &host, &port) ? host_canonical_port(port) : 0;
    host = host_lower(arena, host);
    if (host.p[0] == '[') {
        host = short_address(arena, host);
    } else if (is_hub_alias(host)) {
        host = HOST_HUB;
    }
    *ret_host = host;
}
