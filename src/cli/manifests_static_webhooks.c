/* `pratique manifests static-webhooks`: webhooks that kube-apiserver reads from files. */
#include <string.h>

#include "base/limits.h"
#include "cli/manifests_options.h"
#include "cli/options.h"
#include "cli/output.h"
#include "install/arguments.h"

#define VALIDATING "validating/pratique.yaml"
#define MUTATING   "mutating/pratique.yaml"

static const char *const FAILURE_POLICIES[] = {"Fail", "Ignore", NULL};

/* The URLs of both endpoints: --server gives the host and, if it has a path, that of /validate. */
static status read_urls(struct invocation *invocation, struct install_static_webhooks *webhooks,
                        struct error *err)
{
    TRY(manifests_url(invocation, "server", "/validate", &webhooks->validate_url, err));
    webhooks->host = install_url_host(&invocation->arena, webhooks->validate_url);
    webhooks->mutate_url = STR_EMPTY;
    if (option_given(invocation, "mutating")) {
        struct str url = webhooks->validate_url;
        webhooks->mutate_url = arena_printf(&invocation->arena, "%.*s/mutate",
                                            (int)(url.n - STR("/validate").n), url.p);
    }
    return OK;
}

static status read_webhooks(struct invocation *invocation, struct install_static_webhooks *webhooks,
                            struct error *err)
{
    struct install_pem authority;
    const char *policy = option_argument(invocation, "failure-policy");
    const char *timeout = option_argument(invocation, "timeout");
    uint64_t seconds;
    TRY(read_urls(invocation, webhooks, err));
    TRY(manifests_pem(invocation, "ca", false, true, &authority, err));
    TRY(manifests_client(invocation, option_given(invocation, "embed"), &webhooks->client,
                         &webhooks->check, err));
    TRY(manifests_host_dir(invocation, &webhooks->folder, err));
    TRY(install_number("--timeout", str_from(timeout != NULL ? timeout : "5"), 1, 30, &seconds,
                       err));
    webhooks->authority = authority.content;
    webhooks->timeout = (int64_t)seconds;
    webhooks->failure_policy =
        policy != NULL && strcmp(policy, "Ignore") == 0 ? INSTALL_IGNORE : INSTALL_FAIL;
    return OK;
}

static struct str notes(struct invocation *invocation,
                        const struct install_static_webhooks *webhooks)
{
    return arena_printf(
        &invocation->arena,
        "kube-apiserver 1.37 finds the files in %.*s, and takes this flag:\n"
        "  --admission-control-config-file=%.*s/%s\n"
        "1.36 also needs --feature-gates=ManifestBasedAdmissionControlConfig=true.\n"
        "It reads the manifests again when they change; when it starts, they must be sound.\n%s",
        STR_ARG(webhooks->folder), STR_ARG(webhooks->folder), install_admission_file,
        webhooks->check.authority.n > 0
            ? "serve.yaml is a part of the configuration of 'pratique serve': it answers to that\n"
              "client certificate alone.\n"
            : "");
}

static void add_client(struct invocation *invocation, struct manifests_files *files,
                       const struct install_static_webhooks *webhooks, struct yaml *yaml)
{
    install_static_kubeconfig(yaml, webhooks);
    manifests_add(invocation, files, install_kubeconfig_file, true, yaml->buf);
    install_client_serve(yaml, &webhooks->check);
    manifests_add(invocation, files, install_serve_file, false, yaml->buf);
}

static status make(struct invocation *invocation, struct error *err)
{
    struct install_static_webhooks webhooks = {0};
    TRY(read_webhooks(invocation, &webhooks, err));
    struct manifests_files files = {.n = 0};
    buf_auto text;
    buf_init(&text, 8 * LIMIT_CERTIFICATE_FILE);
    struct yaml yaml = {.buf = &text};
    install_static_admission(&yaml, &webhooks);
    manifests_add(invocation, &files, install_admission_file, false, &text);
    install_static_validating(&yaml, &webhooks);
    manifests_add(invocation, &files, VALIDATING, false, &text);
    if (webhooks.mutate_url.n > 0) {
        install_static_mutating(&yaml, &webhooks);
        manifests_add(invocation, &files, MUTATING, false, &text);
    }
    if (webhooks.check.authority.n > 0) {
        add_client(invocation, &files, &webhooks, &yaml);
    }
    return manifests_write(invocation, &files, webhooks.folder, notes(invocation, &webhooks), err);
}

static int run(struct invocation *invocation)
{
    struct error err;
    return failed(make(invocation, &err)) ? output_error(invocation, &err) : EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "server",
     .argument = "URL",
     .help = "where pratique is, as kube-apiserver reaches it; /validate and /mutate are added "
             "(https://127.0.0.1:8443)"},
    {.name = "ca",
     .argument = "FILE",
     .help = "the authorities of pratique's serving certificate, in PEM; they are put into the "
             "manifests"},
    {.name = "mutating", .help = "the mutating webhook too, for policies that rewrite images"},
    {.name = "failure-policy",
     .argument = "POLICY",
     .choices = FAILURE_POLICIES,
     .help = "while pratique does not answer, \"Fail\" denies (the default) and \"Ignore\" admits "
             "every image"},
    {.name = "timeout",
     .argument = "SECONDS",
     .help = "how long kube-apiserver waits for an answer, 1 to 30 (5)"},
    OPTIONS_CLIENT,
    {.name = "embed",
     .help = "put client certificate and key into the kubeconfig; without it, FILE is the absolute "
             "path at which kube-apiserver finds them"},
    OPTION_HOST_DIR,
    OPTIONS_OUT,
    OPTION_END,
};

const struct command command_manifests_static_webhooks = {
    .name = "manifests static-webhooks",
    .summary = "webhooks that kube-apiserver reads as files",
    .operands = "",
    .options = OPTIONS,
    .about = "Writes the manifests of manifest-based admission: a\n"
             "ValidatingWebhookConfiguration that is there before the API server answers\n"
             "anybody, and that nobody can delete through it; and the AdmissionConfiguration\n"
             "that names their directories. The webhook is asked about every object of\n"
             "Kubernetes itself that runs images, in every namespace.\n\n"
             "For kube-apiserver 1.36 and newer. It reaches such webhooks by a URL alone, so\n"
             "pratique runs beside it: 'pratique manifests static-pod'.",
    .exits = "0  written\n"
             "2  the command line or a certificate is wrong, or a file exists\n"
             "3  a file cannot be written",
    .examples = "pratique manifests static-webhooks --ca ca.crt --out /etc/kubernetes/pratique\n"
                "pratique manifests static-webhooks --ca ca.crt --mutating --timeout 2",
    .run = run,
};
