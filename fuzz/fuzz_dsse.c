/* A DSSE envelope: what is signed of it says its parts in a way that can be taken apart again, so
 * that no two envelopes sign the same. */
#include "base/limits.h"
#include "verify/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cut "N BYTES " from the front. */
static struct str take(struct str *rest, bool last)
{
    struct str digits;
    uint64_t n;
    ENSURE(str_cut(*rest, ' ', &digits, rest));
    ENSURE(str_parse_u64(digits, LIMIT_SIGSTORE_BUNDLE, &n) && n <= rest->n);
    struct str part = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    ENSURE(last ? rest->n == 0 : str_starts(*rest, STR(" ")));
    *rest = str_sub(*rest, last ? 0 : 1, rest->n);
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dsse_envelope it;
    struct error err = {.kind = ERROR_NONE};
    arena_auto arena;
    arena_init(&arena, LIMIT_VERIFY_ARENA);
    if (failed(dsse_parse(&arena, (struct str){(const char *)data, size}, &it, &err))) {
        ENSURE(err.kind == ERROR_INPUT || err.kind == ERROR_LIMIT);
        ENSURE(err.text[0] != '\0');
        return 0;
    }
    ENSURE(it.n_signatures > 0 && it.n_signatures <= LIMIT_DSSE_SIGNATURES);
    for (size_t i = 0; i < it.n_signatures; i++) {
        ENSURE(it.signatures[i].bytes.n <= LIMIT_SIGNATURE);
    }
    struct str rest = dsse_signed(&arena, &it);
    ENSURE(str_starts(rest, STR("DSSEv1 ")));
    rest = str_sub(rest, 7, rest.n);
    ENSURE(str_eq(take(&rest, false), it.payload_type));
    ENSURE(str_eq(take(&rest, true), it.payload));
    return 0;
}
