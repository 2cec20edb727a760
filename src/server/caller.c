#include "server/caller.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { HOST_MAX = 253, OPTIONAL_DOT = 1 };

static bool is_local_v4(uint32_t address)
{
    return address >> 24 == 127;
}

bool caller_is_local(const struct sockaddr *address)
{
    if (address == NULL) {
        return false;
    }
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        return is_local_v4(ntohl(v4->sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) {
        return false;
    }
    const struct sockaddr_in6 *v6 = (const void *)address;
    if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
    }
    uint32_t mapped = 0;
    memcpy(&mapped, v6->sin6_addr.s6_addr + 12, sizeof mapped);
    return is_local_v4(ntohl(mapped));
}

static bool is_port(struct str text)
{
    uint64_t port = 0;
    return text.n == 0 || str_parse_u64(text, 65535, &port);
}

/* Cut a port off. Returns false if what stands there is none. */
static bool cut_port(struct str *host)
{
    struct str rest = STR_EMPTY;
    size_t bracket = str_find(*host, ']');
    if (host->n > 0 && host->p[0] == '[' && bracket < host->n) {
        rest = str_sub(*host, bracket + 1, host->n);
        *host = str_sub(*host, 1, bracket);
        return rest.n == 0 || (rest.p[0] == ':' && is_port(str_sub(rest, 1, rest.n)));
    }
    (void)str_cut(*host, ':', host, &rest);
    return is_port(rest);
}

bool caller_host_is_ours(struct str host, const struct glob_list *names)
{
    char text[HOST_MAX + OPTIONAL_DOT + 1];
    unsigned char address[sizeof(struct in6_addr)];
    if (!cut_port(&host) || host.n == 0 || host.n > HOST_MAX + OPTIONAL_DOT) {
        return false;
    }
    host.n -= host.p[host.n - 1] == '.';
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (c == '\0') {
            return false;
        }
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    text[host.n] = '\0';
    struct str name = {text, host.n};
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1 ||
           str_eq(name, STR("localhost")) || (names->n_include > 0 && glob_list_match(names, name));
}

bool caller_is_another_site(struct str site, struct str mode, struct str dest)
{
    bool other = str_eq(site, STR("cross-site")) || str_eq(site, STR("same-site"));
    return other && !(str_eq(mode, STR("navigate")) && str_eq(dest, STR("document")));
}
