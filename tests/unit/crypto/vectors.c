#include "vectors.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"

const char *vector_path(const char *path)
{
    const char *vectors = getenv("PRATIQUE_VECTORS"), *source = getenv("PRATIQUE_SOURCE");
    return vectors != NULL ? arena_printf(&test_arena, "%s/%s", vectors, path).p
                           : arena_printf(&test_arena, "%s/tests/vectors/%s",
                                          source == NULL ? "." : source, path)
                                 .p;
}

struct str vector(const char *path)
{
    struct str text;
    struct error err;
    if (failed(file_read(&test_arena, vector_path(path), 4u * MIB, &text, &err))) {
        fail_msg("%s", err.text);
    }
    return text;
}

struct str vector_member(const char *path, const char *name, size_t index)
{
    struct str text = vector(path), bytes;
    const char *p = text.p, *wanted = arena_printf(&test_arena, "\"%s\"", name).p;
    struct error err;
    while ((p = strstr(p, wanted)) != NULL) {
        p += strlen(wanted);
        const char *begin = strchr(p, '"') + 1;
        const char *end = strchr(begin, '"');
        if (index-- == 0) {
            struct str digits = {begin, (size_t)(end - begin)};
            assert_false(failed(base64_decode(&test_arena, digits, &bytes, &err)));
            return bytes;
        }
    }
    return (struct str){0};
}

struct str vector_certificate(const char *path, size_t index)
{
    for (size_t i = 0;; i++) {
        struct str bytes = vector_member(path, "rawBytes", i);
        assert_non_null(bytes.p);
        /* A certificate is longer than 256 bytes, and holds another sequence first. */
        bool is_one = bytes.n > 256 && bytes.p[1] == '\x82' && bytes.p[4] == '\x30';
        if (is_one && index-- == 0) {
            return bytes;
        }
    }
}
