#pragma once
/* The clouds whose registries are asked as who the platform says that we are, together. */
#include "credentials/cloud.h"
#include "credentials/keyring.h"

/* What is empty is from the environment, or usual. */
struct clouds_config {
    bool aws, gcp, azure; /* that are wanted */
    struct ecr_config ecr;
    struct gcp_config google;
    struct azure_config microsoft;
};

struct clouds;

/* Add providers for those that are wanted to `keyring`, behind what it has. Returns owned: it lives
 * longer than the keyring is asked. Errors: CONFIG (what is needed is neither given nor in the
 * environment; the message begins with the cloud): the keyring is not to be asked then. */
MUST status clouds_new(const struct clouds_config *config, const struct cloud_options *options,
                       struct keyring *keyring, struct clouds **ret_clouds, struct error *err);

/* Overwrite and free; NULL is fine. */
void clouds_free(struct clouds *clouds);
