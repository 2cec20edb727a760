#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const char *const YAML[] = {".yaml", ".json", NULL};
static char folder[] = "/tmp/pratique-test-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file("b.yaml", "bb");
    write_file("a.json", "a");
    write_file("notes.txt", "x");
    assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
    write_file("sub/c.yaml", "c");
    assert_int_equal(mkdir(in_folder("..2026"), 0700), 0);
    write_file("..2026/hidden.yaml", "h");
    assert_int_equal(symlink("..2026", in_folder("..data")), 0);
    assert_int_equal(symlink("..data/hidden.yaml", in_folder("linked.yaml")), 0);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"b.yaml", "a.json",      "notes.txt", "sub/c.yaml",
                                        "sub",    "linked.yaml", "..data",    "..2026/hidden.yaml",
                                        "..2026"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        assert_int_equal(remove(in_folder(NAMES[i])), 0);
    }
    return remove(folder);
}

static void reading(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    struct str text;
    struct error err = {0};
    assert_false(failed(file_read(&arena, in_folder("b.yaml"), 2, &text, &err)));
    assert_true(str_eq(text, STR("bb")));
    assert_memory_equal(text.p + text.n, "\0\0\0\0\0\0\0\0", 8);
    assert_true(failed(file_read(&arena, in_folder("b.yaml"), 1, &text, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_true(failed(file_read(&arena, in_folder("none.yaml"), 1, &text, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "none.yaml"));
    assert_true(failed(file_read(&arena, folder, 1, &text, &err)));
    assert_int_equal(err.kind, ERROR_INTERNAL);
}

static void listing(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    struct file_list list;
    struct error err = {0};
    assert_true(file_is_directory(folder));
    assert_false(failed(file_list(&arena, folder, YAML, 4, &list, &err)));
    static const char *const WANT[] = {"a.json", "b.yaml", "linked.yaml", "sub/c.yaml"};
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < list.n; i++) {
        assert_string_equal(list.paths[i], in_folder(WANT[i]));
    }
    assert_true(failed(file_list(&arena, folder, YAML, 3, &list, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void fingerprints(void **state)
{
    (void)state;
    uint64_t before = file_fingerprint(folder, YAML, 100);
    assert_int_equal(before, file_fingerprint(folder, YAML, 100));
    write_file("notes.txt", "another kind of file");
    assert_int_equal(before, file_fingerprint(folder, YAML, 100));
    write_file("sub/c.yaml", "cc");
    uint64_t after = file_fingerprint(folder, YAML, 100);
    assert_int_not_equal(before, after);
    write_file("..2026/hidden.yaml", "seen through the link");
    assert_int_not_equal(after, file_fingerprint(folder, YAML, 100));
    uint64_t missing = file_fingerprint(in_folder("later.yaml"), YAML, 100);
    write_file("later.yaml", "l");
    assert_int_not_equal(missing, file_fingerprint(in_folder("later.yaml"), YAML, 100));
    assert_int_equal(remove(in_folder("later.yaml")), 0);
}

static void places(void **state)
{
    (void)state;
    file_auto file = {0};
    struct error err = {0};
    char bytes[3] = {0};
    assert_false(failed(file_open(in_folder("b.yaml"), &file, &err)));
    assert_int_equal(file.size, 2);
    assert_false(failed(file_read_at(&file, 1, 1, bytes, &err)));
    assert_string_equal(bytes, "b");
    assert_false(failed(file_read_at(&file, 2, 0, bytes, &err)));
    assert_true(failed(file_read_at(&file, 1, 2, bytes, &err)));
    assert_int_equal(err.kind, ERROR_INTERNAL);
    assert_non_null(strstr(err.text, "b.yaml: ends before byte 3"));
    struct file other = {0};
    assert_true(failed(file_open(in_folder("none"), &other, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_true(failed(file_open(folder, &other, &err)));
    assert_non_null(strstr(err.text, "is not a regular file"));
    file_close(&other);
}

static void below(void **state)
{
    (void)state;
    struct file file = {0};
    struct error err = {0};
    assert_false(failed(file_open_below(folder, "sub/c.yaml", "shown", &file, &err)));
    assert_string_equal(file.name, "shown");
    file_close(&file);
    assert_false(file.open);
    static const struct {
        const char *name, *wanted;
    } CASES[] = {
        {"linked.yaml", "shown: is a symbolic link, which is not followed"},
        {"..data/hidden.yaml", "shown: cannot open: Not a directory"},
        {"sub", "shown: is not a regular file"},
        {"sub/none", "shown: cannot open: No such file or directory"},
        {"sub/../b.yaml", "shown: is no name of a file below"},
        {"..", "shown: is no name of a file below"},
        {"./b.yaml", "shown: is no name of a file below"},
        {"sub//c.yaml", "shown: is no name of a file below"},
        {"/b.yaml", "shown: is no name of a file below"},
        {"", "shown: is no name of a file below"},
        {"sub/", "shown: is no name of a file below"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_true(failed(file_open_below(folder, CASES[i].name, "shown", &file, &err)));
        assert_string_equal(err.text, CASES[i].wanted);
        assert_false(file.open);
    }
    assert_true(failed(file_open_below(in_folder("none"), "x", "shown", &file, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

/* -- every call that reads fails in turn: there is an error, and never a short text -- */

static int calls, failing;

static int fail_nth(void)
{
    return ++calls == failing ? EIO : 0;
}

static void faults(void **state)
{
    (void)state;
    int passed = 0;
    file_fault = fail_nth;
    for (failing = 1; passed == 0; failing++) {
        arena_auto arena;
        arena_init(&arena, 1 << 20);
        calls = 0;
        struct file_list list = {0};
        struct str text = STR_EMPTY;
        struct error err = {0};
        bool bad = failed(file_list(&arena, folder, YAML, 100, &list, &err)) ||
                   failed(file_read(&arena, list.paths[0], 100, &text, &err));
        assert_int_equal(bad, calls >= failing);
        assert_int_equal(err.kind, bad ? ERROR_INTERNAL : ERROR_NONE);
        passed += !bad;
        assert_true(bad || (list.n == 4 && str_eq(text, STR("a"))));
    }
    file_fault = NULL;
    assert_true(failing > 10);
}

int file_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading), cmocka_unit_test(listing),      cmocka_unit_test(places),
        cmocka_unit_test(below),   cmocka_unit_test(fingerprints), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}
