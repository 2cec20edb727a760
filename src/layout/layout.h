#pragma once
/* An OCI image layout: a folder, or a tar archive of one, such as `docker save` (26 and later),
 * `skopeo copy … oci-archive:` and `podman save --format oci-archive` write. Of it `index.json` is
 * believed; all else is read by its digest, and its digest checked.
 *
 * Only files below the folder are opened, and no link below it is followed.
 * Threading: a layout belongs to one thread. Spec: OCI image-spec image-layout.md. */
#include "base/file.h"
#include "oci/assemble.h"

struct layout;

/* Open the layout at `path`, which lives as long as the layout. It lives in the arena; the caller
 * closes it.
 * Errors: NOT_FOUND, INTERNAL (reading fails, a link), EVIDENCE (no layout, or malformed), LIMIT;
 * all name the path. Limits: LIMIT_LAYOUT_VERSION, LIMIT_MANIFEST, LIMIT_TAR_ENTRIES,
 * LIMIT_TAR_NAMES. Takes at most 32 MiB of the arena. */
MUST status layout_open(struct arena *arena, const char *path, struct layout **ret_layout,
                        struct error *err);

/* Close it. What was read of it lives on in its arena. NULL is fine. */
void layout_close(struct layout *layout);

/* One manifest or index of the layout, with its names. */
struct layout_entry {
    const struct oci_descriptor *descriptor;
    struct str
        name; /* in canonical form, "docker.io/library/nginx:1.27"; empty: it has no whole one */
    struct str tag; /* as it was written in org.opencontainers.image.ref.name; empty: none */
};

/* What stands in index.json, in its order. Lives with the layout's arena. */
const struct layout_entry *layout_entries(const struct layout *layout, size_t *ret_n);

/* The manifest or index that `name` means: a reference in any form ("nginx" is
 * docker.io/library/nginx:latest), a tag that some tools write in place of one, or a digest; a
 * reference with a digest means the digest. Empty: the only one that the layout has. Of a digest
 * that is not in index.json the media type is found out. Lives in `arena`, or as long as the
 * layout. Errors: NOT_FOUND (names what is there), EVIDENCE (the name is of two that differ;
 * malformed), INTERNAL, LIMIT. */
MUST status layout_find(struct layout *layout, struct str name, struct arena *arena,
                        const struct oci_descriptor **ret_descriptor, struct error *err);

/* The bytes of what `descriptor` names, whose size and digest are checked; its size may be 0 if it
 * is not known. They live in `arena`. Errors: NOT_FOUND (not in this layout), EVIDENCE (of another
 * size or digest), LIMIT (more than `max` bytes), INTERNAL. */
MUST status layout_read(struct layout *layout, const struct oci_descriptor *descriptor, size_t max,
                        struct arena *arena, struct str *ret_bytes, struct error *err);

/* A reader for oci_image_assemble; borrows the layout. */
struct oci_reader layout_reader(struct layout *layout);
