#pragma once
/* How registries are asked, as the configuration says it: files are paths, read when they change.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "credentials/clouds.h"

struct asking_host {
    struct str name, location, proxy;
    const char *ca, *certificate, *key; /* PEM; NULL: none */
    const struct str *mirrors, *realms;
    size_t n_mirrors, n_realms;
    bool plain, inside_network;
};

struct asking_shared {
    struct str address, username;
    const char *key, *password, *ca; /* files; the last two NULL: none */
    bool plain;
};

struct asking_config {
    struct asking_shared shared;    /* its address is empty: none */
    const char *const *credentials; /* docker configs */
    size_t n_credentials;
    struct clouds_config clouds;
    bool pull_secrets; /* those of the Pods are asked with, too */
    const char *ca;    /* PEM; NULL: the system's */
    const struct asking_host *hosts;
    size_t n_hosts;
    size_t memory;                /* bytes */
    int64_t tag_ttl, failure_ttl; /* nanoseconds */
};
