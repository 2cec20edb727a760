#pragma once
/* What machines an image is for: "linux/arm64", "linux/arm/v7". Pure.
 * Spec: OCI image-spec image-index.md; the normal form of containerd's platforms. */
#include "base/arena.h"

struct oci_platform {
    struct str os;
    struct str architecture;
    struct str variant;    /* empty: none */
    struct str os_version; /* empty: none; Windows has one */
};

/* The normal form: "x86_64" is "amd64" and "aarch64" is "arm64"; amd64 has no variant v1 and arm64
 * no v8; arm without a variant is v7. Borrows from `platform`, or lives for ever. */
struct oci_platform oci_platform_normal(struct oci_platform platform);

/* Whether two normal forms are the same; the version of the system is passed over. */
bool oci_platform_eq(struct oci_platform a, struct oci_platform b);

/* Parse "OS/ARCHITECTURE" or "OS/ARCHITECTURE/VARIANT" of letters, digits, "_", "." and "-", into
 * its normal form. Borrows from `text`. Errors: INPUT. */
MUST status oci_platform_parse(struct str text, struct oci_platform *ret_platform,
                               struct error *err);

/* As oci_platform_parse reads it; what is empty shows as "unknown". Lives in the arena. */
struct str oci_platform_print(struct arena *arena, const struct oci_platform *platform);
