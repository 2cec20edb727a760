#pragma once
/* Credentials by the identity that a cloud gives a workload: nothing is stored, a token that the
 * platform puts into a file is exchanged for one of the registry.
 *
 * Each is a provider for keyrings, for the registries of its cloud alone. What it gets is kept
 * until a while before it ends; threads that want the same at the same time ask once; failures are
 * remembered for some seconds. No message holds a token. Threading: any thread. */
#include "base/arena.h"
#include "credentials/credential.h"
#include "fetch/fetch.h"

struct cloud;

/* The way to one host. */
struct cloud_way {
    bool plain;       /* it may be http */
    struct str ca;    /* PEM: whom to trust; empty: the system's authorities */
    struct str proxy; /* "http://host:port"; empty: none */
};

/* How requests are sent; zeroed: over HTTPS by libcurl. What it points to is borrowed. */
struct cloud_options {
    /* What an operator says of the host of `url`; NULL: nothing. */
    void (*say)(const void *said, struct str url, struct cloud_way *ret_way);
    const void *said;
    struct fetch (*open)(void *self); /* a port for one exchange; NULL: libcurl's */
    void (*close)(void *self, struct fetch *fetch);
    void *self;
};

/* -- Amazon ECR: <account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn] -- */

/* By a role that is assumed at STS with the token in the file. All texts are copied. */
struct ecr_config {
    struct str role;    /* "arn:aws:iam::123456789012:role/pull" */
    struct str session; /* what STS calls us; empty: "pratique" */
    struct str region;  /* of STS; empty: the registry's */
    struct str token_file;
    struct str sts, ecr; /* endpoints, "https://host"; empty: Amazon's of the region */
    struct cloud_options options;
};

/* Fill what is empty from AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_SESSION_NAME,
 * AWS_REGION and AWS_DEFAULT_REGION. Borrows from the environment. Errors: CONFIG (no role, no
 * file). */
MUST status ecr_config_complete(struct ecr_config *config, struct error *err);

/* Spec: AWS STS AssumeRoleWithWebIdentity 2011-06-15; Amazon ECR GetAuthorizationToken; AWS
 * Signature Version 4. Returns owned. */
struct cloud *ecr_new(const struct ecr_config *config);

/* -- Google: gcr.io, *.gcr.io, *.pkg.dev -- */

/* By the file's workload identity federation, or without a file by the metadata server. */
struct gcp_config {
    struct str file;     /* type external_account, its credential_source a file */
    struct str metadata; /* "http://host"; empty: http://metadata.google.internal */
    struct cloud_options options;
};

/* Fill what is empty from GOOGLE_APPLICATION_CREDENTIALS and GCE_METADATA_HOST, either of which may
 * be missing; the former not where a metadata server is given. */
void gcp_config_complete(struct arena *arena, struct gcp_config *config);

/* Spec: Compute Engine metadata server; RFC 8693 as STS and AIP-4117 use it; IAM
 * generateAccessToken. Returns owned. */
struct cloud *gcp_new(const struct gcp_config *config);

/* -- Azure: *.azurecr.io -- */

/* By the application whose federated token is in the file. */
struct azure_config {
    struct str client, tenant; /* their IDs */
    struct str token_file;
    struct str authority; /* empty: https://login.microsoftonline.com */
    struct str scope;     /* empty: https://containerregistry.azure.net/.default */
    struct str registry;  /* where every registry's endpoint is, "https://host"; empty: its own */
    struct cloud_options options;
};

/* Fill what is empty from AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE and
 * AZURE_AUTHORITY_HOST. Borrows from the environment. Errors: CONFIG (one of the first three is
 * missing). */
MUST status azure_config_complete(struct azure_config *config, struct error *err);

/* Spec: Microsoft identity platform, client credentials with a federated credential; Azure
 * Container Registry /oauth2/exchange. Returns owned. */
struct cloud *azure_new(const struct azure_config *config);

/* -- all of them -- */

/* Whether `text` can be an endpoint: "https://host[:port]", or http, and nothing behind it. */
bool cloud_is_endpoint(struct str text);

/* The provider, which lives as long as the cloud. */
const struct credential_provider *cloud_provider(const struct cloud *cloud);

/* Overwrite and free; NULL is fine. Nobody asks it any more. */
void cloud_free(struct cloud *cloud);
