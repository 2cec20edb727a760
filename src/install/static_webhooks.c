/* The files of manifest-based admission. */
#include "install/client.h"
#include "install/rules.h"

static void write_plugin(struct yaml *yaml, const struct install_static_webhooks *webhooks,
                         const char *name, const char *folder)
{
    yaml_item(yaml);
    yaml_text(yaml, "name", str_from(name));
    yaml_open(yaml, "configuration");
    client_document(yaml, "apiserver.config.k8s.io/v1", "WebhookAdmissionConfiguration");
    if (client_given(&webhooks->client)) {
        client_path(yaml, "kubeConfigFile", webhooks->folder, install_kubeconfig_file);
    }
    client_path(yaml, "staticManifestsDir", webhooks->folder, folder);
    yaml_close(yaml);
    yaml_item_end(yaml);
}

void install_static_admission(struct yaml *yaml, const struct install_static_webhooks *webhooks)
{
    client_document(yaml, "apiserver.config.k8s.io/v1", "AdmissionConfiguration");
    yaml_open(yaml, "plugins");
    write_plugin(yaml, webhooks, "ValidatingAdmissionWebhook", install_validating_folder);
    if (webhooks->mutate_url.n > 0) {
        write_plugin(yaml, webhooks, "MutatingAdmissionWebhook", install_mutating_folder);
    }
    yaml_close(yaml);
}

static void write_client_config(struct yaml *yaml, struct str url, struct str authority)
{
    yaml_open(yaml, "clientConfig");
    yaml_text(yaml, "url", url);
    yaml_base64(yaml, "caBundle", authority);
    yaml_close(yaml);
}

/* Everything of a webhook but what only mutating ones have. */
static void write_webhook(struct yaml *yaml, const struct install_static_webhooks *webhooks,
                          const char *name, struct str url)
{
    static const char *const VERSIONS[] = {"v1", NULL};
    bool fail = webhooks->failure_policy == INSTALL_FAIL;
    yaml_text(yaml, "name", str_from(name));
    yaml_names(yaml, "admissionReviewVersions", VERSIONS);
    yaml_text(yaml, "sideEffects", STR("None"));
    yaml_text(yaml, "matchPolicy", STR("Equivalent"));
    yaml_comment(yaml, fail ? STR("While pratique does not answer, these objects cannot be "
                                  "created or changed.")
                            : STR("While pratique does not answer, every image is admitted."));
    yaml_text(yaml, "failurePolicy", fail ? STR("Fail") : STR("Ignore"));
    yaml_number(yaml, "timeoutSeconds", webhooks->timeout);
    write_client_config(yaml, url, webhooks->authority);
    rules_write(yaml);
}

static void begin_configuration(struct yaml *yaml, const char *kind)
{
    client_document(yaml, "admissionregistration.k8s.io/v1", kind);
    yaml_open(yaml, "metadata");
    yaml_text(yaml, "name", STR("pratique.static.k8s.io"));
    yaml_close(yaml);
    yaml_open(yaml, "webhooks");
    yaml_item(yaml);
}

void install_static_validating(struct yaml *yaml, const struct install_static_webhooks *webhooks)
{
    begin_configuration(yaml, "ValidatingWebhookConfiguration");
    write_webhook(yaml, webhooks, "static.images.pratique.dev", webhooks->validate_url);
    yaml_item_end(yaml);
    yaml_close(yaml);
}

void install_static_mutating(struct yaml *yaml, const struct install_static_webhooks *webhooks)
{
    begin_configuration(yaml, "MutatingWebhookConfiguration");
    write_webhook(yaml, webhooks, "static.rewrite.images.pratique.dev", webhooks->mutate_url);
    yaml_text(yaml, "reinvocationPolicy", STR("IfNeeded"));
    yaml_item_end(yaml);
    yaml_close(yaml);
}

void install_static_kubeconfig(struct yaml *yaml, const struct install_static_webhooks *webhooks)
{
    client_document(yaml, "v1", "Config");
    client_users(yaml, webhooks->host, &webhooks->client);
}
