#include "cli/manifests_options.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"
#include "install/arguments.h"

#define HOST_DIR  STR("/etc/kubernetes/pratique")
#define LOCAL_URL STR("https://127.0.0.1:8443")

static const char *dashed(struct invocation *invocation, const char *option)
{
    return arena_printf(&invocation->arena, "--%s", option).p;
}

/* A path without the slashes at its end. */
static struct str trim_slashes(struct str path)
{
    while (path.n > 1 && str_ends(path, STR("/"))) {
        path = str_sub(path, 0, path.n - 1);
    }
    return path;
}

status manifests_host_dir(struct invocation *invocation, struct str *ret_path, struct error *err)
{
    const char *given = option_argument(invocation, "host-dir");
    const char *out = option_argument(invocation, "out");
    struct str path = given != NULL                ? str_from(given)
                      : out != NULL && *out == '/' ? str_from(out)
                                                   : HOST_DIR;
    TRY(install_check_path(given != NULL ? "--host-dir" : "--out", path, err));
    *ret_path = trim_slashes(path);
    return OK;
}

status manifests_url(struct invocation *invocation, const char *option, const char *path,
                     struct str *ret_url, struct error *err)
{
    const char *given = option_argument(invocation, option);
    return install_url(&invocation->arena, dashed(invocation, option),
                       given != NULL ? str_from(given) : LOCAL_URL, path, ret_url, err);
}

static status read_pem(struct invocation *invocation, const char *option, const char *path,
                       bool key, struct str *ret_text, struct error *err)
{
    struct str text;
    if (failed(file_read(&invocation->arena, path, LIMIT_CERTIFICATE_FILE, &text, err))) {
        err->kind = ERROR_CONFIG; /* a file that the command line names is for its author to mend */
        return FAILED;
    }
    const char *what = arena_printf(&invocation->arena, "--%s %s", option, path).p;
    TRY(install_check_pem(what, key ? PEM_KEY : PEM_CERTIFICATES, text, err));
    *ret_text = text;
    return OK;
}

status manifests_pem(struct invocation *invocation, const char *option, bool key, bool embed,
                     struct install_pem *ret_pem, struct error *err)
{
    const char *path = option_argument(invocation, option);
    if (path == NULL) {
        return error_set(err, ERROR_CONFIG, "--%s is missing: it names a PEM file", option);
    }
    struct install_pem pem = {.path = STR_EMPTY, .content = STR_EMPTY};
    if (embed) {
        TRY(read_pem(invocation, option, path, key, &pem.content, err));
    } else if (*path == '/') {
        TRY(install_check_path(dashed(invocation, option), str_from(path), err));
        pem.path = str_from(path);
    } else {
        return error_set(err, ERROR_CONFIG,
                         "--%s \"%s\": give its absolute path as kube-apiserver finds it, or put "
                         "what is in it into the file with --embed",
                         option, path);
    }
    *ret_pem = pem;
    return OK;
}

/* What pratique checks makes sense only if there is something to check. */
static status check_alone(struct invocation *invocation, struct error *err)
{
    static const char *const NAMES[] = {"client-key", "client-ca", "client-name"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (option_given(invocation, NAMES[i])) {
            return error_set(err, ERROR_CONFIG, "--%s without --client-certificate means nothing",
                             NAMES[i]);
        }
    }
    return OK;
}

static status read_check(struct invocation *invocation, struct install_client_check *check,
                         struct error *err)
{
    const char *authority = option_argument(invocation, "client-ca");
    check->authority = authority != NULL ? str_from(authority) : STR("client-ca.crt");
    TRY(install_check_text("--client-ca", check->authority, err));
    const char **given = option_arguments(invocation, "client-name", &check->n_names);
    struct str *names = ARENA_ARRAY(&invocation->arena, struct str, check->n_names + 1);
    for (size_t i = 0; i < check->n_names; i++) {
        names[i] = str_from(given[i]);
        TRY(install_check_text("--client-name", names[i], err));
    }
    if (check->n_names > LIMIT_CLIENT_NAMES) {
        return error_set(err, ERROR_CONFIG, "--client-name: at most %u are taken",
                         LIMIT_CLIENT_NAMES);
    }
    check->names = names;
    return OK;
}

status manifests_client(struct invocation *invocation, bool embed,
                        struct install_client *ret_client, struct install_client_check *ret_check,
                        struct error *err)
{
    struct install_client client = {0};
    struct install_client_check check = {0};
    if (!option_given(invocation, "client-certificate")) {
        TRY(check_alone(invocation, err));
    } else {
        TRY(manifests_pem(invocation, "client-certificate", false, embed, &client.certificate,
                          err));
        TRY(manifests_pem(invocation, "client-key", true, embed, &client.key, err));
        TRY(read_check(invocation, &check, err));
    }
    *ret_client = client;
    *ret_check = check;
    return OK;
}

/* -- output -- */

void manifests_add(struct invocation *invocation, struct manifests_files *files, const char *name,
                   bool secret, struct buf *text)
{
    ENSURE(files->n < sizeof files->items / sizeof *files->items && !buf_overflowed(text));
    files->items[files->n++] =
        (struct made_file){name, secret, arena_dup(&invocation->arena, buf_str(text))};
    buf_clear(text);
}

status manifests_write(struct invocation *invocation, const struct manifests_files *files,
                       struct str folder, struct str notes, struct error *err)
{
    const char *out = option_argument(invocation, "out");
    if (out != NULL) {
        TRY(make_files(invocation, out, option_given(invocation, "force"), files->items, files->n,
                       err));
        fputc('\n', invocation->out);
        fwrite(notes.p, 1, notes.n, invocation->out);
        return OK;
    }
    if (option_given(invocation, "force")) {
        return error_set(err, ERROR_CONFIG, "--force without --out means nothing");
    }
    buf_auto comment;
    buf_init(&comment, LIMIT_CONFIG_FILE);
    struct yaml yaml = {.buf = &comment};
    yaml_comment(&yaml, str_trim(notes));
    fwrite(comment.p, 1, comment.n, invocation->out);
    make_stream(invocation->out, arena_dup(&invocation->arena, folder).p, files->items, files->n);
    return OK;
}
