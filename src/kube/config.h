#pragma once
/* Where the API server is, and who we are to it. Files are named, not read: client.h reads them
 * again and again, since tokens and authorities are renewed under us. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* What a Pod finds about its service account. */
#define KUBE_SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

/* A text, or the file that holds it; neither: there is none. */
struct kube_source {
    struct str text;  /* wins over the path */
    const char *path; /* NULL: none */
};

/* Everything lives in the arena. */
struct kube_config {
    struct str server;    /* "https://10.96.0.1:443", without a slash at its end */
    struct str namespace; /* that of the service account or of the context */
    struct kube_source ca, token, certificate, key;
};

/* Read the environment of a Pod: KUBERNETES_SERVICE_HOST and _PORT, and `folder`, which is
 * KUBE_SERVICE_ACCOUNT but for tests. Errors: CONFIG (not in a Pod, or without a service account).
 */
MUST status kube_config_in_cluster(struct arena *arena, const char *folder,
                                   struct kube_config *ret_config, struct error *err);

/* Read the current context of a kubeconfig file. Paths in it are relative to it. Whatever would
 * make someone else of us and is not known here (exec, auth-provider, passwords, impersonation) is
 * refused, as is a server without https or one that would not be verified.
 * Errors: CONFIG; LIMIT. No message shows a value. */
MUST status kube_config_load(struct arena *arena, const char *path, struct kube_config *ret_config,
                             struct error *err);

/* Whether `name` can be the name of an object or a namespace, and so stand in a path: lower case
 * letters, digits, '-' and '.', 253 at most. Spec: RFC 1123 section 2.1, as Kubernetes reads it. */
bool kube_name_is_sound(struct str name);
