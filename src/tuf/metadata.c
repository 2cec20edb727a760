#include "tuf/metadata.h"

#include "base/clock.h"
#include "base/limits.h"

static const struct {
    struct str name;
    size_t max;
    tuf_check *check;
} TYPES[TUF_TYPE_COUNT] = {
    [TUF_ROOT] = {STR("root"), LIMIT_TUF_ROOT, tuf_check_root},
    [TUF_TIMESTAMP] = {STR("timestamp"), LIMIT_TUF_TIMESTAMP, tuf_check_timestamp},
    [TUF_SNAPSHOT] = {STR("snapshot"), LIMIT_TUF_SNAPSHOT, tuf_check_snapshot},
    [TUF_TARGETS] = {STR("targets"), LIMIT_TUF_TARGETS, tuf_check_targets},
};

struct str tuf_type_name(enum tuf_type type)
{
    return TYPES[type].name;
}

bool tuf_is_top_level(struct str role)
{
    for (size_t i = 0; i < TUF_TYPE_COUNT; i++) {
        if (str_eq(role, TYPES[i].name)) {
            return true;
        }
    }
    return false;
}

size_t tuf_type_max(enum tuf_type type)
{
    return TYPES[type].max;
}

status tuf_wrong(struct error *err, const char *where, const char *wanted, const yyjson_val *found)
{
    return error_set(err, ERROR_INPUT, "%s must be %s, found %s", where, wanted,
                     json_type_name(found));
}

status tuf_number(yyjson_val *object, const char *name, uint64_t min, uint64_t *ret_value,
                  struct error *err)
{
    yyjson_val *value = json_get(object, name);
    if (!yyjson_is_uint(value)) {
        return tuf_wrong(err, name, "a whole number", value);
    }
    uint64_t number = yyjson_get_uint(value);
    if (number < min) {
        return error_set(err, ERROR_INPUT, "%s must be at least %llu", name,
                         (unsigned long long)min);
    }
    if (number > LIMIT_TUF_VERSION) {
        return error_set(err, ERROR_LIMIT, "%s is larger than any that is taken (2^53 - 1)", name);
    }
    *ret_value = number;
    return OK;
}

/* -- what all files have -- */

static status check_signature(yyjson_val *signatures, size_t at, yyjson_val *one, struct error *err)
{
    yyjson_val *id = json_get(one, "keyid"), *other;
    size_t i, max;
    if (!yyjson_is_str(id) || !yyjson_is_str(json_get(one, "sig"))) {
        return error_set(err, ERROR_INPUT, "signatures[%zu] must have the strings keyid and sig",
                         at);
    }
    yyjson_arr_foreach(signatures, i, max, other)
    {
        if (i < at && str_eq(json_str(json_get(other, "keyid")), json_str(id))) {
            return error_set(err, ERROR_INPUT, "signatures[%zu]: the key %.*s stands twice", at,
                             STR_ARG(json_str(id)));
        }
    }
    return OK;
}

static status check_signatures(yyjson_val *signatures, struct error *err)
{
    size_t i, max;
    yyjson_val *one;
    if (!yyjson_is_arr(signatures)) {
        return tuf_wrong(err, "signatures", "a list", signatures);
    }
    if (yyjson_arr_size(signatures) > LIMIT_TUF_SIGNATURES) {
        return error_set(err, ERROR_LIMIT, "it has more than %u signatures", LIMIT_TUF_SIGNATURES);
    }
    yyjson_arr_foreach(signatures, i, max, one)
    {
        TRY(check_signature(signatures, i, one, err));
    }
    return OK;
}

/* "1", "1.0", "1.0.33": the first number is what tells whether it can be read. */
static bool is_version_1(struct str text)
{
    struct str part;
    uint64_t value;
    bool more = str_cut(text, '.', &part, &text);
    if (!str_eq(part, STR("1"))) {
        return false;
    }
    for (unsigned n = 1; more; n++) {
        more = str_cut(text, '.', &part, &text);
        if (n == 3 || !str_parse_u64(part, UINT32_MAX, &value)) {
            return false;
        }
    }
    return true;
}

static status check_common(struct tuf_metadata *metadata, struct error *err)
{
    yyjson_val *body = metadata->body;
    struct str type = json_str(json_get(body, "_type")), name = tuf_type_name(metadata->type);
    if (!str_eq(type, name)) {
        return error_set(err, ERROR_INPUT, "_type must be \"%.*s\", found \"%.*s\"", STR_ARG(name),
                         STR_ARG(type));
    }
    struct str spec = json_str(json_get(body, "spec_version"));
    if (!is_version_1(spec)) {
        return error_set(err, ERROR_INPUT,
                         "spec_version is \"%.*s\"; only version 1 of the specification is known",
                         STR_ARG(spec));
    }
    TRY(tuf_number(body, "version", 1, &metadata->version, err));
    yyjson_val *expires = json_get(body, "expires");
    if (!yyjson_is_str(expires)) {
        return tuf_wrong(err, "expires", "a time", expires);
    }
    if (failed(clock_parse_time(json_str(expires), &metadata->expires, err))) {
        return error_wrap(err, "expires");
    }
    return OK;
}

static status read_into(struct tuf_metadata *metadata, struct error *err)
{
    if (metadata->bytes.n > tuf_type_max(metadata->type)) {
        return error_set(err, ERROR_LIMIT, "it has more than the %zu bytes that it may have",
                         tuf_type_max(metadata->type));
    }
    TRY(json_parse_within(metadata->bytes, LIMIT_TUF_MEMORY, &metadata->doc, err));
    metadata->body = json_get(metadata->doc.root, "signed");
    metadata->signatures = json_get(metadata->doc.root, "signatures");
    if (!yyjson_is_obj(metadata->body)) {
        return tuf_wrong(err, "signed", "an object", metadata->body);
    }
    TRY(check_signatures(metadata->signatures, err));
    TRY(check_common(metadata, err));
    return TYPES[metadata->type].check(metadata->body, err);
}

status tuf_metadata_read(struct str bytes, enum tuf_type type, struct tuf_metadata *ret_metadata,
                         struct error *err)
{
    struct tuf_metadata metadata = {.type = type, .bytes = bytes};
    if (failed(read_into(&metadata, err))) {
        tuf_metadata_done(&metadata);
        return FAILED;
    }
    *ret_metadata = metadata;
    return OK;
}

void tuf_metadata_done(struct tuf_metadata *metadata)
{
    json_doc_done(&metadata->doc);
    *metadata = (struct tuf_metadata){0};
}
