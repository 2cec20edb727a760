#include "base/limits.h"
#include "tuf/metadata.h"

/* -- who signs -- */

static status check_keys(yyjson_val *keys, struct error *err)
{
    size_t i, max;
    yyjson_val *id, *key;
    if (!yyjson_is_obj(keys)) {
        return tuf_wrong(err, "keys", "an object", keys);
    }
    yyjson_obj_foreach(keys, i, max, id, key)
    {
        if (!yyjson_is_str(json_get(key, "keytype")) || !yyjson_is_str(json_get(key, "scheme")) ||
            !yyjson_is_obj(json_get(key, "keyval"))) {
            return error_set(err, ERROR_INPUT,
                             "the key %.*s must have the strings keytype and scheme, and the "
                             "object keyval",
                             STR_ARG(json_str(id)));
        }
    }
    return OK;
}

/* A key id that stands twice says nothing more, and shows that somebody hoped that it would. */
static status check_key_ids(yyjson_val *ids, struct error *err)
{
    size_t i, j, max, all;
    yyjson_val *id, *other;
    if (!yyjson_is_arr(ids)) {
        return tuf_wrong(err, "keyids", "a list", ids);
    }
    if (yyjson_arr_size(ids) > LIMIT_TUF_ROLE_KEYS) {
        return error_set(err, ERROR_LIMIT, "it has more than %u keys", LIMIT_TUF_ROLE_KEYS);
    }
    yyjson_arr_foreach(ids, i, max, id)
    {
        if (!yyjson_is_str(id)) {
            return tuf_wrong(err, "a key id", "a string", id);
        }
        yyjson_arr_foreach(ids, j, all, other)
        {
            if (j < i && str_eq(json_str(other), json_str(id))) {
                return error_set(err, ERROR_INPUT, "the key %.*s stands twice",
                                 STR_ARG(json_str(id)));
            }
        }
    }
    return OK;
}

static status check_role(yyjson_val *role, struct str name, struct error *err)
{
    uint64_t threshold;
    if (!yyjson_is_obj(role)) {
        return error_set(err, ERROR_INPUT, "the role %.*s must be an object, found %s",
                         STR_ARG(name), json_type_name(role));
    }
    if (failed(check_key_ids(json_get(role, "keyids"), err)) ||
        failed(tuf_number(role, "threshold", 1, &threshold, err))) {
        return error_wrap(err, "the role %.*s", STR_ARG(name));
    }
    return OK;
}

/* -- root -- */

status tuf_check_root(yyjson_val *body, struct error *err)
{
    yyjson_val *consistent = json_get(body, "consistent_snapshot"), *roles;
    if (consistent != NULL && !yyjson_is_bool(consistent)) {
        return tuf_wrong(err, "consistent_snapshot", "true or false", consistent);
    }
    TRY(check_keys(json_get(body, "keys"), err));
    roles = json_get(body, "roles");
    if (!yyjson_is_obj(roles)) {
        return tuf_wrong(err, "roles", "an object", roles);
    }
    for (enum tuf_type type = TUF_ROOT; type < TUF_TYPE_COUNT; type++) {
        struct str name = tuf_type_name(type);
        TRY(check_role(yyjson_obj_getn(roles, name.p, name.n), name, err));
    }
    return OK;
}

static struct tuf_signers signers_of(yyjson_val *keys, yyjson_val *role)
{
    return (struct tuf_signers){.keys = keys,
                                .key_ids = json_get(role, "keyids"),
                                .threshold = yyjson_get_uint(json_get(role, "threshold"))};
}

struct tuf_signers tuf_root_signers(const struct tuf_metadata *root, enum tuf_type type)
{
    struct str name = tuf_type_name(type);
    struct tuf_signers signers =
        signers_of(json_get(root->body, "keys"),
                   yyjson_obj_getn(json_get(root->body, "roles"), name.p, name.n));
    signers.by = STR("root");
    signers.by_version = root->version;
    return signers;
}

bool tuf_root_is_consistent(const struct tuf_metadata *root)
{
    return yyjson_get_bool(json_get(root->body, "consistent_snapshot"));
}

/* -- timestamp and snapshot -- */

static status check_content(yyjson_val *one, bool required, struct error *err)
{
    yyjson_val *hashes = json_get(one, "hashes"), *name, *hash;
    uint64_t length;
    size_t i, max;
    if (required || json_get(one, "length") != NULL) {
        TRY(tuf_number(one, "length", 0, &length, err));
    }
    if (hashes == NULL && !required) {
        return OK;
    }
    if (!yyjson_is_obj(hashes) || yyjson_obj_size(hashes) == 0) {
        return tuf_wrong(err, "hashes", "an object that is not empty", hashes);
    }
    yyjson_obj_foreach(hashes, i, max, name, hash)
    {
        if (!yyjson_is_str(hash)) {
            return tuf_wrong(err, "a hash", "a string", hash);
        }
    }
    return OK;
}

static status check_meta(yyjson_val *body, const char *wanted, struct error *err)
{
    yyjson_val *meta = json_get(body, "meta"), *name, *one;
    uint64_t version;
    size_t i, max;
    if (!yyjson_is_obj(meta)) {
        return tuf_wrong(err, "meta", "an object", meta);
    }
    if (yyjson_obj_size(meta) > LIMIT_TUF_META) {
        return error_set(err, ERROR_LIMIT, "it lists more than %u files", LIMIT_TUF_META);
    }
    if (json_get(meta, wanted) == NULL) {
        return error_set(err, ERROR_INPUT, "it does not list %s", wanted);
    }
    yyjson_obj_foreach(meta, i, max, name, one)
    {
        if (failed(tuf_number(one, "version", 1, &version, err)) ||
            failed(check_content(one, false, err))) {
            return error_wrap(err, "meta of %.*s", STR_ARG(json_str(name)));
        }
    }
    return OK;
}

status tuf_check_timestamp(yyjson_val *body, struct error *err)
{
    return check_meta(body, "snapshot.json", err);
}

status tuf_check_snapshot(yyjson_val *body, struct error *err)
{
    return check_meta(body, "targets.json", err);
}

static bool expected_of(yyjson_val *object, struct str name, struct tuf_expected *ret_expected)
{
    yyjson_val *one = yyjson_obj_getn(object, name.p, name.n);
    if (one == NULL) {
        return false;
    }
    yyjson_val *length = json_get(one, "length");
    *ret_expected = (struct tuf_expected){.version = yyjson_get_uint(json_get(one, "version")),
                                          .has_length = length != NULL,
                                          .length = yyjson_get_uint(length),
                                          .hashes = json_get(one, "hashes")};
    return true;
}

bool tuf_meta(const struct tuf_metadata *metadata, struct str name,
              struct tuf_expected *ret_expected)
{
    return expected_of(json_get(metadata->body, "meta"), name, ret_expected);
}

/* -- targets -- */

static status check_names(yyjson_val *role, const char *member, struct error *err)
{
    yyjson_val *list = json_get(role, member), *one;
    size_t i, max;
    if (!yyjson_is_arr(list)) {
        return tuf_wrong(err, member, "a list", list);
    }
    yyjson_arr_foreach(list, i, max, one)
    {
        if (!yyjson_is_str(one)) {
            return tuf_wrong(err, member, "a list of strings", one);
        }
    }
    return OK;
}

static status check_delegation(yyjson_val *roles, size_t at, yyjson_val *role, struct error *err)
{
    struct str name = json_str(json_get(role, "name"));
    yyjson_val *terminating = json_get(role, "terminating"), *other;
    bool paths = json_get(role, "paths") != NULL;
    size_t i, max;
    if (name.n == 0 || name.n > LIMIT_TUF_NAME) {
        return error_set(err, ERROR_INPUT, "roles[%zu].name must be a name of 1 to %u bytes", at,
                         LIMIT_TUF_NAME);
    }
    if (tuf_is_top_level(name)) {
        return error_set(err, ERROR_INPUT, "roles[%zu]: nobody can delegate to the role %.*s", at,
                         STR_ARG(name));
    }
    yyjson_arr_foreach(roles, i, max, other)
    {
        if (i == at) {
            break;
        }
        if (str_eq(json_str(json_get(other, "name")), name)) {
            return error_set(err, ERROR_INPUT, "roles[%zu]: the role %.*s stands twice", at,
                             STR_ARG(name));
        }
    }
    TRY(check_role(role, name, err));
    if (terminating != NULL && !yyjson_is_bool(terminating)) {
        return tuf_wrong(err, "terminating", "true or false", terminating);
    }
    if (paths == (json_get(role, "path_hash_prefixes") != NULL)) {
        return error_set(err, ERROR_INPUT,
                         "the role %.*s must have one of paths and path_hash_prefixes",
                         STR_ARG(name));
    }
    return check_names(role, paths ? "paths" : "path_hash_prefixes", err);
}

static status check_delegations(yyjson_val *delegations, struct error *err)
{
    yyjson_val *roles = json_get(delegations, "roles"), *role;
    size_t i, max;
    TRY(check_keys(json_get(delegations, "keys"), err));
    if (!yyjson_is_arr(roles)) {
        return tuf_wrong(err, "roles", "a list", roles);
    }
    if (yyjson_arr_size(roles) > LIMIT_TUF_DELEGATIONS) {
        return error_set(err, ERROR_LIMIT, "it delegates to more than %u roles",
                         LIMIT_TUF_DELEGATIONS);
    }
    yyjson_arr_foreach(roles, i, max, role)
    {
        TRY(check_delegation(roles, i, role, err));
    }
    return OK;
}

status tuf_check_targets(yyjson_val *body, struct error *err)
{
    yyjson_val *targets = json_get(body, "targets"), *delegations, *path, *one;
    size_t i, max;
    if (!yyjson_is_obj(targets)) {
        return tuf_wrong(err, "targets", "an object", targets);
    }
    yyjson_obj_foreach(targets, i, max, path, one)
    {
        if (failed(check_content(one, true, err))) {
            return error_wrap(err, "the target %.*s", STR_ARG(json_str(path)));
        }
    }
    delegations = json_get(body, "delegations");
    if (delegations != NULL && failed(check_delegations(delegations, err))) {
        return error_wrap(err, "delegations");
    }
    return OK;
}

bool tuf_target(const struct tuf_metadata *targets, struct str path,
                struct tuf_expected *ret_expected)
{
    return expected_of(json_get(targets->body, "targets"), path, ret_expected);
}

yyjson_val *tuf_delegations(const struct tuf_metadata *targets)
{
    return json_get(json_get(targets->body, "delegations"), "roles");
}

struct tuf_signers tuf_delegation_signers(const struct tuf_metadata *targets, yyjson_val *role,
                                          struct str by)
{
    struct tuf_signers signers =
        signers_of(json_get(json_get(targets->body, "delegations"), "keys"), role);
    signers.by = by;
    signers.by_version = targets->version;
    return signers;
}
