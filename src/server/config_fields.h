#pragma once
/* The configuration file as it is written: the structs that its tables of fields decode into. */
#include "json/fields.h"

struct address_doc {
    struct text address;
    uint64_t port;
    bool port_set;
};

struct managed_doc {
    struct text secret, service, namespace, lease;
    struct texts webhooks;
    int64_t validity, authority_validity, overlap;
    bool validity_set, authority_validity_set, overlap_set;
};

struct tls_doc {
    struct text certificate, key, client_ca;
    struct texts client_names;
    struct managed_doc managed;
    bool managed_set;
};

struct events_doc {
    bool warnings;
    uint64_t queue;
};

struct reports_doc {
    struct texts format, resources;
    struct text audit;
    int64_t interval;
    bool interval_set, passes;
};

struct kubernetes_doc {
    bool policies, namespaces;
    struct text kubeconfig, lease;
    struct events_doc events;
    bool events_set;
    struct reports_doc reports;
    bool reports_set;
};

struct kind_doc {
    struct text group, kind;
    struct texts pod_specs, images;
};

struct limits_doc {
    uint64_t threads, connections, body, reviews_in_flight, bodies_in_flight;
    uint64_t evidence_threads, reviews_waiting;
};

struct history_doc {
    struct text path;
    uint64_t size, queue;
    int64_t age;
    bool age_set;
};

struct traces_doc {
    struct text endpoint, ca, headers, service;
    bool plain;
    uint64_t rate, queue;
    bool rate_set;
    int64_t timeout;
    bool timeout_set;
};

struct ui_doc {
    struct text callers;
    struct texts hosts;
};

struct registry_doc {
    struct text host, location, proxy, ca, certificate, key;
    struct texts mirrors, realms;
    bool plain, inside_network;
};

struct aws_doc {
    struct text role, session, region, token_file, sts, ecr;
};

struct gcp_doc {
    struct text file, metadata;
};

struct azure_doc {
    struct text client, tenant, token_file, authority, scope, registry;
};

struct clouds_doc {
    struct aws_doc aws;
    struct gcp_doc gcp;
    struct azure_doc azure;
    bool aws_set, gcp_set, azure_set;
};

struct shared_doc {
    struct text address, ca, username, password_file, key_file;
    bool plain;
};

struct registries_doc {
    struct shared_doc shared;
    bool shared_set;
    struct texts credentials;
    struct clouds_doc clouds;
    struct text ca;
    struct field_list hosts; /* of struct registry_doc */
    uint64_t memory;
    int64_t tags, failures;
    bool tags_set, failures_set, pull_secrets;
};

struct drain_doc {
    int64_t delay, timeout;
    bool delay_set, timeout_set;
};

struct config_doc {
    struct text api_version, kind;
    struct address_doc listen, plain;
    bool plain_set;
    struct tls_doc tls;
    struct kubernetes_doc kubernetes;
    struct texts policies;
    struct text uncovered, runtime;
    struct field_list kinds; /* of struct kind_doc */
    struct texts subresources;
    struct {
        struct text level, format;
    } log;
    struct {
        struct text path;
    } audit;
    struct history_doc history;
    bool history_set;
    struct traces_doc traces;
    bool traces_set;
    struct ui_doc ui;
    bool ui_set;
    struct registries_doc registries;
    struct limits_doc limits;
    struct drain_doc drain;
    int64_t idle, reload;
    bool idle_set, reload_set;
};

/* The whole document; lives for ever. */
extern const struct fields server_config_fields;
