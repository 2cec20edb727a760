/* Counts the calls that ask for memory and the bytes they ask for, for LD_PRELOAD: malloc, calloc,
 * realloc (its whole new size) and the aligned ones; free is not counted. Both counts stand, as two
 * native 64-bit numbers, in the file that COUNT_MALLOC_FILE names, where another process can read
 * them while this one runs; a program that runs under it can also ask the functions below.
 *
 * Relies on glibc, whose own allocator keeps its second names exported. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

EXPORT uint64_t count_malloc_calls(void);
EXPORT uint64_t count_malloc_bytes(void);

struct counts {
    _Atomic uint64_t calls, bytes;
};

static struct counts before_start;
static struct counts *counts = &before_start;

__attribute__((constructor)) static void map_counts(void)
{
    const char *path = getenv("COUNT_MALLOC_FILE");
    if (path == NULL) {
        return;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *counts) != 0) {
        _exit(127);
    }
    void *page = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        _exit(127);
    }
    close(fd);
    counts = page;
}

static void count(size_t size)
{
    atomic_fetch_add_explicit(&counts->calls, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->bytes, size, memory_order_relaxed);
}

EXPORT uint64_t count_malloc_calls(void)
{
    return atomic_load_explicit(&counts->calls, memory_order_relaxed);
}

EXPORT uint64_t count_malloc_bytes(void)
{
    return atomic_load_explicit(&counts->bytes, memory_order_relaxed);
}

EXPORT void *malloc(size_t size)
{
    count(size);
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    count(n * size);
    return __libc_calloc(n, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    count(size);
    return __libc_realloc(old, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    count(size);
    return __libc_memalign(alignment, size);
}

EXPORT int posix_memalign(void **ret, size_t alignment, size_t size)
{
    count(size);
    void *p = __libc_memalign(alignment, size);
    if (p == NULL) {
        return ENOMEM;
    }
    *ret = p;
    return 0;
}
