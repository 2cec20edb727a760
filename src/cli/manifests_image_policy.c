/* `pratique manifests image-policy-webhook`: the files of the ImagePolicyWebhook plugin. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/manifests_options.h"
#include "cli/options.h"
#include "cli/output.h"
#include "install/arguments.h"

#define TTL_MOST     (30 * 60 * NS_PER_S)
#define BACKOFF_MOST (5 * 60 * NS_PER_S)

static status read_duration(struct invocation *invocation, const char *option,
                            const char *otherwise, int64_t unit, int64_t most, int64_t *ret_units,
                            struct error *err)
{
    const char *what = arena_printf(&invocation->arena, "--%s", option).p;
    const char *given = option_argument(invocation, option);
    return install_duration(what, str_from(given != NULL ? given : otherwise), unit, most,
                            ret_units, err);
}

static status read_policy(struct invocation *invocation, struct install_image_policy *policy,
                          struct error *err)
{
    bool embed = option_given(invocation, "embed");
    policy->default_allow = option_given(invocation, "default-allow");
    TRY(manifests_url(invocation, "server", "/imagepolicy", &policy->url, err));
    TRY(manifests_pem(invocation, "ca", false, embed, &policy->authority, err));
    TRY(manifests_client(invocation, embed, &policy->client, &policy->check, err));
    TRY(manifests_host_dir(invocation, &policy->folder, err));
    TRY(read_duration(invocation, "allow-ttl", "30s", NS_PER_S, TTL_MOST, &policy->allow_ttl, err));
    TRY(read_duration(invocation, "deny-ttl", "30s", NS_PER_S, TTL_MOST, &policy->deny_ttl, err));
    return read_duration(invocation, "retry-backoff", "500ms", NS_PER_MS, BACKOFF_MOST,
                         &policy->retry_backoff, err);
}

static struct str notes(struct invocation *invocation, const struct install_image_policy *policy)
{
    bool client = policy->check.authority.n > 0;
    return arena_printf(
        &invocation->arena,
        "kube-apiserver finds the files in %.*s, and takes these flags:\n"
        "  --enable-admission-plugins=ImagePolicyWebhook\n"
        "  --admission-control-config-file=%.*s/%s\n"
        "It reads them when it starts. %s\n"
        "The plugin does not see the images of volumes, nor any object but Pods.\n",
        STR_ARG(policy->folder), STR_ARG(policy->folder), install_admission_file,
        client ? "serve.yaml is a part of the configuration of\n"
                 "'pratique serve': it answers to that client certificate alone."
               : "It shows no client certificate, so pratique\nanswers to anybody who reaches it.");
}

static status make(struct invocation *invocation, struct error *err)
{
    struct install_image_policy policy = {0};
    TRY(read_policy(invocation, &policy, err));
    struct manifests_files files = {.n = 0};
    buf_auto text;
    buf_init(&text, 8 * LIMIT_CERTIFICATE_FILE);
    struct yaml yaml = {.buf = &text};
    install_image_policy_admission(&yaml, &policy);
    manifests_add(invocation, &files, install_admission_file, false, &text);
    install_image_policy_kubeconfig(&yaml, &policy);
    manifests_add(invocation, &files, install_kubeconfig_file, true, &text);
    if (policy.check.authority.n > 0) {
        install_client_serve(&yaml, &policy.check);
        manifests_add(invocation, &files, install_serve_file, false, &text);
    }
    return manifests_write(invocation, &files, policy.folder, notes(invocation, &policy), err);
}

static int run(struct invocation *invocation)
{
    struct error err;
    return failed(make(invocation, &err)) ? output_error(invocation, &err) : EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "server",
     .argument = "URL",
     .help = "where pratique is, as kube-apiserver reaches it; /imagepolicy is added "
             "(https://127.0.0.1:8443)"},
    {.name = "ca",
     .argument = "FILE",
     .help = "the authorities of pratique's serving certificate, in PEM"},
    OPTIONS_CLIENT,
    {.name = "embed",
     .help = "put certificates and key into the kubeconfig; without it, FILE is the absolute path "
             "at which kube-apiserver finds them. It reads a client certificate that changes again "
             "within five minutes"},
    {.name = "allow-ttl",
     .argument = "TIME",
     .help = "how long kube-apiserver goes by an admission, 1s to 30m, or off (30s)"},
    {.name = "deny-ttl", .argument = "TIME", .help = "the same of a denial (30s)"},
    {.name = "retry-backoff",
     .argument = "TIME",
     .help = "the pause before the second try, 1ms to 5m, or off (500ms)"},
    {.name = "default-allow",
     .help = "admit every image while pratique does not answer; without it, no Pod is created "
             "then, but nothing gets past the policies"},
    OPTION_HOST_DIR,
    OPTIONS_OUT,
    OPTION_END,
};

const struct command command_manifests_image_policy = {
    .name = "manifests image-policy-webhook",
    .summary = "files for kube-apiserver's own plugin",
    .operands = "",
    .options = OPTIONS,
    .about = "Writes admission-configuration.yaml and kubeconfig.yaml for kube-apiserver and,\n"
             "with a client certificate, a part of serve.yaml by which pratique answers to\n"
             "that certificate alone. kubeconfig.yaml is for its owner alone to read.\n\n"
             "kube-apiserver keeps answers by images, namespace and annotations: a policy\n"
             "that changes has its effect after allow-ttl and deny-ttl.\n\n"
             "docs/image-policy-webhook.md tells what the plugin sees and what it does not.",
    .exits = "0  written\n"
             "2  the command line or a certificate is wrong, or a file exists\n"
             "3  a file cannot be written",
    .examples = "# certificates that lie on the host of kube-apiserver\n"
                "pratique manifests image-policy-webhook --out /etc/kubernetes/pratique \\\n"
                "  --ca /etc/kubernetes/pratique/ca.crt \\\n"
                "  --client-certificate /etc/kubernetes/pratique/client.crt \\\n"
                "  --client-key /etc/kubernetes/pratique/client.key \\\n"
                "  --client-name kube-apiserver\n"
                "# all in one kubeconfig\n"
                "pratique manifests image-policy-webhook --ca ca.crt --embed \\\n"
                "  --server https://pratique.example.com",
    .run = run,
};
