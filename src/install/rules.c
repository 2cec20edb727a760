#include "install/rules.h"

enum { RESOURCES_MOST = 8 };

struct rule {
    const char *group;
    const char *resources[RESOURCES_MOST]; /* ends with NULL */
};

/* The same as the Helm chart has (deploy/chart). `pods` does not name its subresources; by those
 * that are not named here the API server takes no image. Spec: Rule of
 * admissionregistration.k8s.io/v1. */
static const struct rule RULES[] = {
    {"", {"pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers", NULL}},
    {"apps", {"daemonsets", "deployments", "replicasets", "statefulsets", NULL}},
    {"batch", {"cronjobs", "jobs", NULL}},
};

void rules_write(struct yaml *yaml)
{
    static const char *const OPERATIONS[] = {"CREATE", "UPDATE", NULL};
    yaml_open(yaml, "rules");
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        const struct str group = str_from(RULES[i].group), version = STR("*");
        yaml_item(yaml);
        yaml_names(yaml, "operations", OPERATIONS);
        yaml_texts(yaml, "apiGroups", &group, 1);
        yaml_texts(yaml, "apiVersions", &version, 1);
        yaml_names(yaml, "resources", RULES[i].resources);
        yaml_text(yaml, "scope", STR("Namespaced"));
        yaml_item_end(yaml);
    }
    yaml_close(yaml);
}
