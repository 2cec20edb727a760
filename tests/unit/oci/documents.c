#include "documents.h"

struct arena test_arena;

int start(void **state)
{
    (void)state;
    arena_init(&test_arena, 64u * MIB);
    return 0;
}

int stop(void **state)
{
    (void)state;
    arena_done(&test_arena);
    return 0;
}

void assert_error(const struct error *err, enum error_kind kind, const char *wanted)
{
    assert_string_equal(err->text, wanted);
    assert_int_equal(err->kind, kind);
}

struct str json(const char *text)
{
    struct str copy = arena_dup(&test_arena, str_from(text));
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++) {
        p[i] = p[i] == '\'' ? '"' : p[i];
    }
    return copy;
}

struct str repeated(const char *head, const char *item, size_t n, const char *tail)
{
    buf_auto buf;
    buf_init(&buf, 64u * MIB);
    buf_add_cstr(&buf, head);
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(&buf, i == 0 ? "" : ",");
        for (const char *c = item; *c != '\0'; c++) {
            if (*c == '#') {
                buf_printf(&buf, "%zu", i);
            } else {
                buf_add_char(&buf, *c);
            }
        }
    }
    buf_add_cstr(&buf, tail);
    return arena_dup(&test_arena, buf_str(&buf));
}

struct str padded(const char *head, const char *tail, size_t size)
{
    char *p = arena_alloc(&test_arena, size + 1);
    memset(p, ' ', size);
    memcpy(p, head, strlen(head));
    memcpy(p + size - strlen(tail), tail, strlen(tail));
    return (struct str){p, size};
}
