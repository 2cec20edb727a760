#include "credentials/clouds.h"

#include <stdlib.h>

#include "base/limits.h"

struct clouds {
    struct cloud *items[3];
    size_t n;
};

static void add(struct clouds *clouds, struct cloud *cloud, struct keyring *keyring)
{
    clouds->items[clouds->n++] = cloud;
    keyring_add_provider(keyring, cloud_provider(cloud));
}

static status add_aws(struct clouds *clouds, const struct clouds_config *config,
                      const struct cloud_options *options, struct keyring *keyring,
                      struct error *err)
{
    struct ecr_config ecr = config->ecr;
    ecr.options = *options;
    if (failed(ecr_config_complete(&ecr, err))) {
        return error_wrap(err, "aws");
    }
    add(clouds, ecr_new(&ecr), keyring);
    return OK;
}

static void add_gcp(struct clouds *clouds, const struct clouds_config *config,
                    const struct cloud_options *options, struct keyring *keyring)
{
    arena_auto arena;
    struct gcp_config google = config->google;
    google.options = *options;
    arena_init(&arena, 1 * MIB);
    gcp_config_complete(&arena, &google);
    add(clouds, gcp_new(&google), keyring);
}

static status add_azure(struct clouds *clouds, const struct clouds_config *config,
                        const struct cloud_options *options, struct keyring *keyring,
                        struct error *err)
{
    struct azure_config microsoft = config->microsoft;
    microsoft.options = *options;
    if (failed(azure_config_complete(&microsoft, err))) {
        return error_wrap(err, "azure");
    }
    add(clouds, azure_new(&microsoft), keyring);
    return OK;
}

status clouds_new(const struct clouds_config *config, const struct cloud_options *options,
                  struct keyring *keyring, struct clouds **ret_clouds, struct error *err)
{
    struct clouds *clouds = calloc(1, sizeof *clouds);
    if (clouds == NULL) {
        fatal("out of memory");
    }
    status st = config->aws ? add_aws(clouds, config, options, keyring, err) : OK;
    if (!failed(st) && config->gcp) {
        add_gcp(clouds, config, options, keyring);
    }
    if (!failed(st) && config->azure) {
        st = add_azure(clouds, config, options, keyring, err);
    }
    if (failed(st)) {
        clouds_free(clouds);
        return FAILED;
    }
    *ret_clouds = clouds;
    return OK;
}

void clouds_free(struct clouds *clouds)
{
    for (size_t i = 0; clouds != NULL && i < clouds->n; i++) {
        cloud_free(clouds->items[i]);
    }
    free(clouds);
}
