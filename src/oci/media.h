#pragma once
/* Media types of what registries hold. Pure.
 * Spec: OCI image-spec media-types.md; Docker image manifest version 2, schema 2. */
#include <stdbool.h>

#include "base/str.h"

#define OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX       "application/vnd.oci.image.index.v1+json"
#define OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define OCI_EMPTY       "application/vnd.oci.empty.v1+json"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"

/* For the header Accept of a request for a manifest. */
#define OCI_ACCEPT OCI_INDEX ", " OCI_MANIFEST ", " DOCKER_LIST ", " DOCKER_MANIFEST

/* The media type of a header Content-Type: without parameters and spaces. Borrows. */
struct str oci_media_essence(struct str content_type);

/* Whether `media_type` is written as one: type, "/" and subtype of at most 127 bytes each.
 * Spec: RFC 6838 section 4.2. */
bool oci_media_valid(struct str media_type);

/* An index or a list of manifests; the manifest of one image; either of them. */
bool oci_media_is_index(struct str media_type);
bool oci_media_is_manifest(struct str media_type);
bool oci_media_is_either(struct str media_type);

/* A manifest of schema 1, which no runtime of today pulls. */
bool oci_media_is_schema1(struct str media_type);

/* The config of an image that runs. Images of before 2017 say application/octet-stream. */
bool oci_media_is_config(struct str media_type);
