#include <stdio.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "kube/config.h"
#include "json/doc.h"

/* A kubeconfig file while it is read. */
struct reading {
    struct arena *arena;
    const char *path;
    struct str folder; /* of the file, with its slash; empty: the working directory */
    const yyjson_val *root;
    struct error *err;
};

/* -- finding what the current context names -- */

/* The object `member` of the item of `list` that is called `name`. */
static status find(struct reading *reading, const char *list, const char *member, struct str name,
                   const yyjson_val **ret_value)
{
    yyjson_val *items = json_get(reading->root, list), *item;
    yyjson_arr_iter iter;
    yyjson_arr_iter_init(items, &iter);
    while ((item = yyjson_arr_iter_next(&iter)) != NULL) {
        if (str_eq(json_str(json_get(item, "name")), name)) {
            *ret_value = json_get(item, member);
            return OK;
        }
    }
    return error_set(reading->err, ERROR_CONFIG, "%s: %s has no \"%.*s\"", reading->path, list,
                     STR_ARG(name));
}

static bool is_listed(struct str name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (str_eq(name, str_from(*names))) {
            return true;
        }
    }
    return false;
}

/* Nothing but members of `known`, which are strings, and of `harmless`, which do not matter. */
static status check_members(struct reading *reading, const char *what, const yyjson_val *value,
                            const char *const *known, const char *const *harmless)
{
    yyjson_obj_iter iter;
    yyjson_obj_iter_init((yyjson_val *)(uintptr_t)value, &iter);
    yyjson_val *key;
    while ((key = yyjson_obj_iter_next(&iter)) != NULL) {
        struct str name = json_str(key);
        yyjson_val *member = yyjson_obj_iter_get_val(key);
        if (is_listed(name, harmless)) {
            continue;
        }
        if (!is_listed(name, known)) {
            return error_set(reading->err, ERROR_CONFIG,
                             "%s: %s has \"%.*s\", which is not supported", reading->path, what,
                             STR_ARG(name));
        }
        if (!yyjson_is_str(member)) {
            return error_set(reading->err, ERROR_CONFIG, "%s: %s: \"%.*s\" must be a string",
                             reading->path, what, STR_ARG(name));
        }
    }
    return OK;
}

/* -- what it says -- */

/* The member `data` in base64, or the file that the member `file` names. */
static status read_source(struct reading *reading, const yyjson_val *value, const char *data,
                          const char *file, struct kube_source *ret_source)
{
    struct str encoded = json_str(json_get(value, data));
    struct str path = json_str(json_get(value, file));
    struct kube_source source = {.path = NULL};
    if (encoded.n > 0) {
        if (failed(base64_decode(reading->arena, encoded, &source.text, reading->err))) {
            reading->err->kind = ERROR_CONFIG;
            return error_wrap(reading->err, "%s: %s", reading->path, data);
        }
    } else if (path.n > 0) {
        struct str folder = path.p[0] == '/' ? STR_EMPTY : reading->folder;
        source.path = arena_printf(reading->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(path)).p;
    }
    *ret_source = source;
    return OK;
}

static status read_cluster(struct reading *reading, const yyjson_val *cluster,
                           struct kube_config *config)
{
    static const char *const KNOWN[] = {"server", "certificate-authority",
                                        "certificate-authority-data", NULL};
    static const char *const HARMLESS[] = {"extensions", "disable-compression", NULL};
    static const char *const UNSAFE[] = {"extensions", "disable-compression",
                                         "insecure-skip-tls-verify", NULL};
    bool verified = yyjson_is_false(json_get(cluster, "insecure-skip-tls-verify"));
    TRY(check_members(reading, "the cluster", cluster, KNOWN, verified ? UNSAFE : HARMLESS));
    struct str server = json_str(json_get(cluster, "server"));
    if (!str_starts(server, STR("https://"))) {
        return error_set(reading->err, ERROR_CONFIG,
                         "%s: the cluster's server must begin with https://", reading->path);
    }
    while (str_ends(server, STR("/"))) {
        server.n--;
    }
    config->server = arena_dup(reading->arena, server);
    return read_source(reading, cluster, "certificate-authority-data", "certificate-authority",
                       &config->ca);
}

static status read_user(struct reading *reading, const yyjson_val *user, struct kube_config *config)
{
    static const char *const KNOWN[] = {"token",
                                        "tokenFile",
                                        "client-certificate",
                                        "client-certificate-data",
                                        "client-key",
                                        "client-key-data",
                                        NULL};
    static const char *const HARMLESS[] = {"extensions", NULL};
    TRY(check_members(reading, "the user", user, KNOWN, HARMLESS));
    TRY(read_source(reading, user, "client-certificate-data", "client-certificate",
                    &config->certificate));
    TRY(read_source(reading, user, "client-key-data", "client-key", &config->key));
    TRY(read_source(reading, user, "", "tokenFile", &config->token));
    if (config->token.path == NULL) {
        config->token.text = arena_dup(reading->arena, json_str(json_get(user, "token")));
    }
    bool certificate = config->certificate.text.n > 0 || config->certificate.path != NULL;
    bool key = config->key.text.n > 0 || config->key.path != NULL;
    if (certificate != key) {
        return error_set(reading->err, ERROR_CONFIG,
                         "%s: the user has a client certificate or its key, but not both",
                         reading->path);
    }
    return OK;
}

static status read_context(struct reading *reading, struct kube_config *config)
{
    static const char *const KNOWN[] = {"cluster", "user", "namespace", NULL};
    static const char *const HARMLESS[] = {"extensions", NULL};
    const yyjson_val *context = NULL, *cluster = NULL, *user = NULL;
    struct str name = json_str(json_get(reading->root, "current-context"));
    if (name.n == 0) {
        return error_set(reading->err, ERROR_CONFIG, "%s: there is no current-context",
                         reading->path);
    }
    TRY(find(reading, "contexts", "context", name, &context));
    TRY(check_members(reading, "the context", context, KNOWN, HARMLESS));
    TRY(find(reading, "clusters", "cluster", json_str(json_get(context, "cluster")), &cluster));
    TRY(find(reading, "users", "user", json_str(json_get(context, "user")), &user));
    struct str namespace = json_str(json_get(context, "namespace"));
    config->namespace = namespace.n > 0 ? arena_dup(reading->arena, namespace) : STR("default");
    if (!kube_name_is_sound(config->namespace)) {
        return error_set(reading->err, ERROR_CONFIG, "%s: the context's namespace is no name",
                         reading->path);
    }
    TRY(read_cluster(reading, cluster, config));
    return read_user(reading, user, config);
}

status kube_config_load(struct arena *arena, const char *path, struct kube_config *ret_config,
                        struct error *err)
{
    struct str text, name = str_from(path);
    json_stream_auto stream = {0};
    struct kube_config config = {0};
    size_t slash = str_rfind(name, '/');
    if (failed(file_read(arena, path, LIMIT_CONFIG_FILE, &text, err))) {
        err->kind = err->kind == ERROR_LIMIT ? ERROR_LIMIT : ERROR_CONFIG;
        return FAILED;
    }
    if (failed(yaml_parse(text, &stream, err)) || stream.n != 1) {
        return error_set(err, ERROR_CONFIG, "%s: not one document of YAML or JSON", path);
    }
    struct reading reading = {
        .arena = arena,
        .path = path,
        .folder = slash < name.n ? str_sub(name, 0, slash + 1) : STR_EMPTY,
        .root = stream.docs[0].root,
        .err = err,
    };
    TRY(read_context(&reading, &config));
    *ret_config = config;
    return OK;
}
