#include "oci/platform.h"

/* A name that others write for an architecture, and what it is. */
static const struct {
    struct str written;
    struct str architecture;
    struct str variant; /* p == NULL: the one that was given */
} NAMES[] = {
    {STR("x86_64"), STR("amd64"), {0}},    {STR("x86-64"), STR("amd64"), {0}},
    {STR("aarch64"), STR("arm64"), {0}},   {STR("i386"), STR("386"), STR("")},
    {STR("armhf"), STR("arm"), STR("v7")}, {STR("armel"), STR("arm"), STR("v6")},
};

/* A variant that says no more than another, or says it otherwise. */
static const struct {
    struct str architecture;
    struct str written;
    struct str variant;
} VARIANTS[] = {
    {STR("amd64"), STR("v1"), STR("")},     {STR("arm64"), STR("8"), STR("")},
    {STR("arm64"), STR("v8"), STR("")},     {STR("arm64"), STR("v8.0"), STR("")},
    {STR("arm64"), STR("9"), STR("v9")},    {STR("arm64"), STR("9.0"), STR("v9")},
    {STR("arm64"), STR("v9.0"), STR("v9")}, {STR("arm"), STR(""), STR("v7")},
    {STR("arm"), STR("7"), STR("v7")},      {STR("arm"), STR("5"), STR("v5")},
    {STR("arm"), STR("6"), STR("v6")},      {STR("arm"), STR("8"), STR("v8")},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct oci_platform oci_platform_normal(struct oci_platform platform)
{
    if (str_eq(platform.os, STR("macos"))) {
        platform.os = STR("darwin");
    }
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (str_eq(platform.architecture, NAMES[i].written)) {
            platform.architecture = NAMES[i].architecture;
            platform.variant = NAMES[i].variant.p == NULL ? platform.variant : NAMES[i].variant;
            break;
        }
    }
    for (size_t i = 0; i < COUNT(VARIANTS); i++) {
        if (str_eq(platform.architecture, VARIANTS[i].architecture) &&
            str_eq(platform.variant, VARIANTS[i].written)) {
            platform.variant = VARIANTS[i].variant;
            break;
        }
    }
    return platform;
}

bool oci_platform_eq(struct oci_platform a, struct oci_platform b)
{
    return str_eq(a.os, b.os) && str_eq(a.architecture, b.architecture) &&
           str_eq(a.variant, b.variant);
}

static bool is_part(struct str part)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool sound = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '.' || c == '-';
        if (!sound) {
            return false;
        }
    }
    return part.n > 0;
}

status oci_platform_parse(struct str text, struct oci_platform *ret_platform, struct error *err)
{
    struct oci_platform platform = {.variant = STR_EMPTY, .os_version = STR_EMPTY};
    struct str rest;
    bool sound = str_cut(text, '/', &platform.os, &rest);
    bool third = str_cut(rest, '/', &platform.architecture, &platform.variant);
    if (!sound || !is_part(platform.os) || !is_part(platform.architecture) ||
        (third && !is_part(platform.variant))) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" is no platform; write one such as linux/amd64 or linux/arm/v7",
                         STR_ARG(str_sub(text, 0, 64)));
    }
    *ret_platform = oci_platform_normal(platform);
    return OK;
}

struct str oci_platform_print(struct arena *arena, const struct oci_platform *platform)
{
    struct str os = platform->os.n == 0 ? STR("unknown") : platform->os;
    struct str architecture =
        platform->architecture.n == 0 ? STR("unknown") : platform->architecture;
    const struct str parts[] = {os, STR("/"), architecture, STR("/"), platform->variant};
    return arena_join(arena, parts, platform->variant.n == 0 ? 3 : 5);
}
