#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

#define PASS "rules: [{name: r, deny: ['**:never']}]"

/* The example of the design, without what this version reserves. */
static const char EXAMPLE[] =
    "apiVersion: pratique.dev/v1alpha1\n"
    "kind: ClusterImagePolicy            # ImagePolicy is the namespaced form\n"
    "metadata:\n"
    "  name: baseline\n"
    "spec:\n"
    "  mode: enforce                     # enforce | warn | audit\n"
    "  match:                            # which requests; absent means all\n"
    "    namespaces: [\"*\", \"!kube-system\"]\n"
    "    namespaceSelector: {}           # Kubernetes LabelSelector\n"
    "    objectSelector: {}\n"
    "    kinds: [Pod, Deployment]\n"
    "    operations: [CREATE, UPDATE]\n"
    "    users: [\"!system:serviceaccount:ci:deployer\"]\n"
    "  images: [\"**\", \"!registry.example.com/legacy/**\"]\n"
    "  rules:                            # every rule must hold for every such image\n"
    "    - name: trusted-registries\n"
    "      allow: [registry.example.com, \"docker.io/library/*\", \"ghcr.io/acme/**\"]\n"
    "    - name: no-latest\n"
    "      deny: [\"**:latest\"]\n"
    "    - name: version-tag\n"
    "      tag: {semver: \">=1.2 <3\", pattern: '^v?\\d+\\.\\d+\\.\\d+$'}\n"
    "    - name: pinned\n"
    "      require: [digest]             # digest | tag | fullyQualified\n"
    "  mutate:\n"
    "    rewrite: [{from: \"docker.io/**\", to: \"mirror.example.com/hub/**\"}]\n"
    "---\n"
    "apiVersion: pratique.dev/v1alpha1\n"
    "kind: ImagePolicyException\n"
    "metadata: {name: incident-42}\n"
    "spec:\n"
    "  policies: [baseline]\n"
    "  images: [\"docker.io/library/busybox:1.36\"]\n"
    "  namespaces: [debug]\n"
    "  until: 2026-12-31T00:00:00Z       # required: an exception always ends\n"
    "  reason: \"debugging incident 42\"   # required\n";

static void example(void **state)
{
    (void)state;
    static const struct {
        const char *namespace, *image;
        enum verdict verdict;
    } CASES[] = {
        {"shop", "nginx:1.27.0@" SHA256, VERDICT_ALLOW},
        {"shop", "ghcr.io/acme/tools/app:v2.0.1@" SHA256, VERDICT_ALLOW},
        {"shop", "registry.example.com:443/x:1.2.0@" SHA256, VERDICT_ALLOW},
        {"shop", "nginx:1.27.0", VERDICT_DENY},
        {"shop", "nginx:latest@" SHA256, VERDICT_DENY},
        {"shop", "nginx:3.0.0@" SHA256, VERDICT_DENY},
        {"shop", "acme/nginx:1.27.0@" SHA256, VERDICT_DENY},
        {"shop", "ghcr.io/acme-evil/app:1.27.0@" SHA256, VERDICT_DENY},
        {"shop", "registry.example.com/legacy/app:1.27.0@" SHA256, VERDICT_DENY},
        {"kube-system", "nginx:1.27.0@" SHA256, VERDICT_DENY},
        {"shop", "busybox:1.36", VERDICT_DENY},
        {"debug", "busybox:1.36", VERDICT_ALLOW},
        {"debug", "busybox:1.37", VERDICT_DENY},
    };
    bool loaded = false;
    char *printed = diagnose(EXAMPLE, &loaded);
    assert_true(loaded);
    assert_string_equal(printed, "");
    free(printed);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, EXAMPLE);
        fixture.review.namespace = str_from(CASES[i].namespace);
        fixture_image(&fixture, CASES[i].image);
        enum verdict verdict = fixture_decide(&fixture);
        if (verdict != CASES[i].verdict) {
            fail_msg("%s in %s: %s", CASES[i].image, CASES[i].namespace, verdict_name(verdict));
        }
        fixture_done(&fixture);
    }
}

/* An ImageReview tells no operation and no user: the example's policy covers and judges it. */
static void example_on_image_reviews(void **state)
{
    (void)state;
    /* The example is not about everyone, and an ImageReview has no user: its rules hold, but it
     * covers nothing, so a policy for everyone is needed beside it. */
    static const struct {
        const char *more, *image;
        enum verdict verdict;
    } CASES[] = {
        {"", "nginx:1.27.0@" SHA256, VERDICT_DENY},
        {POLICY("everyone", PASS), "nginx:1.27.0@" SHA256, VERDICT_ALLOW},
        {POLICY("everyone", PASS), "nginx:1.27.0", VERDICT_DENY},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[2 * sizeof EXAMPLE];
        snprintf(text, sizeof text, "%s%s", EXAMPLE, CASES[i].more);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.api = REVIEW_IMAGE_V1ALPHA1;
        fixture.review.operation = REVIEW_OPERATION_UNKNOWN;
        fixture.review.user_known = false;
        fixture.review.labels_known = false;
        fixture_image(&fixture, CASES[i].image);
        assert_int_equal(fixture_decide(&fixture), CASES[i].verdict);
        fixture_done(&fixture);
    }
}

/* -- notations -- */

static void json(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "{\"apiVersion\": \"pratique.dev/v1alpha1\", \"kind\": \"ClusterImagePolicy\", "
        "\"metadata\": {\"name\": \"p\"}, \"spec\": {\"rules\": [{\"name\": \"r\", \"deny\": "
        "[\"**:latest\"]}]}}",
        /* two documents, one after the other */
        "{\"apiVersion\": \"pratique.dev/v1alpha1\", \"kind\": \"ClusterImagePolicy\", "
        "\"metadata\": {\"name\": \"p\"}, \"spec\": {\"rules\": [{\"name\": \"r\", \"deny\": "
        "[\"**:latest\"]}]}}\n{\"apiVersion\": \"pratique.dev/v1alpha1\", \"kind\": "
        "\"ClusterImagePolicy\", \"metadata\": {\"name\": \"q\"}, \"spec\": {\"rules\": "
        "[{\"name\": "
        "\"r\", \"allow\": [\"docker.io\"]}]}}",
        /* with what Kubernetes adds, and YAML's own means */
        "# a comment\n%YAML 1.1\n---\napiVersion: pratique.dev/v1alpha1\nkind: "
        "ClusterImagePolicy\nmetadata:\n  name: p\n  uid: x\n  managedFields: [{manager: "
        "kubectl}]\n"
        "  annotations: {a: b}\nspec:\n  rules:\n  - name: r\n    deny: &list\n    - '**:latest'\n"
        "  - name: s\n    deny: *list\nstatus: {conditions: []}\n",
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        enum verdict latest = verdict_on(TEXTS[i], "nginx:latest");
        enum verdict tagged = verdict_on(TEXTS[i], "nginx:1");
        if (latest != VERDICT_DENY || tagged != VERDICT_ALLOW) {
            fail_msg("case %zu: %s %s", i, verdict_name(latest), verdict_name(tagged));
        }
    }
}

/* -- files -- */

struct folder {
    char path[64];
    struct arena arena;
};

static void folder_start(struct folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/test_policy.XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    arena_init(&folder->arena, 16 * MIB);
}

static const char *folder_write(struct folder *folder, const char *name, const char *text)
{
    const char *path = arena_printf(&folder->arena, "%s/%s", folder->path, name).p;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void folder_remove(struct folder *folder, const char *const *names)
{
    for (; *names != NULL; names++) {
        assert_int_equal(unlink(arena_printf(&folder->arena, "%s/%s", folder->path, *names).p), 0);
    }
    assert_int_equal(rmdir(folder->path), 0);
    arena_done(&folder->arena);
}

struct loaded {
    struct policy_set *set;
    struct policy_counts counts;
    uint64_t hash;
    struct error err;
    struct str printed;
};

static struct loaded load(struct folder *folder, const char *const *paths, size_t n)
{
    struct loaded loaded = {0};
    struct diagnostics list;
    diagnostics_init(&list, &folder->arena);
    list.file = STR("before");
    struct policy_options options = {.now = NOW};
    status st = policy_load(paths, n, &options, &list, &loaded.set, &loaded.err);
    assert_int_equal(failed(st), loaded.set == NULL);
    assert_true(str_eq(list.file, STR("before")));
    if (loaded.set != NULL) {
        policy_set_counts(loaded.set, &loaded.counts);
        loaded.hash = policy_set_hash(loaded.set);
        policy_set_unref(loaded.set);
    }
    buf_auto buf;
    buf_init(&buf, MIB);
    diagnostics_print(&list, &buf);
    loaded.printed = arena_dup(&folder->arena, buf_str(&buf));
    return loaded;
}

static void files(void **state)
{
    (void)state;
    struct folder folder;
    folder_start(&folder);
    const char *a = folder_write(&folder, "a.yaml", POLICY("p", PASS) POLICY("q", PASS));
    (void)folder_write(&folder, "b.json",
                       "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":\"ClusterImagePolicy\","
                       "\"metadata\":{\"name\":\"r\"},\"spec\":{\"rules\":[{\"name\":\"r\","
                       "\"deny\":[\"a.io\"]}]}}");
    const char *c = folder_write(&folder, "c.yml", "# nothing yet\n");
    (void)folder_write(&folder, "notes.txt", "not: [a policy");
    (void)folder_write(&folder, ".hidden.yaml", "not: [a policy");
    const char *directory[] = {folder.path};
    struct loaded whole = load(&folder, directory, 1);
    assert_int_equal(whole.printed.n, 0);
    assert_int_equal(whole.counts.policies, 3);
    assert_int_equal(whole.counts.rules, 3);
    const char *one[] = {a, c};
    struct loaded part = load(&folder, one, 2);
    assert_int_equal(part.counts.policies, 2);
    assert_true(part.hash != whole.hash);
    assert_true(load(&folder, one, 2).hash == part.hash);
    const char *empty[] = {c};
    struct loaded none = load(&folder, empty, 1);
    assert_null(none.set);
    assert_int_equal(none.err.kind, ERROR_CONFIG);
    assert_null(load(&folder, empty, 0).set);
    const char *twice[] = {folder.path, a};
    struct loaded doubled = load(&folder, twice, 2);
    assert_null(doubled.set);
    assert_string_equal(doubled.err.text, "the policies have 2 errors");
    static const char *const NAMES[] = {"a.yaml",    "b.json",       "c.yml",
                                        "notes.txt", ".hidden.yaml", NULL};
    folder_remove(&folder, NAMES);
}

/* Errors of several files are all told, each with its file, in order; one of a file that is no YAML
 * hides none of the others. */
static void errors_of_files(void **state)
{
    (void)state;
    struct folder folder;
    folder_start(&folder);
    (void)folder_write(&folder, "a.yaml", "a: [\n");
    (void)folder_write(&folder, "b.yaml", POLICY("p", PASS));
    (void)folder_write(&folder, "c.yaml", POLICY("p", "mode: stern, " PASS));
    const char *paths[] = {folder.path};
    struct loaded loaded = load(&folder, paths, 1);
    assert_null(loaded.set);
    assert_int_equal(loaded.err.kind, ERROR_CONFIG);
    assert_string_equal(loaded.err.text, "the policies have 3 errors");
    struct str expected = arena_printf(
        &folder.arena,
        "%s/a.yaml:2:1: error: did not find expected node content\n"
        "%s/c.yaml:4:12: error: metadata.name: ClusterImagePolicy \"p\" stands twice; the first is "
        "at %s/b.yaml:4:12\n"
        "%s/c.yaml:5:8: error: spec.mode: must be one of \"enforce\", \"warn\", \"audit\", found "
        "\"stern\"\n",
        folder.path, folder.path, folder.path, folder.path);
    if (!str_eq(loaded.printed, expected)) {
        fail_msg("%.*s\nnot %.*s", STR_ARG(loaded.printed), STR_ARG(expected));
    }
    static const char *const NAMES[] = {"a.yaml", "b.yaml", "c.yaml", NULL};
    folder_remove(&folder, NAMES);
}

static int fail_at; /* the call that fails; 0: none */
static int calls;

static int fault(void)
{
    return ++calls == fail_at ? EIO : 0;
}

/* Whichever read fails, there is no set of some of the policies. */
static void failing_reads(void **state)
{
    (void)state;
    struct folder folder;
    folder_start(&folder);
    const char *a = folder_write(&folder, "a.yaml", POLICY("p", PASS));
    (void)folder_write(&folder, "b.yaml", POLICY("q", PASS));
    const char *missing[] = {a, "/nonexistent/policy.yaml"};
    struct loaded loaded = load(&folder, missing, 2);
    assert_null(loaded.set);
    assert_int_equal(loaded.err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(loaded.err.text, "/nonexistent/policy.yaml"));

    const char *paths[] = {folder.path};
    file_fault = fault;
    size_t failures = 0;
    for (fail_at = 1;; fail_at++) {
        calls = 0;
        loaded = load(&folder, paths, 1);
        if (calls < fail_at) {
            break;
        }
        failures += loaded.set == NULL;
        assert_true(loaded.set == NULL || loaded.counts.policies == 2);
    }
    file_fault = NULL;
    assert_true(failures >= 4);
    static const char *const NAMES[] = {"a.yaml", "b.yaml", NULL};
    folder_remove(&folder, NAMES);
}

/* -- sets -- */

/* Cases stand beside policies; they are no policies, and no set is made of them alone. */
static void cases(void **state)
{
    (void)state;
    const char *const CASES = "---\napiVersion: pratique.dev/v1alpha1\nkind: ImagePolicyTest\n"
                              "policies: [p.yaml]\ncases: [{name: a, image: nginx}]\n";
    char text[2048];
    snprintf(text, sizeof text, "%s%s", POLICY("p", PASS), CASES);
    assert_int_equal(verdict_on(text, "nginx"), VERDICT_ALLOW);
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct policy_set *set;
    struct error err;
    assert_true(failed(policy_parse(STR("p"), str_from(CASES), &(struct policy_options){.now = NOW},
                                    &list, &set, &err)));
    assert_true(str_starts(list.items[0].message, STR("no policy is here")));
}

static void references(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "rules: [{name: r, tag: {pattern: '\\d+'}}]"));
    struct policy_set *again = policy_set_ref(fixture.set);
    assert_ptr_equal(again, fixture.set);
    policy_set_unref(fixture.set);
    fixture_image(&fixture, "nginx:1");
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW); /* still there */
    fixture_done(&fixture);
    policy_set_unref(NULL);
}

static void counts(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture,
                  POLICY("p", PASS) POLICY("q", "images: [ghcr.io], rules: [{name: a, deny: "
                                                "['**:never']}, {name: b, require: [tag]}]")
                      NAMESPACED("s", "shop", PASS)
                          EXCEPTION("e", "policies: [p], until: 2026-12-31T00:00:00Z, reason: x"));
    struct policy_counts counts;
    policy_set_counts(fixture.set, &counts);
    assert_int_equal(counts.policies, 3);
    assert_int_equal(counts.rules, 4);
    assert_int_equal(counts.exceptions, 1);
    assert_int_equal(counts.indexed, 2);
    fixture_done(&fixture);
}

/* The schema and the reference page come from the tables that decode: every field is in both. */
static void derived(void **state)
{
    (void)state;
    static const char *const FIELDS[] = {
        "apiVersion",
        "ClusterImagePolicy",
        "ImagePolicy",
        "ImagePolicyException",
        "namespaces",
        "objectSelector",
        "matchExpressions",
        "operations",
        "users",
        "images",
        "rules",
        "allow",
        "deny",
        "semver",
        "pattern",
        "require",
        "message",
        "rewrite",
        "accept",
        "mode",
        "until",
        "reason",
        "policies",
        "pratique.dev/v1alpha1",
    };
    buf_auto schema;
    buf_auto reference;
    buf_init(&schema, MIB);
    buf_init(&reference, MIB);
    policy_schema(&schema);
    policy_reference(&reference);
    assert_false(buf_overflowed(&schema) || buf_overflowed(&reference));
    buf_add_char(&schema, '\0');
    buf_add_char(&reference, '\0');
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        if (strstr(schema.p, FIELDS[i]) == NULL || strstr(reference.p, FIELDS[i]) == NULL) {
            fail_msg("\"%s\" is missing", FIELDS[i]);
        }
    }
    json_doc_auto doc = {0};
    struct error err = {0};
    struct str text = str_from(schema.p);
    assert_false(failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err)));
}

/* What `kubectl get --output yaml` writes. */
static void a_list_of_objects(void **state)
{
    (void)state;
    bool loaded = false;
    char *text = diagnose("apiVersion: v1\nkind: List\nitems:\n"
                          "- apiVersion: pratique.dev/v1alpha1\n  kind: ClusterImagePolicy\n"
                          "  metadata: {name: a, uid: u}\n  spec: {" PASS "}\n"
                          "  status: {judged: 1}\n"
                          "- apiVersion: pratique.dev/v1alpha1\n  kind: ImagePolicy\n"
                          "  metadata: {name: a, namespace: shop}\n  spec: {" PASS "}\n",
                          &loaded);
    assert_string_equal(text, "");
    assert_true(loaded);
    free(text);
    text =
        diagnose("kind: List\napiVersion: v1\nitems:\n- kind: ClusterImagePolicy\n"
                 "  apiVersion: pratique.dev/v1alpha1\n  metadata: {name: a}\n  spec: {rule: []}\n"
                 "- kind: Pod\n",
                 &loaded);
    assert_non_null(strstr(text, "7:10: error: spec.rule: unknown field"));
    assert_non_null(strstr(text, "8:3: error: kind: \"Pod\" is no kind of this language"));
    assert_false(loaded);
    free(text);
    text = diagnose("kind: List\napiVersion: v1\nitems: []\n", &loaded);
    assert_non_null(strstr(text, "no policy is here"));
    free(text);
    text = diagnose("kind: List\napiVersion: v1\nitems: {}\n", &loaded);
    assert_non_null(strstr(text, "\"List\" is no kind of this language"));
    free(text);
}

int load_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example),
        cmocka_unit_test(a_list_of_objects),
        cmocka_unit_test(example_on_image_reviews),
        cmocka_unit_test(json),
        cmocka_unit_test(files),
        cmocka_unit_test(errors_of_files),
        cmocka_unit_test(failing_reads),
        cmocka_unit_test(references),
        cmocka_unit_test(cases),
        cmocka_unit_test(counts),
        cmocka_unit_test(derived),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
