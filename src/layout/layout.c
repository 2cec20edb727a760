#include "layout/layout.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "image/digest.h"
#include "layout/entries.h"
#include "layout/tar.h"
#include "json/doc.h"

struct layout {
    struct arena *arena;
    const char *path;
    bool folder;
    struct file archive; /* unless it is a folder */
    struct tar tar;
    struct oci_manifest index;
    struct layout_entry *entries;
};

/* -- files of the layout -- */

/* `name` is one of ours, not from the layout. Only layout_read's names may be missing. */
static status open_file(const struct layout *layout, const char *name, struct arena *arena,
                        struct file *ret_file, uint64_t *ret_offset, uint64_t *ret_size,
                        struct error *err)
{
    if (layout->folder) {
        const char *shown = arena_printf(arena, "%s/%s", layout->path, name).p;
        TRY(file_open_below(layout->path, name, shown, ret_file, err));
        *ret_offset = 0;
        *ret_size = ret_file->size;
        return OK;
    }
    const struct tar_file *found = tar_find(&layout->tar, str_from(name));
    if (found == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "%s: has no %s", layout->path, name);
    }
    *ret_file = layout->archive;
    ret_file->open = false; /* it is only lent */
    *ret_offset = found->offset;
    *ret_size = found->size;
    return OK;
}

/* Read all of it. `size` is what it should have; 0: not known. */
static status read_file(const struct layout *layout, const char *name, uint64_t size, size_t max,
                        struct arena *arena, struct str *ret_bytes, struct error *err)
{
    file_auto file = {0};
    uint64_t offset = 0, found = 0;
    TRY(open_file(layout, name, arena, &file, &offset, &found, err));
    if (found > max) {
        return error_set(err, ERROR_LIMIT, "%s: %s is larger than %zu bytes", layout->path, name,
                         max);
    }
    if (size > 0 && found != size) {
        return error_set(err, ERROR_EVIDENCE, "%s: %s has %ju bytes, and %ju were announced",
                         layout->path, name, (uintmax_t)found, (uintmax_t)size);
    }
    char *bytes = arena_alloc(arena, (size_t)found + 1);
    TRY(file_read_at(&file, offset, (size_t)found, bytes, err));
    *ret_bytes = (struct str){bytes, (size_t)found};
    return OK;
}

/* -- opening -- */

/* A file that makes a layout one. Errors: EVIDENCE if there is none. */
static status read_own(struct layout *layout, const char *name, size_t max, struct str *ret_bytes,
                       struct error *err)
{
    if (!failed(read_file(layout, name, 0, max, layout->arena, ret_bytes, err))) {
        return OK;
    }
    if (err->kind != ERROR_NOT_FOUND) {
        return FAILED;
    }
    return error_set(err, ERROR_EVIDENCE, "%s: is no OCI layout: it has no %s", layout->path, name);
}

static status check_version(struct layout *layout, struct error *err)
{
    struct str text;
    json_doc_auto doc = {0};
    TRY(read_own(layout, "oci-layout", LIMIT_LAYOUT_VERSION, &text, err));
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, err))) {
        err->kind = err->kind == ERROR_INPUT ? ERROR_EVIDENCE : err->kind;
        return error_wrap(err, "%s: oci-layout", layout->path);
    }
    if (!str_eq(json_str(json_get(doc.root, "imageLayoutVersion")), STR("1.0.0"))) {
        return error_set(err, ERROR_EVIDENCE,
                         "%s: oci-layout: imageLayoutVersion must be \"1.0.0\"", layout->path);
    }
    return OK;
}

static status read_index(struct layout *layout, struct error *err)
{
    struct str text;
    TRY(read_own(layout, "index.json", LIMIT_MANIFEST, &text, err));
    if (failed(oci_manifest_parse(layout->arena, STR(OCI_INDEX), text, &layout->index, err))) {
        return error_wrap(err, "%s: index.json", layout->path);
    }
    layout->entries = entries_of(layout->arena, &layout->index);
    return OK;
}

/* By its first bytes: gzip, zstd, xz, bzip2. */
static status refuse_compressed(const struct file *archive, struct error *err)
{
    static const struct str MAGIC[] = {STR("\x1f\x8b"), STR("\x28\xb5\x2f\xfd"),
                                       STR("\xfd"
                                           "7zX"),
                                       STR("BZh")};
    char first[4] = {0};
    TRY(file_read_at(archive, 0, archive->size < 4 ? (size_t)archive->size : 4, first, err));
    for (size_t i = 0; i < sizeof MAGIC / sizeof *MAGIC; i++) {
        if (str_starts((struct str){first, 4}, MAGIC[i])) {
            return error_set(err, ERROR_EVIDENCE, "%s: is compressed; unpack it first",
                             archive->name);
        }
    }
    return OK;
}

static status check_archive(const struct layout *layout, struct error *err)
{
    const struct tar *tar = &layout->tar;
    if (tar_find(tar, STR("manifest.json")) != NULL && tar_find(tar, STR("index.json")) == NULL) {
        return error_set(err, ERROR_EVIDENCE,
                         "%s: is an archive in docker's own format, which names no digests; save "
                         "it by docker 26 or later, or as an oci-archive",
                         layout->path);
    }
    if (tar->refused.n > 0) {
        return error_set(err, ERROR_EVIDENCE,
                         "%s: \"%.*s\" is a link, a sparse file or a device, which is not read",
                         layout->path, STR_ARG(str_sub(tar->refused, 0, 128)));
    }
    return OK;
}

static status open_layout(struct layout *layout, struct error *err)
{
    layout->folder = file_is_directory(layout->path);
    if (!layout->folder) {
        TRY(file_open(layout->path, &layout->archive, err));
        TRY(refuse_compressed(&layout->archive, err));
        TRY(tar_read(layout->arena, &layout->archive, &layout->tar, err));
        TRY(check_archive(layout, err));
    }
    TRY(check_version(layout, err));
    return read_index(layout, err);
}

status layout_open(struct arena *arena, const char *path, struct layout **ret_layout,
                   struct error *err)
{
    struct layout *layout = ARENA_NEW(arena, struct layout);
    *layout = (struct layout){.arena = arena, .path = path};
    if (failed(open_layout(layout, err))) {
        layout_close(layout);
        return FAILED;
    }
    *ret_layout = layout;
    return OK;
}

void layout_close(struct layout *layout)
{
    if (layout != NULL) {
        file_close(&layout->archive);
    }
}

/* -- finding and reading -- */

const struct layout_entry *layout_entries(const struct layout *layout, size_t *ret_n)
{
    *ret_n = layout->index.n_manifests;
    return layout->entries;
}

/* A manifest that index.json does not name: of what kind it is, it must say itself. */
static status find_blob(struct layout *layout, struct str digest, struct arena *arena,
                        const struct oci_descriptor **ret_descriptor, struct error *err)
{
    enum { ROOM = 4 * LIMIT_MANIFEST };
    struct oci_descriptor *descriptor = ARENA_NEW(arena, struct oci_descriptor);
    struct oci_manifest manifest;
    struct str bytes;
    arena_auto own;
    arena_init(&own, ROOM);
    descriptor->digest = digest;
    TRY(layout_read(layout, descriptor, LIMIT_MANIFEST, &own, &bytes, err));
    if (failed(oci_manifest_parse(&own, STR_EMPTY, bytes, &manifest, err))) {
        return error_wrap(err, "%s: %.*s", layout->path, STR_ARG(digest));
    }
    descriptor->media_type = arena_dup(arena, manifest.media_type);
    descriptor->size = bytes.n;
    *ret_descriptor = descriptor;
    return OK;
}

static status find_digest(struct layout *layout, struct str digest, struct arena *arena,
                          const struct oci_descriptor **ret_descriptor, struct error *err)
{
    for (size_t i = 0; i < layout->index.n_manifests; i++) {
        if (str_eq(layout->index.manifests[i].digest, digest)) {
            *ret_descriptor = &layout->index.manifests[i];
            return OK;
        }
    }
    return find_blob(layout, digest, arena, ret_descriptor, err);
}

static status find_only(struct layout *layout, struct arena *arena,
                        const struct oci_descriptor **ret_descriptor, struct error *err)
{
    size_t n = layout->index.n_manifests;
    if (n != 1) {
        struct str names = entries_names(arena, layout->entries, n);
        return error_set(err, ERROR_NOT_FOUND, "%s: has %zu images; say which one: %.*s",
                         layout->path, n, STR_ARG(names));
    }
    *ret_descriptor = &layout->index.manifests[0];
    return OK;
}

status layout_find(struct layout *layout, struct str name, struct arena *arena,
                   const struct oci_descriptor **ret_descriptor, struct error *err)
{
    const struct layout_entry *entry;
    size_t n = layout->index.n_manifests;
    struct str digest = entries_digest(arena, name);
    if (name.n == 0) {
        return find_only(layout, arena, ret_descriptor, err);
    }
    if (digest.n > 0) {
        return find_digest(layout, digest, arena, ret_descriptor, err);
    }
    if (failed(entries_find(arena, layout->entries, n, name, &entry, err))) {
        return error_wrap(err, "%s", layout->path);
    }
    if (entry == NULL) {
        struct str names = entries_names(arena, layout->entries, n);
        return error_set(err, ERROR_NOT_FOUND, "%s: has no image \"%.*s\"; it has: %.*s",
                         layout->path, STR_ARG(str_sub(name, 0, 256)), STR_ARG(names));
    }
    *ret_descriptor = entry->descriptor;
    return OK;
}

status layout_read(struct layout *layout, const struct oci_descriptor *descriptor, size_t max,
                   struct arena *arena, struct str *ret_bytes, struct error *err)
{
    struct digest digest;
    struct str bytes;
    enum digest_error problem = digest_parse(descriptor->digest, &digest);
    if (problem != DIGEST_OK) { /* what is read below is named by it */
        return error_set(err, ERROR_EVIDENCE, "%s: the digest %s", layout->path,
                         digest_error_text(problem));
    }
    const char *name =
        arena_printf(arena, "blobs/%.*s/%.*s", STR_ARG(digest.algorithm), STR_ARG(digest.hex)).p;
    TRY(read_file(layout, name, descriptor->size, max, arena, &bytes, err));
    if (!digest_holds(descriptor->digest, bytes)) {
        return error_set(err, ERROR_EVIDENCE, "%s: %s is not what its name says", layout->path,
                         name);
    }
    *ret_bytes = bytes;
    return OK;
}

static status read_for_assembly(void *self, const struct oci_descriptor *descriptor, size_t max,
                                struct arena *arena, struct str *ret_bytes, struct error *err)
{
    return layout_read(self, descriptor, max, arena, ret_bytes, err);
}

struct oci_reader layout_reader(struct layout *layout)
{
    return (struct oci_reader){.self = layout, .read = read_for_assembly};
}
