#pragma once
/* Files that a command makes: in a directory, or all of them as one stream on standard output. */
#include "cli/command.h"

struct made_file {
    const char *name; /* below the directory: "kubeconfig.yaml", "validating/pratique.yaml" */
    bool secret;      /* for its owner alone: it may hold a private key */
    struct str text;
};

/* Write `text` into a file of its own with this mode. Without `force`, one that exists stays.
 * With it, it is replaced whole, so that a reader sees the old or the new one.
 * Errors: CONFIG (it exists), INTERNAL. */
MUST status make_file(struct invocation *invocation, const char *path, mode_t mode, bool force,
                      struct str text, struct error *err);

/* Write the files below `folder`, which is made if it is missing, and their folders; nothing is
 * written if one of them exists and `force` is not set. Says on standard output what was written.
 * Errors: CONFIG, INTERNAL. */
MUST status make_files(struct invocation *invocation, const char *folder, bool force,
                       const struct made_file *files, size_t n, struct error *err);

/* Write the files as YAML documents of one stream, each under a comment with its name. */
void make_stream(FILE *out, const char *folder, const struct made_file *files, size_t n);
