#include "fetch/guard.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

struct block {
    const char *address;
    unsigned bits;
};

static const struct block IPV4[] = {
    {"0.0.0.0", 8},          /* this network */
    {"127.0.0.0", 8},        /* loopback */
    {"169.254.0.0", 16},     /* link-local; 169.254.169.254 is the metadata of most clouds */
    {"224.0.0.0", 4},        /* multicast */
    {"240.0.0.0", 4},        /* reserved, broadcast */
    {"100.100.100.200", 32}, /* metadata of Alibaba Cloud */
    {"168.63.129.16", 32},   /* the host of a machine in Azure */
    {"192.0.0.192", 32},     /* metadata of Oracle's older cloud */
};

static const struct block IPV6[] = {
    {"::", 128},           /* unspecified */
    {"::1", 128},          /* loopback */
    {"fe80::", 10},        /* link-local */
    {"fec0::", 10},        /* site-local, as it was once */
    {"ff00::", 8},         /* multicast */
    {"fd00:ec2::", 32},    /* services of AWS: metadata is fd00:ec2::254 */
    {"fd20:ce::254", 128}, /* metadata of Google Cloud */
    {"fd00:42::42", 128},  /* metadata of Scaleway */
};

/* Where IPv6 carries an IPv4 address, and at which byte. */
static const struct {
    struct block block;
    size_t at;
} CARRIED[] = {
    {{"::ffff:0:0", 96}, 12},   /* mapped */
    {{"::ffff:0:0:0", 96}, 12}, /* translated */
    {{"::", 96}, 12},           /* compatible */
    {{"64:ff9b::", 96}, 12},    /* NAT64 */
    {{"64:ff9b:1::", 48}, 12},  /* NAT64 of one's own, with a prefix of 96 bits */
    {{"2002::", 16}, 2},        /* 6to4 */
};

static bool in_block(int family, const struct block *block, const unsigned char *address)
{
    unsigned char prefix[16];
    if (inet_pton(family, block->address, prefix) != 1) {
        fatal("guard: \"%s\" is no address", block->address);
    }
    size_t bytes = block->bits / 8;
    unsigned char mask = (unsigned char)(0xff00u >> (block->bits % 8));
    return memcmp(prefix, address, bytes) == 0 &&
           (mask == 0 || ((prefix[bytes] ^ address[bytes]) & mask) == 0);
}

static bool refuses_ipv4(const unsigned char *address)
{
    for (size_t i = 0; i < sizeof IPV4 / sizeof *IPV4; i++) {
        if (in_block(AF_INET, &IPV4[i], address)) {
            return true;
        }
    }
    return false;
}

static bool refuses_ipv6(const unsigned char *address)
{
    for (size_t i = 0; i < sizeof IPV6 / sizeof *IPV6; i++) {
        if (in_block(AF_INET6, &IPV6[i], address)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof CARRIED / sizeof *CARRIED; i++) {
        if (in_block(AF_INET6, &CARRIED[i].block, address) &&
            refuses_ipv4(address + CARRIED[i].at)) {
            return true;
        }
    }
    return false;
}

bool guard_refuses(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, address, sizeof ipv4);
        return refuses_ipv4((const unsigned char *)&ipv4.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, address, sizeof ipv6);
        return refuses_ipv6(ipv6.sin6_addr.s6_addr);
    }
    return true;
}

bool guard_refuses_host(struct str host)
{
    char name[256];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found;
    if (str_ends(host, STR("."))) {
        host = str_sub(host, 0, host.n - 1);
    }
    if (str_eq_nocase(host, STR("localhost")) ||
        str_eq_nocase(str_sub(host, str_rfind(host, '.'), host.n), STR(".localhost"))) {
        return true;
    }
    if (str_starts(host, STR("["))) {
        host = str_sub(host, 1, host.n - 1);
    }
    if (host.n >= sizeof name) {
        return true;
    }
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    if (getaddrinfo(name, NULL, &hints, &found) != 0) {
        return false;
    }
    bool refused = guard_refuses(found->ai_addr);
    freeaddrinfo(found);
    return refused;
}
