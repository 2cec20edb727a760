/* `pratique parse`: what an image reference says. */
#include <stdint.h>

#include "cli/lines.h"
#include "cli/options.h"
#include "cli/output.h"
#include "image/reference.h"

/* A reference in words; empty parts where it says nothing or is none. */
struct parts {
    struct str input, registry, repository, tag, digest, name, familiar;
    struct str error; /* empty: valid */
};

static struct parts parse(struct arena *arena, struct str input)
{
    struct reference reference;
    struct error err;
    if (failed(reference_parse(arena, input, &reference, &err))) {
        return (struct parts){.input = input, .error = arena_dup(arena, str_from(err.text))};
    }
    return (struct parts){
        .input = input,
        .registry = reference.registry,
        .repository = reference.repository,
        .tag = reference.tag,
        .digest = reference.digest,
        .name = reference_name(arena, &reference),
        .familiar = reference_familiar(arena, &reference),
    };
}

static void print_json(FILE *out, const struct parts *parts)
{
    bool valid = parts->error.n == 0;
    fputc('{', out);
    output_member(out, true, "input", parts->input);
    fprintf(out, ",\"valid\":%s", valid ? "true" : "false");
    output_member(out, false, "registry", parts->registry);
    output_member(out, false, "repository", parts->repository);
    output_member(out, false, "tag", parts->tag);
    output_member(out, false, "digest", parts->digest);
    output_member(out, false, "name", parts->name);
    output_member(out, false, "familiar", parts->familiar);
    if (valid) {
        fputs(",\"error\":null}\n", out);
    } else {
        output_member(out, false, "error", parts->error);
        fputs("}\n", out);
    }
}

static void print_line(const struct invocation *invocation, const char *label, struct str value)
{
    fprintf(invocation->out, "  %-10s  ", label);
    if (value.n > 0) {
        output_text(invocation->out, value);
    } else {
        output_styled(invocation, STYLE_FAINT, STR("-"));
    }
    fputc('\n', invocation->out);
}

static void print_text(const struct invocation *invocation, const struct parts *parts)
{
    output_styled(invocation, STYLE_STRONG, parts->input);
    fputc('\n', invocation->out);
    if (parts->error.n > 0) {
        fprintf(invocation->out, "  %-10s  ", "invalid");
        output_styled(invocation, STYLE_BAD, parts->error);
        fputc('\n', invocation->out);
        return;
    }
    print_line(invocation, "registry", parts->registry);
    print_line(invocation, "repository", parts->repository);
    print_line(invocation, "tag", parts->tag);
    print_line(invocation, "digest", parts->digest);
    print_line(invocation, "name", parts->name);
    print_line(invocation, "familiar", parts->familiar);
}

/* Parse and print one; returns whether it is valid. */
static bool parse_one(const struct invocation *invocation, struct str input)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct parts parts = parse(&arena, input);
    if (option_json(invocation)) {
        print_json(invocation->out, &parts);
    } else {
        print_text(invocation, &parts);
    }
    return parts.error.n == 0;
}

/* References from standard input, one a line, answered as they come. */
static int parse_lines(const struct invocation *invocation)
{
    lines_auto lines;
    lines_init(&lines, invocation->in, "standard input");
    int code = EXIT_CODE_YES;
    for (;;) {
        struct str line;
        bool more;
        struct error err;
        if (failed(lines_next(&lines, &line, &more, &err))) {
            output_error(invocation, &err);
            return EXIT_CODE_UNDECIDED;
        }
        if (!more || ferror(invocation->out)) {
            return code; /* what could not be written, output_finish tells */
        }
        if (str_trim(line).n > 0) {
            code = parse_one(invocation, line) ? code : EXIT_CODE_NO;
            fflush(invocation->out);
        }
    }
}

static int run(struct invocation *invocation)
{
    if (invocation->n_operands == 0) {
        return parse_lines(invocation);
    }
    int code = EXIT_CODE_YES;
    for (size_t i = 0; i < invocation->n_operands; i++) {
        bool valid = parse_one(invocation, str_from(invocation->operands[i]));
        code = valid ? code : EXIT_CODE_NO;
    }
    return code;
}

static const struct option OPTIONS[] = {
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_parse = {
    .name = "parse",
    .summary = "show what image references say, normalised",
    .operands = "[REFERENCE...]",
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Takes image references apart as Kubernetes and containerd do: nginx is\n"
             "docker.io/library/nginx. No tag is invented. Without operands it reads\n"
             "references from standard input, one a line; blank lines are passed over. Put\n"
             "-- before a reference that begins with a dash.\n\n"
             "With --output json there is one object a line, in the order given, with the\n"
             "members input, valid, registry, repository, tag, digest, name, familiar and\n"
             "error. What a reference does not say is \"\"; error is null for a valid one.",
    .exits = "0  all are valid\n"
             "1  one at least is invalid\n"
             "3  standard input could not be read",
    .examples = "pratique parse nginx ghcr.io/acme/app:1.2\n"
                "pratique parse --output json nginx\n"
                "pratique parse -- -not-a-reference",
    .run = run,
};
