#pragma once
/* What the tests of manifests and configs share. */
#include <stdio.h>

#include "base/buf.h"
#include "oci/image.h"
#include "test.h"

/* Digests and descriptors, as JSON. */
#define HEX       "5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270"
#define SHA256    "sha256:" HEX
#define DESCRIBED "\"digest\":\"" SHA256 "\",\"size\":7"
#define LAYER     "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"," DESCRIBED "}"
#define CONFIG_OF "{\"mediaType\":\"" OCI_CONFIG "\"," DESCRIBED "}"
#define ENTRY     "{\"mediaType\":\"" OCI_MANIFEST "\"," DESCRIBED "}"
#define ROOTFS_OF "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA256 "\"]}"
#define FOR_LINUX "\"os\":\"linux\",\"architecture\":\"amd64\""

extern struct arena test_arena; /* empty at the beginning of each test */

int start(void **state);
int stop(void **state);

/* Fail unless err->text is `wanted`. */
void assert_error(const struct error *err, enum error_kind kind, const char *wanted);

/* `text` with each '\'' as '"', so that JSON in C can be read. */
struct str json(const char *text);

/* `head`, then `n` times `item` with commas between, then `tail`. Each '#' is the item's number. */
struct str repeated(const char *head, const char *item, size_t n, const char *tail);

/* `head`, then spaces, then `tail`: `size` bytes in all. */
struct str padded(const char *head, const char *tail, size_t size);
