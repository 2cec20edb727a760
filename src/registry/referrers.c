/* What refers to an image: signatures, attestations, reports. */
#include "base/limits.h"
#include "crypto/digest.h"
#include "registry/registry_parts.h"

status pages_add(struct pages *pages, struct arena *arena, const struct flow_result *page,
                 struct error *err)
{
    struct oci_manifest index;
    TRY(oci_manifest_parse(arena, STR(OCI_INDEX), page->body, &index, err));
    if (pages->n + index.n_manifests > LIMIT_REFERRERS) {
        return error_set(err, ERROR_LIMIT, "the list has more than %u entries", LIMIT_REFERRERS);
    }
    for (size_t i = 0; i < index.n_manifests; i++) {
        if (pages->n == pages->room) {
            pages->items =
                arena_grow(arena, pages->items, pages->n, &pages->room, sizeof *pages->items);
        }
        pages->items[pages->n++] = index.manifests[i];
    }
    pages->bytes += page->body.n;
    pages->count++;
    return OK;
}

/* A list has no digest that is known before; one that is told must hold. */
static status check_list(struct arena *arena, const struct question *question,
                         const struct flow_result *result, struct flow_result *ret_checked,
                         struct error *err)
{
    (void)arena, (void)question;
    if (!str_eq(result->media_type, STR(OCI_INDEX))) {
        return error_set(err, ERROR_EVIDENCE, "a list of referrers is not an index but \"%.*s\"",
                         STR_ARG(result->media_type));
    }
    if (result->digest.n > 0 && !digest_holds(result->digest, result->body)) {
        return error_set(err, ERROR_EVIDENCE,
                         "the bytes that were sent do not have the digest %.*s",
                         STR_ARG(result->digest));
    }
    *ret_checked = *result;
    return OK;
}

static status list(struct registry *registry, const struct registry_subject *subject,
                   const struct registry_call *call, struct pages *pages, struct error *err)
{
    struct flow_result result;
    struct registry_source source;
    struct question question = {
        .kind = FLOW_LIST,
        .path = "referrers",
        .name = subject->digest,
        .accept = STR(OCI_INDEX),
        .max_body = LIMIT_REFERRERS_BYTES,
        .pages = pages,
        .check = check_list,
    };
    if (subject->artifact_type.n > 0) {
        question.name =
            arena_printf(call->arena, "%.*s?artifactType=%.*s", STR_ARG(subject->digest),
                         STR_ARG(url_encode(call->arena, subject->artifact_type)));
    }
    return registry_ask(registry, subject->reference, &question, call, &result, &source, err);
}

/* "sha256-…", as clients keep it that know of no referrers API. */
static status list_by_tag(struct registry *registry, const struct registry_subject *subject,
                          const struct registry_call *call, struct pages *pages, struct error *err)
{
    struct flow_result result;
    struct registry_source source;
    struct str algorithm, hex;
    str_cut(subject->digest, ':', &algorithm, &hex);
    const struct question question = {
        .kind = FLOW_LIST,
        .path = "manifests",
        .name = arena_printf(call->arena, "%.*s-%.*s", STR_ARG(algorithm), STR_ARG(hex)),
        .accept = STR(OCI_INDEX),
        .max_body = LIMIT_REFERRERS_BYTES,
        .pages = pages,
        .check = check_list,
    };
    return registry_ask(registry, subject->reference, &question, call, &result, &source, err);
}

/* Registries need not choose by the type. */
static size_t choose(struct oci_descriptor *items, size_t n, struct str artifact_type)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (artifact_type.n == 0 || str_eq(items[i].artifact_type, artifact_type)) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

status registry_referrers(struct registry *registry, const struct registry_subject *subject,
                          const struct registry_call *call, struct oci_manifest *ret_index,
                          struct error *err)
{
    struct pages pages = {0};
    status st = list(registry, subject, call, &pages, err);
    if (failed(st) && err->kind == ERROR_NOT_FOUND) {
        st = list_by_tag(registry, subject, call, &pages, err);
    }
    if (failed(st) && err->kind != ERROR_NOT_FOUND) {
        return FAILED;
    }
    size_t n = failed(st) ? 0 : choose(pages.items, pages.n, subject->artifact_type);
    *ret_index = (struct oci_manifest){
        .index = true, .media_type = STR(OCI_INDEX), .manifests = pages.items, .n_manifests = n};
    return OK;
}
