#pragma once
/* A store of documents by digest, which tests fill and read as a registry. */
#include "documents.h"
#include "oci/assemble.h"

struct store {
    struct stored {
        struct str digest;
        struct str bytes;
    } items[512];
    size_t n;
    size_t reads;
    size_t fails; /* number of the read that fails, from 1; 0: none does */
};

/* Keep a document; its digest, which lives in the test's arena. */
const char *store_put(struct store *store, struct str bytes);

/* Keep a config, and a manifest of it with one layer of `layer_size`; the manifest's digest. */
const char *store_put_image(struct store *store, const char *config, unsigned layer_size);

/* The manifest's entry in an index; `platform` "linux/amd64", NULL: none; `more`: further members,
 * each behind a comma. */
const char *store_entry(const struct store *store, const char *digest, const char *platform,
                        const char *more);

/* Keep an index of `n` entries; its digest. */
const char *store_put_index(struct store *store, const char *const *entries, size_t n);

/* The document's size. */
size_t store_size(const struct store *store, const char *digest);

struct oci_reader store_reader(struct store *store);
