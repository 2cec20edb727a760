#include "credentials/sigv4.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"

static struct str sha256(struct arena *arena, struct str text)
{
    struct str digest = digest_of(arena, STR("sha256"), text);
    return str_sub(digest, sizeof "sha256:" - 1, digest.n);
}

static struct str canonical(struct arena *arena, const struct sigv4_request *request,
                            struct str names)
{
    struct str headers = STR_EMPTY;
    for (size_t i = 0; i < request->n_headers; i++) {
        const struct fetch_header *header = &request->headers[i];
        headers = arena_join(
            arena, (struct str[]){headers, header->name, STR(":"), header->value, STR("\n")}, 5);
    }
    return arena_join(arena,
                      (struct str[]){request->method, STR("\n"), request->path, STR("\n\n"),
                                     headers, STR("\n"), names, STR("\n"),
                                     sha256(arena, request->body)},
                      9);
}

/* The key of a day, a region and a service signs `text`; in hexadecimal. */
static struct str code(struct arena *arena, const struct sigv4_request *request, struct str text)
{
    unsigned char sum[HMAC_BYTES];
    struct str key = arena_join(arena, (struct str[]){STR("AWS4"), request->key}, 2);
    const struct str steps[] = {str_sub(request->date, 0, 8), request->region, request->service,
                                STR("aws4_request"), text};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        hmac_sha256(key, steps[i], sum);
        key = arena_dup(arena, (struct str){(const char *)sum, sizeof sum});
    }
    struct str hex = hex_encode(arena, (struct str){(const char *)sum, sizeof sum});
    explicit_bzero(sum, sizeof sum);
    return hex;
}

struct str sigv4_sign(struct arena *arena, const struct sigv4_request *request)
{
    struct str names = STR_EMPTY;
    for (size_t i = 0; i < request->n_headers; i++) {
        names = arena_join(
            arena, (struct str[]){names, i > 0 ? STR(";") : STR_EMPTY, request->headers[i].name},
            3);
    }
    struct str scope =
        arena_printf(arena, "%.*s/%.*s/%.*s/aws4_request", STR_ARG(str_sub(request->date, 0, 8)),
                     STR_ARG(request->region), STR_ARG(request->service));
    struct str hash = sha256(arena, canonical(arena, request, names));
    struct str text = arena_printf(arena, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%.*s",
                                   STR_ARG(request->date), STR_ARG(scope), STR_ARG(hash));
    return arena_printf(arena,
                        "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
                        STR_ARG(request->key_id), STR_ARG(scope), STR_ARG(names),
                        STR_ARG(code(arena, request, text)));
}

struct str sigv4_date(struct arena *arena, int64_t wall)
{
    char text[CLOCK_TEXT_MAX], *date = arena_alloc(arena, CLOCK_TEXT_MAX);
    size_t n = 0;
    clock_format_seconds(wall, text);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '-' && *c != ':') {
            date[n++] = *c;
        }
    }
    return (struct str){date, n};
}
