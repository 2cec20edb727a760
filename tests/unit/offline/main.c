#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "oci/image.h"
#include "offline/offline.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static struct offline *offline;

static int start(void **state)
{
    arena_init(&arena, 64u * MIB);
    offline = offline_new();
    return enter_folder(state);
}

static int stop(void **state)
{
    offline_free(offline);
    arena_done(&arena);
    return leave_folder(state);
}

/* -- layouts, each of one image that runs as `user` -- */

static const char *put_blob(const char *folder, struct str bytes)
{
    struct str digest = digest_of(&arena, STR("sha256"), bytes);
    write_file(arena_printf(&arena, "%s/blobs/sha256/%s", folder, digest.p + 7).p, bytes.p);
    return digest.p;
}

/* The digest of the manifest. `name` is what the layout calls it. */
static const char *make_layout(const char *folder, const char *name, const char *user)
{
    mkdir(folder, 0700);
    mkdir(arena_printf(&arena, "%s/blobs", folder).p, 0700);
    mkdir(arena_printf(&arena, "%s/blobs/sha256", folder).p, 0700);
    struct str config = arena_printf(
        &arena,
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"User\":\"%s\"},\"rootfs\":{"
        "\"type\":\"layers\",\"diff_ids\":[]}}",
        user);
    struct str manifest =
        arena_printf(&arena,
                     "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI_CONFIG
                     "\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
                     put_blob(folder, config), config.n);
    const char *digest = put_blob(folder, manifest);
    struct str index =
        arena_printf(&arena,
                     "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" OCI_MANIFEST
                     "\",\"digest\":\"%s\",\"size\":%zu,\"annotations\":{"
                     "\"org.opencontainers.image.ref.name\":\"%s\"}}]}",
                     digest, manifest.n, name);
    write_file(arena_printf(&arena, "%s/oci-layout", folder).p,
               "{\"imageLayoutVersion\":\"1.0.0\"}");
    write_file(arena_printf(&arena, "%s/index.json", folder).p, index.p);
    return digest;
}

static void add(const char *text)
{
    struct error err;
    if (failed(offline_add(offline, str_from(text), &err))) {
        fail_msg("%s", err.text);
    }
}

static void assert_not_added(const char *text, enum error_kind kind, const char *wanted)
{
    struct error err;
    assert_true(failed(offline_add(offline, str_from(text), &err)));
    assert_string_equal(err.text, wanted);
    assert_int_equal(err.kind, kind);
}

static struct evidence ask_for(const char *text, unsigned wants, size_t room)
{
    struct reference reference;
    struct error err;
    struct evidence evidence = {.problem = STR_EMPTY};
    bool later = false;
    assert_false(failed(reference_parse(&arena, str_from(text), &reference, &err)));
    const struct evidence_query query = {&reference, wants};
    const struct evidence_round round = {.queries = &query, .n = 1, .room = room};
    const struct evidence_source source = offline_source(offline);
    size_t used = arena.used;
    assert_false(failed(source.gather(source.self, &round, &arena, &evidence, &later, &err)));
    assert_false(later);
    assert_true(arena.used - used <= (room > 2 * KIB ? room : 2 * KIB));
    return evidence;
}

static struct evidence ask(const char *text)
{
    return ask_for(text, EVIDENCE_DIGEST | EVIDENCE_IMAGE, MIB);
}

static void assert_has(const char *text, const char *digest)
{
    struct evidence evidence = ask(text);
    assert_int_equal(evidence.problem.n, 0);
    assert_string_equal(evidence.digest.p, digest);
    assert_string_equal(evidence.media_type.p, OCI_MANIFEST);
    assert_string_equal(evidence.image->digest.p, digest);
    assert_int_equal(evidence_has(&evidence), EVIDENCE_DIGEST | EVIDENCE_IMAGE);
}

static void assert_problem(const char *text, enum error_kind kind, const char *wanted)
{
    struct evidence evidence = ask(text);
    assert_string_equal(evidence.problem.p, wanted);
    assert_int_equal(evidence.problem_kind, kind);
    assert_null(evidence.image);
}

/* -- tests -- */

static void names_of_layouts(void **state)
{
    (void)state;
    const char *app = make_layout("app", "ghcr.io/acme/app:1", "7");
    const char *nginx = make_layout("nginx", "docker.io/library/nginx:latest", "8");
    add("app");
    add("./nginx");
    assert_has("ghcr.io/acme/app:1", app);
    assert_has("nginx", nginx);
    assert_has("docker.io/nginx:latest", nginx);
    assert_has(arena_printf(&arena, "any.example/x:2@%s", app).p, app);
    assert_problem("ghcr.io/acme/app:2", ERROR_NOT_FOUND, "none of the layouts has it");
    assert_problem("ghcr.io/acme/app", ERROR_NOT_FOUND, "none of the layouts has it");
    struct evidence evidence = ask("ghcr.io/acme/app:1");
    assert_string_equal(evidence.image->images[0].config.user.p, "7");
    evidence = ask_for("ghcr.io/acme/app:1", EVIDENCE_DIGEST, MIB);
    assert_string_equal(evidence.digest.p, app);
    assert_null(evidence.image);
}

static void names_of_people(void **state)
{
    (void)state;
    const char *tagged = make_layout("tagged", "1.0", "7");
    const char *other = make_layout("other", "ghcr.io/elsewhere/x:9", "8");
    add("ghcr.io/acme/tagged:1.0=tagged");
    add("ghcr.io/acme/only=other"); /* its own name no longer counts */
    assert_has("ghcr.io/acme/tagged:1.0", tagged);
    assert_has("ghcr.io/acme/only:latest", other);
    assert_problem("ghcr.io/acme/tagged:2.0", ERROR_NOT_FOUND, "none of the layouts has it");
    assert_problem("ghcr.io/elsewhere/x:9", ERROR_NOT_FOUND, "none of the layouts has it");
    add(arena_printf(&arena, "ghcr.io/acme/by@%s=other", other).p);
    assert_has(arena_printf(&arena, "ghcr.io/acme/by@%s", other).p, other);
    make_layout("a=b", "ghcr.io/acme/equals:1", "9");
    add("./a=b");
    ask("ghcr.io/acme/equals:1");
    assert_not_added("a=b", ERROR_NOT_FOUND, "b: cannot open: No such file or directory");
    assert_not_added("none", ERROR_NOT_FOUND, "none: cannot open: No such file or directory");
}

static void conflicts(void **state)
{
    (void)state;
    char wanted[ERROR_TEXT_MAX];
    const char *one = make_layout("one", "ghcr.io/acme/app:1", "7");
    make_layout("same", "ghcr.io/acme/app:1", "7");
    const char *two = make_layout("two", "ghcr.io/acme/app:1", "8");
    add("one");
    add("same");
    assert_has("ghcr.io/acme/app:1", one);
    add("two");
    snprintf(wanted, sizeof wanted, "two layouts have it: as %s and as %s", one, two);
    assert_problem("ghcr.io/acme/app:1", ERROR_EVIDENCE, wanted);
    assert_has(arena_printf(&arena, "ghcr.io/acme/app@%s", two).p, two);
}

static void broken(void **state)
{
    (void)state;
    const char *digest = make_layout("app", "ghcr.io/acme/app:1", "7");
    add("app");
    write_file(arena_printf(&arena, "app/blobs/sha256/%s", digest + 7).p, "{}");
    struct evidence evidence = ask("ghcr.io/acme/app:1");
    assert_int_equal(evidence.problem_kind, ERROR_EVIDENCE);
    assert_non_null(strstr(evidence.problem.p, "has 2 bytes, and"));
    assert_string_equal(evidence.digest.p, digest); /* that much was had */
    assert_null(evidence.image);
}

static void rooms(void **state)
{
    (void)state;
    make_layout("app", "ghcr.io/acme/app:1", "7");
    add("app");
    bool had = false;
    for (size_t room = 0; room < 16u * KIB; room += 256) {
        struct evidence evidence = ask_for("ghcr.io/acme/app:1", EVIDENCE_IMAGE, room);
        assert_true(evidence.image != NULL || evidence.problem_kind == ERROR_LIMIT);
        assert_true(evidence.image != NULL || !had);
        had = evidence.image != NULL;
    }
    assert_true(had);
}

static void later(void **state)
{
    (void)state;
    struct error err;
    bool put_off = false;
    const struct evidence_round round = {.inline_only = true};
    const struct evidence_source source = offline_source(offline);
    assert_false(failed(source.gather(source.self, &round, &arena, NULL, &put_off, &err)));
    assert_true(put_off);
}

static void limits(void **state)
{
    (void)state;
    make_layout("app", "1", "7");
    for (size_t i = 0; i < LIMIT_LAYOUTS; i++) {
        add("app");
    }
    assert_not_added("app", ERROR_LIMIT, "more than 256 layouts");
    assert_problem("ghcr.io/acme/app:1", ERROR_NOT_FOUND, "none of the layouts has it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_of_layouts, start, stop),
        cmocka_unit_test_setup_teardown(names_of_people, start, stop),
        cmocka_unit_test_setup_teardown(conflicts, start, stop),
        cmocka_unit_test_setup_teardown(broken, start, stop),
        cmocka_unit_test_setup_teardown(rooms, start, stop),
        cmocka_unit_test_setup_teardown(later, start, stop),
        cmocka_unit_test_setup_teardown(limits, start, stop),
    };
    offline_free(NULL);
    return cmocka_run_group_tests_name("offline", tests, NULL, NULL);
}
