/* An in-toto statement, and cosign's payload: an artifact is named only by its digest, which stands
 * there in full. */
#include <string.h>

#include "base/limits.h"
#include "verify/simple_signing.h"
#include "verify/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HI "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"

static void check_error(const struct error *err)
{
    ENSURE(err->kind == ERROR_INPUT || err->kind == ERROR_LIMIT);
    ENSURE(err->text[0] != '\0');
}

static bool says(const struct statement *statement, struct str value)
{
    for (size_t i = 0; i < statement->n_subjects; i++) {
        for (size_t j = 0; j < statement->subjects[i].n_digests; j++) {
            if (str_eq(statement->subjects[i].digests[j].value, value)) {
                return true;
            }
        }
    }
    return false;
}

static void read_statement(struct arena *arena, struct str text)
{
    statement_auto it = {.n_subjects = 0};
    struct artifact artifact;
    struct error err = {.kind = ERROR_NONE};
    if (failed(statement_parse(arena, text, &it, &err))) {
        check_error(&err);
        return;
    }
    ENSURE(it.n_subjects <= LIMIT_STATEMENT_SUBJECTS);
    ENSURE(!failed(artifact_of_digest(arena, STR("sha256:" HI), &artifact, &err)));
    if (statement_names(&it, &artifact)) {
        ENSURE(says(&it, STR(HI)));
    }
}

static void read_payload(struct arena *arena, struct str text)
{
    struct simple_signing it;
    struct error err = {.kind = ERROR_NONE};
    if (failed(simple_signing_parse(arena, text, &it, &err))) {
        check_error(&err);
        return;
    }
    ENSURE(text.n <= LIMIT_SIMPLE_SIGNING && it.n_annotations <= LIMIT_SIMPLE_ANNOTATIONS);
    ENSURE(it.digest.n > 64 && !failed(simple_signing_check(&it, it.digest, STR_EMPTY, &err)));
    ENSURE(failed(simple_signing_check(&it, STR_EMPTY, STR_EMPTY, &err)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    if (size > 256u * KIB) {
        return 0;
    }
    arena_auto arena;
    arena_init(&arena, LIMIT_VERIFY_ARENA);
    read_statement(&arena, text);
    read_payload(&arena, text);
    return 0;
}
