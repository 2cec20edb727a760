/* What is refused, and how it is told. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#define TLS_WITH(rest) HEAD "policies: [p]\ntls: {certificate: c, key: k" rest "}\n"

static void unknown_fields(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } CASES[] = {
        {"runtimes: cri-o\n", "5:1: error: runtimes: unknown field \"runtimes\" (did you mean "
                              "\"runtime\"?)\n"},
        {"listen: {prot: 1}\n",
         "5:10: error: listen.prot: unknown field \"prot\" (did you mean \"port\"?)\n"},
        {"plain: {adress: a}\n",
         "5:9: error: plain.adress: unknown field \"adress\" (did you mean \"address\"?)\n"},
        {"log: {levle: info}\n",
         "5:7: error: log.levle: unknown field \"levle\" (did you mean \"level\"?)\n"},
        {"audit: {path: a, paht: b}\n",
         "5:18: error: audit.paht: unknown field \"paht\" (did you mean \"path\"?)\n"},
        {"limits: {bodys: 1}\n", "5:10: error: limits.bodys: unknown field \"bodys\" (did you "
                                 "mean \"body\"?)\n"},
        {"drain: {timeuot: 1s}\n",
         "5:9: error: drain.timeuot: unknown field \"timeuot\" (did you mean \"timeout\"?)\n"},
        {"kinds: [{group: g, kind: K, images: [a], podSpec: [a]}]\n",
         "5:42: error: kinds[0].podSpec: unknown field \"podSpec\" (did you mean "
         "\"podSpecs\"?)\n"},
        {"zzzzzzzz: 1\n", "5:1: error: zzzzzzzz: unknown field \"zzzzzzzz\"\n"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char *text = text_of(MINIMAL "%s", CASES[i].text);
        char *wanted = text_of("server.yaml:%s", CASES[i].wanted);
        assert_refused(text, wanted);
        free(text);
        free(wanted);
    }
    assert_refused(TLS_WITH(", clientCa: a"),
                   "server.yaml:4:31: error: tls.clientCa: unknown field \"clientCa\" (did you "
                   "mean \"clientCA\"?)\n");
}

static void required_fields(void **state)
{
    (void)state;
    assert_refused("{}", "server.yaml:1:1: error: \"apiVersion\" is required\n"
                         "server.yaml:1:1: error: \"kind\" is required\n"
                         "server.yaml:1:1: error: \"tls\" is required\n");
    assert_refused(
        HEAD "tls: {certificate: c, key: k}\n",
        "server.yaml: error: policies: give policy files, or kubernetes.policies: true\n");
    assert_refused(HEAD "policies: [p]\ntls: {}\n",
                   "server.yaml: error: tls: give certificate and key, or managed\n");
    assert_refused(MINIMAL "kinds: [{images: [a]}]\n",
                   "server.yaml:5:9: error: kinds[0]: \"group\" is required\n"
                   "server.yaml:5:9: error: kinds[0]: \"kind\" is required\n");
    assert_refused(MINIMAL "audit: {}\n", "server.yaml:5:1: error: audit: \"path\" is required\n");
}

static void choices(void **state)
{
    (void)state;
    assert_refused(
        "apiVersion: pratique.dev/v1\nkind: ServerConfig\ntls: {certificate: c, key: k}\n"
        "policies: [p]\n",
        "server.yaml:1:1: error: apiVersion: must be \"pratique.dev/v1alpha1\", found "
        "\"pratique.dev/v1\"\n"
        "server.yaml:2:1: error: kind: must be \"ServerConfiguration\", found "
        "\"ServerConfig\"\n");
    assert_refused(MINIMAL "uncovered: alow\nruntime: crio\nlog: {level: warn, format: yaml}\n",
                   "server.yaml:5:1: error: uncovered: must be one of \"deny\", \"allow\", found "
                   "\"alow\" (did you mean \"allow\"?)\n"
                   "server.yaml:6:1: error: runtime: must be one of \"containerd\", \"cri-o\", "
                   "found \"crio\" (did you mean \"cri-o\"?)\n"
                   "server.yaml:7:7: error: log.level: must be one of \"debug\", \"info\", "
                   "\"warning\", \"error\", found \"warn\"\n"
                   "server.yaml:7:20: error: log.format: must be one of \"auto\", \"json\", "
                   "\"text\", found \"yaml\"\n");
}

static void addresses(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "'localhost'", "'1.2.3'",    "'1.2.3.4:80'", "'[::1]'",      "'::1%lo'",
        "'256.0.0.1'", "' 1.2.3.4'", "'01.2.3.4'",   "'0x7f.0.0.1'", "\"127.0.0.1\\0.example\"",
    };
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        char *text = text_of(MINIMAL "listen: {address: %s}\n", WRONG[i]);
        assert_refused(text, "server.yaml:5:10: error: listen.address: must be an IP address, such "
                             "as 0.0.0.0 or \"::\"\n");
        free(text);
    }
    assert_refused(MINIMAL "plain: {address: ''}\n",
                   "server.yaml:5:9: error: plain.address: must not be empty\n");
    assert_accepted(MINIMAL "listen: {address: '::ffff:1.2.3.4'}\nplain: {address: '::1'}\n");
}

/* An empty list would mean everyone; one that was forgotten must not. */
static void client_names(void **state)
{
    (void)state;
    assert_refused(TLS_WITH(", clientCA: a, clientNames: []"),
                   "server.yaml:4:44: error: tls.clientNames: must not be empty\n");
    assert_refused(TLS_WITH(", clientCA: a, clientNames: ['', '!', a]"),
                   "server.yaml:4:58: error: tls.clientNames[0]: must not be empty\n"
                   "server.yaml:4:62: error: tls.clientNames[1]: must not be empty\n");
    assert_refused(TLS_WITH(", clientNames: [a]"),
                   "server.yaml:4:45: error: tls.clientNames[0]: names are checked against "
                   "certificates of tls.clientCA, which is missing\n");
    assert_refused(TLS_WITH(", clientCA: null"),
                   "server.yaml:4:31: error: tls.clientCA: must be a string, found null; give it a "
                   "value or leave it out\n");
    assert_refused(TLS_WITH(", clientCA: ''"),
                   "server.yaml:4:31: error: tls.clientCA: must not be empty\n");
}

static void paths(void **state)
{
    (void)state;
    assert_refused(HEAD "policies: ['', \"a\\0b\", '-']\n"
                        "tls: {certificate: '-', key: '-', clientCA: '-'}\n",
                   "server.yaml:3:12: error: policies[0]: must not be empty\n"
                   "server.yaml:3:16: error: policies[1]: must not contain a NUL character\n"
                   "server.yaml:3:24: error: policies[2]: must be a file: a server reads it again "
                   "when it changes\n"
                   "server.yaml:4:7: error: tls.certificate: must be a file: a server reads it "
                   "again when it changes\n"
                   "server.yaml:4:25: error: tls.key: must be a file: a server reads it again when "
                   "it changes\n"
                   "server.yaml:4:35: error: tls.clientCA: must be a file: a server reads it again "
                   "when it changes\n");
    assert_refused(HEAD "policies: []\ntls: {certificate: '', key: ''}\naudit: {path: ''}\n",
                   "server.yaml:3:1: error: policies: must not be empty\n"
                   "server.yaml:4:7: error: tls.certificate: must not be empty\n"
                   "server.yaml:4:24: error: tls.key: must not be empty\n"
                   "server.yaml:5:9: error: audit.path: must not be empty\n");
    assert_refused(MINIMAL "audit: {path: \"a\\0b\"}\n",
                   "server.yaml:5:9: error: audit.path: must not contain a NUL character\n");
}

static void kinds(void **state)
{
    (void)state;
    assert_refused(MINIMAL "kinds: [{group: g, kind: K}]\n",
                   "server.yaml:5:20: error: kinds[0].kind: give podSpecs or images, else nothing "
                   "is found\n");
    assert_refused(MINIMAL "subresources: [scale2, '']\n",
                   "server.yaml:5:24: error: subresources[1]: must not be empty\n");
    struct loaded loaded;
    load(&loaded, MINIMAL "kinds: [{group: apps, kind: Deployment, images: [a]}]\n");
    assert_false(loaded.good);
    assert_non_null(strstr(loaded.printed, "server.yaml:5:1: error: kinds: "));
    loaded_done(&loaded);
    load(&loaded, MINIMAL "kinds: [{group: g, kind: K, images: ['a[']}]\n");
    assert_false(loaded.good);
    assert_non_null(strstr(loaded.printed, "server.yaml:5:1: error: kinds: "));
    loaded_done(&loaded);
}

/* One load tells all that is wrong, in the order of the file. */
static void everything_at_once(void **state)
{
    (void)state;
    assert_refused(
        HEAD "listen: {address: nowhere, port: -1}\n"
             "tls: {certificate: 5, key: '-', clientNames: a}\n"
             "policies: [1.10, '-', {}]\n"
             "limits: {threads: 64, connections: 63, body: 1.5, reviewsInFlight: '7'}\n"
             "idle: 5\n"
             "drain: {delay: -5s, timeout: 10}\n"
             "reload: soon\n"
             "log: []\n",
        "server.yaml: error: limits: connections must be at least the number of threads, 64\n"
        "server.yaml:3:10: error: listen.address: must be an IP address, such as 0.0.0.0 or "
        "\"::\"\n"
        "server.yaml:3:28: error: listen.port: must be a whole number from 0 to 65535, found -1\n"
        "server.yaml:4:7: error: tls.certificate: must be a string, found a number; quote it, as "
        "in \"1.10\"\n"
        "server.yaml:4:23: error: tls.key: must be a file: a server reads it again when it "
        "changes\n"
        "server.yaml:4:33: error: tls.clientNames: must be a list of strings, found a string; "
        "write [\"a\"]\n"
        "server.yaml:5:12: error: policies[0]: must be a string, found a number; quote it, as in "
        "\"1.10\"\n"
        "server.yaml:5:18: error: policies[1]: must be a file: a server reads it again when it "
        "changes\n"
        "server.yaml:5:23: error: policies[2]: must be a string, found an object\n"
        "server.yaml:6:40: error: limits.body: must be a whole number from 1024 to 8388608, found "
        "a number with a fraction or an exponent\n"
        "server.yaml:6:51: error: limits.reviewsInFlight: must be a whole number from 1 to 1024, "
        "found a string; write it without quotes\n"
        "server.yaml:7:1: error: idle: must be a duration such as \"10s\", found a number\n"
        "server.yaml:8:9: error: drain.delay: \"-5s\" is not a duration; write one such as "
        "\"10s\", \"1m30s\" or \"7d\"\n"
        "server.yaml:8:21: error: drain.timeout: must be a duration such as \"10s\", found a "
        "number\n"
        "server.yaml:9:1: error: reload: \"soon\" is not a duration; write one such as \"10s\", "
        "\"1m30s\" or \"7d\"\n"
        "server.yaml:10:1: error: log: must be an object, found a list\n");
}

static void assert_error(struct str text, enum error_kind kind, const char *wanted)
{
    struct loaded loaded;
    load_as(&loaded, "server.yaml", text);
    assert_false(loaded.good);
    assert_string_equal(loaded.err.text, wanted);
    assert_int_equal(loaded.err.kind, kind);
    loaded_done(&loaded);
}

static void the_error_counts(void **state)
{
    (void)state;
    assert_error(STR(MINIMAL "x: 1\n"), ERROR_CONFIG, "server.yaml: 1 error");
    assert_error(STR(MINIMAL "x: 1\ny: 2\n"), ERROR_CONFIG, "server.yaml: 2 errors");
}

static void no_configuration(void **state)
{
    (void)state;
    assert_error(STR(""), ERROR_CONFIG, "server.yaml: 0 documents; a configuration is one");
    assert_error(STR("# nothing\n---\n"), ERROR_CONFIG,
                 "server.yaml: 0 documents; a configuration is one");
    assert_error(STR(MINIMAL "---\n" MINIMAL), ERROR_CONFIG,
                 "server.yaml: 2 documents; a configuration is one");
    assert_refused("[]", "server.yaml:1:1: error: must be an object, found a list\n");
    assert_refused("text", "server.yaml:1:1: error: must be an object, found a string\n");
    struct loaded loaded;
    load(&loaded, "a: [\n");
    assert_false(loaded.good);
    assert_int_equal(loaded.err.kind, ERROR_INPUT);
    assert_memory_equal(loaded.err.text, "server.yaml: ", 13);
    loaded_done(&loaded);
    load(&loaded, MINIMAL "kind: ServerConfiguration\n");
    assert_false(loaded.good);
    assert_non_null(strstr(loaded.err.text, "\"kind\""));
    loaded_done(&loaded);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct server_config config;
    struct diagnostics list;
    struct error err;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    diagnostics_init(&list, &arena);
    assert_true(failed(server_config_load(&arena, "none.yaml", &list, &config, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_string_equal(err.text, "none.yaml: cannot open: No such file or directory");
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_true(failed(server_config_load(&arena, "folder", &list, &config, &err)));
    assert_int_equal(err.kind, ERROR_INTERNAL);
    assert_string_equal(err.text, "folder: is a directory");
}

int config_error_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(unknown_fields),
        cmocka_unit_test(required_fields),
        cmocka_unit_test(choices),
        cmocka_unit_test(addresses),
        cmocka_unit_test(client_names),
        cmocka_unit_test(paths),
        cmocka_unit_test(kinds),
        cmocka_unit_test(everything_at_once),
        cmocka_unit_test(the_error_counts),
        cmocka_unit_test(no_configuration),
        cmocka_unit_test(files_that_cannot_be_read),
    };
    return cmocka_run_group_tests_name("errors of the configuration", TESTS, enter_folder,
                                       leave_folder);
}
