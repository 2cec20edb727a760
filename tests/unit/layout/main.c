#include "test.h"

#include "../folder.h"

enum { BLOCK = 512 };

struct arena test_arena;

int start(void **state)
{
    arena_init(&test_arena, 128u * MIB);
    return enter_folder(state);
}

int stop(void **state)
{
    arena_done(&test_arena);
    return leave_folder(state);
}

void put_file(const char *name, struct str bytes)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

void assert_error(const struct error *err, enum error_kind kind, const char *wanted)
{
    assert_string_equal(err->text, wanted);
    assert_int_equal(err->kind, kind);
}

/* -- archives -- */

void archive_start(struct archive *archive)
{
    buf_init(&archive->bytes, 64u * MIB);
}

void archive_add_header(struct archive *archive, char type, const char *name, uint64_t size,
                        size_t at, const char *bytes, size_t n)
{
    char header[BLOCK] = {0};
    unsigned sum = 0;
    memcpy(header, name, strnlen(name, 100));
    snprintf(header + 100, 8, "0000644");
    snprintf(header + 124, 12, "%011jo", (uintmax_t)size);
    header[156] = type;
    memcpy(header + 257, "ustar\00000", 8);
    if (n > 0) {
        memcpy(header + at, bytes, n);
    }
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++) {
        sum += (unsigned char)header[i];
    }
    snprintf(header + 148, 8, "%06o", sum & 0777777);
    buf_add(&archive->bytes, (struct str){header, BLOCK});
}

void archive_add(struct archive *archive, char type, const char *name, struct str data)
{
    archive_add_header(archive, type, name, data.n, 0, "", 0);
    buf_add(&archive->bytes, data);
    while (archive->bytes.n % BLOCK != 0) {
        buf_add_char(&archive->bytes, '\0');
    }
}

void archive_write(struct archive *archive, const char *file)
{
    for (size_t i = 0; i < 2 * BLOCK; i++) {
        buf_add_char(&archive->bytes, '\0');
    }
    assert_false(buf_overflowed(&archive->bytes));
    put_file(file, buf_str(&archive->bytes));
    buf_done(&archive->bytes);
}

int main(void)
{
    return layout_tests() + tar_tests();
}
