/* Entries of transparency logs: that the logs hold them, and that they are about this signature. */
#include "base/limits.h"
#include "verify/checking.h"

static status fail(struct checking *c, size_t i, const char *what)
{
    return error_set(c->err, ERROR_EVIDENCE, "entry %zu of a transparency log: %s", i + 1, what);
}

/* -- that logs hold them -- */

/* Whether an earlier entry is of the same log. */
static bool is_known_log(const struct checking *c, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (public_key_equal(c->logs[j].log->key, c->logs[i].log->key)) {
            return true;
        }
    }
    return false;
}

static status check_distinct(struct checking *c, size_t i)
{
    const struct log_entry *all = c->bundle.entries;
    for (size_t j = 0; j < i; j++) {
        if (str_eq(all[j].log_id, all[i].log_id) && all[j].index == all[i].index) {
            return fail(c, i, "it stands twice");
        }
    }
    return OK;
}

status check_logs(struct checking *c)
{
    c->logs = ARENA_ARRAY(c->arena, struct log_answer, c->bundle.n_entries);
    for (size_t i = 0; i < c->bundle.n_entries; i++) {
        const struct log_entry *entry = &c->bundle.entries[i];
        TRY(check_distinct(c, i));
        if (failed(log_check(c->arena, c->trust, entry, &c->logs[i], c->err))) {
            return error_wrap(c->err, "entry %zu of a transparency log", i + 1);
        }
        c->found->n_logs += is_known_log(c, i) ? 0 : 1;
    }
    if (c->found->n_logs < c->policy->logs) {
        return c->found->n_logs == 0
                   ? error_set(c->err, ERROR_EVIDENCE, "it is in no transparency log")
                   : error_set(c->err, ERROR_EVIDENCE,
                               "it is in %zu transparency logs, and %u are asked for",
                               c->found->n_logs, c->policy->logs);
    }
    return OK;
}

/* -- that they are about this signature -- */

/* Read the certificate of an entry, which must be one alone. The caller frees. */
static bool read_certificate(const struct rekor_signature *signature,
                             struct x509_certificate **ret_certificate)
{
    struct error err;
    x509_list_auto list = {.n = 0};
    if (signature->pem.n == 0) {
        return !failed(x509_read_der(signature->certificate, ret_certificate, &err));
    }
    if (failed(x509_read_pem(signature->pem, &list, &err)) || list.n != 1) {
        return false;
    }
    *ret_certificate = list.items[0];
    list.items[0] = NULL;
    return true;
}

/* Whether the entry names the certificate of the bundle, byte for byte. */
static bool names_certificate(const struct checking *c, const struct rekor_signature *signature)
{
    x509_certificate_auto *certificate = NULL;
    return read_certificate(signature, &certificate) &&
           str_eq(x509_facts(certificate)->der, c->bundle.certificates[0]);
}

static bool read_key(const struct rekor_signature *signature, struct public_key **ret_key)
{
    struct error err;
    return signature->pem.n > 0 ? !failed(public_key_read_pem(signature->pem, ret_key, &err))
                                : !failed(public_key_read_der(signature->key, ret_key, &err));
}

/* Whether the entry names the key, or a certificate of it. */
static bool names_key(const struct checking *c, const struct rekor_signature *signature)
{
    struct error err;
    public_key_auto *key = NULL;
    x509_certificate_auto *certificate = NULL;
    const struct public_key *certified;
    if (read_key(signature, &key)) {
        return public_key_equal(key, c->key);
    }
    return read_certificate(signature, &certificate) &&
           !failed(x509_public_key(certificate, &certified, &err)) &&
           public_key_equal(certified, c->key);
}

/* Whether the digest of the entry is that of what the bundle's signature is over. */
static bool is_digest_of(const struct checking *c, const struct rekor_entry *entry)
{
    char room[HASH_ROOM];
    const struct dsse_envelope *envelope = &c->bundle.envelope;
    struct str content = envelope->payload;
    if (c->bundle.is_message) {
        return entry->form == REKOR_ARTIFACT &&
               artifact_has(c->artifact, entry->hash, entry->digest) == ARTIFACT_SAME;
    }
    if (entry->form == REKOR_ARTIFACT) {
        if (!entry->tiled) {
            return false;
        }
        content = dsse_signed(c->arena, envelope);
    } else if (entry->payload_type.n > 0 && !str_eq(entry->payload_type, envelope->payload_type)) {
        return false;
    }
    return str_eq(hash_of(entry->hash, &content, 1, room), entry->digest);
}

static bool is_digest_unknown(const struct checking *c, const struct rekor_entry *entry)
{
    return c->bundle.is_message && entry->form == REKOR_ARTIFACT &&
           artifact_has(c->artifact, entry->hash, entry->digest) == ARTIFACT_UNKNOWN;
}

static status check_entry(struct checking *c, size_t i)
{
    struct rekor_entry entry;
    if (failed(rekor_entry_parse(c->arena, &c->bundle.entries[i], &entry, c->err))) {
        return error_wrap(c->err, "entry %zu of a transparency log", i + 1);
    }
    if (entry.n_signatures != 1) {
        return fail(c, i, "it has several signatures");
    }
    /* Logs of tiles are one tree each. */
    if (entry.tiled && c->bundle.entries[i].index != c->bundle.entries[i].proof.index) {
        return fail(c, i, "its index is not that of its proof");
    }
    const struct rekor_signature *signature = &entry.signatures[0];
    if (!str_eq(signature->bytes, checking_signature(c))) {
        return fail(c, i, "it is of another signature");
    }
    if (c->bundle.n_certificates > 0 ? !names_certificate(c, signature)
                                     : !names_key(c, signature)) {
        return fail(c, i, "it is of another certificate or key");
    }
    if (is_digest_unknown(c, &entry)) {
        return error_set(c->err, ERROR_EVIDENCE,
                         "entry %zu of a transparency log: the artifact's %s digest is needed, "
                         "and not known",
                         i + 1, hash_name(entry.hash).p);
    }
    return is_digest_of(c, &entry) ? OK : fail(c, i, "it is of something else than what is signed");
}

status check_entries(struct checking *c)
{
    for (size_t i = 0; i < c->bundle.n_entries; i++) {
        TRY(check_entry(c, i));
    }
    return OK;
}
