#pragma once
/* A manifest, which names the config and layers of one image, or an index, which names manifests.
 * OCI's and Docker's of schema 2 alike. Pure.
 * Spec: OCI image-spec manifest.md, image-index.md; Docker image manifest version 2, schema 2. */
#include "oci/descriptor.h"
#include "oci/media.h"

struct oci_manifest {
    bool index;
    struct str media_type;        /* one of the four of oci/media.h */
    struct str artifact_type;     /* as it was written; empty: none */
    struct oci_descriptor config; /* of a manifest */
    const struct oci_descriptor *layers;
    size_t n_layers;
    const struct oci_descriptor *manifests; /* of an index */
    size_t n_manifests;
    const struct oci_descriptor *subject; /* NULL: none */
    const struct oci_pair *annotations;
    size_t n_annotations;
};

/* Read a manifest or an index. `content_type` is what it was announced as, parameters allowed;
 * empty: nothing was said, and the document must say it or be OCI's. Refused is what one reader
 * could take for a manifest and another for an index: a `mediaType` that is not the announced one,
 * `manifests` beside `config` or `layers`; likewise keys that stand twice, or that only programs
 * which pass over case take for another. A manifest without layers is read, as the specification's
 * prose allows. All texts live in the arena.
 * Errors: EVIDENCE (malformed; names the field: "layers[2].digest: ..."); LIMIT.
 * Limits: LIMIT_MANIFEST, LIMIT_INDEX_ENTRIES, LIMIT_IMAGE_LAYERS, LIMIT_IMAGE_ANNOTATIONS,
 * LIMIT_BLOB_SIZE. Takes at most 2 MiB of the arena beside twice the document's size.
 * Spec: CVE-2021-41190. */
MUST status oci_manifest_parse(struct arena *arena, struct str content_type, struct str bytes,
                               struct oci_manifest *ret_manifest, struct error *err);

/* What kind of artifact this is: its artifactType or, without one, its config's media type. */
struct str oci_manifest_artifact_type(const struct oci_manifest *manifest);

/* The sum of the layers' sizes: compressed, as a node pulls them. It cannot overflow. */
uint64_t oci_manifest_layers_size(const struct oci_manifest *manifest);
