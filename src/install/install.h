#pragma once
/* The files by which an API server is made to ask this program.
 *
 * Pure: texts are checked before (arguments.h), certificates are read by the caller, and each
 * function appends one YAML document to `yaml`. The same arguments always make the same bytes. */
#include <stdint.h>

#include "install/yaml.h"

/* A certificate or key: where the API server finds it, or what is in it. */
struct install_pem {
    struct str path;    /* for its reader; empty if `content` is given */
    struct str content; /* PEM, to be embedded; empty if `path` is given */
};

/* What the API server shows when it asks: mutual TLS. Both are empty if it shows nothing. */
struct install_client {
    struct install_pem certificate, key;
};

/* What a server needs in its configuration to answer that client alone. */
struct install_client_check {
    struct str authority;    /* path of the authorities that signed the client certificate */
    const struct str *names; /* that the certificate may have; none: any */
    size_t n_names;
};

extern const char *const install_admission_file,
    *const install_kubeconfig_file, *const install_serve_file, *const install_validating_folder,
                                                                   *const install_mutating_folder;

/* -- the ImagePolicyWebhook plugin -- */

struct install_image_policy {
    struct str url; /* with its path */
    struct install_pem authority;
    struct install_client client;
    struct install_client_check check;
    struct str folder;           /* where the API server finds the files; absolute */
    int64_t allow_ttl, deny_ttl; /* seconds; -1: nothing is kept */
    int64_t retry_backoff;       /* milliseconds; -1: no pause */
    bool default_allow;          /* what is admitted when nobody answers: everything */
};

/* The AdmissionConfiguration. Spec: apiserver.config.k8s.io/v1, plugin ImagePolicyWebhook. */
void install_image_policy_admission(struct yaml *yaml, const struct install_image_policy *policy);

/* The kubeconfig that says where the webhook is. Spec: client-go's Config v1. */
void install_image_policy_kubeconfig(struct yaml *yaml, const struct install_image_policy *policy);

/* The part of the server's configuration that goes with it. Only with a client. */
void install_client_serve(struct yaml *yaml, const struct install_client_check *check);

/* -- manifest-based admission -- */

enum install_failure_policy { INSTALL_FAIL, INSTALL_IGNORE };

struct install_static_webhooks {
    struct str validate_url, mutate_url; /* with their paths; the second is empty: none */
    struct str authority;                /* PEM */
    struct install_client client;
    struct install_client_check check;
    struct str host;   /* HOST:PORT of the URLs, which names the client's credentials */
    struct str folder; /* where the API server finds the files; absolute */
    enum install_failure_policy failure_policy;
    int64_t timeout; /* seconds */
};

/* The AdmissionConfiguration with a directory of manifests for each plugin.
 * Spec: apiserver.config.k8s.io/v1 WebhookAdmissionConfiguration, Kubernetes 1.36 and newer. */
void install_static_admission(struct yaml *yaml, const struct install_static_webhooks *webhooks);

/* The ValidatingWebhookConfiguration or MutatingWebhookConfiguration, which names every object of
 * Kubernetes itself that runs images. Spec: admissionregistration.k8s.io/v1. */
void install_static_validating(struct yaml *yaml, const struct install_static_webhooks *webhooks);
void install_static_mutating(struct yaml *yaml, const struct install_static_webhooks *webhooks);

/* The kubeconfig whose one user is the client. Only with a client. */
void install_static_kubeconfig(struct yaml *yaml, const struct install_static_webhooks *webhooks);

/* -- a static Pod -- */

struct install_static_pod {
    struct str name, namespace, image;
    struct str config, policies, certificates; /* folders of the host */
    int64_t port, health_port;                 /* on 127.0.0.1 */
    int64_t user;                              /* user and group that the files are readable for */
};

/* The Pod, for the kubelet's directory of static Pods. Spec: core/v1 Pod. */
void install_static_pod(struct yaml *yaml, const struct install_static_pod *pod);

/* The configuration that it runs with, to be put into the folder `config`. */
void install_static_pod_serve(struct yaml *yaml, const struct install_static_pod *pod);
