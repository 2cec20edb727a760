/* A bundle, or the body of an entry of a log: what is read is within its limits and one thing
 * alone; what is verified is never VALID to a policy that names nobody, nor about another artifact
 * than the signer's; what is refused is so for a reason. */
#include "base/limits.h"
#include "verify/rekor.h"
#include "verify/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct error *err)
{
    ENSURE(err->kind == ERROR_INPUT || err->kind == ERROR_LIMIT);
    ENSURE(err->text[0] != '\0');
}

/* -- bundles -- */

static void check_entry(const struct bundle *bundle, const struct log_entry *entry)
{
    ENSURE(entry->index <= INT64_MAX && entry->integrated >= 0);
    ENSURE(entry->proof.path.n <= LIMIT_PROOF_HASHES);
    ENSURE(entry->promise.n <= LIMIT_SIGNATURE);
    if (bundle->version == BUNDLE_0_1) {
        ENSURE(entry->promise.n > 0);
    } else {
        ENSURE(entry->has_proof && entry->proof.checkpoint.n > 0);
    }
}

static void check_bundle(const struct bundle *bundle)
{
    ENSURE(bundle->n_certificates <= LIMIT_BUNDLE_CERTIFICATES);
    ENSURE(bundle->version != BUNDLE_0_3 || bundle->n_certificates <= 1);
    ENSURE(bundle->n_entries <= LIMIT_BUNDLE_ENTRIES);
    ENSURE(bundle->n_timestamps <= LIMIT_BUNDLE_TIMESTAMPS);
    ENSURE(bundle->is_message == (bundle->envelope.n_signatures == 0));
    ENSURE(bundle->envelope.n_signatures <= 1);
    for (size_t i = 0; i < bundle->n_entries; i++) {
        check_entry(bundle, &bundle->entries[i]);
    }
}

static void verify(struct arena *arena, struct str text)
{
    static struct trust_root *trust;
    struct error err;
    struct text_match any = {TEXT_ANY, STR_EMPTY, NULL};
    const struct identity anyone = {any, any};
    const struct verify_policy nothing = {.logs = 0},
                               policy = {VERIFY_POLICY_DEFAULT, .identities = &anyone,
                                         .n_identities = 1};
    const struct artifact artifact = artifact_of_bytes(arena, STR("signed by nobody"));
    if (trust == NULL) {
        ENSURE(!failed(trust_root_read(trust_public_good, &trust, &err)));
    }
    const struct verification first = verify_bundle(arena, text, trust, &nothing, &artifact);
    const struct verification second = verify_bundle(arena, text, trust, &policy, &artifact);
    ENSURE(first.finding.kind == FINDING_INVALID && first.finding.reason.n > 0);
    ENSURE(second.finding.kind == FINDING_INVALID && second.finding.reason.n > 0);
}

/* -- bodies of entries -- */

static void read_body(struct arena *arena, struct str text)
{
    static const struct {
        struct str kind, version;
    } KINDS[] = {
        {STR("hashedrekord"), STR("0.0.1")}, {STR("hashedrekord"), STR("0.0.2")},
        {STR("dsse"), STR("0.0.1")},         {STR("dsse"), STR("0.0.2")},
        {STR("intoto"), STR("0.0.2")},
    };
    size_t read = 0;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        const struct log_entry entry = {
            .kind = KINDS[i].kind, .version = KINDS[i].version, .body = text};
        struct rekor_entry it;
        struct error err = {.kind = ERROR_NONE};
        if (failed(rekor_entry_parse(arena, &entry, &it, &err))) {
            check_error(&err);
            continue;
        }
        ENSURE(it.digest.n == hash_size(it.hash));
        ENSURE(it.n_signatures >= 1 && it.n_signatures <= LIMIT_DSSE_SIGNATURES);
        ENSURE((it.signatures[0].certificate.n == 0) || (it.signatures[0].key.n == 0));
        read++;
    }
    ENSURE(read <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct bundle bundle;
    struct error err = {.kind = ERROR_NONE};
    if (size > 256u * KIB) {
        return 0;
    }
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_VERIFY_ARENA);
    if (failed(bundle_parse(&arena, text, &bundle, &err))) {
        check_error(&err);
    } else {
        check_bundle(&bundle);
        verify(&arena, text);
    }
    read_body(&arena, text);
    return 0;
}
