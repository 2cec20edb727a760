/* Print a sample page. usage: write_pages NUMBER TEXT_IN_HEX; the first line is how many texts it
 * has. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "pages.h"

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static struct str from_hex(struct arena *arena, const char *hex)
{
    size_t n = strlen(hex) / 2;
    char *bytes = arena_alloc(arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    }
    return (struct str){bytes, n};
}

int main(int argc, char **argv)
{
    ENSURE(argc == 3);
    uint64_t sample = 0;
    if (!str_parse_u64(str_from(argv[1]), SAMPLE_COUNT - 1, &sample)) {
        return 1;
    }
    unsigned n = 0;
    arena_auto arena;
    buf_auto html;
    arena_init(&arena, 16 * MIB);
    buf_init(&html, LIMIT_UI_PAGE);
    write_sample((enum sample)sample, from_hex(&arena, argv[2]), &arena, &n, &html);
    ENSURE(!buf_overflowed(&html));
    printf("%u\n", n);
    fwrite(html.p, 1, html.n, stdout);
    return 0;
}
