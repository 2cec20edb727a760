#include "cli/options.h"

#include <string.h>

#include "base/limits.h"
#include "test.h"

static const char *const COLORS[] = {"red", "green", NULL};

static const struct option OPTIONS[] = {
    {.name = "policy", .letter = 'p', .argument = "PATH", .repeated = true, .help = ""},
    {.name = "color", .argument = "COLOR", .choices = COLORS, .help = ""},
    {.name = "mutate", .letter = 'm', .help = ""},
    OPTION_OUTPUT,
    OPTION_END,
};

static const struct command COMMAND = {
    .name = "test", .operands = "FILE", .min_operands = 0, .max_operands = 2, .options = OPTIONS};

enum { WORDS = 6 };

static size_t count(const char *const *words)
{
    size_t n = 0;
    while (n < WORDS && words[n] != NULL) {
        n++;
    }
    return n;
}

static void errors_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS];
        const char *text;
    } CASES[] = {
        {{"--polcy", "x"}, "unknown option --polcy; did you mean --policy?"},
        {{"--quite-another"}, "unknown option --quite-another"},
        {{"--hlep"}, "unknown option --hlep; did you mean --help?"},
        {{"--poli\033[2J"}, "unknown option --poli?[2J"},
        {{"-x"}, "unknown option -x; if it is meant as an operand, put -- before it"},
        {{"-mp", "x"}, "--mutate takes no argument"},
        {{"--policy"}, "--policy needs an argument: PATH"},
        {{"-p"}, "--policy needs an argument: PATH"},
        {{"--policy="}, "--policy has an empty argument; it takes PATH"},
        {{"--policy", ""}, "--policy has an empty argument; it takes PATH"},
        {{"--mutate=yes"}, "--mutate takes no argument"},
        {{"--mutate", "--mutate"}, "--mutate stands twice; it is taken once"},
        {{"--color", "red", "--color=red"}, "--color stands twice; it is taken once"},
        {{"--color", "gren"}, "--color \"gren\": it takes red or green; did you mean \"green\"?"},
        {{"--color", "--mutate"}, "--color \"--mutate\": it takes red or green"},
        {{"--output", "yaml"}, "--output \"yaml\": it takes text or json"},
        {{"a", "b", "c"}, "\"c\" is one too many: it takes FILE"},
        {{"a", "--", "b", "--help"}, "\"--help\" is one too many: it takes FILE"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct invocation invocation = {.command = &COMMAND};
        arena_init(&invocation.arena, MIB);
        struct error err = {0};
        status st = options_parse(&invocation, CASES[i].words, count(CASES[i].words), &err);
        if (!failed(st) || err.kind != ERROR_CONFIG || strcmp(err.text, CASES[i].text) != 0) {
            fail_msg("row %zu: \"%s\" is not \"%s\"", i, err.text, CASES[i].text);
        }
        arena_done(&invocation.arena);
    }
}

static void too_few_and_too_many(void **state)
{
    (void)state;
    static const struct command ONE = {.name = "one",
                                       .operands = "IMAGE",
                                       .min_operands = 1,
                                       .max_operands = 1,
                                       .options = OPTIONS};
    static const struct command NONE = {.name = "none", .operands = "", .options = OPTIONS};
    struct error err = {0};
    arena_auto arena;
    arena_init(&arena, MIB);
    struct invocation one = {.command = &ONE, .arena = arena};
    assert_true(failed(options_parse(&one, NULL, 0, &err)));
    assert_string_equal(err.text, "IMAGE is missing");
    arena = one.arena;
    struct invocation none = {.command = &NONE, .arena = arena};
    const char *const extra[] = {"x"};
    assert_true(failed(options_parse(&none, extra, 1, &err)));
    assert_string_equal(err.text, "\"x\" is not expected: it takes options only");
    arena = none.arena;
}

static void values_and_operands(void **state)
{
    (void)state;
    static const char *const WORDS_GIVEN[] = {"-pa", "x", "--policy=b=c", "-o", "json", "--policy",
                                              "-",   "-", "-m",           "--"};
    struct invocation invocation = {.command = &COMMAND};
    arena_init(&invocation.arena, MIB);
    struct error err;
    status st =
        options_parse(&invocation, WORDS_GIVEN, sizeof WORDS_GIVEN / sizeof *WORDS_GIVEN, &err);
    assert_false(failed(st));
    size_t n;
    const char **policies = option_arguments(&invocation, "policy", &n);
    assert_int_equal(n, 3);
    assert_string_equal(policies[0], "a");
    assert_string_equal(policies[1], "b=c");
    assert_string_equal(policies[2], "-");
    assert_true(option_json(&invocation));
    assert_true(option_given(&invocation, "mutate"));
    assert_null(option_argument(&invocation, "mutate"));
    assert_null(option_argument(&invocation, "color"));
    assert_false(option_given(&invocation, "color"));
    assert_int_equal(invocation.n_operands, 2);
    assert_string_equal(invocation.operands[0], "x");
    assert_string_equal(invocation.operands[1], "-");
    arena_done(&invocation.arena);
}

static void help_ends_reading(void **state)
{
    (void)state;
    static const char *const CASES[][3] = {{"--help", "--nonsense", "x"}, {"a", "-h", "-x"}};
    for (size_t i = 0; i < 2; i++) {
        struct invocation invocation = {.command = &COMMAND};
        arena_init(&invocation.arena, MIB);
        struct error err;
        assert_false(failed(options_parse(&invocation, CASES[i], 3, &err)));
        assert_true(invocation.help);
        arena_done(&invocation.arena);
    }
}

int options_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_told),
        cmocka_unit_test(too_few_and_too_many),
        cmocka_unit_test(values_and_operands),
        cmocka_unit_test(help_ends_reading),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
