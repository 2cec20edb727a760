#include "oci/config.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "oci/decoding.h"

#define CONFIG(member) offsetof(struct oci_config, member)

/* -- members -- */

/* A date before 1970 is not told apart from 1970: reproducible builds write what they like. */
static bool is_early(struct str text)
{
    char later[64];
    int64_t ns;
    struct error ignored;
    if (text.n < 4 || text.n > sizeof later || str_cmp(str_sub(text, 0, 4), STR("1970")) > 0) {
        return false;
    }
    memcpy(later, text.p, text.n);
    memcpy(later, "2000", 4); /* a leap year */
    return !failed(clock_parse_time((struct str){later, text.n}, &ns, &ignored));
}

static status decode_created(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    (void)field;
    struct oci_config *config = ret;
    struct str text = json_str(at->value);
    struct error ignored;
    if (!yyjson_is_str(at->value)) {
        return oci_wrong_type(d, at, "a string");
    }
    if (str_eq(text, STR("0001-01-01T00:00:00Z"))) {
        return OK;
    }
    if (failed(clock_parse_time(text, &config->created, &ignored)) && !is_early(text)) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "is no date and time");
    }
    config->created = config->created < 0 ? 0 : config->created;
    config->has_created = true;
    return OK;
}

/* NAME=VALUE, of which the name stays. */
static status keep_name(struct oci_decoding *d, const struct oci_place *at, struct str *ret_text)
{
    struct str name, value;
    if (!str_cut(json_str(at->value), '=', &name, &value) || name.n == 0) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "is not NAME=VALUE");
    }
    *ret_text = arena_dup(d->arena, name);
    return OK;
}

static status decode_env(struct oci_decoding *d, const struct oci_field *field,
                         const struct oci_place *at, void *ret)
{
    return oci_decode_list(d, field, at, keep_name, ret);
}

static status keep_digest(struct oci_decoding *d, const struct oci_place *at, struct str *ret_text)
{
    static const struct oci_field ITEM = {.name = ""};
    return oci_decode_digest(d, &ITEM, at, ret_text);
}

static status decode_digests(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    return oci_decode_list(d, field, at, keep_digest, ret);
}

/* A set, written as an object of empty objects. */
static status check_set(struct oci_decoding *d, const struct oci_field *field,
                        const struct oci_place *at, void *ret)
{
    (void)field, (void)ret;
    if (!yyjson_is_obj(at->value)) {
        return oci_wrong_type(d, at, "an object of empty objects");
    }
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        const struct oci_place member = {at, json_str(key), 0, value};
        if (!yyjson_is_obj(value) && !yyjson_is_null(value)) {
            return oci_wrong_type(d, &member, "an empty object");
        }
    }
    return OK;
}

static status decode_ports(struct oci_decoding *d, const struct oci_field *field,
                           const struct oci_place *at, void *ret)
{
    struct oci_config *config = ret;
    TRY(check_set(d, field, at, ret));
    size_t index, n = yyjson_obj_size(at->value);
    TRY(oci_take_texts(d, at, n));
    struct str *ports = ARENA_ARRAY(d->arena, struct str, n);
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        (void)value;
        ports[index] = arena_dup(d->arena, json_str(key));
    }
    config->exposed_ports = ports;
    config->n_exposed_ports = n;
    return OK;
}

static status check_layers(struct oci_decoding *d, const struct oci_field *field,
                           const struct oci_place *at, void *ret)
{
    (void)field, (void)ret;
    if (!str_eq(json_str(at->value), STR("layers"))) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "must be \"layers\"");
    }
    return OK;
}

static status count_history(struct oci_decoding *d, const struct oci_field *field,
                            const struct oci_place *at, void *ret)
{
    (void)field;
    struct oci_config *config = ret;
    if (!yyjson_is_arr(at->value)) {
        return oci_wrong_type(d, at, "a list of objects");
    }
    config->n_history = yyjson_arr_size(at->value);
    return OK;
}

/* -- tables -- */

static const struct oci_field RUN_MEMBERS[] = {
    {"User", oci_decode_text, .offset = CONFIG(user)},
    {"WorkingDir", oci_decode_text, .offset = CONFIG(working_dir)},
    {"Entrypoint", oci_decode_texts, .offset = CONFIG(entrypoint),
     .n_offset = CONFIG(n_entrypoint)},
    {"Cmd", oci_decode_texts, .offset = CONFIG(cmd), .n_offset = CONFIG(n_cmd)},
    {"ExposedPorts", decode_ports},
    {"Env", decode_env, .offset = CONFIG(env), .n_offset = CONFIG(n_env)},
    {"Labels", oci_decode_pairs, .offset = CONFIG(labels), .n_offset = CONFIG(n_labels)},
    {"Volumes", check_set},
};

static const struct oci_fields RUN = OCI_FIELDS(RUN_MEMBERS);

static const struct oci_field ROOTFS_MEMBERS[] = {
    {"type", check_layers, .required = true},
    {"diff_ids", decode_digests, .required = true, .offset = CONFIG(diff_ids),
     .n_offset = CONFIG(n_diff_ids)},
};

static const struct oci_fields ROOTFS = OCI_FIELDS(ROOTFS_MEMBERS);

static const struct oci_field CONFIG_MEMBERS[] = {
    {"created", decode_created},
    {"os", oci_decode_text, .required = true, .offset = CONFIG(platform.os)},
    {"architecture", oci_decode_text, .required = true, .offset = CONFIG(platform.architecture)},
    {"variant", oci_decode_text, .offset = CONFIG(platform.variant)},
    {"os.version", oci_decode_text, .offset = CONFIG(platform.os_version)},
    {"config", oci_decode_nested, .object = &RUN},
    {"rootfs", oci_decode_nested, .required = true, .object = &ROOTFS},
    {"history", count_history},
};

static const struct oci_fields CONFIG_FIELDS = OCI_FIELDS(CONFIG_MEMBERS);

status oci_config_parse(struct arena *arena, struct str bytes, struct oci_config *ret_config,
                        struct error *err)
{
    json_doc_auto doc = {0};
    TRY(oci_read(bytes, LIMIT_IMAGE_CONFIG, "config", &doc, err));
    struct oci_decoding d = {arena, err, LIMIT_IMAGE_ANNOTATIONS, LIMIT_IMAGE_TEXTS};
    const struct oci_place root = {.value = doc.root};
    struct oci_config config = {0};
    TRY(oci_decode_object(&d, &CONFIG_FIELDS, &root, &config));
    *ret_config = config;
    return OK;
}

/* -- facts -- */

/* Digits, with a sign before them if any, as runtimes written in Go read a number. */
static bool is_number(struct str text)
{
    size_t at = text.n > 0 && (text.p[0] == '+' || text.p[0] == '-');
    for (size_t i = at; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
    }
    return at < text.n;
}

enum oci_user oci_user_kind(struct str user)
{
    struct str name, group;
    str_cut(user, ':', &name, &group);
    if (name.n == 0 || str_eq(name, STR("root"))) {
        return OCI_USER_ROOT;
    }
    if (!is_number(name)) {
        return OCI_USER_NAME;
    }
    size_t zeros = name.p[0] == '+' || name.p[0] == '-';
    while (zeros < name.n && name.p[zeros] == '0') {
        zeros++;
    }
    if (zeros == name.n) {
        return OCI_USER_ROOT;
    }
    uint64_t number;
    bool fits = name.p[0] != '-' && str_parse_u64(str_sub(name, zeros, name.n), INT32_MAX, &number);
    return fits ? OCI_USER_NUMBER : OCI_USER_STRANGE;
}
