#include "cli/help.h"

#include <string.h>

#include "base/str.h"
#include "cli/options.h"

enum { WORDS_MOST = 2, NAME_MOST = 128, COMMANDS_MOST = 32, COLUMNS = 80 };

const char *const help_exit_codes =
    "0  yes: admitted, valid, done\n"
    "1  no: something is denied or invalid\n"
    "2  the command line, a policy or a configuration file is wrong\n"
    "3  could not decide: input that cannot be read or is malformed, or a machine\n"
    "   that fails. It wins over 1, because the answer is not complete";

void help_usage(FILE *file, const struct command *command)
{
    fprintf(file, "usage: pratique %s%s%s%s\n", command->name,
            command->options[0].name != NULL ? " [options]" : "",
            *command->operands != '\0' ? " " : "", command->operands);
}

/* Write `text` with each of its lines behind `indent` spaces, the first of them not. */
static void write_lines(FILE *file, const char *text, int indent)
{
    struct str rest = str_from(text);
    struct str line;
    bool more = str_cut(rest, '\n', &line, &rest);
    fprintf(file, "%.*s\n", STR_ARG(line));
    while (more) {
        more = str_cut(rest, '\n', &line, &rest);
        fprintf(file, "%*s%.*s\n", line.n > 0 ? indent : 0, "", STR_ARG(line));
    }
}

/* The next word of `text`, which is then what stands behind it; the empty str at the end. */
static struct str take_word(struct str *text)
{
    size_t start = 0;
    while (start < text->n && (text->p[start] == ' ' || text->p[start] == '\n')) {
        start++;
    }
    size_t end = start;
    while (end < text->n && text->p[end] != ' ' && text->p[end] != '\n') {
        end++;
    }
    struct str word = str_sub(*text, start, end);
    *text = str_sub(*text, end, text->n);
    return word;
}

/* Write `text` as one paragraph from column `indent` on, where the first line is already. */
static void write_paragraph(FILE *file, const char *text, size_t indent)
{
    struct str rest = str_from(text);
    struct str word = take_word(&rest);
    for (size_t column = indent; word.n > 0; word = take_word(&rest)) {
        bool first = column == indent;
        if (!first && column + 1 + word.n > COLUMNS) {
            fprintf(file, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        fprintf(file, "%s%.*s", first ? "" : " ", STR_ARG(word));
        column += word.n + (first ? 0 : 1);
    }
    fputc('\n', file);
}

static void write_section(FILE *file, const char *title, const char *text)
{
    if (*text != '\0') {
        fprintf(file, "\n%s:\n  ", title);
        write_lines(file, text, 2);
    }
}

/* "  -p, --policy PATH" */
static int option_head(char *text, size_t room, const struct option *option)
{
    char letter[8] = "    ";
    if (option->letter != '\0') {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    return snprintf(text, room, "  %s--%s%s%s", letter, option->name,
                    option->argument != NULL ? " " : "",
                    option->argument != NULL ? option->argument : "");
}

static void write_option(FILE *file, const struct option *option, int width)
{
    char head[NAME_MOST];
    option_head(head, sizeof head, option);
    fprintf(file, "%-*s  ", width, head);
    write_paragraph(file, option->help, (size_t)width + 2);
}

static void write_options(FILE *file, const struct option *options)
{
    static const struct option HELP = {.name = "help", .letter = 'h', .help = "show this page"};
    char head[NAME_MOST];
    int width = option_head(head, sizeof head, &HELP);
    for (const struct option *option = options; option->name != NULL; option++) {
        int n = option_head(head, sizeof head, option);
        width = n > width ? n : width;
    }
    fputs("\nOptions:\n", file);
    for (const struct option *option = options; option->name != NULL; option++) {
        write_option(file, option, width);
    }
    write_option(file, &HELP, width);
}

void help_page(FILE *file, const struct command *command)
{
    fprintf(file, "pratique %s - %s\n\n", command->name, command->summary);
    help_usage(file, command);
    fputc('\n', file);
    write_lines(file, command->about, 0);
    write_options(file, command->options);
    write_section(file, "Exit status", command->exits);
    write_section(file, "Examples", command->examples);
}

static void write_summary(FILE *file, const struct command *command)
{
    enum { INDENT = 17 };
    bool fits = strlen(command->name) < INDENT - 2;
    fprintf(file, "  %-*s%s", INDENT - 3, command->name, fits ? " " : "");
    if (!fits) {
        fprintf(file, "\n%*s", INDENT, ""); /* a line of its own */
    }
    write_paragraph(file, command->summary, INDENT);
}

void help_overview(FILE *file)
{
    fputs("pratique - image policy for Kubernetes: the webhook, and the same answers in CI\n\n"
          "usage: pratique COMMAND [options] [operands]\n\n"
          "Commands:\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        write_summary(file, *command);
    }
    fputs("\n'pratique help COMMAND' tells more, with examples.\n", file);
    write_section(file, "Exit status of all commands", help_exit_codes);
}

/* Whether the command's name is `group` and another word. */
static bool in_group(const struct command *command, const char *group)
{
    size_t n = strlen(group);
    return strncmp(command->name, group, n) == 0 && command->name[n] == ' ';
}

bool help_group(FILE *file, const char *group)
{
    bool any = false;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (in_group(*command, group)) {
            if (!any) {
                fprintf(file, "usage: pratique %s COMMAND [options] [operands]\n\nCommands:\n",
                        group);
            }
            write_summary(file, *command);
            any = true;
        }
    }
    return any;
}

/* -- finding a command -- */

static const struct command *find_exact(const char *name)
{
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (strcmp((*command)->name, name) == 0) {
            return *command;
        }
    }
    return NULL;
}

/* Join the first `words` words by spaces; false if they are too long for any command. */
static bool join(const char *const *words, size_t n, char name[NAME_MOST])
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        int length = snprintf(name + used, NAME_MOST - used, "%s%s", i > 0 ? " " : "", words[i]);
        if (length < 0 || (size_t)length >= NAME_MOST - used) {
            return false;
        }
        used += (size_t)length;
    }
    return true;
}

/* The nearest command to `name`; NULL if none is near. */
static const char *near_command(const char *name)
{
    const char *names[COMMANDS_MOST];
    size_t n = 0;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        ENSURE(n < COMMANDS_MOST - 1);
        names[n++] = (*command)->name;
    }
    names[n] = NULL;
    return str_nearest(str_from(name), names);
}

/* A first word such as "policy" that only begins commands: say which there are. Returns OK if it
 * is no such word. */
static status check_group(const char *const *words, size_t n, struct error *err)
{
    char list[256];
    size_t used = 0;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (in_group(*command, words[0])) {
            int length = snprintf(list + used, sizeof list - used, "%s\"%s\"",
                                  used > 0 ? " and " : "", (*command)->name);
            ENSURE(length > 0 && (size_t)length < sizeof list - used);
            used += (size_t)length;
        }
    }
    if (used == 0) {
        return OK;
    }
    if (n == 1 || *words[1] == '-') {
        return error_set(err, ERROR_CONFIG, "\"%s\" is not complete: there is %s", words[0], list);
    }
    return error_set(err, ERROR_CONFIG, "unknown command \"%s %s\": there is %s", words[0],
                     words[1], list);
}

status help_find(const char *const *words, size_t n, const struct command **ret_command,
                 size_t *ret_words, struct error *err)
{
    ENSURE(n > 0);
    char name[NAME_MOST];
    for (size_t take = n < WORDS_MOST ? n : WORDS_MOST; take > 0; take--) {
        const struct command *command = join(words, take, name) ? find_exact(name) : NULL;
        if (command != NULL) {
            *ret_command = command;
            *ret_words = take;
            return OK;
        }
    }
    TRY(check_group(words, n, err));
    const char *near = near_command(words[0]);
    if (near != NULL) {
        return error_set(err, ERROR_CONFIG, "unknown command \"%s\"; did you mean \"%s\"?",
                         words[0], near);
    }
    return error_set(err, ERROR_CONFIG, "unknown command \"%s\"; 'pratique help' lists them",
                     words[0]);
}

/* -- the command itself -- */

static int run(struct invocation *invocation)
{
    if (invocation->n_operands == 0) {
        help_overview(invocation->out);
        return EXIT_CODE_YES;
    }
    if (invocation->n_operands == 1 && help_group(invocation->out, invocation->operands[0])) {
        return EXIT_CODE_YES;
    }
    const struct command *command;
    size_t words;
    struct error err;
    if (failed(help_find(invocation->operands, invocation->n_operands, &command, &words, &err))) {
        fprintf(invocation->err, "pratique help: %s\n", err.text);
        return EXIT_CODE_USAGE;
    }
    help_page(invocation->out, command);
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    OPTION_END,
};

const struct command command_help = {
    .name = "help",
    .summary = "show how to use the program or one command",
    .operands = "[COMMAND]",
    .max_operands = WORDS_MOST,
    .options = OPTIONS,
    .about = "Without a command: all commands, one line each. Every command shows the same\n"
             "page with --help.",
    .exits = "0  shown\n2  there is no such command",
    .examples = "pratique help check\npratique help policy lint",
    .run = run,
};
