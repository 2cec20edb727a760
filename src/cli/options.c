#include "cli/options.h"

#include <string.h>

#include "base/str.h"

const char *const output_formats[] = {"text", "json", NULL};

struct cursor {
    struct invocation *invocation;
    const char *const *arguments;
    size_t n;
    size_t next;
};

static const struct option *find_name(const struct command *command, struct str name)
{
    for (const struct option *option = command->options; option->name != NULL; option++) {
        if (str_eq(str_from(option->name), name)) {
            return option;
        }
    }
    return NULL;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *option = command->options; option->name != NULL; option++) {
        if (letter != '\0' && option->letter == letter) {
            return option;
        }
    }
    return NULL;
}

static status unknown_name(const struct invocation *invocation, struct str name, struct error *err)
{
    enum { MOST = 64 };
    const char *names[MOST] = {"help"};
    size_t n = 1;
    for (const struct option *option = invocation->command->options; option->name != NULL;
         option++) {
        ENSURE(n < MOST - 1);
        names[n++] = option->name;
    }
    const char *near = str_nearest(name, names);
    if (near != NULL) {
        return error_set(err, ERROR_CONFIG, "unknown option --%.*s; did you mean --%s?",
                         STR_ARG(name), near);
    }
    return error_set(err, ERROR_CONFIG, "unknown option --%.*s", STR_ARG(name));
}

static status check_choice(const struct option *option, const char *argument, struct error *err)
{
    char list[256];
    size_t used = 0;
    for (const char *const *choice = option->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, argument) == 0) {
            return OK;
        }
        int n = snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? " or " : "", *choice);
        ENSURE(n > 0 && (size_t)n < sizeof list - used);
        used += (size_t)n;
    }
    const char *near = str_nearest(str_from(argument), option->choices);
    if (near != NULL) {
        return error_set(err, ERROR_CONFIG, "--%s \"%s\": it takes %s; did you mean \"%s\"?",
                         option->name, argument, list, near);
    }
    return error_set(err, ERROR_CONFIG, "--%s \"%s\": it takes %s", option->name, argument, list);
}

static status add_value(struct invocation *invocation, const struct option *option,
                        const char *argument, struct error *err)
{
    if (!option->repeated && option_given(invocation, option->name)) {
        return error_set(err, ERROR_CONFIG, "--%s stands twice; it is taken once", option->name);
    }
    if (option->argument != NULL && *argument == '\0') {
        return error_set(err, ERROR_CONFIG, "--%s has an empty argument; it takes %s", option->name,
                         option->argument);
    }
    if (option->choices != NULL) {
        TRY(check_choice(option, argument, err));
    }
    invocation->values[invocation->n_values++] = (struct option_value){option, argument};
    return OK;
}

/* Take the option's argument: what is attached to it, or else the next word. */
static status take_value(struct cursor *cursor, const struct option *option, const char *attached,
                         struct error *err)
{
    if (option->argument == NULL) {
        if (attached != NULL) {
            return error_set(err, ERROR_CONFIG, "--%s takes no argument", option->name);
        }
        return add_value(cursor->invocation, option, NULL, err);
    }
    if (attached != NULL) {
        return add_value(cursor->invocation, option, attached, err);
    }
    if (cursor->next == cursor->n) {
        return error_set(err, ERROR_CONFIG, "--%s needs an argument: %s", option->name,
                         option->argument);
    }
    return add_value(cursor->invocation, option, cursor->arguments[cursor->next++], err);
}

static status long_option(struct cursor *cursor, const char *word, struct error *err)
{
    struct str name, attached;
    bool has_value = str_cut(str_from(word), '=', &name, &attached);
    if (str_eq(name, STR("help"))) {
        cursor->invocation->help = true;
        return OK;
    }
    const struct option *option = find_name(cursor->invocation->command, name);
    if (option == NULL) {
        return unknown_name(cursor->invocation, name, err);
    }
    return take_value(cursor, option, has_value ? word + name.n + 1 : NULL, err);
}

/* "-o json", "-ojson"; several switches do not share a dash. */
static status short_option(struct cursor *cursor, const char *word, struct error *err)
{
    if (word[0] == 'h' && word[1] == '\0') {
        cursor->invocation->help = true;
        return OK;
    }
    const struct option *option = find_letter(cursor->invocation->command, word[0]);
    if (option == NULL) {
        return error_set(err, ERROR_CONFIG,
                         "unknown option -%s; if it is meant as an operand, put -- before it",
                         word);
    }
    return take_value(cursor, option, word[1] != '\0' ? word + 1 : NULL, err);
}

static status check_operands(const struct invocation *invocation, struct error *err)
{
    const struct command *command = invocation->command;
    if (invocation->n_operands < command->min_operands) {
        return error_set(err, ERROR_CONFIG, "%s is missing", command->operands);
    }
    if (invocation->n_operands <= command->max_operands) {
        return OK;
    }
    const char *extra = invocation->operands[command->max_operands];
    if (command->max_operands == 0) {
        return error_set(err, ERROR_CONFIG, "\"%s\" is not expected: it takes options only", extra);
    }
    return error_set(err, ERROR_CONFIG, "\"%s\" is one too many: it takes %s", extra,
                     command->operands);
}

status options_parse(struct invocation *invocation, const char *const *arguments, size_t n,
                     struct error *err)
{
    struct cursor cursor = {.invocation = invocation, .arguments = arguments, .n = n};
    invocation->operands = ARENA_ARRAY(&invocation->arena, const char *, n + 1);
    invocation->values = ARENA_ARRAY(&invocation->arena, struct option_value, n + 1);
    bool options_end = false;
    while (cursor.next < n && !invocation->help) {
        const char *word = arguments[cursor.next++];
        if (options_end || word[0] != '-' || word[1] == '\0') {
            invocation->operands[invocation->n_operands++] = word;
        } else if (strcmp(word, "--") == 0) {
            options_end = true;
        } else if (word[1] == '-') {
            TRY(long_option(&cursor, word + 2, err));
        } else {
            TRY(short_option(&cursor, word + 1, err));
        }
    }
    return invocation->help ? OK : check_operands(invocation, err);
}

static const struct option_value *find_value(const struct invocation *invocation, const char *name)
{
    /* A name that is not in the table is a slip in this program, not in its input. */
    ENSURE(find_name(invocation->command, str_from(name)) != NULL);
    for (size_t i = 0; i < invocation->n_values; i++) {
        if (strcmp(invocation->values[i].option->name, name) == 0) {
            return &invocation->values[i];
        }
    }
    return NULL;
}

const char *option_argument(const struct invocation *invocation, const char *name)
{
    const struct option_value *value = find_value(invocation, name);
    return value == NULL ? NULL : value->argument;
}

bool option_given(const struct invocation *invocation, const char *name)
{
    return find_value(invocation, name) != NULL;
}

const char **option_arguments(struct invocation *invocation, const char *name, size_t *ret_n)
{
    const char **list = ARENA_ARRAY(&invocation->arena, const char *, invocation->n_values + 1);
    size_t n = 0;
    for (size_t i = 0; i < invocation->n_values; i++) {
        if (strcmp(invocation->values[i].option->name, name) == 0) {
            list[n++] = invocation->values[i].argument;
        }
    }
    *ret_n = n;
    return list;
}

bool option_json(const struct invocation *invocation)
{
    const char *format = option_argument(invocation, "output");
    return format != NULL && strcmp(format, "json") == 0;
}
