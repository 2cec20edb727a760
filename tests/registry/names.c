/* Preloaded: names of the internet lead to servers of the tests. PRATIQUE_NAMES is a list
 * "HOST:PORT=LOCALPORT,...": the name is found, at an address of the networks for documentation
 * (203.0.113.0/24), and who connects to that reaches LOCALPORT of this machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };
static const in_addr_t FIRST = 0xCB007100; /* 203.0.113.0 */

static struct name {
    char host[256];
    unsigned port, local;
} names[MOST];
static unsigned n_names;

__attribute__((constructor)) static void read_names(void)
{
    const char *at = getenv("PRATIQUE_NAMES");
    struct name name;
    int taken = 0;
    while (at != NULL && n_names < MOST &&
           sscanf(at, "%255[^:]:%u=%u%n", name.host, &name.port, &name.local, &taken) == 3) {
        names[n_names++] = name;
        at += taken + (at[taken] == ',');
    }
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    char address[INET_ADDRSTRLEN];
    unsigned port = service == NULL ? 0 : (unsigned)atoi(service);
    for (unsigned i = 0; i < n_names && host != NULL; i++) {
        if (strcmp(names[i].host, host) == 0 && names[i].port == port) {
            const struct in_addr is = {htonl(FIRST + i + 1)};
            host = inet_ntop(AF_INET, &is, address, sizeof address);
        }
    }
    return real(host, service, hints, ret_list);
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    struct sockaddr_in local;
    if (address->sa_family == AF_INET && length == sizeof local) {
        memcpy(&local, address, sizeof local);
        in_addr_t i = ntohl(local.sin_addr.s_addr) - FIRST - 1;
        if (i < n_names) {
            local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            local.sin_port = htons((in_port_t)names[i].local);
            return real(fd, (const struct sockaddr *)&local, sizeof local);
        }
    }
    return real(fd, address, length);
}

int getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
    int (*real)(int, struct sockaddr *, socklen_t *) =
        (int (*)(int, struct sockaddr *, socklen_t *))dlsym(RTLD_NEXT, "getpeername");
    int code = real(fd, address, length);
    struct sockaddr_in *peer = (struct sockaddr_in *)(void *)address;
    for (unsigned i = 0; code == 0 && address->sa_family == AF_INET && i < n_names; i++) {
        if (peer->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
            ntohs(peer->sin_port) == names[i].local) {
            peer->sin_addr.s_addr = htonl(FIRST + i + 1);
            peer->sin_port = htons((in_port_t)names[i].port);
        }
    }
    return code;
}
