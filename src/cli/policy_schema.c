/* `pratique policy schema`: the languages of policies, configuration and cases, for machines and
 * people. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/options.h"
#include "policy/policy.h"
#include "server/config.h"
#include "suite/suite.h"

static const char *const LANGUAGES[] = {"policy", "server", "test", NULL};

struct language {
    const char *name;
    void (*schema)(struct buf *buf);
    void (*reference)(struct buf *buf);
};

static const struct language TABLE[] = {
    {"policy", policy_schema, policy_reference},
    {"server", server_config_schema, server_config_reference},
    {"test", suite_schema, suite_reference},
};

static int run(struct invocation *invocation)
{
    const char *name = option_argument(invocation, "of");
    const struct language *language = TABLE;
    while (name != NULL && strcmp(language->name, name) != 0) {
        language++; /* ends: the option takes these names alone */
    }
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_FILE);
    (option_given(invocation, "reference") ? language->reference : language->schema)(&buf);
    ENSURE(!buf_overflowed(&buf));
    struct str text = buf_str(&buf);
    fwrite(text.p, 1, text.n, invocation->out);
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "of",
     .argument = "LANGUAGE",
     .choices = LANGUAGES,
     .help = "\"policy\" (the default), \"server\" (the configuration of serve) or\n"
             "\"test\" (the cases of test)"},
    {.name = "reference", .help = "the reference page, in Markdown, instead of the schema"},
    OPTION_END,
};

const struct command command_policy_schema = {
    .name = "policy schema",
    .summary = "print the JSON Schema or reference page of policies",
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
