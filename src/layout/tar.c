#include "layout/tar.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

enum { BLOCK = 512, SHOWN = 128 };

/* A header, as it stands in the archive. */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
    char link[100], magic[8], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* What is known of the next entry from entries before it. */
struct pending {
    struct str name; /* empty: its header tells it */
    uint64_t size;
    bool has_size;
};

struct reading {
    struct arena *arena;
    const struct file *archive;
    uint64_t at;
    struct pending pending;
    struct tar_file *files;
    size_t n, room, entries;
    struct str refused;
    size_t names_left; /* bytes of names and headers that may still be kept */
    struct error *err;
};

static status wrong(struct reading *r, enum error_kind kind, struct str name, const char *what)
{
    struct str shown = str_sub(name, 0, utf8_cut(name.p, name.n, SHOWN));
    return error_set(r->err, kind, "%s: %s%.*s%s%s", r->archive->name, name.n > 0 ? "\"" : "",
                     STR_ARG(shown), name.n > 0 ? "\" " : "", what);
}

/* -- fields of a header -- */

/* Up to the first NUL, or all. */
static struct str text_of(const char *field, size_t room)
{
    return (struct str){field, strnlen(field, room)};
}

/* Octal digits between spaces, and a NUL or space behind them. */
static bool octal_of(const char *field, size_t room, uint64_t *ret_value)
{
    size_t at = 0;
    uint64_t value = 0;
    while (at < room && field[at] == ' ') {
        at++;
    }
    size_t first = at;
    for (; at < room && field[at] >= '0' && field[at] <= '7'; at++) {
        value = value * 8 + (uint64_t)(field[at] - '0');
    }
    bool digits = at > first;
    while (at < room && (field[at] == ' ' || field[at] == '\0')) {
        at++;
    }
    *ret_value = value;
    return digits && at == room;
}

/* A size: octal, or, if the first bit is set, the bytes themselves, as GNU writes large ones. */
static bool size_of(const char field[12], uint64_t *ret_size)
{
    const unsigned char *bytes = (const unsigned char *)field;
    if (bytes[0] != 0x80) {
        return octal_of(field, 12, ret_size);
    }
    uint64_t size = 0;
    for (size_t i = 1; i < 12; i++) {
        if (size >> 55 != 0) {
            return false;
        }
        size = size << 8 | bytes[i];
    }
    *ret_size = size;
    return true;
}

/* The sum of all bytes, those of the checksum itself taken for spaces. */
static bool checksum_holds(const struct header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    size_t from = offsetof(struct header, checksum);
    uint64_t sum = 0, told;
    for (size_t i = 0; i < BLOCK; i++) {
        sum += i >= from && i < from + sizeof header->checksum ? ' ' : bytes[i];
    }
    return octal_of(header->checksum, sizeof header->checksum, &told) && told == sum;
}

static bool is_zero(const struct header *header)
{
    const char *bytes = (const char *)header;
    for (size_t i = 0; i < BLOCK; i++) {
        if (bytes[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* -- names -- */

static status take_room(struct reading *r, uint64_t n)
{
    if (n > r->names_left) {
        return wrong(r, ERROR_LIMIT, STR_EMPTY, "has more names than a layout needs");
    }
    r->names_left -= (size_t)n;
    return OK;
}

/* The name in its shortest form, without "." and doubled slashes. Errors: EVIDENCE (it leaves the
 * archive), LIMIT. */
static status clean_name(struct reading *r, struct str name, struct str *ret_name)
{
    TRY(take_room(r, name.n));
    char *clean = arena_alloc(r->arena, name.n + 1);
    size_t n = 0;
    struct str part, rest = name;
    if (str_starts(name, STR("/")) || memchr(name.p, '\0', name.n) != NULL) {
        return wrong(r, ERROR_EVIDENCE, name, "is no name below the archive's folder");
    }
    while (rest.n > 0) {
        str_cut(rest, '/', &part, &rest);
        if (str_eq(part, STR(".."))) {
            return wrong(r, ERROR_EVIDENCE, name, "leads out of the archive's folder");
        }
        if (part.n > 0 && !str_eq(part, STR("."))) {
            clean[n] = '/';
            n += n > 0;
            memcpy(clean + n, part.p, part.n);
            n += part.n;
        }
    }
    *ret_name = (struct str){clean, n};
    return OK;
}

static struct str header_name(struct reading *r, const struct header *header)
{
    if (r->pending.name.n > 0) {
        return r->pending.name;
    }
    struct str name = text_of(header->name, sizeof header->name);
    struct str prefix = text_of(header->prefix, sizeof header->prefix);
    bool ustar = memcmp(header->magic, "ustar\0", 6) == 0;
    const struct str parts[] = {prefix, STR("/"), name};
    return ustar && prefix.n > 0 ? arena_join(r->arena, parts, 3) : arena_dup(r->arena, name);
}

/* -- what tells of the next entry -- */

static status read_data(struct reading *r, uint64_t size, struct str *ret_data)
{
    TRY(take_room(r, size));
    char *data = arena_alloc(r->arena, (size_t)size + 1);
    TRY(file_read_at(r->archive, r->at, (size_t)size, data, r->err));
    *ret_data = (struct str){data, (size_t)size};
    return OK;
}

/* One record of pax: "KEY=VALUE". */
static status take_record(struct reading *r, struct str record)
{
    struct str key, value;
    if (!str_cut(record, '=', &key, &value)) {
        return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "has a malformed pax header");
    }
    if (str_starts(key, STR("GNU.sparse."))) {
        return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "has a sparse file, which is not read");
    }
    if (str_eq(key, STR("path"))) {
        r->pending.name = value;
    }
    if (str_eq(key, STR("size"))) {
        r->pending.has_size = true;
        if (!str_parse_u64(value, INT64_MAX, &r->pending.size)) {
            return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "has a malformed size in a pax header");
        }
    }
    return OK;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts all of it. */
static status take_pax(struct reading *r, struct str data)
{
    while (data.n > 0) {
        struct str digits, rest;
        uint64_t length;
        bool sound = str_cut(data, ' ', &digits, &rest) && str_parse_u64(digits, data.n, &length) &&
                     length > digits.n + 1 && data.p[length - 1] == '\n';
        if (!sound) {
            return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "has a malformed pax header");
        }
        TRY(take_record(r, str_sub(data, digits.n + 1, (size_t)length - 1)));
        data = str_sub(data, (size_t)length, data.n);
    }
    return OK;
}

static status take_long_name(struct reading *r, struct str data)
{
    r->pending.name = text_of(data.p, data.n);
    return OK;
}

/* -- entries -- */

static status add_file(struct reading *r, struct str name, uint64_t size)
{
    r->files = arena_grow(r->arena, r->files, r->n, &r->room, sizeof *r->files);
    r->files[r->n++] = (struct tar_file){name, r->at, size};
    return OK;
}

static status check_size(struct reading *r, struct str name, uint64_t size)
{
    if (size > r->archive->size || r->at > r->archive->size - size) {
        return wrong(r, ERROR_EVIDENCE, name, "is cut off");
    }
    return OK;
}

static status take_file(struct reading *r, const struct header *header, uint64_t size)
{
    struct str name;
    struct str written = header_name(r, header);
    bool file = header->type == '0' || header->type == '\0' || header->type == '7';
    /* Of old, a folder is a file whose name ends with a slash. */
    bool folder = header->type == '5' || (file && str_ends(written, STR("/")));
    TRY(clean_name(r, written, &name));
    if (!folder && !file) {
        r->refused = r->refused.n > 0 ? r->refused : name.n > 0 ? name : STR(".");
    }
    if (file && name.n == 0 && !folder) {
        return wrong(r, ERROR_EVIDENCE, written, "has no name");
    }
    if (folder && size != 0) {
        return wrong(r, ERROR_EVIDENCE, name, "is a folder with bytes of its own");
    }
    TRY(check_size(r, name, size));
    r->pending = (struct pending){0};
    return file && !folder ? add_file(r, name, size) : OK;
}

static status take_entry(struct reading *r, const struct header *header, uint64_t size)
{
    struct str data;
    switch (header->type) {
    case 'L':
        TRY(read_data(r, size, &data));
        return take_long_name(r, data);
    case 'x':
        TRY(read_data(r, size, &data));
        return take_pax(r, data);
    case 'g': /* of all entries: only comments are of use there */
        TRY(read_data(r, size, &data));
        TRY(take_pax(r, data));
        if (r->pending.name.n > 0 || r->pending.has_size) {
            return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "gives all its files one name or size");
        }
        return OK;
    default:
        return take_file(r, header, size);
    }
}

/* Read one header and pass over what belongs to it. */
static status read_entry(struct reading *r, bool *ret_end)
{
    struct header header;
    uint64_t size;
    if (r->at == r->archive->size) {
        *ret_end = true;
        return OK;
    }
    TRY(check_size(r, STR_EMPTY, BLOCK));
    TRY(file_read_at(r->archive, r->at, BLOCK, (char *)&header, r->err));
    if (is_zero(&header)) {
        *ret_end = true;
        return OK;
    }
    if (!checksum_holds(&header)) {
        return wrong(r, ERROR_EVIDENCE, STR_EMPTY,
                     r->at == 0 ? "is neither a folder nor a tar archive" : "is a broken archive");
    }
    if (++r->entries > LIMIT_TAR_ENTRIES) {
        return wrong(r, ERROR_LIMIT, STR_EMPTY, "has too many entries");
    }
    if (!size_of(header.size, &size)) {
        return wrong(r, ERROR_EVIDENCE, STR_EMPTY, "has an entry with a malformed size");
    }
    bool ahead = header.type == 'x' || header.type == 'g' || header.type == 'L';
    size = r->pending.has_size && !ahead ? r->pending.size : size;
    r->at += BLOCK;
    TRY(check_size(r, STR_EMPTY, size));
    TRY(take_entry(r, &header, size));
    uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    r->at += padded > r->archive->size - r->at ? r->archive->size - r->at : padded;
    return OK;
}

/* -- all of them -- */

static int compare_names(const void *a, const void *b)
{
    return str_cmp(((const struct tar_file *)a)->name, ((const struct tar_file *)b)->name);
}

static status sort_files(struct reading *r)
{
    if (r->n > 0) {
        qsort(r->files, r->n, sizeof *r->files, compare_names);
    }
    for (size_t i = 1; i < r->n; i++) {
        if (str_eq(r->files[i - 1].name, r->files[i].name)) {
            return wrong(r, ERROR_EVIDENCE, r->files[i].name, "is there twice");
        }
    }
    return OK;
}

status tar_read(struct arena *arena, const struct file *archive, struct tar *ret_tar,
                struct error *err)
{
    struct reading r = {
        .arena = arena, .archive = archive, .names_left = LIMIT_TAR_NAMES, .err = err};
    bool end = false;
    while (!end) {
        TRY(read_entry(&r, &end));
    }
    if (r.pending.name.n > 0 || r.pending.has_size) {
        return wrong(&r, ERROR_EVIDENCE, STR_EMPTY, "ends before what its last header tells of");
    }
    TRY(sort_files(&r));
    *ret_tar = (struct tar){r.files, r.n, r.refused};
    return OK;
}

const struct tar_file *tar_find(const struct tar *tar, struct str name)
{
    const struct tar_file wanted = {.name = name};
    return tar->n == 0 ? NULL : bsearch(&wanted, tar->files, tar->n, sizeof wanted, compare_names);
}
