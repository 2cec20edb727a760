#include "test.h"

#include <unistd.h>

#include "layout/tar.h"

enum { BLOCK = 512 };

static status read_archive(const char *name, struct tar *ret_tar, struct error *err)
{
    file_auto file = {0};
    TRY(file_open(name, &file, err));
    return tar_read(&test_arena, &file, ret_tar, err);
}

static void assert_reads(const char *name, struct tar *ret_tar)
{
    struct error err;
    if (failed(read_archive(name, ret_tar, &err))) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(enum error_kind kind, const char *wanted)
{
    struct tar tar = {.n = 77};
    struct error err;
    assert_true(failed(read_archive("x.tar", &tar, &err)));
    assert_error(&err, kind, wanted);
    assert_int_equal(tar.n, 77);
}

/* Whether the file is in the archive, with these bytes. */
static void assert_holds(const struct tar *tar, const char *name, struct str bytes)
{
    file_auto file = {0};
    struct error err;
    const struct tar_file *found = tar_find(tar, str_from(name));
    assert_non_null(found);
    assert_int_equal(found->size, bytes.n);
    assert_false(failed(file_open("x.tar", &file, &err)));
    char *there = arena_alloc(&test_arena, bytes.n + 1);
    assert_false(failed(file_read_at(&file, found->offset, bytes.n, there, &err)));
    assert_memory_equal(there, bytes.p, bytes.n);
}

/* -- what is read -- */

static void plain(void **state)
{
    (void)state;
    struct archive archive;
    struct tar tar;
    archive_start(&archive);
    archive_add(&archive, '5', "./", STR_EMPTY);
    archive_add(&archive, '5', "./blobs/", STR_EMPTY);
    archive_add(&archive, '0', "./b//c/./d", STR("one"));
    archive_add(&archive, '\0', "a", STR_EMPTY);
    archive_add(&archive, '\0', "old/", STR_EMPTY); /* a folder */
    archive_add(&archive, '7', "e", STR("two"));
    archive_add(&archive, 'g', "comment", STR("13 comment=x\n"));
    archive_write(&archive, "x.tar");
    assert_reads("x.tar", &tar);
    assert_int_equal(tar.n, 3);
    assert_int_equal(tar.refused.n, 0);
    assert_holds(&tar, "b/c/d", STR("one"));
    assert_holds(&tar, "a", STR_EMPTY);
    assert_holds(&tar, "e", STR("two"));
    assert_null(tar_find(&tar, STR("blobs")));
    put_file("x.tar", STR_EMPTY);
    assert_reads("x.tar", &tar);
    assert_int_equal(tar.n, 0);
    assert_null(tar_find(&tar, STR("a")));
}

static void long_names(void **state)
{
    (void)state;
    struct archive archive;
    struct tar tar;
    char name[301] = {0};
    memset(name, 'n', 300);
    struct str pax = arena_printf(&test_arena, "310 path=%s\n", name);
    archive_start(&archive);
    archive_add(&archive, 'x', "pax", pax);
    archive_add(&archive, '0', "short", STR("by pax"));
    memset(name, 'g', 300);
    archive_add(&archive, 'L', "././@LongLink", (struct str){name, 301});
    archive_add(&archive, '0', "short", STR("by GNU"));
    archive_add_header(&archive, '0', "name", 0, 345, "in/a/prefix", 11);
    archive_add(&archive, '0', "short", STR("its own")); /* what came before is used up */
    archive_write(&archive, "x.tar");
    assert_reads("x.tar", &tar);
    assert_int_equal(tar.n, 4);
    assert_holds(&tar, name, STR("by GNU"));
    memset(name, 'n', 300);
    assert_holds(&tar, name, STR("by pax"));
    assert_holds(&tar, "short", STR("its own"));
    assert_holds(&tar, "in/a/prefix/name", STR_EMPTY);
}

static void sizes(void **state)
{
    (void)state;
    struct archive archive;
    struct tar tar;
    archive_start(&archive);
    archive_add(&archive, 'x', "pax", STR("9 size=3\n"));
    archive_add_header(&archive, '0', "by-pax", 0, 0, "", 0);
    buf_add(&archive.bytes, STR("abc"));
    while (archive.bytes.n % BLOCK != 0) {
        buf_add_char(&archive.bytes, '\0');
    }
    archive_add_header(&archive, '0', "by-bytes", 0, 124, "\x80\0\0\0\0\0\0\0\0\0\0\2", 12);
    buf_add(&archive.bytes, STR("de")); /* the end of the archive is not padded */
    put_file("x.tar", buf_str(&archive.bytes));
    buf_done(&archive.bytes);
    assert_reads("x.tar", &tar);
    assert_int_equal(tar.n, 2);
    assert_holds(&tar, "by-pax", STR("abc"));
    assert_holds(&tar, "by-bytes", STR("de"));
}

/* -- what is not -- */

static void types(void **state)
{
    (void)state;
    static const char TYPES[] = {'1', '2', '3', '4', '6', 'S', 'K', 'D', 'V', 'Z'};
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        struct archive archive;
        archive_start(&archive);
        archive_add(&archive, '0', "index.json", STR("{}"));
        archive_add(&archive, TYPES[i], "blobs/x", STR_EMPTY);
        archive_add(&archive, '0', "last", STR("{}"));
        archive_write(&archive, "x.tar");
        struct tar tar;
        assert_reads("x.tar", &tar);
        assert_int_equal(tar.n, 2);
        assert_string_equal(tar.refused.p, "blobs/x");
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *wanted;
    } CASES[] = {
        {"../index.json", "x.tar: \"../index.json\" leads out of the archive's folder"},
        {"a/../../b", "x.tar: \"a/../../b\" leads out of the archive's folder"},
        {"blobs/..", "x.tar: \"blobs/..\" leads out of the archive's folder"},
        {"/etc/passwd", "x.tar: \"/etc/passwd\" is no name below the archive's folder"},
        {".", "x.tar: \".\" has no name"},
        {"", "x.tar: has no name"},
        {"first", "x.tar: \"first\" is there twice"},
        {"./first", "x.tar: \"first\" is there twice"},
        {"folder/", "x.tar: \"folder\" is a folder with bytes of its own"},
        {"\x1b[2J..", NULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct archive archive;
        struct tar tar;
        archive_start(&archive);
        archive_add(&archive, '0', "first", STR("1"));
        archive_add(&archive, '0', CASES[i].name, STR("2"));
        archive_write(&archive, "x.tar");
        if (CASES[i].wanted == NULL) {
            assert_reads("x.tar", &tar);
        } else {
            assert_refused(ERROR_EVIDENCE, CASES[i].wanted);
        }
    }
}

static void pax(void **state)
{
    (void)state;
    static const struct {
        char type;
        struct str data;
        const char *wanted;
    } CASES[] = {
        {'x', STR("x"), "x.tar: has a malformed pax header"},
        {'x', STR("9 path=a\n\n"), "x.tar: has a malformed pax header"},
        {'x', STR("99 path=a\n"), "x.tar: has a malformed pax header"},
        {'x', STR("8 path=a\n"), "x.tar: has a malformed pax header"},
        {'x', STR("2 \n"), "x.tar: has a malformed pax header"},
        {'x', STR("-9 path=a\n"), "x.tar: has a malformed pax header"},
        {'x', STR("9 path a\n"), "x.tar: has a malformed pax header"},
        {'x', STR("11 size=-1\n"), "x.tar: has a malformed size in a pax header"},
        {'x', STR("27 size=99999999999999999999\n"), "x.tar: has a malformed pax header"},
        {'x', STR("29 size=99999999999999999999\n"), "x.tar: has a malformed size in a pax header"},
        {'x', STR("28 size=9223372036854775807\n"), "x.tar: is cut off"},
        {'x', STR("22 GNU.sparse.major=1\n"), "x.tar: has a sparse file, which is not read"},
        {'x', STR("12 path=a\0b\n"), NULL},
        {'x', STR("14 path=../up\n"), "x.tar: \"../up\" leads out of the archive's folder"},
        {'L', STR("/up\0"), "x.tar: \"/up\" is no name below the archive's folder"},
        {'g', STR("10 path=a\n"), "x.tar: gives all its files one name or size"},
        {'g', STR("9 size=3\n"), "x.tar: gives all its files one name or size"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct archive archive;
        archive_start(&archive);
        archive_add(&archive, CASES[i].type, "header", CASES[i].data);
        archive_add(&archive, '0', "file", STR("1"));
        archive_write(&archive, "x.tar");
        assert_refused(ERROR_EVIDENCE, CASES[i].wanted == NULL
                                           ? "x.tar: \"a\" is no name below the archive's folder"
                                           : CASES[i].wanted);
    }
    struct archive archive;
    archive_start(&archive);
    archive_add(&archive, 'x', "header", STR("10 path=a\n"));
    archive_write(&archive, "x.tar");
    assert_refused(ERROR_EVIDENCE, "x.tar: ends before what its last header tells of");
}

static void broken(void **state)
{
    (void)state;
    struct archive archive;
    archive_start(&archive);
    archive_add(&archive, '0', "first", STR("1"));
    archive_add(&archive, '0', "second", STR("2"));
    struct str whole = arena_dup(&test_arena, buf_str(&archive.bytes));
    buf_done(&archive.bytes);
    for (size_t n = 1; n < whole.n; n++) {
        struct tar tar;
        struct error err;
        put_file("x.tar", str_sub(whole, 0, n));
        bool bad = failed(read_archive("x.tar", &tar, &err));
        /* It may end behind a file's last byte, or behind its padding. */
        bool sound = n == BLOCK + 1 || n == 2 * BLOCK || n >= 3 * BLOCK + 1;
        sound = sound || (n > BLOCK && n < 2 * BLOCK);
        assert_int_equal(bad, !sound);
        if (bad) {
            assert_int_equal(err.kind, ERROR_EVIDENCE);
            assert_non_null(strstr(err.text, "is cut off"));
        }
    }
    char *changed = (char *)(uintptr_t)whole.p;
    changed[2 * BLOCK + 1]++;
    put_file("x.tar", whole);
    assert_refused(ERROR_EVIDENCE, "x.tar: is a broken archive");
    changed[1]++;
    put_file("x.tar", whole);
    assert_refused(ERROR_EVIDENCE, "x.tar: is neither a folder nor a tar archive");
    archive_start(&archive);
    archive_add_header(&archive, '0', "size", 0, 124, "0x000000012", 11);
    archive_write(&archive, "x.tar");
    assert_refused(ERROR_EVIDENCE, "x.tar: has an entry with a malformed size");
    archive_start(&archive);
    archive_add_header(&archive, '0', "size", 0, 124, "\x80\xff\xff\xff\0\0\0\0\0\0\0\2", 12);
    archive_write(&archive, "x.tar");
    assert_refused(ERROR_EVIDENCE, "x.tar: has an entry with a malformed size");
    archive_start(&archive);
    archive_add_header(&archive, '0', "size", 0, 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
                       12);
    archive_write(&archive, "x.tar");
    assert_refused(ERROR_EVIDENCE, "x.tar: is cut off");
}

static void limits(void **state)
{
    (void)state;
    struct tar tar;
    for (unsigned extra = 0; extra < 2; extra++) {
        struct archive archive;
        archive_start(&archive);
        for (unsigned i = 0; i < LIMIT_TAR_ENTRIES + extra; i++) {
            archive_add(&archive, '0', arena_printf(&test_arena, "%u", i).p, STR_EMPTY);
        }
        archive_write(&archive, "x.tar");
        if (extra == 0) {
            assert_reads("x.tar", &tar);
            assert_int_equal(tar.n, LIMIT_TAR_ENTRIES);
        }
    }
    assert_refused(ERROR_LIMIT, "x.tar: has too many entries");

    /* A long name is kept once as it is written, and once in its shortest form. */
    char *name = arena_alloc(&test_arena, LIMIT_TAR_NAMES);
    memset(name, 'n', LIMIT_TAR_NAMES);
    for (unsigned extra = 0; extra < 2; extra++) {
        struct archive archive;
        archive_start(&archive);
        archive_add(&archive, 'L', "long", (struct str){name, LIMIT_TAR_NAMES / 2 + extra});
        archive_add(&archive, '0', "x", STR_EMPTY);
        archive_write(&archive, "x.tar");
        if (extra == 0) {
            assert_reads("x.tar", &tar);
        }
    }
    assert_refused(ERROR_LIMIT, "x.tar: has more names than a layout needs");
}

int tar_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain, start, stop),
        cmocka_unit_test_setup_teardown(long_names, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
        cmocka_unit_test_setup_teardown(types, start, stop),
        cmocka_unit_test_setup_teardown(names, start, stop),
        cmocka_unit_test_setup_teardown(pax, start, stop),
        cmocka_unit_test_setup_teardown(broken, start, stop),
        cmocka_unit_test_setup_teardown(limits, start, stop),
    };
    return cmocka_run_group_tests_name("tar", tests, NULL, NULL);
}
