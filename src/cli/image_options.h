#pragma once
/* What the `image` commands share: how registries are asked, by their options. */
#include "cli/command.h"
#include "credentials/clouds.h"
#include "registry/registry.h"

/* For their tables of options, before OPTION_OUTPUT. */
#define IMAGE_OPTIONS                                                                              \
    {.name = "plain-http",                                                                         \
     .argument = "HOST[:PORT]",                                                                    \
     .repeated = true,                                                                             \
     .help = "ask this host over plain HTTP; without a port: at every port"},                      \
        {.name = "ca",                                                                             \
         .argument = "FILE",                                                                       \
         .help = "authorities to trust, as PEM, instead of the system's"},                         \
        {.name = "docker-config",                                                                  \
         .argument = "FILE",                                                                       \
         .help = "credentials; $DOCKER_CONFIG/config.json or ~/.docker/config.json if\n"           \
                 "not given, where there is one"},                                                 \
        {.name = "cloud",                                                                          \
         .argument = "CLOUD",                                                                      \
         .repeated = true,                                                                         \
         .choices = image_clouds,                                                                  \
         .help = "aws, gcp or azure: credentials for its registries too, for who its\n"            \
                 "environment says that we are"},                                                  \
    {                                                                                              \
        .name = "timeout", .argument = "DURATION",                                                 \
        .help = "how long one reference may take; 30s if not given"                                \
    }

/* Paragraphs of their help pages. */
#define IMAGE_ABOUT                                                                                \
    "The host that a reference names may have any address, this machine's too. Where\n"            \
    "a registry sends us otherwise (a redirect, a token server) may not be on this\n"              \
    "machine or at a metadata address. Credentials go to the registry, and to a token\n"           \
    "server on its own host; Docker Hub's is known."

extern const char *const image_clouds[];

struct image_asker {
    struct registry *registry;
    struct keyring *keyring;
    struct clouds *clouds;
    struct registry_options options;
    int64_t timeout;
};

/* Read the options, have `ask` ask by them, and end. Returns its exit code, or that of a usage that
 * is wrong, which is said. */
int image_run(struct invocation *invocation,
              int (*ask)(struct invocation *invocation, const struct image_asker *asker));

/* The call for one reference. */
struct registry_call image_call(const struct image_asker *asker, struct arena *arena,
                                struct registry_steps *steps);

/* The reference as it is asked for: normalised, with the tag that its absence means. Lives in the
 * arena. */
struct str image_name(struct arena *arena, struct reference *reference);
