#pragma once
/* The configuration file of `pratique serve`: kind ServerConfiguration, decoded by a table of
 * fields as policies are, so that its errors, its schema and its reference page are of one kind
 * with theirs. Paths in it are taken relative to the file's own folder.
 *
 * Ownership: everything lives in the arena given to server_config_load; immutable afterwards. */
#include "base/arena.h"
#include "base/status.h"
#include "certificates/certificates.h"
#include "history/history.h"
#include "image/glob.h"
#include "policy/policy.h"
#include "review/kinds.h"
#include "scan/scan.h"
#include "server/asking_config.h"
#include "trace/trace.h"
#include "json/diagnostic.h"

struct server_address {
    struct str address; /* "0.0.0.0", "::", "127.0.0.1" */
    uint64_t port;      /* 0: any free port, told in the log */
};

struct server_config {
    struct server_address listen; /* HTTPS: reviews, health, metrics */
    struct server_address plain;  /* HTTP: health, metrics, pages for people */
    bool plain_set;
    const char *certificate; /* PEM, chain included; NULL: managed */
    const char *key;
    bool managed_set;
    struct certificates_config managed; /* without `kube`; `namespace` may be empty */
    const char *kubeconfig;             /* NULL: in a cluster */
    bool watch_policies, watch_namespaces;
    struct str lease; /* by which replicas agree on a leader */
    bool reports_set;
    struct scan_config reports;    /* without `kube` and `kinds` */
    const char *client_ca;         /* PEM; NULL: client certificates are not asked for */
    struct glob_list client_names; /* common names or DNS names; empty: any that the CA signed */
    const char **policies;
    size_t n_policies;
    struct policy_options policy_options; /* default verdict, runtime */
    const struct kinds *kinds;
    struct str log_level, log_format;
    const char *audit;             /* path, "-" or NULL */
    struct history_config history; /* path is NULL: none is kept */
    uint64_t events_queue;         /* 0: no Events */
    bool events_warnings;
    struct trace_config traces; /* url is empty: none; resource: its service alone */
    struct asking_config registries;
    bool ui_set;               /* pages for people are served, on the plain port */
    bool ui_any;               /* to callers from elsewhere than this machine, too */
    struct glob_list ui_hosts; /* names that they may be asked by */
    uint64_t threads, connections, body, reviews_in_flight, bodies_in_flight;
    uint64_t evidence_threads, reviews_waiting;
    int64_t idle_ns, drain_delay_ns, drain_timeout_ns, reload_interval_ns;
};

/* Read and check a configuration file. Everything wrong goes to `list`.
 * Errors: CONFIG (see the list), and those of file.h. */
MUST status server_config_load(struct arena *arena, const char *path, struct diagnostics *list,
                               struct server_config *ret_config, struct error *err);

/* Append the JSON Schema, or the reference page in Markdown, of the configuration file. */
void server_config_schema(struct buf *buf);
void server_config_reference(struct buf *buf);
