/* `pratique manual`: manual pages from the same tables as the help pages. */
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"

/* Write text as roff: no line may begin with a control character, and no dash may become one of
 * typography. */
static void write_text(FILE *file, const char *text)
{
    bool begins = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (begins && (*c == '.' || *c == '\'')) {
            fputs("\\&", file);
        }
        begins = *c == '\n';
        if (*c == '\\') {
            fputs("\\e", file);
        } else if (*c == '-') {
            fputs("\\-", file);
        } else {
            fputc(*c, file);
        }
    }
}

/* A section whose lines stay as they are. */
static void write_lines(FILE *file, const char *title, const char *text)
{
    if (*text == '\0') {
        return;
    }
    fprintf(file, ".SH %s\n.nf\n", title);
    write_text(file, text);
    fputs("\n.fi\n", file);
}

/* Paragraphs, which an empty line parts. */
static void write_paragraphs(FILE *file, const char *text)
{
    const char *gap;
    while ((gap = strstr(text, "\n\n")) != NULL) {
        char paragraph[2048];
        size_t n = (size_t)(gap - text);
        ENSURE(n < sizeof paragraph);
        memcpy(paragraph, text, n);
        paragraph[n] = '\0';
        write_text(file, paragraph);
        fputs("\n.PP\n", file);
        text = gap + 2;
    }
    write_text(file, text);
    fputc('\n', file);
}

static void write_option(FILE *file, const struct option *option)
{
    fputs(".TP\n", file);
    if (option->letter != '\0') {
        fprintf(file, "\\fB\\-%c\\fR, ", option->letter);
    }
    fputs("\\fB\\-\\-", file);
    write_text(file, option->name);
    fputs("\\fR", file);
    if (option->argument != NULL) {
        fprintf(file, " \\fI%s\\fR", option->argument);
    }
    fputc('\n', file);
    write_text(file, option->help);
    fputc('\n', file);
}

static void write_options(FILE *file, const struct command *command)
{
    static const struct option HELP = {.name = "help", .letter = 'h', .help = "Show a help page."};
    fputs(".SH OPTIONS\n", file);
    for (const struct option *option = command->options; option->name != NULL; option++) {
        write_option(file, option);
    }
    write_option(file, &HELP);
}

static void write_page(FILE *file, const struct command *command)
{
    char page[64];
    snprintf(page, sizeof page, "pratique-%s", command->name);
    for (char *c = page; *c != '\0'; c++) {
        *c = *c == ' ' ? '-' : *c;
    }
    fprintf(file, ".TH \"%s\" 1 \"\" \"pratique " PRATIQUE_VERSION "\" \"pratique\"\n.SH NAME\n",
            page);
    write_text(file, page);
    fputs(" \\- ", file);
    write_text(file, command->summary);
    fprintf(file, "\n.SH SYNOPSIS\n\\fBpratique %s\\fR%s \\fI", command->name,
            command->options[0].name != NULL ? " [\\fIoptions\\fR]" : "");
    write_text(file, command->operands);
    fputs("\\fR\n.SH DESCRIPTION\n", file);
    write_paragraphs(file, command->about);
    write_options(file, command);
    write_lines(file, "EXIT STATUS", command->exits);
    write_lines(file, "EXAMPLES", command->examples);
    fputs(".SH SEE ALSO\n\\fBpratique\\fR(1)\n", file);
}

static void write_overview(FILE *file)
{
    fputs(".TH pratique 1 \"\" \"pratique " PRATIQUE_VERSION "\" \"pratique\"\n.SH NAME\n"
          "pratique \\- an image policy for Kubernetes: the webhook, and the same answers in CI\n"
          ".SH SYNOPSIS\n\\fBpratique\\fR \\fICOMMAND\\fR [\\fIoptions\\fR] [\\fIoperands\\fR]\n"
          ".SH COMMANDS\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        fprintf(file, ".TP\n\\fB%s\\fR\n", (*command)->name);
        write_text(file, (*command)->summary);
        fputc('\n', file);
    }
    write_lines(file, "EXIT STATUS", help_exit_codes);
}

static int run(struct invocation *invocation)
{
    if (invocation->n_operands == 0) {
        write_overview(invocation->out);
        return EXIT_CODE_YES;
    }
    const struct command *command;
    size_t words;
    struct error err;
    if (failed(help_find(invocation->operands, invocation->n_operands, &command, &words, &err))) {
        fprintf(invocation->err, "pratique manual: %s\n", err.text);
        return EXIT_CODE_USAGE;
    }
    write_page(invocation->out, command);
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    OPTION_END,
};

const struct command command_manual = {
    .name = "manual",
    .summary = "print a manual page, for man",
    .operands = "[COMMAND]",
    .max_operands = 2,
    .options = OPTIONS,
    .about = "Prints the manual page of the program or of one command, in the language of\n"
             "man(7). 'make install' installs them all.",
    .exits = "0  printed\n2  there is no such command",
    .examples = "pratique manual check | man -l -\n"
                "pratique manual > /usr/local/share/man/man1/pratique.1",
    .run = run,
};
