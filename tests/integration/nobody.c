/* Preloaded into a server: whoever asks the network for anything ends the process, and says so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void refuse(const char *what)
{
    ssize_t n = write(2, what, strlen(what));
    (void)n;
    abort();
}

int connect(int fd, const struct sockaddr *address, socklen_t n)
{
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6) {
        refuse("the server connects to somebody\n");
    }
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    return real(fd, address, n);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    if (node != NULL && (hints == NULL || !(hints->ai_flags & AI_NUMERICHOST))) {
        refuse("the server looks up a name\n");
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, ret);
}
