#include "kube/config.h"

#include "base/file.h"
#include "base/limits.h"

enum { NAME_MAX_BYTES = 253 };

bool kube_name_is_sound(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool inner = i > 0 && i + 1 < name.n && (c == '-' || c == '.');
        if (!inner && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return name.n > 0 && name.n <= NAME_MAX_BYTES;
}

static struct kube_source in_folder(struct arena *arena, const char *folder, const char *name)
{
    return (struct kube_source){.path = arena_printf(arena, "%s/%s", folder, name).p};
}

status kube_config_in_cluster(struct arena *arena, const char *folder,
                              struct kube_config *ret_config, struct error *err)
{
    struct str host = str_from(getenv("KUBERNETES_SERVICE_HOST"));
    struct str port = str_from(getenv("KUBERNETES_SERVICE_PORT"));
    uint64_t number = 0;
    struct str namespace;
    if (host.n == 0 || !str_parse_u64(port, 65535, &number) || number == 0) {
        return error_set(
            err, ERROR_CONFIG,
            "not in a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not "
            "set; outside a cluster, name a kubeconfig file");
    }
    struct kube_config config = {
        .ca = in_folder(arena, folder, "ca.crt"),
        .token = in_folder(arena, folder, "token"),
    };
    bool v6 = str_find(host, ':') < host.n;
    config.server = arena_printf(arena, v6 ? "https://[%.*s]:%u" : "https://%.*s:%u", STR_ARG(host),
                                 (unsigned)number);
    if (failed(file_read(arena, in_folder(arena, folder, "namespace").path, LIMIT_NAME, &namespace,
                         err))) {
        err->kind = ERROR_CONFIG;
        return error_wrap(err, "the Pod has no service account");
    }
    config.namespace = str_trim(namespace);
    if (!kube_name_is_sound(config.namespace)) {
        return error_set(err, ERROR_CONFIG, "%s/namespace holds no name of a namespace", folder);
    }
    *ret_config = config;
    return OK;
}
