#include "install/client.h"

#include "base/limits.h"

const char *const install_admission_file = "admission-configuration.yaml";
const char *const install_kubeconfig_file = "kubeconfig.yaml";
const char *const install_serve_file = "serve.yaml";
const char *const install_validating_folder = "validating";
const char *const install_mutating_folder = "mutating";

bool client_given(const struct install_client *client)
{
    return client->certificate.path.n + client->certificate.content.n > 0;
}

void client_pem(struct yaml *yaml, const char *name, const struct install_pem *pem)
{
    if (pem->content.n == 0) {
        yaml_text(yaml, name, pem->path);
        return;
    }
    char member[64];
    int n = snprintf(member, sizeof member, "%s-data", name);
    ENSURE(n > 0 && (size_t)n < sizeof member);
    yaml_base64(yaml, member, pem->content);
}

void client_users(struct yaml *yaml, struct str name, const struct install_client *client)
{
    yaml_open(yaml, "users");
    yaml_item(yaml);
    yaml_text(yaml, "name", name);
    yaml_open(yaml, "user");
    client_pem(yaml, "client-certificate", &client->certificate);
    client_pem(yaml, "client-key", &client->key);
    yaml_close(yaml);
    yaml_item_end(yaml);
    yaml_close(yaml);
}

void client_path(struct yaml *yaml, const char *name, struct str folder, const char *file)
{
    buf_auto path;
    buf_init(&path, 2 * LIMIT_NAME);
    buf_printf(&path, "%.*s%s%s", STR_ARG(folder), str_ends(folder, STR("/")) ? "" : "/", file);
    yaml_text(yaml, name, buf_str(&path));
}

void client_document(struct yaml *yaml, const char *version, const char *kind)
{
    yaml_text(yaml, "apiVersion", str_from(version));
    yaml_text(yaml, "kind", str_from(kind));
}

void install_client_serve(struct yaml *yaml, const struct install_client_check *check)
{
    yaml_open(yaml, "tls");
    yaml_text(yaml, "clientCA", check->authority);
    if (check->n_names > 0) {
        yaml_texts(yaml, "clientNames", check->names, check->n_names);
    }
    yaml_close(yaml);
}
