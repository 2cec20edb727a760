#include "verify/statement.h"

#include "base/hex.h"
#include "base/limits.h"
#include "verify/proto.h"

static const char *const TYPES[] = {"https://in-toto.io/Statement/v0.1",
                                    "https://in-toto.io/Statement/v1"};

static const char *const ANY[] = {NULL};

/* -- reading -- */

static status read_digests(const struct proto *p, const struct proto_place *at,
                           struct statement_subject *ret)
{
    TRY(proto_object(p, at, ANY));
    size_t room = yyjson_obj_size(at->value);
    if (room > LIMIT_SUBJECT_DIGESTS) {
        return proto_wrong(p, at, ERROR_LIMIT, "has more than %u items", LIMIT_SUBJECT_DIGESTS);
    }
    struct statement_digest *all = ARENA_ARRAY(p->arena, struct statement_digest, room);
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        const struct proto_place item = {.up = at, .index = index, .value = value};
        all[index].algorithm = arena_dup(p->arena, json_str(key));
        TRY(proto_text(p, &item, LIMIT_SIGSTORE_TEXT, &all[index].value));
    }
    ret->digests = all;
    ret->n_digests = room;
    return OK;
}

static status read_subject(const struct proto *p, const struct proto_place *at,
                           struct statement_subject *ret)
{
    struct proto_place member;
    TRY(proto_object(p, at, ANY));
    if (proto_member(at, "name", &member)) {
        TRY(proto_text(p, &member, LIMIT_SIGSTORE_TEXT, &ret->name));
    }
    return proto_member(at, "digest", &member) ? read_digests(p, &member, ret) : OK;
}

static status read_subjects(const struct proto *p, const struct proto_place *at,
                            struct statement *ret)
{
    size_t room;
    TRY(proto_list(p, at, LIMIT_STATEMENT_SUBJECTS, &room));
    struct statement_subject *all = ARENA_ARRAY(p->arena, struct statement_subject, room);
    size_t index, n;
    yyjson_val *value;
    yyjson_arr_foreach(at->value, index, n, value)
    {
        const struct proto_place item = {.up = at, .index = index, .value = value};
        TRY(read_subject(p, &item, &all[index]));
    }
    ret->subjects = all;
    ret->n_subjects = room;
    return OK;
}

static status read_statement(const struct proto *p, const struct proto_place *root,
                             struct statement *ret)
{
    struct proto_place member;
    TRY(proto_need_text(p, root, "_type", &ret->type));
    if (!str_eq(ret->type, str_from(TYPES[0])) && !str_eq(ret->type, str_from(TYPES[1]))) {
        return proto_wrong(p, NULL, ERROR_INPUT, "it is no in-toto statement of a known version");
    }
    TRY(proto_need_text(p, root, "predicateType", &ret->predicate_type));
    ret->predicate = proto_member(root, "predicate", &member) ? member.value : NULL;
    TRY(proto_need(p, root, "subject", &member));
    return read_subjects(p, &member, ret);
}

status statement_parse(struct arena *arena, struct str payload, struct statement *ret,
                       struct error *err)
{
    statement_auto it = {.n_subjects = 0};
    const struct proto p = {.arena = arena, .strict = false, .err = err};
    TRY(proto_parse(payload, LIMIT_SIGSTORE_BUNDLE, "statement", &it.doc, err));
    const struct proto_place root = {.value = it.doc.root};
    if (failed(read_statement(&p, &root, &it))) {
        return error_wrap(err, "the statement");
    }
    *ret = it;
    it = (struct statement){.n_subjects = 0};
    return OK;
}

void statement_done(struct statement *statement)
{
    json_doc_done(&statement->doc);
}

/* -- subjects -- */

static enum artifact_answer compare(const struct statement_digest *digest,
                                    const struct artifact *artifact)
{
    enum hash hash;
    if (!hash_named(digest->algorithm, &hash) || artifact->digests[hash].n == 0) {
        return ARTIFACT_UNKNOWN;
    }
    arena_auto arena;
    arena_init(&arena, 4 * HASH_ROOM);
    struct str hex = hex_encode(&arena, artifact->digests[hash]);
    return str_eq(hex, digest->value) ? ARTIFACT_SAME : ARTIFACT_OTHER;
}

static bool is_subject(const struct statement_subject *subject, const struct artifact *artifact)
{
    bool same = false;
    for (size_t i = 0; i < subject->n_digests; i++) {
        enum artifact_answer answer = compare(&subject->digests[i], artifact);
        if (answer == ARTIFACT_OTHER) {
            return false;
        }
        same = same || answer == ARTIFACT_SAME;
    }
    return same;
}

bool statement_names(const struct statement *statement, const struct artifact *artifact)
{
    for (size_t i = 0; i < statement->n_subjects; i++) {
        if (is_subject(&statement->subjects[i], artifact)) {
            return true;
        }
    }
    return false;
}
