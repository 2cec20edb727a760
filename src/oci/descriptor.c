#include "oci/decoding.h"

const struct str *oci_pair_find(const struct oci_pair *pairs, size_t n, struct str key)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(pairs[i].key, key)) {
            return &pairs[i].value;
        }
    }
    return NULL;
}

bool oci_descriptor_is_attestation(const struct oci_descriptor *descriptor)
{
    return descriptor->has_platform && str_eq(descriptor->platform.os, STR("unknown")) &&
           str_eq(descriptor->platform.architecture, STR("unknown")) &&
           oci_pair_find(descriptor->annotations, descriptor->n_annotations,
                         STR("vnd.docker.reference.type")) != NULL;
}

/* -- what is checked and not kept -- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* scheme ":" something. Spec: RFC 3986 section 3. */
static bool is_uri(struct str text)
{
    size_t colon = str_find(text, ':');
    if (colon == 0 || colon + 1 >= text.n || !is_letter(text.p[0])) {
        return false;
    }
    for (size_t i = 1; i < colon; i++) {
        char c = text.p[i];
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') {
            return false;
        }
    }
    return true;
}

static status check_urls(struct oci_decoding *d, const struct oci_field *field,
                         const struct oci_place *at, void *ret)
{
    (void)field, (void)ret;
    if (!yyjson_is_arr(at->value)) {
        return oci_wrong_type(d, at, "a list of strings");
    }
    size_t index, n;
    yyjson_val *value;
    yyjson_arr_foreach(at->value, index, n, value)
    {
        const struct oci_place item = oci_item(at, value, index);
        if (!is_uri(json_str(value))) {
            return oci_wrong(d, &item, ERROR_EVIDENCE, "is no URL");
        }
    }
    return OK;
}

/* Spec: RFC 4648 section 4. */
static bool is_base64(struct str text)
{
    size_t n = text.n;
    for (size_t padding = 0; padding < 2 && n > 0 && text.p[n - 1] == '='; padding++) {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i];
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '/') {
            return false;
        }
    }
    return text.n % 4 == 0;
}

static status check_data(struct oci_decoding *d, const struct oci_field *field,
                         const struct oci_place *at, void *ret)
{
    (void)field, (void)ret;
    if (!yyjson_is_str(at->value) || !is_base64(json_str(at->value))) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "must be a string in base64");
    }
    return OK;
}

/* -- decoding -- */

#define PLATFORM(member) offsetof(struct oci_platform, member)

static const struct oci_field PLATFORM_MEMBERS[] = {
    {"os", oci_decode_text, .required = true, .offset = PLATFORM(os)},
    {"architecture", oci_decode_text, .required = true, .offset = PLATFORM(architecture)},
    {"variant", oci_decode_text, .offset = PLATFORM(variant)},
    {"os.version", oci_decode_text, .offset = PLATFORM(os_version)},
};

static const struct oci_fields PLATFORM_FIELDS = OCI_FIELDS(PLATFORM_MEMBERS);

static status decode_platform(struct oci_decoding *d, const struct oci_field *field,
                              const struct oci_place *at, void *ret)
{
    struct oci_descriptor *descriptor = ret;
    descriptor->has_platform = true;
    return oci_decode_object(d, field->object, at, &descriptor->platform);
}

#define DESCRIPTOR(member) offsetof(struct oci_descriptor, member)

static const struct oci_field DESCRIPTOR_MEMBERS[] = {
    {"mediaType", oci_decode_media_type, .required = true, .offset = DESCRIPTOR(media_type)},
    {"digest", oci_decode_digest, .required = true, .offset = DESCRIPTOR(digest)},
    {"size", oci_decode_size, .required = true, .offset = DESCRIPTOR(size)},
    {"artifactType", oci_decode_media_type, .offset = DESCRIPTOR(artifact_type)},
    {"platform", decode_platform, .object = &PLATFORM_FIELDS},
    {"annotations", oci_decode_pairs, .offset = DESCRIPTOR(annotations),
     .n_offset = DESCRIPTOR(n_annotations)},
    {"urls", check_urls},
    {"data", check_data},
};

static const struct oci_fields DESCRIPTOR_FIELDS = OCI_FIELDS(DESCRIPTOR_MEMBERS);

status oci_decode_descriptor(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    return oci_decode_object(d, &DESCRIPTOR_FIELDS, at, (char *)ret + field->offset);
}
