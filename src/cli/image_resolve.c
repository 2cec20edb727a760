/* `pratique image resolve`: the digests that references have at their registries. */
#include <stdint.h>

#include "base/limits.h"
#include "cli/image_options.h"
#include "cli/options.h"
#include "cli/output.h"

enum { ROOM = 4 * LIMIT_MANIFEST };

/* Empty parts where there is nothing to tell. */
struct row {
    struct str input, reference, digest, media_type, error;
};

static status resolve(const struct image_asker *asker, struct arena *arena, struct row *row,
                      struct error *err)
{
    struct reference reference;
    struct registry_resolved resolved;
    const struct registry_call call = image_call(asker, arena, NULL);
    TRY(reference_parse(arena, row->input, &reference, err));
    row->reference = image_name(arena, &reference);
    TRY(registry_resolve(asker->registry, &reference, &call, &resolved, err));
    row->digest = resolved.digest;
    row->media_type = resolved.media_type;
    return OK;
}

static void print_member(FILE *out, bool first, const char *name, struct str value)
{
    if (value.n > 0) {
        output_member(out, first, name, value);
    } else {
        fprintf(out, "%s\"%s\":null", first ? "" : ",", name);
    }
}

static void print_json(FILE *out, const struct row *row)
{
    fputc('{', out);
    output_member(out, true, "input", row->input);
    print_member(out, false, "reference", row->reference);
    print_member(out, false, "digest", row->digest);
    print_member(out, false, "mediaType", row->media_type);
    print_member(out, false, "error", row->error);
    fputs("}\n", out);
}

static void print_line(FILE *out, const char *label, struct str value)
{
    if (value.n > 0) {
        fprintf(out, "  %-10s  ", label);
        output_text(out, value);
        fputc('\n', out);
    }
}

static void print_text(const struct invocation *invocation, const struct row *row)
{
    FILE *out = invocation->out;
    output_styled(invocation, STYLE_STRONG, row->input);
    fputc('\n', out);
    print_line(out, "reference", row->reference);
    print_line(out, "digest", row->digest);
    print_line(out, "media type", row->media_type);
    if (row->error.n > 0) {
        fprintf(out, "  %-10s  ", "error");
        output_styled(invocation, STYLE_BAD, row->error);
        fputc('\n', out);
    }
}

/* Resolve and print one; returns whether it has a digest. */
static bool resolve_one(const struct invocation *invocation, const struct image_asker *asker,
                        struct str input)
{
    arena_auto arena;
    struct row row = {.input = input};
    struct error err;
    arena_init(&arena, ROOM);
    if (failed(resolve(asker, &arena, &row, &err))) {
        row.error = arena_dup(&arena, str_from(err.text));
    }
    if (option_json(invocation)) {
        print_json(invocation->out, &row);
    } else {
        print_text(invocation, &row);
    }
    fflush(invocation->out);
    return row.error.n == 0;
}

static int resolve_all(struct invocation *invocation, const struct image_asker *asker)
{
    int code = EXIT_CODE_YES;
    for (size_t i = 0; i < invocation->n_operands; i++) {
        bool found = resolve_one(invocation, asker, str_from(invocation->operands[i]));
        code = found ? code : EXIT_CODE_NO;
    }
    return code;
}

static int run(struct invocation *invocation)
{
    return image_run(invocation, resolve_all);
}

static const struct option OPTIONS[] = {
    IMAGE_OPTIONS,
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_image_resolve = {
    .name = "image resolve",
    .summary = "ask registries which digests image references have",
    .operands = "REFERENCE...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Asks the registry of each reference for the digest of its tag, \"latest\" if it\n"
             "has none. That of an image for several platforms is the digest of its index. Of\n"
             "a reference with a digest it is checked that the registry has it.\n\n"
             "With --output json there is one object a line, in the order given, with the\n"
             "members input, reference (normalised, with its tag), digest, mediaType and\n"
             "error, each null where there is nothing to tell.\n\n" IMAGE_ABOUT,
    .exits = "0  all have a digest\n"
             "1  one at least has none, or could not be asked for\n"
             "2  an option or the docker config is wrong",
    .examples = "pratique image resolve nginx:1.27 ghcr.io/acme/app\n"
                "pratique image resolve -o json --plain-http localhost:5000 localhost:5000/app\n"
                "pratique image resolve --ca ca.pem registry.example.com/app:1",
    .run = run,
};
