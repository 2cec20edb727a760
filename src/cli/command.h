#pragma once
/* What a command of the command line is: one file, one const struct, one function that runs it.
 *
 * Parsing, usage lines and help pages all come from the struct, so that they cannot drift apart.
 * Threading: none; a process runs one command. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

/* Exit statuses of all commands. Errors are mapped to them by error_kind_info. */
enum exit_code {
    EXIT_CODE_YES = 0,      /* admitted, valid, done */
    EXIT_CODE_NO = 1,       /* denied, invalid */
    EXIT_CODE_USAGE = 2,    /* the command line, a policy or a configuration file is wrong */
    EXIT_CODE_UNDECIDED = 3 /* no decision could be made: unreadable input, a failing machine */
};

struct option {
    const char *name;           /* "policy", without its dashes */
    char letter;                /* 'p' for -p; 0: none */
    const char *argument;       /* "PATH", what stands behind it; NULL: a switch */
    bool repeated;              /* may stand more than once */
    const char *const *choices; /* the arguments that it takes, ends with NULL; NULL: any */
    const char *help;           /* may have several lines */
};

#define OPTION_END                                                                                 \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* How results are printed: `--output text|json`. */
#define OPTION_OUTPUT                                                                              \
    {                                                                                              \
        .name = "output", .letter = 'o', .argument = "FORMAT", .choices = output_formats,          \
        .help = "\"text\" for people (the default) or \"json\" for programs"                       \
    }

extern const char *const output_formats[];

struct invocation;

struct command {
    const char *name;     /* "check", "policy lint" */
    const char *summary;  /* one line without a full stop */
    const char *operands; /* "FILE...", for the usage line; "" if it takes none */
    size_t min_operands, max_operands;
    const struct option *options; /* ends with OPTION_END */
    const char *about;            /* paragraphs of the help page */
    const char *exits;            /* what its exit statuses mean, one a line */
    const char *examples;         /* commands to copy, one a line; lines with '#' explain */
    int (*run)(struct invocation *invocation); /* returns an enum exit_code */
};

struct option_value {
    const struct option *option;
    const char *argument; /* NULL for a switch */
};

/* One run of one command. Operands and values borrow argv. */
struct invocation {
    const struct command *command;
    FILE *in, *out, *err;
    bool colors; /* `out` is a terminal that wants them */
    bool help;   /* --help was given: nothing else counts */
    const char **operands;
    size_t n_operands;
    struct option_value *values;
    size_t n_values;
    struct arena arena; /* lives as long as the run */
};

/* The commands, in the order of the help page; ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_serve, command_check, command_review, command_explain,
    command_policy_lint, command_policy_show, command_policy_diff, command_policy_fmt,
    command_policy_schema, command_policy_crds, command_policy_convert, command_test,
    command_replay, command_parse, command_verify_bundle, command_image_resolve,
    command_image_inspect, command_manifests_image_policy, command_manifests_static_webhooks,
    command_manifests_static_pod, command_completion, command_manual, command_version, command_help;
