/* `pratique policy schema`: the languages of policies and configuration, for machines and people.
 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/options.h"
#include "policy/policy.h"
#include "server/config.h"

static const char *const LANGUAGES[] = {"policy", "server", NULL};

static int run(struct invocation *invocation)
{
    const char *language = option_argument(invocation, "of");
    bool server = language != NULL && strcmp(language, "server") == 0;
    bool reference = option_given(invocation, "reference");
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_FILE);
    if (reference) {
        (server ? server_config_reference : policy_reference)(&buf);
    } else {
        (server ? server_config_schema : policy_schema)(&buf);
    }
    ENSURE(!buf_overflowed(&buf));
    struct str text = buf_str(&buf);
    fwrite(text.p, 1, text.n, invocation->out);
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "of",
     .argument = "LANGUAGE",
     .choices = LANGUAGES,
     .help = "\"policy\" (the default) or \"server\", the configuration of serve"},
    {.name = "reference", .help = "the reference page, in Markdown, instead of the schema"},
    OPTION_END,
};

const struct command command_policy_schema = {
    .name = "policy schema",
    .summary = "print the JSON Schema or the reference page of the policy language",
    .operands = "",
    .options = OPTIONS,
    .about = "Prints the JSON Schema of all kinds of policies, for editors and other\n"
             "programs, or the reference page for people. Both are made from the table that\n"
             "reads the files.",
    .exits = "0  printed",
    .examples = "pratique policy schema > pratique.schema.json\n"
                "pratique policy schema --reference\n"
                "pratique policy schema --of server --reference",
    .run = run,
};
