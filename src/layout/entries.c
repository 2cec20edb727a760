#include "layout/entries.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "image/digest.h"
#include "image/reference.h"

enum { SHOWN = 128, SHOWN_NAMES = 3 };

/* -- names -- */

/* The canonical form; empty if `text` is no reference. */
static struct str canonical(struct arena *arena, struct str text)
{
    struct reference reference;
    struct error ignored;
    if (failed(reference_parse_as(arena, REFERENCE_DOCKER, text, &reference, &ignored))) {
        return STR_EMPTY;
    }
    return reference_print(arena, &reference);
}

static struct str annotation(const struct oci_descriptor *descriptor, struct str key)
{
    const struct str *value =
        oci_pair_find(descriptor->annotations, descriptor->n_annotations, key);
    return value == NULL ? STR_EMPTY : *value;
}

/* The standard's annotation holds a whole name or a tag alone, as the tool pleases; containerd's
 * and docker's holds a whole name, which then stands beside a tag. */
struct layout_entry *entries_of(struct arena *arena, const struct oci_manifest *index)
{
    struct layout_entry *entries = ARENA_ARRAY(arena, struct layout_entry, index->n_manifests);
    for (size_t i = 0; i < index->n_manifests; i++) {
        const struct oci_descriptor *descriptor = &index->manifests[i];
        struct str whole = annotation(descriptor, STR("io.containerd.image.name"));
        struct str written = annotation(descriptor, STR("org.opencontainers.image.ref.name"));
        bool is_tag = str_find(written, '/') == written.n && str_find(written, ':') == written.n;
        entries[i] = (struct layout_entry){
            descriptor, canonical(arena, whole.n == 0 && !is_tag ? written : whole), written};
    }
    return entries;
}

struct str entries_digest(struct arena *arena, struct str name)
{
    struct digest digest;
    struct reference reference;
    struct error ignored;
    if (digest_parse(name, &digest) == DIGEST_OK) {
        return arena_dup(arena, name);
    }
    bool sound = !failed(reference_parse(arena, name, &reference, &ignored));
    return sound ? arena_dup(arena, reference.digest) : STR_EMPTY;
}

/* -- finding -- */

static bool is_called(const struct layout_entry *entry, struct str whole, struct str name)
{
    return (whole.n > 0 && str_eq(entry->name, whole)) || str_eq(entry->tag, name);
}

status entries_find(struct arena *arena, const struct layout_entry *entries, size_t n,
                    struct str name, const struct layout_entry **ret_entry, struct error *err)
{
    const struct layout_entry *found = NULL;
    struct str whole = canonical(arena, name);
    for (size_t i = 0; i < n; i++) {
        if (!is_called(&entries[i], whole, name)) {
            continue;
        }
        if (found != NULL && !str_eq(found->descriptor->digest, entries[i].descriptor->digest)) {
            return error_set(err, ERROR_EVIDENCE, "two images are called \"%.*s\": %.*s and %.*s",
                             STR_ARG(str_sub(name, 0, utf8_cut(name.p, name.n, SHOWN))),
                             STR_ARG(found->descriptor->digest),
                             STR_ARG(entries[i].descriptor->digest));
        }
        found = found == NULL ? &entries[i] : found;
    }
    *ret_entry = found;
    return OK;
}

struct str entries_names(struct arena *arena, const struct layout_entry *entries, size_t n)
{
    buf_auto names;
    size_t named = 0;
    buf_init(&names, LIMIT_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        struct str name = entries[i].name.n > 0 ? entries[i].name : entries[i].tag;
        if (name.n > 0 && ++named <= SHOWN_NAMES) {
            buf_printf(&names, "%s%.*s", named == 1 ? "" : ", ",
                       STR_ARG(str_sub(name, 0, utf8_cut(name.p, name.n, SHOWN))));
        }
    }
    if (named > SHOWN_NAMES) {
        buf_printf(&names, " and %zu more", named - SHOWN_NAMES);
    }
    return named == 0 ? STR("none has a name") : arena_dup(arena, buf_str(&names));
}
