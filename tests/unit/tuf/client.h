#pragma once
/* A client of the tests' repository that keeps what it trusts from one update to the next. */
#include "repository.h"
#include "tuf/tuf.h"

struct client {
    struct repository *repo;
    struct tuf_file kept[80];
    size_t n_kept;
    int64_t now;
    char asked[4096];  /* files of the last update, one after the other */
    struct error err;  /* of the last update; kind NONE: none */
    struct str target; /* bytes of the last download; without address: none */
};

/* One that trusts the repository's first root, at the tests' time. */
struct client *client_make(struct repository *repo);

/* Update; true if it ended well. */
bool client_refresh(struct client *client);

/* Update, and get targets one after the other with one client until one fails; the bytes of the
 * last are client->target. True if all ended well. */
bool client_download(struct client *client, const char *path);
bool client_download_two(struct client *client, const char *first, const char *second);

/* The version that is trusted of a role; 0: none. */
unsigned client_version(const struct client *client, const char *role);

/* Fail the test unless the last update asked for just these files, failed with this message, or
 * trusts these versions of root, timestamp, snapshot and targets now. */
void client_asked(const struct client *client, const char *names);
void client_failed(const struct client *client, enum error_kind kind, const char *message);
void client_trusts(const struct client *client, unsigned root, unsigned timestamp,
                   unsigned snapshot, unsigned targets);
