#include "oci/media.h"

enum { PART_MAX = 127 };

struct str oci_media_essence(struct str content_type)
{
    struct str essence, parameters;
    str_cut(content_type, ';', &essence, &parameters);
    return str_trim(essence);
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* restricted-name of RFC 6838. */
static bool is_part(struct str part)
{
    if (part.n == 0 || part.n > PART_MAX || !is_letter_or_digit(part.p[0])) {
        return false;
    }
    for (size_t i = 1; i < part.n; i++) {
        if (!is_letter_or_digit(part.p[i]) && str_find(STR("!#$&^_.+-"), part.p[i]) == 9) {
            return false;
        }
    }
    return true;
}

bool oci_media_valid(struct str media_type)
{
    struct str type, subtype;
    return str_cut(media_type, '/', &type, &subtype) && is_part(type) && is_part(subtype);
}

bool oci_media_is_index(struct str media_type)
{
    return str_eq(media_type, STR(OCI_INDEX)) || str_eq(media_type, STR(DOCKER_LIST));
}

bool oci_media_is_manifest(struct str media_type)
{
    return str_eq(media_type, STR(OCI_MANIFEST)) || str_eq(media_type, STR(DOCKER_MANIFEST));
}

bool oci_media_is_either(struct str media_type)
{
    return oci_media_is_index(media_type) || oci_media_is_manifest(media_type);
}

bool oci_media_is_schema1(struct str media_type)
{
    return str_starts(media_type, STR("application/vnd.docker.distribution.manifest.v1+"));
}

bool oci_media_is_config(struct str media_type)
{
    return str_eq(media_type, STR(OCI_CONFIG)) || str_eq(media_type, STR(DOCKER_CONFIG)) ||
           str_eq(media_type, STR("application/octet-stream"));
}
