/* `pratique policy fmt`: policy files in one canonical form. */
#include <stdint.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/replace.h"
#include "policy/policy.h"
#include "json/format.h"

struct formatter {
    const struct invocation *invocation;
    bool write, check;
    size_t files, changed, problems;
};

static const struct fields *table_of(yyjson_val *root)
{
    return policy_fields(json_str(json_get(root, "kind")));
}

/* Tell or write what became of one file. */
static status deliver(struct formatter *formatter, const char *path, struct str old,
                      struct str text, struct error *err)
{
    FILE *out = formatter->invocation->out;
    bool changed = !str_eq(old, text);
    formatter->changed += changed ? 1 : 0;
    if (formatter->check || formatter->write) {
        if (changed) {
            output_text(out, str_from(path));
            fputc('\n', out);
        }
        return changed && formatter->write ? replace_file(path, text, err) : OK;
    }
    fwrite(text.p, 1, text.n, out);
    return OK;
}

static status format_file(struct formatter *formatter, const char *path, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_POLICY_FILE);
    struct str old;
    TRY(file_read(&arena, path, LIMIT_POLICY_FILE, &old, err));
    buf_auto text;
    buf_init(&text, LIMIT_POLICY_FILE);
    if (failed(format_yaml(old, table_of, &text, err))) {
        return error_wrap(err, "%s", path);
    }
    return deliver(formatter, path, old, buf_str(&text), err);
}

static void try_file(struct formatter *formatter, const char *path)
{
    struct error err;
    formatter->files++;
    if (failed(format_file(formatter, path, &err))) {
        output_error(formatter->invocation, &err);
        formatter->problems++;
    }
}

static status format_path(struct formatter *formatter, struct arena *arena, const char *path,
                          struct error *err)
{
    if (!file_is_directory(path)) {
        try_file(formatter, path);
        return OK;
    }
    static const char *const SUFFIXES[] = {".yaml", ".yml", NULL}; /* JSON stays JSON */
    struct file_list files;
    TRY(file_list(arena, path, SUFFIXES, LIMIT_POLICY_FILES, &files, err));
    for (size_t i = 0; i < files.n; i++) {
        try_file(formatter, files.paths[i]);
    }
    return OK;
}

static int run(struct invocation *invocation)
{
    struct formatter formatter = {
        .invocation = invocation,
        .write = option_given(invocation, "write"),
        .check = option_given(invocation, "check"),
    };
    for (size_t i = 0; i < invocation->n_operands; i++) {
        struct error err;
        const char *path = invocation->operands[i];
        if (formatter.write && strcmp(path, "-") == 0) {
            error_fill(&err, ERROR_CONFIG,
                       "standard input cannot be written to; leave out --write");
            output_error(invocation, &err);
            return EXIT_CODE_USAGE;
        }
        if (failed(format_path(&formatter, &invocation->arena, path, &err))) {
            output_error(invocation, &err);
            formatter.problems++;
        }
    }
    if (formatter.problems > 0) {
        return EXIT_CODE_USAGE;
    }
    return formatter.check && formatter.changed > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "write", .letter = 'w', .help = "write the files, and list those that changed"},
    {.name = "check", .help = "list the files that would change, and exit with 1 if there are any"},
    OPTION_END,
};

const struct command command_policy_fmt = {
    .name = "policy fmt",
    .summary = "bring policy files into one form",
    .operands = "FILE...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Prints FILEs, or the *.yaml and *.yml files in directories, in one canonical\n"
             "form: two spaces a level, members in the order of the reference page, short\n"
             "lists on one line, quotes only where they are needed. Comments stay with what\n"
             "they stand before or behind, and what a file says stays the same. A file with\n"
             "anchors is refused, since they would be written out.",
    .exits = "0  done; with --check: nothing would change\n"
             "1  with --check: a file would change\n"
             "2  a file cannot be read or is no YAML",
    .examples = "pratique policy fmt policy.yaml\n"
                "pratique policy fmt --write policies/\n"
                "pratique policy fmt --check policies/",
    .run = run,
};
