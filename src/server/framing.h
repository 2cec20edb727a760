#pragma once
/* Where a request ends: what two readers of the same bytes could understand in two ways is refused,
 * since whatever stands in front of this server may be the other reader.
 * Spec: RFC 9112 sections 5.1, 6.1 and 6.3. */
#include <microhttpd.h>

#include "base/status.h"

struct framing {
    bool chunked;
    bool continues; /* the caller waits for "100 Continue" before it sends a body */
    size_t length;  /* of the body, as told; 0: not told, or none */
};

/* Read the headers. Errors: INPUT (a name that is no token, more than one length, both a length and
 * chunks, a coding that is not chunked, chunks in HTTP/1.0); the connection must be closed. */
MUST status framing_read(struct MHD_Connection *connection, const char *version,
                         struct framing *ret_framing, struct error *err);
