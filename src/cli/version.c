#include "cli/options.h"
#include "cli/output.h"

static int run(struct invocation *invocation)
{
    if (option_json(invocation)) {
        fputc('{', invocation->out);
        output_member(invocation->out, true, "name", STR("pratique"));
        output_member(invocation->out, false, "version", STR(PRATIQUE_VERSION));
        fputs("}\n", invocation->out);
    } else {
        fputs("pratique " PRATIQUE_VERSION "\n", invocation->out);
    }
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_version = {
    .name = "version",
    .summary = "show the version",
    .operands = "",
    .options = OPTIONS,
    .about = "Shows the version of the program.",
    .exits = "0  shown",
    .examples = "pratique version\npratique version --output json",
    .run = run,
};
