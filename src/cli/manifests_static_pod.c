/* `pratique manifests static-pod`: the webhook beside kube-apiserver, run by the kubelet. */
#include "base/limits.h"
#include "cli/manifests_options.h"
#include "cli/options.h"
#include "cli/output.h"
#include "image/reference.h"
#include "install/arguments.h"

#define POD_FILE "pratique.yaml"

static struct str given_or(struct invocation *invocation, const char *option, struct str otherwise)
{
    const char *given = option_argument(invocation, option);
    return given != NULL ? str_from(given) : otherwise;
}

static status read_folder(struct invocation *invocation, const char *option, struct str otherwise,
                          struct str *ret_path, struct error *err)
{
    struct str path = given_or(invocation, option, otherwise);
    TRY(install_check_path(arena_printf(&invocation->arena, "--%s", option).p, path, err));
    *ret_path = path;
    return OK;
}

static status read_number(struct invocation *invocation, const char *option, struct str otherwise,
                          uint64_t most, int64_t *ret_number, struct error *err)
{
    uint64_t number;
    const char *what = arena_printf(&invocation->arena, "--%s", option).p;
    TRY(install_number(what, given_or(invocation, option, otherwise), 1, most, &number, err));
    *ret_number = (int64_t)number;
    return OK;
}

static status read_image(struct invocation *invocation, struct str *ret_image, struct error *err)
{
    const char *given = option_argument(invocation, "image");
    if (given == NULL) {
        return error_set(err, ERROR_CONFIG, "--image is missing: it names the image of pratique");
    }
    struct reference reference;
    if (failed(reference_parse(&invocation->arena, str_from(given), &reference, err))) {
        err->kind = ERROR_CONFIG;
        return error_wrap(err, "--image");
    }
    if (reference.tag.n + reference.digest.n == 0) {
        return error_set(err, ERROR_CONFIG,
                         "--image \"%s\": give its digest, or at least a version tag: nodes would "
                         "take whatever \"latest\" is then",
                         given);
    }
    *ret_image = str_from(given);
    return OK;
}

static status read_pod(struct invocation *invocation, struct install_static_pod *pod,
                       struct error *err)
{
    pod->name = given_or(invocation, "name", STR("pratique"));
    pod->namespace = given_or(invocation, "namespace", STR("kube-system"));
    TRY(read_image(invocation, &pod->image, err));
    TRY(install_check_name("--name", pod->name, err));
    TRY(install_check_name("--namespace", pod->namespace, err));
    TRY(read_folder(invocation, "config-dir", STR("/etc/pratique/config"), &pod->config, err));
    TRY(read_folder(invocation, "policy-dir", STR("/etc/pratique/policies"), &pod->policies, err));
    TRY(read_folder(invocation, "tls-dir", STR("/etc/pratique/tls"), &pod->certificates, err));
    TRY(read_number(invocation, "port", STR("8443"), 65535, &pod->port, err));
    TRY(read_number(invocation, "health-port", STR("8080"), 65535, &pod->health_port, err));
    TRY(read_number(invocation, "user", STR("65532"), INT32_MAX, &pod->user, err));
    if (pod->port == pod->health_port) {
        return error_set(err, ERROR_CONFIG, "--port and --health-port are the same");
    }
    return OK;
}

static struct str notes(struct invocation *invocation, const struct install_static_pod *pod)
{
    return arena_printf(&invocation->arena,
                        "%s goes to %.*s/%s on the node. Policies go to\n"
                        "%.*s, tls.crt and tls.key to %.*s;\n"
                        "user %lld must be able to read them all. %s goes to the kubelet's\n"
                        "directory of static Pods, /etc/kubernetes/manifests with kubeadm, last.\n",
                        install_serve_file, STR_ARG(pod->config), install_serve_file,
                        STR_ARG(pod->policies), STR_ARG(pod->certificates), (long long)pod->user,
                        POD_FILE);
}

static status make(struct invocation *invocation, struct error *err)
{
    struct install_static_pod pod = {0};
    TRY(read_pod(invocation, &pod, err));
    struct manifests_files files = {.n = 0};
    buf_auto text;
    buf_init(&text, LIMIT_CONFIG_FILE);
    struct yaml yaml = {.buf = &text};
    install_static_pod(&yaml, &pod);
    manifests_add(invocation, &files, POD_FILE, false, &text);
    install_static_pod_serve(&yaml, &pod);
    manifests_add(invocation, &files, install_serve_file, false, &text);
    return manifests_write(invocation, &files, STR_EMPTY, notes(invocation, &pod), err);
}

static int run(struct invocation *invocation)
{
    struct error err;
    return failed(make(invocation, &err)) ? output_error(invocation, &err) : EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "image",
     .argument = "IMAGE",
     .help = "the image of pratique, best by its digest; its policies must admit it"},
    {.name = "name", .argument = "NAME", .help = "of the Pod; the node's is added (pratique)"},
    {.name = "namespace", .argument = "NAME", .help = "of the Pod (kube-system)"},
    {.name = "config-dir",
     .argument = "PATH",
     .help = "the folder of the node that has serve.yaml (/etc/pratique/config)"},
    {.name = "policy-dir",
     .argument = "PATH",
     .help = "the folder that has policies (/etc/pratique/policies)"},
    {.name = "tls-dir",
     .argument = "PATH",
     .help = "the folder that has tls.crt and tls.key (/etc/pratique/tls)"},
    {.name = "port", .argument = "PORT", .help = "of reviews, on 127.0.0.1 (8443)"},
    {.name = "health-port", .argument = "PORT", .help = "of probes, on 127.0.0.1 (8080)"},
    {.name = "user", .argument = "UID", .help = "user and group that it runs as (65532)"},
    OPTIONS_OUT,
    OPTION_END,
};

const struct command command_manifests_static_pod = {
    .name = "manifests static-pod",
    .summary = "write a static Pod for a control-plane node",
    .operands = "",
    .options = OPTIONS,
    .about = "Writes pratique.yaml, a Pod of the webhook that the kubelet of a control-plane\n"
             "node runs without asking any API server, and serve.yaml, its configuration.\n"
             "It listens on 127.0.0.1 of the node, where that node's kube-apiserver reaches\n"
             "it by 'manifests static-webhooks' or 'manifests image-policy-webhook'; each\n"
             "node has its own.\n\n"
             "The serving certificate needs the IP address 127.0.0.1 as a subject alternative\n"
             "name. Files that change are read again; replace them by rename.",
    .exits = "0  written\n"
             "2  the command line is wrong, or a file exists\n"
             "3  a file cannot be written",
    .examples = "pratique manifests static-pod --image registry.example.com/pratique:0.1.0\n"
                "pratique manifests static-pod --image registry.example.com/pratique:0.1.0 \\\n"
                "  --health-port 18080 --out node/",
    .run = run,
};
