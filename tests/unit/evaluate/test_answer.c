#include "test.h"

/* The words of an answer. */

#define PASS "rules: [{name: r, deny: ['**:never']}]"
#define FAIL "rules: [{name: r, deny: ['**']}]"
#define WHY  "it matches \"**\", which is not allowed; use another image"

static void admitted(void **state)
{
    (void)state;
    struct walk walk;
    assert_int_equal(walk_through(&walk, POLICY("p", PASS) POLICY("q", PASS), ONE("nginx")),
                     VERDICT_ALLOW);
    assert_str(walk.answer.message, "");
    assert_int_equal(walk.answer.n_causes + walk.answer.n_warnings, 0);
    assert_int_equal(walk.answer.patch.n, 0);
    assert_int_equal(walk.answer.n_annotations, 2);
    assert_str(walk_annotation(&walk, "decision"), "allow");
    assert_str(walk_annotation(&walk, "policies"), "p,q");
    walk_done(&walk);
}

static void one_denial(void **state)
{
    (void)state;
    struct walk walk;
    assert_int_equal(walk_through(&walk, POLICY("p", FAIL), ONE("nginx")), VERDICT_DENY);
    assert_str(walk.answer.message, "spec.containers[0].image \"nginx\": policy p, rule r: " WHY);
    assert_int_equal(walk.answer.n_causes, 1);
    assert_str(walk.answer.causes[0].field, "spec.containers[0].image");
    assert_str(walk.answer.causes[0].message, "policy p, rule r: " WHY);
    assert_str(walk_annotation(&walk, "decision"), "deny");
    assert_str(walk_annotation(&walk, "policies"), "p");
    assert_str(walk_annotation(&walk, "audit-violations"), "");
    walk_done(&walk);
}

static void uncovered(void **state)
{
    (void)state;
    struct walk walk;
    (void)walk_through(&walk, POLICY("p", "images: [ghcr.io], " PASS), ONE("nginx"));
    assert_str(walk.answer.message,
               "spec.containers[0].image \"nginx\": no policy covers this image; use an image that "
               "a policy covers, or have a ClusterImagePolicy cover it");
    assert_str(walk.answer.causes[0].message,
               "no policy covers this image; use an image that a policy covers, or have a "
               "ClusterImagePolicy cover it");
    assert_int_equal(walk.answer.n_annotations, 1); /* no policy applied */
    walk_done(&walk);
}

static void several_denials(void **state)
{
    (void)state;
    struct walk walk;
    (void)walk_through(
        &walk,
        POLICY("soft", "mode: warn, " FAIL)
            POLICY("p", "images: [docker.io], rules: [{name: a, deny: ['**:latest']}, {name: b, "
                        "require: [digest]}]"),
        CREATE(CONTAINER("x", "nginx") "," CONTAINER("y", "ghcr.io/a/b") "," CONTAINER("z", "Z")));
    assert_str(
        walk.answer.message,
        "2 images denied:\n"
        "spec.containers[0].image \"nginx\": policy p, rule a: no tag means \"latest\", and tag "
        "\"latest\" is not allowed; use a version tag or a digest\n"
        "spec.containers[0].image \"nginx\": policy p, rule b: no digest is written; write "
        "docker.io/library/nginx@sha256:DIGEST\n"
        "spec.containers[2].image \"Z\": this is no image reference: repository name must be "
        "lowercase: did you mean \"z\"?");
    assert_int_equal(walk.answer.n_causes, 3);
    assert_str(walk.answer.causes[2].field, "spec.containers[2].image");
    assert_int_equal(walk.answer.n_warnings, 2);
    assert_str(walk.answer.warnings[1],
               "spec.containers[1].image \"ghcr.io/a/b\": policy soft, rule r: " WHY);
    walk_done(&walk);
}

/* A warning is told whatever the verdict; an audit is counted; what is excused is neither. */
static void soft_modes(void **state)
{
    (void)state;
    static const char POLICIES[] =
        POLICY("base", PASS) POLICY("w", "mode: warn, rules: [{name: one, deny: ['**']}, {name: "
                                         "two, deny: ['**']}]")
            POLICY("a", "mode: audit, rules: [{name: one, deny: ['**']}, {name: two, deny: "
                        "['**']}]")
                EXCEPTION("e", "policies: [w, a], rules: [two], until: 2027-01-01T00:00:00Z, "
                               "reason: x");
    struct walk walk;
    assert_int_equal(walk_through(&walk, POLICIES, ONE("nginx")), VERDICT_ALLOW);
    assert_str(walk.answer.message, "");
    assert_int_equal(walk.answer.n_causes, 0);
    assert_int_equal(walk.answer.n_warnings, 1);
    assert_str(walk.answer.warnings[0],
               "spec.containers[0].image \"nginx\": policy w, rule one: " WHY);
    assert_str(walk_annotation(&walk, "audit-violations"), "1");
    assert_str(walk_annotation(&walk, "policies"), "base,w,a");
    walk_done(&walk);
}

static void problem(void **state)
{
    (void)state;
    struct walk walk;
    assert_int_equal(walk_through(&walk, POLICY("p", PASS),
                                  REQUEST("CREATE", "'object':{'spec':{'containers':[" CONTAINER(
                                                        "c", "nginx") ",null]}}")),
                     VERDICT_DENY);
    assert_str(walk.answer.message, walk.review.problem.p);
    assert_true(walk.answer.message.n > 0);
    assert_int_equal(walk.answer.n_causes, 0);
    assert_str(walk_annotation(&walk, "decision"), "deny");
    walk_done(&walk);
}

/* -- many -- */

static void write_pod(struct buf *body, size_t images, const char *image)
{
    buf_add_cstr(body, REQUEST("CREATE", "'object':{'metadata':{},'spec':{'containers':["));
    body->n -= strlen("}}");
    for (size_t i = 0; i < images; i++) {
        buf_printf(body, "%s{'name':'c%zu','image':'%s'}", i == 0 ? "" : ",", i, image);
    }
    buf_add_cstr(body, "]}}}}");
    buf_add_char(body, '\0');
}

static size_t count(struct str text, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == c;
    }
    return n;
}

/* As many lines as fit, and the number of those left out, so that together all are told. */
static void message_limit(void **state)
{
    (void)state;
    for (size_t images = 1; images <= LIMIT_VIOLATIONS + 6; images++) {
        buf_auto body;
        buf_init(&body, MIB);
        write_pod(&body, images, "ghcr.io/acme/a-rather-long-name/of-an-image:1.2.3");
        struct walk walk;
        (void)walk_through(&walk, POLICY("p", FAIL), body.p);
        struct str message = walk.answer.message;
        assert_true(message.n <= LIMIT_MESSAGE);
        size_t lines = count(message, '\n');
        struct str more = str_sub(message, str_rfind(message, '\n'), message.n);
        uint64_t left_out = 0;
        if (str_starts(more, STR("\n… and "))) {
            struct str number, rest;
            more = str_sub(more, strlen("\n… and "), more.n);
            assert_true(str_cut(more, ' ', &number, &rest));
            assert_str(rest, "more");
            assert_true(str_parse_u64(number, 1000, &left_out));
            lines--;
        }
        assert_int_equal(images == 1 ? lines + 1 : lines + left_out, images);
        assert_int_equal(walk.answer.n_causes,
                         images < LIMIT_VIOLATIONS ? images : LIMIT_VIOLATIONS);
        walk_done(&walk);
    }
}

/* Warnings beyond the list of violations are no denials that were left out. */
static void counts_denials_alone(void **state)
{
    (void)state;
    buf_auto body;
    buf_init(&body, MIB);
    write_pod(&body, LIMIT_VIOLATIONS, "a");
    struct walk walk;
    (void)walk_through(&walk, POLICY("p", FAIL) POLICY("w", "mode: warn, " FAIL), body.p);
    size_t lines = count(walk.answer.message, '\n') - 1;
    char expected[32];
    snprintf(expected, sizeof expected, "\n… and %zu more", LIMIT_VIOLATIONS - lines);
    assert_true(str_starts(walk.answer.message, STR("64 images denied:\n")));
    if (!str_ends(walk.answer.message, str_from(expected))) {
        fail_msg("%.*s", STR_ARG(walk.answer.message));
    }
    walk_done(&walk);
}

/* A first line that does not fit is cut rather than left out: a denial always says why. */
static void long_lines(void **state)
{
    (void)state;
    buf_auto policies;
    buf_init(&policies, MIB);
    buf_add_cstr(&policies, POLICY("p", "rules: [{name: r, message: '"));
    policies.n -= strlen("}\n");
    for (size_t i = 0; i < LIMIT_MESSAGE / 8; i++) {
        buf_add_cstr(&policies, "é");
    }
    buf_add_cstr(&policies, "', allow: [");
    for (int i = 0; i < 5; i++) {
        buf_printf(&policies, "h%d.io/", i);
        for (int j = 0; j < 240; j++) {
            buf_add_char(&policies, 'a');
        }
        buf_add_cstr(&policies, ", ");
    }
    buf_add_cstr(&policies, "]}]}\n");
    buf_add_char(&policies, '\0');
    buf_auto body;
    buf_init(&body, MIB);
    char image[501] = "";
    memset(image, 'i', sizeof image - 1);
    write_pod(&body, 3, image);
    struct walk walk;
    (void)walk_through(&walk, policies.p, body.p);
    assert_true(str_starts(walk.answer.message, STR("3 images denied:\nspec.containers[0].image")));
    assert_true(walk.answer.message.n <= LIMIT_MESSAGE);
    walk_done(&walk);
}

/* Names of policies are cut at a whole name. */
static void many_policies(void **state)
{
    (void)state;
    buf_auto policies;
    buf_init(&policies, MIB);
    for (int i = 0; i < 20; i++) {
        buf_printf(&policies, DOCUMENT("ClusterImagePolicy", "name: p%d-", ""), i);
        policies.n -= strlen("}\nspec: {}\n");
        for (int j = 0; j < 240; j++) {
            buf_add_char(&policies, 'p');
        }
        buf_add_cstr(&policies, "}\nspec: {" PASS "}\n");
    }
    buf_add_char(&policies, '\0');
    struct walk walk;
    assert_int_equal(walk_through(&walk, policies.p, ONE("nginx")), VERDICT_ALLOW);
    struct str names = walk_annotation(&walk, "policies");
    assert_true(names.n <= LIMIT_MESSAGE && names.n > LIMIT_MESSAGE - 300);
    assert_true(str_starts(names, STR("p0-ppp")) && str_ends(names, STR("ppp")));
    assert_int_equal(count(names, ','), 7);
    walk_done(&walk);
}

int answer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admitted),      cmocka_unit_test(one_denial),
        cmocka_unit_test(uncovered),     cmocka_unit_test(several_denials),
        cmocka_unit_test(soft_modes),    cmocka_unit_test(problem),
        cmocka_unit_test(message_limit), cmocka_unit_test(counts_denials_alone),
        cmocka_unit_test(long_lines),    cmocka_unit_test(many_policies),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
