/* What an answer must be to be taken for what was asked for. */
#include "base/limits.h"
#include "crypto/digest.h"
#include "registry/registry_parts.h"

/* -- digests -- */

static status mismatch(struct str digest, struct error *err)
{
    return error_set(err, ERROR_EVIDENCE, "the bytes that were sent do not have the digest %.*s",
                     STR_ARG(digest));
}

/* The digest of the bytes: the one that was asked for, else the one that was told, else sha256; all
 * that was told must hold. */
static status check_digests(struct arena *arena, struct str wanted,
                            const struct flow_result *result, struct str *ret_digest,
                            struct error *err)
{
    const struct str told[] = {wanted, result->promised, result->digest};
    struct str digest = STR_EMPTY;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (told[i].n > 0 && !digest_holds(told[i], result->body)) {
            return mismatch(told[i], err);
        }
        digest = digest.n == 0 ? told[i] : digest;
    }
    *ret_digest = digest.n > 0 ? digest : digest_of(arena, STR("sha256"), result->body);
    return OK;
}

static status check_manifest(struct arena *arena, const struct question *question,
                             const struct flow_result *result, struct flow_result *ret_checked,
                             struct error *err)
{
    struct flow_result checked = *result;
    if (result->has_body) {
        arena_auto scratch;
        struct oci_manifest manifest;
        arena_init(&scratch, 2 * result->body.n + 4 * MIB);
        TRY(check_digests(arena, question->digest, result, &checked.digest, err));
        TRY(oci_manifest_parse(&scratch, result->media_type, result->body, &manifest, err));
        checked.media_type = arena_dup(arena, manifest.media_type);
    }
    *ret_checked = checked;
    return OK;
}

/* All but what is in it. */
static status check_bytes(struct arena *arena, const struct question *question,
                          const struct flow_result *result, struct flow_result *ret_checked,
                          struct error *err)
{
    struct str type = result->media_type;
    if (question->kind == FLOW_MANIFEST && type.n > 0 && !str_eq(type, question->media_type)) {
        return error_set(err, ERROR_EVIDENCE, "it is sent as %.*s, and is announced as %.*s",
                         STR_ARG(str_sub(type, 0, 128)), STR_ARG(question->media_type));
    }
    /* Whoever stores blobs says of their digests what it likes. */
    const struct flow_result bytes = {.body = result->body, .has_body = true};
    struct flow_result checked = *result;
    TRY(check_digests(arena, question->digest, question->kind == FLOW_BLOB ? &bytes : result,
                      &checked.digest, err));
    *ret_checked = checked;
    return OK;
}

static status check_blob(struct arena *arena, const struct question *question,
                         const struct flow_result *result, struct flow_result *ret_checked,
                         struct error *err)
{
    struct flow_result checked = *result;
    TRY(check_digests(arena, question->digest,
                      &(struct flow_result){.body = result->body, .has_body = true},
                      &checked.digest, err));
    if (result->body.n != question->max_body) {
        return error_set(err, ERROR_EVIDENCE, "the blob has %zu bytes, not %zu", result->body.n,
                         question->max_body);
    }
    *ret_checked = checked;
    return OK;
}

/* -- questions -- */

status registry_resolve(struct registry *registry, const struct reference *reference,
                        const struct registry_call *call, struct registry_resolved *ret_resolved,
                        struct error *err)
{
    const struct question question = {
        .kind = FLOW_RESOLVE,
        .path = "manifests",
        .name = reference->digest.n > 0 ? reference->digest
                : reference->tag.n > 0  ? reference->tag
                                        : STR("latest"),
        .digest = reference->digest,
        .accept = STR(OCI_ACCEPT),
        .max_body = LIMIT_MANIFEST,
        .check = check_manifest,
    };
    struct flow_result result;
    struct registry_source source;
    TRY(registry_ask(registry, reference, &question, call, &result, &source, err));
    *ret_resolved =
        (struct registry_resolved){result.digest, result.media_type, result.size, source};
    return OK;
}

static status get(struct registry *registry, const struct reference *reference,
                  const struct question *question, const struct registry_call *call,
                  struct registry_content *ret_content, struct error *err)
{
    struct flow_result result;
    struct registry_source source;
    TRY(registry_ask(registry, reference, question, call, &result, &source, err));
    *ret_content = (struct registry_content){result.digest, result.media_type, result.body, source};
    return OK;
}

status registry_manifest(struct registry *registry, const struct reference *reference,
                         struct str digest, const struct registry_call *call,
                         struct registry_content *ret_content, struct error *err)
{
    const struct question question = {
        .kind = FLOW_MANIFEST,
        .path = "manifests",
        .name = digest,
        .digest = digest,
        .accept = STR(OCI_ACCEPT),
        .max_body = LIMIT_MANIFEST,
        .check = check_manifest,
    };
    return get(registry, reference, &question, call, ret_content, err);
}

status registry_blob(struct registry *registry, const struct reference *reference,
                     const struct oci_descriptor *descriptor, const struct registry_call *call,
                     struct registry_content *ret_content, struct error *err)
{
    if (descriptor->size > call->max_blob) {
        return error_set(err, ERROR_LIMIT, "the blob %.*s is larger than %zu bytes",
                         STR_ARG(descriptor->digest), call->max_blob);
    }
    const struct question question = {
        .kind = FLOW_BLOB,
        .path = "blobs",
        .name = descriptor->digest,
        .digest = descriptor->digest,
        .max_body = (size_t)descriptor->size,
        .check = check_blob,
    };
    TRY(get(registry, reference, &question, call, ret_content, err));
    ret_content->media_type = descriptor->media_type;
    return OK;
}

status registry_document(struct registry *registry, const struct reference *reference,
                         const struct oci_descriptor *descriptor, size_t max,
                         const struct registry_call *call, struct str *ret_bytes, struct error *err)
{
    bool manifest = oci_media_is_either(descriptor->media_type);
    struct registry_content content;
    const struct question question = {
        .kind = manifest ? FLOW_MANIFEST : FLOW_BLOB,
        .path = manifest ? "manifests" : "blobs",
        .name = descriptor->digest,
        .digest = descriptor->digest,
        .media_type = descriptor->media_type,
        .accept = manifest ? STR(OCI_ACCEPT) : STR_EMPTY,
        .max_body = max,
        .check = check_bytes,
    };
    TRY(get(registry, reference, &question, call, &content, err));
    *ret_bytes = content.body;
    return OK;
}
