/* Nothing of a bundle that proves something can be changed: each byte of valid bundles is, one at a
 * time, as it stands in the text and as it is decoded. None is VALID but where a rule of
 * MEANINGLESS says why that means nothing; a rule that is not met by any is a failure too. */
#include "suite.h"

struct fixture {
    const char *bundle, *trust;
    const char *artifact; /* a file, or a digest */
    const char *key;      /* NULL: a certificate */
    const char *name, *issuer;
};

#define BUNDLE(name) CONFORMANCE name "/bundle.sigstore.json"

static const struct fixture FIXTURES[] = {
    {BUNDLE("happy-path-v0.3"), PRODUCTION, CONFORMANCE "a.txt", NULL, BEACON, GITHUB_ISSUER},
    {BUNDLE("bundle-with-sct-with-extensions"),
     CONFORMANCE "bundle-with-sct-with-extensions/trusted_root.json", CONFORMANCE "a.txt", NULL,
     BEACON, GITHUB_ISSUER},
    {BUNDLE("managed-key-happy-path"), PRODUCTION, CONFORMANCE "a.txt",
     CONFORMANCE "managed-key-happy-path/key.pub", NULL, NULL},
    {"sigstore-go/data/bundles/sigstore.js@2.0.0-provenance.sigstore.json",
     "sigstore-go/data/trusted-roots/public-good.json",
     "sha512:"
     "46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50"
     "540fe34640966eee9fc2ccca387082b4c85cd3c",
     NULL, "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main",
     GITHUB_ISSUER},
};

/* What may change without a word: a member, as it stands before its value. */
static const struct {
    const char *member, *why;
} MEANINGLESS[] = {
    {"mediaType", "a bundle that another version allows as well may say that version"},
    {"hint", "a key is given by the policy; what a bundle calls it is nobody's word"},
};

static size_t met[COUNT(MEANINGLESS)];

/* -- one fixture -- */

struct sweep {
    const struct fixture *fixture;
    struct trust_root *trust;
    struct public_key *key;
    struct artifact artifact;
    struct asked asked;
    char *text; /* of the bundle; written to */
    size_t n;
    size_t tried, wrong;
};

static void read_artifact(struct sweep *s)
{
    struct error err;
    if (strncmp(s->fixture->artifact, "sha", 3) == 0) {
        assert_false(failed(
            artifact_of_digest(&test_arena, str_from(s->fixture->artifact), &s->artifact, &err)));
    } else {
        s->artifact = artifact_of_bytes(&test_arena, vector_text(s->fixture->artifact));
    }
}

static void start_sweep(struct sweep *s, const struct fixture *fixture)
{
    struct error err;
    struct str text = vector_text(fixture->bundle);
    *s = (struct sweep){.fixture = fixture, .n = text.n};
    s->text = arena_alloc(&test_arena, text.n + 1);
    memcpy(s->text, text.p, text.n);
    s->trust = vector_trust(fixture->trust, 0);
    read_artifact(s);
    ask(&s->asked, fixture->name, fixture->issuer);
    if (fixture->key != NULL) {
        assert_false(failed(public_key_read_pem(vector_text(fixture->key), &s->key, &err)));
        s->asked.policy.key = s->key;
    }
}

static bool is_valid(struct sweep *s)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_VERIFY_ARENA);
    s->tried++;
    return verify_bundle(&arena, (struct str){s->text, s->n}, s->trust, &s->asked.policy,
                         &s->artifact)
               .finding.kind == FINDING_VALID;
}

/* Whether the byte at `at` stands in the value of a member that means nothing. */
static bool is_meaningless(const struct sweep *s, size_t at)
{
    for (size_t i = 0; i < COUNT(MEANINGLESS); i++) {
        struct str name = arena_printf(&test_arena, "\"%s\":", MEANINGLESS[i].member);
        const char *found = memmem(s->text, s->n, name.p, name.n);
        size_t from = found == NULL ? s->n : (size_t)(found - s->text) + name.n;
        size_t until = from;
        while (until < s->n && s->text[until] != ',' && s->text[until] != '}') {
            until++;
        }
        if (at >= from && at < until) {
            met[i]++;
            return true;
        }
    }
    return false;
}

static void expect_refused(struct sweep *s, size_t at)
{
    if (is_valid(s) && !is_meaningless(s, at)) {
        size_t from = at < 60 ? 0 : at - 60;
        print_error("%s: valid with character %zu changed: ...%.*s...\n", s->fixture->bundle, at,
                    (int)(at - from + 20), s->text + from);
        s->wrong++;
    }
}

static void sweep_text(struct sweep *s)
{
    for (size_t i = 0; i < s->n; i++) {
        char was = s->text[i];
        if (was == ' ' || was == '\n') {
            continue;
        }
        s->text[i] = (char)(was ^ 1);
        expect_refused(s, i);
        s->text[i] = was;
    }
}

static void run(const struct fixture *fixture)
{
    struct sweep s;
    start_sweep(&s, fixture);
    if (!is_valid(&s)) {
        fail_msg("%s is not valid", fixture->bundle);
    }
    sweep_text(&s);
    assert_true(is_valid(&s));
    print_message("%s: %zu changes\n", fixture->bundle, s.tried - 2);
    public_key_free(s.key);
    trust_root_free(s.trust);
    assert_int_equal(s.wrong, 0);
}

static void every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FIXTURES); i++) {
        run(&FIXTURES[i]);
    }
    for (size_t i = 0; i < COUNT(MEANINGLESS); i++) {
        print_message("%s: %zu (%s)\n", MEANINGLESS[i].member, met[i], MEANINGLESS[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(every_byte)};
    return cmocka_run_group_tests_name("tamper", tests, NULL, NULL);
}
