#pragma once
/* What the server has when it is asked, made from the options of a command: policies, kinds and the
 * verdict on what no policy covers. `check`, `review` and `explain` judge by it. */
#include "cli/command.h"
#include "policy/policy.h"
#include "review/kinds.h"

struct engine {
    struct policy_set *set;    /* one reference, owned */
    const struct kinds *kinds; /* in the invocation's arena */
};

/* The options that engine_load reads, for the tables of commands. */
#define OPTIONS_ENGINE                                                                             \
    {.name = "policy",                                                                             \
     .letter = 'p',                                                                                \
     .argument = "PATH",                                                                           \
     .repeated = true,                                                                             \
     .help = "policies: a file, a directory of *.yaml, *.yml and *.json, or - for\n"               \
             "standard input; may stand several times"},                                           \
        {.name = "config",                                                                         \
         .argument = "FILE",                                                                       \
         .help = "the server's configuration: take from it the policies (unless --policy is\n"     \
                 "given), the default, the runtime and the kinds that carry images"},              \
        {.name = "default",                                                                        \
         .argument = "VERDICT",                                                                    \
         .choices = engine_defaults,                                                               \
         .help = "for an image that no policy covers: \"deny\" (the default) or \"allow\""},       \
    {                                                                                              \
        .name = "runtime", .argument = "NAME", .choices = engine_runtimes,                         \
        .help = "how nodes read a name without a registry: \"containerd\" (the default)\n"         \
                "or \"cri-o\", where it is ambiguous and refused"                                  \
    }

extern const char *const engine_defaults[], *const engine_runtimes[];

/* Load what the options say, print what is wrong with the files on stderr, warnings too. The engine
 * is freed by engine_done. Errors: CONFIG (also where a file cannot be read: without policies there
 * is nothing to decide by). */
MUST status engine_load(struct invocation *invocation, struct engine *ret_engine,
                        struct error *err);

/* Load the policies that the repeated option `name` lists, with the defaults of the other options.
 * The set is NULL if it was not given. Errors: CONFIG. */
MUST status engine_load_other(struct invocation *invocation, const char *name,
                              struct engine *ret_engine, struct error *err);

/* Give the policies back. A zeroed engine is fine. */
void engine_done(struct engine *engine);

#define engine_auto __attribute__((cleanup(engine_done))) struct engine
