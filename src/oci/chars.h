#pragma once
/* Classes of bytes of HTTP, without regard to the locale. Internal to oci/. */
#include <stdbool.h>
#include <string.h>

#include "base/str.h"

static inline bool http_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* tchar. Spec: RFC 9110 section 5.6.2. */
static inline bool http_is_token(char c)
{
    return http_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Visible ASCII. */
static inline bool http_is_visible(char c)
{
    return c > 0x20 && c < 0x7f;
}

/* What may stand between quotes unescaped. Spec: RFC 9110 section 5.6.4. */
static inline bool http_is_quotable(char c)
{
    return c == '\t' || (c != 0x7f && (unsigned char)c >= 0x20);
}
