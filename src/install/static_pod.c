/* A static Pod of the webhook, for a node of the control plane. */
#include "install/client.h"

#define ADDRESS "127.0.0.1"

#define CONFIG_FOLDER       "/etc/pratique"
#define POLICIES_FOLDER     "/policies"
#define CERTIFICATES_FOLDER "/tls"

struct timing {
    int64_t period, failures, timeout;
};

static void write_probe(struct yaml *yaml, const struct install_static_pod *pod, const char *name,
                        const char *path, struct timing timing)
{
    yaml_open(yaml, name);
    yaml_open(yaml, "httpGet");
    yaml_text(yaml, "host", STR(ADDRESS));
    yaml_text(yaml, "path", str_from(path));
    yaml_number(yaml, "port", pod->health_port);
    yaml_close(yaml);
    yaml_number(yaml, "periodSeconds", timing.period);
    yaml_number(yaml, "failureThreshold", timing.failures);
    yaml_number(yaml, "timeoutSeconds", timing.timeout);
    yaml_close(yaml);
}

static void write_mount(struct yaml *yaml, const char *name, const char *path)
{
    yaml_item(yaml);
    yaml_text(yaml, "name", str_from(name));
    yaml_text(yaml, "mountPath", str_from(path));
    yaml_truth(yaml, "readOnly", true);
    yaml_item_end(yaml);
}

/* Folders, not files: a file that is replaced by rename would be seen no more. */
static void write_volume(struct yaml *yaml, const char *name, struct str path)
{
    yaml_item(yaml);
    yaml_text(yaml, "name", str_from(name));
    yaml_open(yaml, "hostPath");
    yaml_text(yaml, "path", path);
    yaml_text(yaml, "type", STR("Directory"));
    yaml_close(yaml);
    yaml_item_end(yaml);
}

static void write_resources(struct yaml *yaml)
{
    yaml_open(yaml, "resources");
    yaml_open(yaml, "requests");
    yaml_text(yaml, "cpu", STR("100m"));
    yaml_text(yaml, "memory", STR("64Mi"));
    yaml_close(yaml);
    yaml_open(yaml, "limits");
    yaml_text(yaml, "memory", STR("1Gi"));
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_container_security(struct yaml *yaml)
{
    static const char *const ALL[] = {"ALL", NULL};
    yaml_open(yaml, "securityContext");
    yaml_truth(yaml, "allowPrivilegeEscalation", false);
    yaml_truth(yaml, "readOnlyRootFilesystem", true);
    yaml_open(yaml, "capabilities");
    yaml_names(yaml, "drop", ALL);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_container(struct yaml *yaml, const struct install_static_pod *pod)
{
    static const char *const ARGUMENTS[] = {"serve", "--config", CONFIG_FOLDER "/serve.yaml", NULL};
    yaml_item(yaml);
    yaml_text(yaml, "name", STR("pratique"));
    yaml_text(yaml, "image", pod->image);
    yaml_names(yaml, "args", ARGUMENTS);
    write_probe(yaml, pod, "startupProbe", "/healthz", (struct timing){1, 60, 1});
    write_probe(yaml, pod, "readinessProbe", "/readyz", (struct timing){2, 2, 2});
    write_probe(yaml, pod, "livenessProbe", "/healthz", (struct timing){10, 3, 5});
    write_resources(yaml);
    write_container_security(yaml);
    yaml_open(yaml, "volumeMounts");
    write_mount(yaml, "config", CONFIG_FOLDER);
    write_mount(yaml, "policies", POLICIES_FOLDER);
    write_mount(yaml, "certificates", CERTIFICATES_FOLDER);
    yaml_close(yaml);
    yaml_item_end(yaml);
}

static void write_pod_security(struct yaml *yaml, const struct install_static_pod *pod)
{
    yaml_open(yaml, "securityContext");
    yaml_truth(yaml, "runAsNonRoot", true);
    yaml_number(yaml, "runAsUser", pod->user);
    yaml_number(yaml, "runAsGroup", pod->user);
    yaml_open(yaml, "seccompProfile");
    yaml_text(yaml, "type", STR("RuntimeDefault"));
    yaml_close(yaml);
    yaml_close(yaml);
}

void install_static_pod(struct yaml *yaml, const struct install_static_pod *pod)
{
    client_document(yaml, "v1", "Pod");
    yaml_open(yaml, "metadata");
    yaml_text(yaml, "name", pod->name);
    yaml_text(yaml, "namespace", pod->namespace);
    yaml_open(yaml, "labels");
    yaml_text(yaml, "app.kubernetes.io/name", STR("pratique"));
    yaml_text(yaml, "app.kubernetes.io/component", STR("webhook"));
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_open(yaml, "spec");
    yaml_truth(yaml, "hostNetwork", true);
    yaml_text(yaml, "priorityClassName", STR("system-node-critical"));
    yaml_truth(yaml, "automountServiceAccountToken", false);
    yaml_truth(yaml, "enableServiceLinks", false);
    yaml_comment(yaml, STR("The drain (5s and 10s) and two more."));
    yaml_number(yaml, "terminationGracePeriodSeconds", 17);
    write_pod_security(yaml, pod);
    yaml_open(yaml, "containers");
    write_container(yaml, pod);
    yaml_close(yaml);
    yaml_open(yaml, "volumes");
    write_volume(yaml, "config", pod->config);
    write_volume(yaml, "policies", pod->policies);
    write_volume(yaml, "certificates", pod->certificates);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_address(struct yaml *yaml, const char *name, int64_t port)
{
    yaml_open(yaml, name);
    yaml_text(yaml, "address", STR(ADDRESS));
    yaml_number(yaml, "port", port);
    yaml_close(yaml);
}

void install_static_pod_serve(struct yaml *yaml, const struct install_static_pod *pod)
{
    static const char *const POLICIES[] = {POLICIES_FOLDER, NULL};
    client_document(yaml, "pratique.dev/v1alpha1", "ServerConfiguration");
    write_address(yaml, "listen", pod->port);
    write_address(yaml, "plain", pod->health_port);
    yaml_open(yaml, "tls");
    yaml_text(yaml, "certificate", STR(CERTIFICATES_FOLDER "/tls.crt"));
    yaml_text(yaml, "key", STR(CERTIFICATES_FOLDER "/tls.key"));
    yaml_close(yaml);
    yaml_names(yaml, "policies", POLICIES);
}
