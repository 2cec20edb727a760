/* `pratique policy lint`: everything that is wrong with policy files. */
#include <stdint.h>

#include "base/clock.h"
#include "cli/diagnose.h"
#include "cli/options.h"
#include "cli/output.h"
#include "policy/policy.h"

struct lint {
    struct diagnostics list;
    struct policy_counts counts; /* zero if the policies did not load */
};

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void print_text(FILE *out, const struct lint *lint)
{
    diagnose_text(out, &lint->list);
    if (lint->list.errors == 0) {
        const struct policy_counts *counts = &lint->counts;
        fprintf(out, "%zu polic%s, %zu rule%s, ", counts->policies,
                counts->policies == 1 ? "y" : "ies", counts->rules, plural(counts->rules));
        if (counts->exceptions > 0) {
            fprintf(out, "%zu exception%s, ", counts->exceptions, plural(counts->exceptions));
        }
    }
    if (lint->list.errors + lint->list.warnings == 0) {
        fputs("no problem found\n", out);
        return;
    }
    fprintf(out, "%zu error%s, %zu warning%s\n", lint->list.errors, plural(lint->list.errors),
            lint->list.warnings, plural(lint->list.warnings));
}

static void print_json(FILE *out, const struct lint *lint)
{
    fputs("{\"diagnostics\":", out);
    diagnose_json(out, &lint->list);
    fprintf(out,
            ",\"errors\":%zu,\"warnings\":%zu,\"policies\":%zu,\"rules\":%zu,"
            "\"exceptions\":%zu}\n",
            lint->list.errors, lint->list.warnings, lint->counts.policies, lint->counts.rules,
            lint->counts.exceptions);
}

/* Load as the server does. Errors that are in the list do not fail it. */
static status load(struct invocation *invocation, struct lint *lint, struct error *err)
{
    const struct policy_options options = {.now = clock_wall()};
    struct policy_set *set;
    status st =
        policy_load(invocation->operands, invocation->n_operands, &options, &lint->list, &set, err);
    if (!failed(st)) {
        policy_set_counts(set, &lint->counts);
        policy_set_unref(set);
    }
    diagnostics_sort(&lint->list);
    return failed(st) && lint->list.errors == 0 ? FAILED : OK;
}

static int run(struct invocation *invocation)
{
    struct lint lint = {0};
    diagnostics_init(&lint.list, &invocation->arena);
    struct error err;
    if (failed(load(invocation, &lint, &err))) {
        return output_error(invocation, &err);
    }
    if (option_json(invocation)) {
        print_json(invocation->out, &lint);
    } else {
        print_text(invocation->out, &lint);
    }
    bool strict = option_given(invocation, "strict");
    bool clean = lint.list.errors == 0 && (lint.list.warnings == 0 || !strict);
    return clean ? EXIT_CODE_YES : EXIT_CODE_NO;
}

static const struct option OPTIONS[] = {
    {.name = "strict", .help = "warnings count as errors"},
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_policy_lint = {
    .name = "policy lint",
    .summary = "find what is wrong with policies",
    .operands = "PATH...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Reads policies as the server does - files, directories or - for standard\n"
             "input, all together as one set - and prints everything that is wrong, one line\n"
             "each:\n\n"
             "  FILE:LINE:COLUMN: error: PATH: MESSAGE (did you mean \"NAME\"?)\n\n"
             "Warnings are about policies that work but probably not as meant: rules that\n"
             "can never apply, exceptions that have ended.",
    .exits = "0  no error\n"
             "1  an error in a policy, or a warning with --strict\n"
             "2  the command line is wrong\n"
             "3  a file could not be read",
    .examples = "pratique policy lint policies/\n"
                "pratique policy lint --strict --output json policy.yaml",
    .run = run,
};
