#include "test.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

/* The other implementation that is asked whether it believes ours: openssl's command line. */

static void write_file(const char *name, struct str text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    assert_int_equal(fclose(file), 0);
}

/* Run a command, and return its exit code; what it prints is in ret_output, cut. */
static int run(const char *const *arguments, char ret_output[8192])
{
    int ends[2], code = -1;
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    pid_t child;
    assert_int_equal(posix_spawnp(&child, arguments[0], &actions, NULL,
                                  (char *const *)(uintptr_t)arguments, environ),
                     0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t n = 0;
    ssize_t more;
    while ((more = read(ends[0], ret_output + n, 8191 - n)) > 0) {
        n += (size_t)more;
    }
    ret_output[n] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &code, 0), child);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

#define RUN(output, ...) run((const char *const[]){__VA_ARGS__, NULL}, output)

static void assert_says(const char *output, const char *wanted)
{
    if (strstr(output, wanted) == NULL) {
        print_message("no \"%s\" in:\n%s\n", wanted, output);
    }
    assert_non_null(strstr(output, wanted));
}

static void chain_by_the_command_line(void **state)
{
    (void)state;
    char folder[] = "/tmp/pratique-crypto-XXXXXX", output[8192];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    int64_t now = clock_wall();
    struct key_pair authority = make_authority(now, 10 * DAY), other = make_authority(now, DAY);
    struct key_pair leaf = make_leaf(&authority, now, DAY);
    write_file("ca.crt", authority.certificate);
    write_file("other.crt", other.certificate);
    write_file("tls.crt", leaf.certificate);
    write_file("tls.key", leaf.key);
#define VERIFY(ca, host)                                                                           \
    RUN(output, "openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath",        \
        "-no-CAstore", "-CAfile", ca, "-verify_hostname", host, "tls.crt")
    if (VERIFY("ca.crt", "pratique.pratique-system.svc") != 0) {
        fail_msg("%s", output);
    }
    assert_int_not_equal(VERIFY("ca.crt", "evil.pratique-system.svc"), 0);
    assert_says(output, "hostname mismatch");
    assert_int_not_equal(VERIFY("other.crt", "pratique.pratique-system.svc"), 0);
    assert_int_equal(RUN(output, "openssl", "x509", "-in", "ca.crt", "-noout", "-text"), 0);
    assert_says(output, "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0");
    assert_says(output, "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign");
    assert_says(output, "X509v3 Subject Key Identifier");
    assert_says(output, "ASN1 OID: prime256v1");
    assert_says(output, "pratique-tls authority ");
    assert_int_equal(RUN(output, "openssl", "x509", "-in", "tls.crt", "-noout", "-text"), 0);
    assert_says(output,
                "X509v3 Extended Key Usage: \n                TLS Web Server Authentication");
    assert_says(output, "X509v3 Key Usage: critical\n                Digital Signature");
    assert_says(output, "CA:FALSE");
    assert_says(output, "DNS:pratique.pratique-system.svc");
    assert_says(output, "ecdsa-with-SHA256");
    assert_int_equal(RUN(output, "openssl", "pkey", "-in", "tls.key", "-noout", "-check"), 0);
    assert_int_equal(RUN(output, "rm", "-r", folder), 0);
    assert_int_equal(chdir("/"), 0);
}

static void times(void **state)
{
    (void)state;
    int64_t now = 20000 * DAY + 5 * NS_PER_S + 7;
    struct key_pair authority = make_authority(now, 10 * DAY);
    const struct {
        int64_t now, validity, end;
    } cases[] = {
        {now, DAY, 20001 * DAY + 5 * NS_PER_S},
        {now, 60 * NS_PER_S, 20000 * DAY + 65 * NS_PER_S},
        {now, 10 * DAY, 20010 * DAY + 5 * NS_PER_S},
        {now, 11 * DAY, 20010 * DAY + 5 * NS_PER_S}, /* no longer than the authority */
        {now + 9 * DAY, 2 * DAY, 20010 * DAY + 5 * NS_PER_S},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct key_pair leaf = make_leaf(&authority, cases[i].now, cases[i].validity);
        struct certificate_list list;
        struct error err;
        assert_false(failed(certificates_read(&test_arena, leaf.certificate, &list, &err)));
        assert_int_equal(list.items[0].not_after, cases[i].end);
        assert_int_equal(list.items[0].not_before,
                         (cases[i].now - ISSUE_BACKDATE) / NS_PER_S * NS_PER_S);
    }
}

static void serials(void **state)
{
    (void)state;
    struct key_pair authority = make_authority(20000 * DAY, DAY);
    char output[8192], seen[32][64];
    for (size_t i = 0; i < COUNT(seen); i++) {
        struct key_pair leaf = make_leaf(&authority, 20000 * DAY, DAY);
        char name[] = "/tmp/pratique-serial-XXXXXX";
        close(mkstemp(name));
        write_file(name, leaf.certificate);
        assert_int_equal(RUN(output, "openssl", "x509", "-noout", "-serial", "-in", name), 0);
        assert_int_equal(unlink(name), 0);
        assert_int_equal(strlen(output), strlen("serial=") + 32 + 1);
        snprintf(seen[i], sizeof seen[i], "%.60s", output);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(seen[k], seen[i]);
        }
    }
}

static void authorities_that_do_not_fit(void **state)
{
    (void)state;
    struct key_pair one = make_authority(20000 * DAY, DAY), two = make_authority(20000 * DAY, DAY);
    const struct key_pair pairs[] = {
        {one.certificate, two.key}, {STR(""), one.key}, {one.certificate, STR("")}};
    const struct leaf_request request = {
        .names = &NAME, .n_names = 1, .now = 20000 * DAY, .validity = DAY};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct key_pair leaf;
        struct error err;
        assert_true(failed(issue_leaf(&test_arena, &pairs[i], &request, &leaf, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
}

static void several_names_and_long_ones(void **state)
{
    (void)state;
    const struct str long_name =
        STR("a23456789-123456789-123456789-123456789-123456789-123456789-123"
            ".b23456789-123456789-123456789-123456789-123456789-123456789-123"
            ".svc.cluster.local");
    struct key_pair authority;
    issue_authority(&test_arena, long_name, 20000 * DAY, DAY, &authority);
    const struct str names[] = {NAME, STR("pratique.pratique-system"), long_name};
    const struct leaf_request request = {
        .names = names, .n_names = COUNT(names), .now = 20000 * DAY, .validity = DAY};
    struct key_pair leaf;
    struct error err;
    assert_false(failed(issue_leaf(&test_arena, &authority, &request, &leaf, &err)));
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_false(failed(
            certificate_check_issuer(leaf.certificate, authority.certificate, names[i], &err)));
    }
}

int issue_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(chain_by_the_command_line, start, stop),
        cmocka_unit_test_setup_teardown(times, start, stop),
        cmocka_unit_test_setup_teardown(serials, start, stop),
        cmocka_unit_test_setup_teardown(authorities_that_do_not_fit, start, stop),
        cmocka_unit_test_setup_teardown(several_names_and_long_ones, start, stop),
    };
    return cmocka_run_group_tests_name("issue", tests, NULL, NULL);
}
