/* Preloaded into a server: after each line of its log that tells of policies it waits for a while,
 * so that whoever reads the line can ask before the server does anything else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *data, size_t n)
{
    ssize_t (*real)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    ssize_t written = real(fd, data, n);
    if (memmem(data, n, "policies loaded", strlen("policies loaded")) != NULL) {
        usleep(300 * 1000);
    }
    return written;
}
