#include "store.h"

#include "crypto/digest.h"

const char *store_put(struct store *store, struct str bytes)
{
    assert_true(store->n < COUNT(store->items));
    struct stored *item = &store->items[store->n++];
    item->bytes = arena_dup(&test_arena, bytes);
    item->digest = digest_of(&test_arena, STR("sha256"), bytes);
    return item->digest.p;
}

static const struct stored *find(const struct store *store, struct str digest)
{
    for (size_t i = 0; i < store->n; i++) {
        if (str_eq(store->items[i].digest, digest)) {
            return &store->items[i];
        }
    }
    return NULL;
}

size_t store_size(const struct store *store, const char *digest)
{
    return find(store, str_from(digest))->bytes.n;
}

const char *store_put_image(struct store *store, const char *config, unsigned layer_size)
{
    const char *digest = store_put(store, json(config));
    return store_put(store,
                     arena_printf(&test_arena,
                                  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\","
                                  "\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"mediaType\""
                                  ":\"a/b\",\"digest\":\"" SHA256 "\",\"size\":%u}]}",
                                  OCI_CONFIG, digest, store_size(store, digest), layer_size));
}

const char *store_entry(const struct store *store, const char *digest, const char *platform,
                        const char *more)
{
    struct str os, architecture, where = STR_EMPTY;
    if (platform != NULL) {
        str_cut(str_from(platform), '/', &os, &architecture);
        where =
            arena_printf(&test_arena, ",\"platform\":{\"os\":\"%.*s\",\"architecture\":\"%.*s\"}",
                         STR_ARG(os), STR_ARG(architecture));
    }
    bool index = strstr(find(store, str_from(digest))->bytes.p, "\"manifests\"") != NULL;
    return arena_printf(&test_arena, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%.*s%s}",
                        index ? OCI_INDEX : OCI_MANIFEST, digest, store_size(store, digest),
                        STR_ARG(where), json(more).p)
        .p;
}

const char *store_put_index(struct store *store, const char *const *entries, size_t n)
{
    buf_auto text;
    buf_init(&text, 16u * MIB);
    buf_add_cstr(&text, "{\"schemaVersion\":2,\"annotations\":{\"a\":\"b\"},\"manifests\":[");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, "%s%s", i == 0 ? "" : ",", entries[i]);
    }
    buf_add_cstr(&text, "]}");
    return store_put(store, buf_str(&text));
}

static status read_store(void *self, const struct oci_descriptor *descriptor, size_t max,
                         struct arena *arena, struct str *ret_bytes, struct error *err)
{
    struct store *store = self;
    store->reads++;
    if (store->reads == store->fails) {
        return error_set(err, ERROR_UPSTREAM, "the store fails");
    }
    const struct stored *item = find(store, descriptor->digest);
    if (item == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "not in the store");
    }
    assert_true(item->bytes.n <= max || descriptor->size > 0);
    *ret_bytes = arena_dup(arena, item->bytes);
    return OK;
}

struct oci_reader store_reader(struct store *store)
{
    return (struct oci_reader){.self = store, .read = read_store};
}
