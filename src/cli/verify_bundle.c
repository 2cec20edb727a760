/* `pratique verify-bundle`: whether a Sigstore bundle shows that someone signed a file. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/artifact.h"
#include "cli/options.h"
#include "cli/output.h"
#include "verify/verify.h"

enum { ROOM = LIMIT_VERIFY_ARENA + LIMIT_ARTIFACT_WHOLE + 32 * MIB };

/* What the command line asks. */
struct question {
    struct identity identity;
    struct public_key *key;   /* owned */
    struct trust_root *trust; /* owned */
    struct verify_policy policy;
    struct artifact artifact;
    struct str bundle;
};

/* -- reading -- */

static status config_error(struct error *err, const char *option)
{
    err->kind = err->kind == ERROR_INPUT || err->kind == ERROR_LIMIT ? ERROR_CONFIG : err->kind;
    return error_wrap(err, "%s", option);
}

static status read_key(struct question *q, struct arena *arena, const char *path, struct error *err)
{
    struct str pem;
    TRY(file_read(arena, path, LIMIT_CERTIFICATE_FILE, &pem, err));
    if (failed(public_key_read_pem(pem, &q->key, err))) {
        return config_error(err, "--key");
    }
    q->policy.key = q->key;
    return OK;
}

static status read_identity(struct question *q, const char *subject, const char *issuer,
                            struct error *err)
{
    if (subject == NULL || issuer == NULL) {
        return error_set(err, ERROR_CONFIG,
                         "either --key, or --certificate-identity and --certificate-oidc-issuer");
    }
    q->identity = (struct identity){{TEXT_EXACT, str_from(subject), NULL},
                                    {TEXT_EXACT, str_from(issuer), NULL}};
    q->policy.identities = &q->identity;
    q->policy.n_identities = 1;
    return OK;
}

static status read_signer(struct question *q, struct invocation *invocation, struct error *err)
{
    const char *key = option_argument(invocation, "key");
    const char *subject = option_argument(invocation, "certificate-identity");
    const char *issuer = option_argument(invocation, "certificate-oidc-issuer");
    if (key == NULL) {
        return read_identity(q, subject, issuer, err);
    }
    if (subject != NULL || issuer != NULL) {
        return error_set(err, ERROR_CONFIG, "--key and --certificate-... exclude each other");
    }
    return read_key(q, &invocation->arena, key, err);
}

static status read_trust(struct question *q, struct invocation *invocation, struct error *err)
{
    const char *path = option_argument(invocation, "trusted-root");
    struct str text = option_given(invocation, "staging") ? trust_staging : trust_public_good;
    if (path != NULL) {
        TRY(file_read(&invocation->arena, path, LIMIT_TRUST_ROOT, &text, err));
    }
    return failed(trust_root_read(text, &q->trust, err)) ? config_error(err, "--trusted-root") : OK;
}

static status read_question(struct question *q, struct invocation *invocation, struct arena *arena,
                            struct error *err)
{
    const char *bundle = option_argument(invocation, "bundle");
    if (bundle == NULL) {
        return error_set(err, ERROR_CONFIG, "--bundle is missing");
    }
    q->policy = (struct verify_policy){VERIFY_POLICY_DEFAULT};
    TRY(read_signer(q, invocation, err));
    TRY(read_trust(q, invocation, err));
    TRY(file_read(arena, bundle, LIMIT_SIGSTORE_BUNDLE, &q->bundle, err));
    return artifact_read(arena, invocation->operands[0], &q->artifact, err);
}

/* -- printing -- */

static void print_line(const struct invocation *invocation, const char *label, struct str text)
{
    if (text.n > 0) {
        fprintf(invocation->out, "  %-9s  ", label);
        output_text(invocation->out, text);
        fputc('\n', invocation->out);
    }
}

static void print_time(const struct invocation *invocation, const struct verify_time *time)
{
    char text[CLOCK_TEXT_MAX];
    clock_format_seconds(time->at, text);
    fprintf(invocation->out, "  %-9s  %s, by the %s ", "signed at", text,
            time->by_log ? "log" : "timestamp authority");
    output_text(invocation->out, time->whose);
    fputc('\n', invocation->out);
}

static void print(const struct invocation *invocation, const struct verification *found)
{
    bool valid = found->finding.kind == FINDING_VALID;
    if (!valid) {
        output_styled(invocation, STYLE_BAD, STR("not verified"));
        fputs(": ", invocation->out);
        output_text(invocation->out, found->finding.reason);
        fputc('\n', invocation->out);
        return;
    }
    output_styled(invocation, STYLE_GOOD, STR("verified"));
    fputc('\n', invocation->out);
    for (size_t i = 0; i < found->signer.n_names; i++) {
        print_line(invocation, "signed by", found->signer.names[i]);
    }
    print_line(invocation, "issuer", found->signer.issuer);
    print_line(invocation, "key", found->key);
    for (size_t i = 0; i < found->n_times; i++) {
        print_time(invocation, &found->times[i]);
    }
    print_line(invocation, "predicate", found->predicate_type);
}

static int run(struct invocation *invocation)
{
    struct arena arena;
    struct error err;
    struct question q = {.key = NULL};
    arena_init(&arena, ROOM);
    int code = EXIT_CODE_UNDECIDED;
    if (failed(read_question(&q, invocation, &arena, &err))) {
        code = output_error(invocation, &err);
    } else {
        const struct verification found =
            verify_bundle(&arena, q.bundle, q.trust, &q.policy, &q.artifact);
        print(invocation, &found);
        code = found.finding.kind == FINDING_VALID ? EXIT_CODE_YES : EXIT_CODE_NO;
    }
    trust_root_free(q.trust);
    public_key_free(q.key);
    arena_done(&arena);
    return code;
}

static const struct option OPTIONS[] = {
    {.name = "bundle", .argument = "FILE", .help = "the Sigstore bundle, of version 0.1 to 0.3"},
    {.name = "certificate-identity",
     .argument = "NAME",
     .help = "who must have signed: a name of the certificate, whole"},
    {.name = "certificate-oidc-issuer",
     .argument = "URL",
     .help = "who must have vouched for that name"},
    {.name = "key",
     .argument = "FILE",
     .help = "the public key, in PEM, that must have signed instead"},
    {.name = "trusted-root",
     .argument = "FILE",
     .help = "whom to believe: a trusted_root.json; by default the public\ninstance of Sigstore"},
    {.name = "staging", .help = "believe the staging instance of Sigstore by default"},
    OPTION_END,
};

const struct command command_verify_bundle = {
    .name = "verify-bundle",
    .summary = "check a signature that came as a Sigstore bundle",
    .operands = "FILE|DIGEST",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .about = "Says whether the bundle shows that someone signed the file, without asking\n"
             "anybody: the signature, the certificate and its logs, the transparency log\n"
             "and the time of signing are checked as Sigstore's client specification asks.\n"
             "The signature must be in a transparency log; one with a certificate needs a\n"
             "trusted time at which the certificate was valid. Everything that the bundle\n"
             "brings must hold.\n\n"
             "A digest such as sha256:HEX, which no file has as its name, stands for the\n"
             "file. Of an in-toto statement the file or digest must be a subject.",
    .exits = "0  verified\n"
             "1  not verified; the reason is printed\n"
             "2  an option, the key or the trusted root is wrong\n"
             "3  a file could not be read",
    .examples = "pratique verify-bundle --bundle app.sigstore.json \\\n"
                "    --certificate-identity release@example.com \\\n"
                "    --certificate-oidc-issuer https://accounts.example.com app.tar.gz\n"
                "pratique verify-bundle --bundle app.sigstore.json --key cosign.pub app.tar.gz",
    .run = run,
};
