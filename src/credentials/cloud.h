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

/* How requests are sent; zeroed for use, filled in for tests. */
struct cloud_options {
    struct fetch (*open)(void *self); /* a port for one exchange; NULL: libcurl's */
    void (*close)(void *self, struct fetch *fetch);
    void *self;
    bool plain;    /* endpoints may be http */
    struct str ca; /* PEM: whom endpoints are trusted by; empty: the system's authorities */
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

/* Read AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_SESSION_NAME, AWS_REGION and
 * AWS_DEFAULT_REGION. False: the first two are not there. Borrows from the environment. */
bool ecr_config_from_environment(struct ecr_config *ret_config);

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

/* Read GOOGLE_APPLICATION_CREDENTIALS and GCE_METADATA_HOST, either of which may be missing. */
void gcp_config_from_environment(struct arena *arena, struct gcp_config *ret_config);

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

/* Read AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE and AZURE_AUTHORITY_HOST.
 * False: one of the first three is not there. Borrows from the environment. */
bool azure_config_from_environment(struct azure_config *ret_config);

/* Spec: Microsoft identity platform, client credentials with a federated credential; Azure
 * Container Registry /oauth2/exchange. Returns owned. */
struct cloud *azure_new(const struct azure_config *config);

/* -- all of them -- */

/* The provider, which lives as long as the cloud. */
const struct credential_provider *cloud_provider(const struct cloud *cloud);

/* Overwrite and free; NULL is fine. Nobody asks it any more. */
void cloud_free(struct cloud *cloud);
