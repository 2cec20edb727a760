/* A signed checkpoint: what is read is all of the note, in its parts; nothing of it is left over.
 */
#include "base/limits.h"
#include "verify/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_signature(const struct note_signature *signature)
{
    ENSURE(signature->name.n > 0 && signature->hint.n == 4);
    ENSURE(signature->bytes.n > 0 && signature->bytes.n <= LIMIT_SIGNATURE);
    for (size_t i = 0; i < signature->name.n; i++) {
        ENSURE(signature->name.p[i] != ' ' && signature->name.p[i] != '\n');
    }
}

/* The text is what stands before the last empty line, and says the parts in its first lines. */
static void check_text(const struct checkpoint *it, struct str note)
{
    struct str origin, size, rest;
    uint64_t number;
    ENSURE(it->text.p == note.p && it->text.n + 1 < note.n && note.p[it->text.n] == '\n');
    ENSURE(str_ends(it->text, STR("\n")));
    ENSURE(str_cut(it->text, '\n', &origin, &rest) && str_eq(origin, it->origin) && origin.n > 0);
    ENSURE(str_cut(rest, '\n', &size, &rest));
    ENSURE(str_parse_u64(size, INT64_MAX, &number) && number == it->size);
    ENSURE(it->root.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str note = {(const char *)data, size};
    struct checkpoint it;
    struct error err = {.kind = ERROR_NONE};
    arena_auto arena;
    arena_init(&arena, 4u * MIB);
    if (failed(checkpoint_parse(&arena, note, &it, &err))) {
        ENSURE(err.kind == ERROR_INPUT || err.kind == ERROR_LIMIT);
        ENSURE(err.text[0] != '\0');
        return 0;
    }
    ENSURE(size <= LIMIT_CHECKPOINT);
    ENSURE(it.n_signatures > 0 && it.n_signatures <= LIMIT_CHECKPOINT_SIGNATURES);
    check_text(&it, note);
    for (size_t i = 0; i < it.n_signatures; i++) {
        check_signature(&it.signatures[i]);
    }
    return 0;
}
