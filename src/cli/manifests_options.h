#pragma once
/* What the `manifests` commands have in common: options, and where their files go. */
#include "cli/command.h"
#include "cli/make_files.h"
#include "install/install.h"

#define OPTIONS_OUT                                                                                \
    {.name = "out",                                                                                \
     .argument = "DIR",                                                                            \
     .help = "write files into DIR, which is made if it is missing; without it, they all go to "   \
             "standard output"},                                                                   \
    {                                                                                              \
        .name = "force", .help = "replace files in DIR"                                            \
    }

#define OPTION_HOST_DIR                                                                            \
    {                                                                                              \
        .name = "host-dir", .argument = "PATH",                                                    \
        .help = "where kube-apiserver will find the files: an absolute path on its host, or in "   \
                "its container (DIR if that is absolute, else /etc/kubernetes/pratique)"           \
    }

#define OPTIONS_CLIENT                                                                             \
    {.name = "client-certificate",                                                                 \
     .argument = "FILE",                                                                           \
     .help = "the certificate that kube-apiserver shows, for mutual TLS"},                         \
        {.name = "client-key", .argument = "FILE", .help = "its private key"},                     \
        {.name = "client-ca",                                                                      \
         .argument = "PATH",                                                                       \
         .help = "the authorities of that certificate, as pratique finds them (client-ca.crt)"},   \
    {                                                                                              \
        .name = "client-name", .argument = "NAME", .repeated = true,                               \
        .help = "the common name of that certificate; pratique will answer to no other"            \
    }

/* Where kube-apiserver finds the files. Lives in the invocation's arena. Errors: CONFIG. */
MUST status manifests_host_dir(struct invocation *invocation, struct str *ret_path,
                               struct error *err);

/* The URL of option `option`, or of the webhook on the same host, with this path.
 * Errors: CONFIG. */
MUST status manifests_url(struct invocation *invocation, const char *option, const char *path,
                          struct str *ret_url, struct error *err);

/* The PEM file of a required option, to be embedded, or else to be found where it is by
 * kube-apiserver. Errors: CONFIG. Limits: LIMIT_CERTIFICATE_FILE. */
MUST status manifests_pem(struct invocation *invocation, const char *option, bool key, bool embed,
                          struct install_pem *ret_pem, struct error *err);

/* Certificate and key of --client-certificate and --client-key, and how pratique checks them.
 * Errors: CONFIG (one without the other, or checks without both). */
MUST status manifests_client(struct invocation *invocation, bool embed,
                             struct install_client *ret_client,
                             struct install_client_check *ret_check, struct error *err);

/* Files in the making. */
struct manifests_files {
    struct made_file items[8];
    size_t n;
};

/* Finish `yaml` as the next file. Its text is moved into the invocation's arena. */
void manifests_add(struct invocation *invocation, struct manifests_files *files, const char *name,
                   bool secret, struct buf *text);

/* Write the files where --out says, or all on standard output, where `notes` stand as a comment
 * above them. `folder` is the folder that their names are told in. Errors: CONFIG, INTERNAL. */
MUST status manifests_write(struct invocation *invocation, const struct manifests_files *files,
                            struct str folder, struct str notes, struct error *err);
