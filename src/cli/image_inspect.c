/* `pratique image inspect`: what a reference resolves to, how that was found out, and what the
 * image says of itself. */
#include "cli/image_inspect.h"

#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"

enum { ROOM = 96 * MIB, STEPS_ROOM = 4 * MIB };

static status inspect(const struct image_asker *asker, struct arena *arena, struct inspection *it,
                      struct error *err)
{
    struct reference reference;
    const struct registry_call call = image_call(asker, arena, &it->steps);
    TRY(reference_parse(arena, it->input, &reference, err));
    it->reference = image_name(arena, &reference);
    TRY(registry_resolve(asker->registry, &reference, &call, &it->resolved, err));
    TRY(registry_image(asker->registry, &reference, &it->resolved, &call, &it->image, err));
    it->known = true;
    return OK;
}

static int inspect_and_print(struct invocation *invocation, const struct image_asker *asker)
{
    struct arena arena, steps;
    struct error err;
    struct inspection inspection = {.input = str_from(invocation->operands[0]),
                                    .steps.arena = &steps};
    arena_init(&arena, ROOM);
    arena_init(&steps, STEPS_ROOM);
    status st = inspect(asker, &arena, &inspection, &err);
    if (failed(st)) {
        inspection.error = arena_dup(&arena, str_from(err.text));
    }
    if (option_json(invocation)) {
        image_inspect_json(invocation->out, &inspection);
    } else {
        image_inspect_text(invocation, &inspection);
    }
    arena_done(&steps);
    arena_done(&arena);
    return failed(st) ? EXIT_CODE_NO : EXIT_CODE_YES;
}

static int run(struct invocation *invocation)
{
    return image_run(invocation, inspect_and_print);
}

static const struct option OPTIONS[] = {
    IMAGE_OPTIONS,
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_image_inspect = {
    .name = "image inspect",
    .summary = "show what an image is, and how its registry was asked",
    .operands = "REFERENCE",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .about = "Resolves the reference as 'pratique image resolve' does, then reads its\n"
             "manifests and configs, each checked against its digest; layers are not asked\n"
             "for. Shows for each platform what the image says of itself, and each request\n"
             "with its answer and time. Of the environment only the names of variables are\n"
             "shown.\n\n" IMAGE_ABOUT,
    .exits = "0  all was found\n"
             "1  it has no digest, or what it is could not be read\n"
             "2  an option or the docker config is wrong",
    .examples = "pratique image inspect nginx:1.27\n"
                "pratique image inspect -o json --plain-http localhost:5000 localhost:5000/app",
    .run = run,
};
