/* The files of the ImagePolicyWebhook plugin. */
#include "install/client.h"

#define ENDPOINT STR("pratique")
#define CALLER   STR("kube-apiserver")

void install_image_policy_admission(struct yaml *yaml, const struct install_image_policy *policy)
{
    client_document(yaml, "apiserver.config.k8s.io/v1", "AdmissionConfiguration");
    yaml_open(yaml, "plugins");
    yaml_item(yaml);
    yaml_text(yaml, "name", STR("ImagePolicyWebhook"));
    yaml_open(yaml, "configuration");
    yaml_open(yaml, "imagePolicy");
    client_path(yaml, "kubeConfigFile", policy->folder, install_kubeconfig_file);
    yaml_comment(yaml, STR("Seconds that an answer is kept, by images, namespace and annotations; "
                           "-1: it is not."));
    yaml_number(yaml, "allowTTL", policy->allow_ttl);
    yaml_number(yaml, "denyTTL", policy->deny_ttl);
    yaml_comment(yaml, STR("Milliseconds before the second try; five tries in all."));
    yaml_number(yaml, "retryBackoff", policy->retry_backoff);
    yaml_comment(yaml, policy->default_allow
                           ? STR("While pratique does not answer, every image is admitted.")
                           : STR("While pratique does not answer, every Pod is denied."));
    yaml_truth(yaml, "defaultAllow", policy->default_allow);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_item_end(yaml);
    yaml_close(yaml);
}

void install_image_policy_kubeconfig(struct yaml *yaml, const struct install_image_policy *policy)
{
    bool client = client_given(&policy->client);
    client_document(yaml, "v1", "Config");
    yaml_open(yaml, "clusters");
    yaml_item(yaml);
    yaml_text(yaml, "name", ENDPOINT);
    yaml_open(yaml, "cluster");
    yaml_text(yaml, "server", policy->url);
    client_pem(yaml, "certificate-authority", &policy->authority);
    yaml_close(yaml);
    yaml_item_end(yaml);
    yaml_close(yaml);
    if (client) {
        client_users(yaml, CALLER, &policy->client);
    }
    yaml_open(yaml, "contexts");
    yaml_item(yaml);
    yaml_text(yaml, "name", ENDPOINT);
    yaml_open(yaml, "context");
    yaml_text(yaml, "cluster", ENDPOINT);
    if (client) {
        yaml_text(yaml, "user", CALLER);
    }
    yaml_close(yaml);
    yaml_item_end(yaml);
    yaml_close(yaml);
    yaml_text(yaml, "current-context", ENDPOINT);
}
