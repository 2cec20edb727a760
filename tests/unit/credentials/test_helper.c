/* Credential helpers: programs by the docker protocol, which may fail, lie, flood and hang. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

#include "../folder.h"

static char path_before[4096];

static int begin(void **state)
{
    char path[8192], folder[4096];
    if (enter_folder(state) != 0 || getcwd(folder, sizeof folder) == NULL) {
        return 1;
    }
    snprintf(path_before, sizeof path_before, "%s", getenv("PATH"));
    snprintf(path, sizeof path, "%s:%s", folder, path_before);
    return setenv("PATH", path, 1);
}

static int end(void **state)
{
    setenv("PATH", path_before, 1);
    return leave_folder(state);
}

/* docker-credential-NAME, a script. */
static void install(const char *name, const char *script)
{
    char file[128], text[2048];
    snprintf(file, sizeof file, "docker-credential-%s", name);
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    write_file(file, text);
    assert_int_equal(chmod(file, 0700), 0);
}

static const char *config_tries(const char *config, const char *registry)
{
    static char found[4096];
    struct keyring *keyring = keyring_new();
    err = (struct error){0};
    assert_false(failed(keyring_add_docker_config(keyring, str_from(config), STR("config.json"),
                                                  KEYRING_DOCKER, &err)));
    snprintf(found, sizeof found, "%s", tried(keyring, registry, "acme/app"));
    keyring_free(keyring);
    return found;
}

static const char *store_tries(const char *script)
{
    install("test", script);
    return config_tries("{\"credsStore\":\"test\"}", "ghcr.io");
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *script, *tried;
    } CASES[] = {
        {"echo '{\"ServerURL\":\"ghcr.io\",\"Username\":\"u\",\"Secret\":\"p\"}'", "u/p"},
        {"echo '{\"Username\":\"<token>\",\"Secret\":\"t0k\"}'", "id:t0k"},
        {"echo '{\"Username\":\"\",\"Secret\":\"p\"}'", "/p"},
        {"echo 'credentials not found in native keychain'; exit 1", ""},
        /* what it is asked */
        {"echo \"{\\\"Username\\\":\\\"$1-$#\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"",
         "get-1/ghcr.io"},
        {"echo \"{\\\"Username\\\":\\\"$PRATIQUE_X\\\",\\\"Secret\\\":\\\"p\\\"}\"", "as is/p"},
        /* others that hold its output are not waited for */
        {"sleep 60 2>/dev/null & echo '{\"Username\":\"u\",\"Secret\":\"p\"}'", "u/p"},
    };
    setenv("PRATIQUE_X", "as is", 1);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const char *found = store_tries(CASES[i].script);
        if (strcmp(found, CASES[i].tried) != 0) {
            fail_msg("%s: \"%s\" %s", CASES[i].script, found, err.text);
        }
    }
}

static void failures(void **state)
{
    (void)state;
    static const struct {
        const char *script, *problem;
        enum error_kind kind;
    } CASES[] = {
        {"echo 'the vault is closed'; exit 3", " ended with status 3: the vault is closed",
         ERROR_INTERNAL},
        {"exit 1", " ended with status 1", ERROR_INTERNAL},
        {"echo '{\"Secret\":\"s3cr3t\"}'; exit 1", " ended with status 1", ERROR_INTERNAL},
        {"kill -9 $$", " was ended by signal 9", ERROR_INPUT},
        {"echo s3cr3t", " wrote no credential", ERROR_UPSTREAM},
        {"", " wrote no credential", ERROR_UPSTREAM},
        {"echo '{\"Username\":\"s3cr3t\"}'", " wrote no credential", ERROR_UPSTREAM},
        {"echo '{\"Username\":\"u\",\"Secret\":\"\"}'", " wrote no credential", ERROR_UPSTREAM},
        {"echo '[\"s3cr3t\"]'", " wrote no credential", ERROR_UPSTREAM},
        {"yes s3cr3t", " writes more than 196608 bytes", ERROR_LIMIT},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char wanted[256];
        assert_string_equal(store_tries(CASES[i].script), "!");
        snprintf(wanted, sizeof wanted, "config.json: docker-credential-test%s", CASES[i].problem);
        assert_string_equal(err.text, wanted);
        assert_int_equal(err.kind, CASES[i].kind);
    }
}

/* A password of so many bytes. */
static const char *long_password(unsigned n)
{
    char script[256];
    snprintf(script, sizeof script,
             "printf '{\"Username\":\"u\",\"Secret\":\"'; head -c %u /dev/zero | tr '\\0' x; "
             "printf '\"}'",
             n);
    return store_tries(script);
}

static void sizes(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    bool found = false;
    const struct credential_query query = {.registry = STR("ghcr.io"),
                                           .deadline = clock_monotonic() + 20 * NS_PER_S};
    credential_auto one = {0};
    long_password(LIMIT_TOKEN);
    assert_false(failed(keyring_add_docker_config(keyring, STR("{\"credsStore\":\"test\"}"),
                                                  STR("config.json"), KEYRING_DOCKER, &err)));
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_int_equal(one.password.n, LIMIT_TOKEN);
    assert_true(str_eq(one.source, STR("docker-credential-test")));
    keyring_free(keyring);
    assert_string_equal(long_password(LIMIT_TOKEN + 1), "!");
    assert_string_equal(err.text, "config.json: docker-credential-test wrote no credential");
    char script[128];
    snprintf(script, sizeof script,
             "echo '{\"Secret\":\"p\"}'; head -c %u /dev/zero | tr '\\0' ' '",
             LIMIT_HELPER_OUTPUT - 15);
    assert_string_equal(store_tries(script), "/p");
    snprintf(script, sizeof script,
             "echo '{\"Secret\":\"p\"}'; head -c %u /dev/zero | tr '\\0' ' '",
             LIMIT_HELPER_OUTPUT - 14);
    assert_string_equal(store_tries(script), "!");
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void names(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"../test", "a b", "Test", "a.b", "$(x)", "te\\u0000st"};
    install("test", "echo '{\"Username\":\"u\",\"Secret\":\"p\"}'");
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char config[128];
        snprintf(config, sizeof config, "{\"credsStore\":\"%s\"}", NAMES[i]);
        assert_string_equal(config_tries(config, "ghcr.io"), "!");
        assert_non_null(strstr(err.text, "is not the name of a credential helper"));
        assert_int_equal(err.kind, ERROR_CONFIG);
    }
    assert_string_equal(config_tries("{\"credsStore\":\"\"}", "ghcr.io"), "");
    assert_string_equal(config_tries("{\"credsStore\":\"no-such\"}", "ghcr.io"), "!");
    assert_string_equal(err.text, "config.json: docker-credential-no-such is not installed");
    assert_int_equal(err.kind, ERROR_CONFIG);
}

/* The helper of a host before the store, the store before what stands in the file. */
static void who_is_asked(void **state)
{
    (void)state;
    static const char CONFIG[] = "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"},"
                                 "\"quay.io\":{}},\"credsStore\":\"store\","
                                 "\"credHelpers\":{\"ghcr.io\":\"one\",\"docker.io\":\"one\"}}";
    install("one", "echo \"{\\\"Username\\\":\\\"one\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"");
    install("store", "echo \"{\\\"Username\\\":\\\"store\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"");
    assert_string_equal(config_tries(CONFIG, "ghcr.io"), "one/ghcr.io");
    assert_string_equal(config_tries(CONFIG, "quay.io"), "store/quay.io");
    assert_string_equal(config_tries(CONFIG, "a.example:5000"), "store/a.example:5000");
    assert_string_equal(config_tries(CONFIG, "docker.io"), "one/https://index.docker.io/v1/");
    install("one", "echo 'credentials not found in native keychain'; exit 1");
    assert_string_equal(config_tries(CONFIG, "ghcr.io"), ""); /* and nobody else */
    assert_string_equal(config_tries("{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"}},"
                                     "\"credHelpers\":{\"quay.io\":\"one\"}}",
                                     "ghcr.io"),
                        "u/p");
}

/* One source's failure does not hide what others have, and is told behind that, once. */
static void after_a_failure(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    bool found = true;
    const struct credential_query query = {.registry = STR("ghcr.io"),
                                           .deadline = clock_monotonic() + 20 * NS_PER_S};
    credential_auto one = {0};
    install("test", "exit 1");
    install("two", "exit 2");
    static const char *const CONFIGS[] = {"{\"credsStore\":\"test\"}", "{\"credsStore\":\"two\"}",
                                          "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"}}}"};
    for (size_t i = 0; i < COUNT(CONFIGS); i++) {
        assert_false(failed(keyring_add_docker_config(keyring, str_from(CONFIGS[i]),
                                                      STR("config.json"), KEYRING_DOCKER, &err)));
    }
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "u/p !");
    assert_string_equal(err.text, "config.json: docker-credential-test ended with status 1");
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_true(found);
    assert_true(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_false(found);
    keyring_free(keyring);
}

/* -- those that hang -- */

static bool runs(const char *pid)
{
    char file[64], text[256] = "";
    snprintf(file, sizeof file, "/proc/%s/stat", pid);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    return n > 0 && strstr(text, ") Z ") == NULL;
}

static void read_line(const char *file, char line[32])
{
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, 32, f));
    line[strcspn(line, "\n")] = '\0';
    fclose(f);
}

static void hang(int64_t deadline, const atomic_bool *cancel, const char *problem)
{
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    bool found = false;
    const struct credential_query query = {
        .registry = STR("ghcr.io"), .deadline = deadline, .cancel = cancel};
    credential_auto one = {0};
    assert_false(failed(keyring_add_docker_config(keyring, STR("{\"credsStore\":\"test\"}"),
                                                  STR("config.json"), KEYRING_DOCKER, &err)));
    assert_true(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_string_equal(err.text, problem);
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    keyring_free(keyring);
}

static void *cancel_soon(void *argument)
{
    /* as soon as it runs */
    while (access("child", R_OK) != 0) {
        usleep(10 * 1000);
    }
    atomic_store((atomic_bool *)argument, true);
    return NULL;
}

static void it_and_its_children_are_killed(void **state)
{
    (void)state;
    char child[32], parent[32];
    atomic_bool cancel = false;
    pthread_t thread;
    install("test", "echo $$ >parent; sleep 1000 & echo $! >child.new; mv child.new child; wait");
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
    hang(clock_monotonic() + 600 * NS_PER_S, &cancel,
         "config.json: docker-credential-test: cancelled");
    pthread_join(thread, NULL);
    read_line("child", child);
    read_line("parent", parent);
    int64_t until = clock_monotonic() + 20 * NS_PER_S;
    while (runs(child) && clock_monotonic() < until) {
        usleep(10 * 1000);
    }
    assert_false(runs(child));
    assert_false(runs(parent));
}

static void deadlines(void **state)
{
    (void)state;
    install("test", "exec sleep 1000");
    hang(clock_monotonic() + 200 * NS_PER_MS, NULL,
         "config.json: docker-credential-test: no answer in time");
    hang(clock_monotonic() - 1, NULL, "config.json: docker-credential-test: no answer in time");
    install("test", "exec >&- 2>&-; exec sleep 1000"); /* it says that nothing will come */
    hang(clock_monotonic() + 200 * NS_PER_MS, NULL,
         "config.json: docker-credential-test: no answer in time");
}

static void our_files_are_not_theirs(void **state)
{
    (void)state;
    enum { SOME = 77 };
    assert_int_equal(dup2(STDERR_FILENO, SOME), SOME);
    assert_string_equal(store_tries("test ! -e /proc/$$/fd/77 && echo '{\"Secret\":\"p\"}'"), "/p");
    close(SOME);
}

int helper_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, begin, end),
        cmocka_unit_test_setup_teardown(failures, begin, end),
        cmocka_unit_test_setup_teardown(sizes, begin, end),
        cmocka_unit_test_setup_teardown(names, begin, end),
        cmocka_unit_test_setup_teardown(who_is_asked, begin, end),
        cmocka_unit_test_setup_teardown(after_a_failure, begin, end),
        cmocka_unit_test_setup_teardown(it_and_its_children_are_killed, begin, end),
        cmocka_unit_test_setup_teardown(deadlines, begin, end),
        cmocka_unit_test_setup_teardown(our_files_are_not_theirs, begin, end),
    };
    return cmocka_run_group_tests_name("helper", tests, NULL, NULL);
}
