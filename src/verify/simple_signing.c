#include "verify/simple_signing.h"

#include "base/limits.h"
#include "image/digest.h"
#include "image/reference.h"
#include "verify/proto.h"

#define TYPE "cosign container image signature"

static const char *const ANY[] = {NULL};

static status read_identity(const struct proto *p, const struct proto_place *at,
                            struct simple_signing *ret)
{
    static const char *const NAMES[] = {"docker-reference", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    return proto_member(at, "docker-reference", &member)
               ? proto_text(p, &member, LIMIT_IMAGE_TEXT, &ret->reference)
               : OK;
}

static status read_image(const struct proto *p, const struct proto_place *at,
                         struct simple_signing *ret)
{
    static const char *const NAMES[] = {"docker-manifest-digest", NULL};
    struct digest digest;
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need_text(p, at, "docker-manifest-digest", &ret->digest));
    enum digest_error problem = digest_parse(ret->digest, &digest);
    return problem == DIGEST_OK ? OK
                                : proto_wrong(p, at, ERROR_INPUT, "docker-manifest-digest %s",
                                              digest_error_text(problem));
}

static status read_critical(const struct proto *p, const struct proto_place *at,
                            struct simple_signing *ret)
{
    static const char *const NAMES[] = {"identity", "image", "type", NULL};
    struct proto_place member;
    struct str type;
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need_text(p, at, "type", &type));
    if (!str_eq(type, STR(TYPE))) {
        return proto_wrong(p, at, ERROR_INPUT, "type must be \"%s\", found \"%.*s\"", TYPE,
                           STR_ARG(str_sub(type, 0, 80)));
    }
    TRY(proto_need(p, at, "image", &member));
    TRY(read_image(p, &member, ret));
    return proto_member(at, "identity", &member) ? read_identity(p, &member, ret) : OK;
}

static status read_optional(const struct proto *p, const struct proto_place *at,
                            struct simple_signing *ret)
{
    TRY(proto_object(p, at, ANY));
    size_t room = yyjson_obj_size(at->value);
    if (room > LIMIT_SIMPLE_ANNOTATIONS) {
        return proto_wrong(p, at, ERROR_LIMIT, "has more than %u members",
                           LIMIT_SIMPLE_ANNOTATIONS);
    }
    struct simple_annotation *all = ARENA_ARRAY(p->arena, struct simple_annotation, room);
    size_t index, n, used = 0;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        if (yyjson_is_str(value)) {
            all[used++] = (struct simple_annotation){arena_dup(p->arena, json_str(key)),
                                                     arena_dup(p->arena, json_str(value))};
        }
    }
    ret->annotations = all;
    ret->n_annotations = used;
    return OK;
}

status simple_signing_parse(struct arena *arena, struct str payload, struct simple_signing *ret,
                            struct error *err)
{
    static const char *const NAMES[] = {"critical", "optional", NULL};
    json_doc_auto doc = {0};
    struct proto_place member;
    struct simple_signing it = {.n_annotations = 0};
    const struct proto p = {.arena = arena, .strict = true, .err = err};
    /* What is in `optional` is the signer's affair. */
    const struct proto loose = {.arena = arena, .strict = false, .err = err};
    TRY(proto_parse(payload, LIMIT_SIMPLE_SIGNING, "signed payload", &doc, err));
    const struct proto_place root = {.value = doc.root};
    TRY(proto_object(&p, &root, NAMES));
    TRY(proto_need(&p, &root, "critical", &member));
    TRY(read_critical(&p, &member, &it));
    if (proto_member(&root, "optional", &member)) {
        TRY(read_optional(&loose, &member, &it));
    }
    *ret = it;
    return OK;
}

/* -- what it is about -- */

static bool names(struct str text, struct str repository)
{
    struct reference reference;
    struct error err;
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    if (failed(reference_parse(&arena, text, &reference, &err))) {
        return false;
    }
    return str_eq(reference_name(&arena, &reference), repository);
}

status simple_signing_check(const struct simple_signing *payload, struct str digest,
                            struct str repository, struct error *err)
{
    if (!str_eq(payload->digest, digest)) {
        return error_set(err, ERROR_EVIDENCE, "the signature is of another image: %.*s",
                         STR_ARG(payload->digest));
    }
    if (repository.n > 0 && !names(payload->reference, repository)) {
        return error_set(err, ERROR_EVIDENCE,
                         "the signature is of another name: \"%.*s\", not %.*s",
                         STR_ARG(str_sub(payload->reference, 0, 120)), STR_ARG(repository));
    }
    return OK;
}

bool simple_signing_annotation(const struct simple_signing *payload, struct str key,
                               struct str *ret_value)
{
    for (size_t i = 0; i < payload->n_annotations; i++) {
        if (str_eq(payload->annotations[i].key, key)) {
            *ret_value = payload->annotations[i].value;
            return true;
        }
    }
    return false;
}
