#include "verify/log.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "verify/rekor.h"

enum { HINT = 4 };

/* -- checkpoints -- */

static bool begins_with(struct str bytes, struct str hint)
{
    return bytes.n >= HINT && str_eq(str_sub(bytes, 0, HINT), hint);
}

/* The name of a key with the algorithm of its signatures. Spec: C2SP signed-note, "Signatures". */
static bool is_note_key(const struct trust_log *log, const struct note_signature *signature)
{
    enum { ED25519_KEY = 32 };
    char room[HASH_ROOM];
    struct str spki = public_key_spki(log->key);
    if (public_key_type(log->key) != KEY_ED25519) {
        return false;
    }
    const struct str parts[] = {signature->name, STR("\n\x01"),
                                str_sub(spki, spki.n - ED25519_KEY, spki.n)};
    return begins_with(hash_of(HASH_SHA256, parts, 3, room), signature->hint);
}

/* The origin of a checkpoint is the name of its log's key; the first version of Rekor has " - " and
 * the number of the tree behind it. */
static bool names_origin(const struct checkpoint *checkpoint, struct str name)
{
    struct str rest = str_sub(checkpoint->origin, name.n, checkpoint->origin.n);
    return str_starts(checkpoint->origin, name) && (rest.n == 0 || str_starts(rest, STR(" - ")));
}

static bool has_hint_of(const struct trust_log *log, const struct note_signature *signature)
{
    return begins_with(log->hint.n > 0 ? log->hint : log->id, signature->hint) ||
           begins_with(public_key_id(log->key), signature->hint) || is_note_key(log, signature);
}

status log_check_checkpoint(const struct trust_log *log, const struct checkpoint *checkpoint,
                            struct error *err)
{
    bool found = false;
    for (size_t i = 0; i < checkpoint->n_signatures; i++) {
        const struct note_signature *signature = &checkpoint->signatures[i];
        if (!names_origin(checkpoint, signature->name) || !has_hint_of(log, signature)) {
            continue;
        }
        if (failed(public_key_verify(log->key, log->scheme, checkpoint->text, signature->bytes,
                                     err))) {
            return error_wrap(err, "the checkpoint's signature");
        }
        found = true;
    }
    return found ? OK
                 : error_set(err, ERROR_EVIDENCE, "the checkpoint has no signature of the log %.*s",
                             STR_ARG(str_sub(log->url, 0, 120)));
}

/* -- entries -- */

static status check_promise(struct arena *arena, const struct trust_log *log,
                            const struct log_entry *entry, struct error *err)
{
    struct str promised = rekor_promised(arena, entry);
    return failed(public_key_verify(log->key, log->scheme, promised, entry->promise, err))
               ? error_wrap(err, "the log's promise (signed entry timestamp)")
               : OK;
}

static status check_tree(struct arena *arena, const struct trust_log *log,
                         const struct log_proof *proof, struct error *err)
{
    struct checkpoint checkpoint;
    if (proof->checkpoint.n == 0) {
        return OK;
    }
    TRY(checkpoint_parse(arena, proof->checkpoint, &checkpoint, err));
    if (checkpoint.size != proof->tree.size || !str_eq(checkpoint.root, proof->tree.root)) {
        return error_set(err, ERROR_EVIDENCE,
                         "the checkpoint is of another tree than the proof of inclusion");
    }
    return log_check_checkpoint(log, &checkpoint, err);
}

static status check_proof(struct arena *arena, const struct trust_log *log,
                          const struct log_entry *entry, struct error *err)
{
    char room[MERKLE_SIZE];
    const struct log_proof *proof = &entry->proof;
    TRY(merkle_check_inclusion(proof->index, proof->tree.size, merkle_leaf(entry->body, room),
                               &proof->path, proof->tree.root, err));
    return check_tree(arena, log, proof, err);
}

static status check_by(struct arena *arena, const struct trust_log *log,
                       const struct log_entry *entry, struct error *err)
{
    bool shown = entry->promise.n > 0 || (entry->has_proof && entry->proof.checkpoint.n > 0);
    if (!shown) {
        return error_set(err, ERROR_EVIDENCE, "no log vouches for the entry");
    }
    if (entry->promise.n > 0) {
        TRY(check_promise(arena, log, entry, err));
    }
    return entry->has_proof ? check_proof(arena, log, entry, err) : OK;
}

status log_check(struct arena *arena, const struct trust_root *trust, const struct log_entry *entry,
                 struct log_answer *ret, struct error *err)
{
    struct error why = {.kind = ERROR_NONE};
    for (size_t i = 0; i < trust->n_logs; i++) {
        const struct trust_log *log = &trust->logs[i];
        if (str_eq(log->id, entry->log_id) && !failed(check_by(arena, log, entry, &why))) {
            *ret = (struct log_answer){log, entry->promise.n > 0 && entry->integrated > 0};
            return OK;
        }
    }
    if (why.kind != ERROR_NONE) {
        *err = why;
        return FAILED;
    }
    return error_set(err, ERROR_EVIDENCE, "the entry is of a log that is not trusted");
}
