#include "test.h"

/* The largest reviews, against policies made to cost much, stay within the memory of a review:
 * meeting its cap would abort the program, and all reviews in flight with it. */

enum {
    BODY_MAX = LIMIT_BODY,
    POLICIES_MAX = 64 * MIB,
    SEGMENTS = 127, /* of a repository of 255 characters */
    SOFT = 40       /* policies of each kind and mode */
};

#define DIGEST "sha512:" HEX64 HEX64

/* "r.io/a/a/…:ttt…@sha512:fff…": about as long as a reference may be, and in many parts. */
static void add_image(struct buf *buf, size_t number, bool digest)
{
    buf_add_cstr(buf, "docker.io");
    for (size_t i = 0; i < SEGMENTS - 4; i++) {
        buf_add_cstr(buf, "/a");
    }
    buf_printf(buf, "/%03zu:", number % 1000);
    for (size_t i = 0; i < 128; i++) {
        buf_add_char(buf, 'a');
    }
    buf_add_cstr(buf, digest ? "@" DIGEST : "");
}

static void write_body(struct buf *body, size_t images, bool digests)
{
    buf_add_cstr(body, REQUEST("CREATE", "'object':{'metadata':{},'spec':{'containers':["));
    body->n -= strlen("}}");
    for (size_t i = 0; i < images; i++) {
        buf_printf(body, "%s{'name':'c%zu','image':'", i == 0 ? "" : ",", i);
        add_image(body, i, digests);
        buf_add_cstr(body, "'}");
    }
    buf_add_cstr(body, "]}}}}");
    buf_add_char(body, '\0');
}

/* Policies each of whose rules fails with long words, and two rewrites one after the other. */
static void write_policies(struct buf *policies, const char *enforced)
{
    static const char *const MODES[] = {"warn", "audit"};
    buf_printf(
        policies,
        POLICY(
            "first",
            "mutate: {resolveDigest: true, rewrite: [{from: m.io, to: n.io/c/**}]}, rules: [{name: "
            "r, %s}]"),
        enforced);
    buf_add_cstr(policies, NAMESPACED("second", "shop",
                                      "mutate: {rewrite: [{from: docker.io, to: m.io/b/**}]}"));
    for (unsigned i = 0; i < SOFT; i++) {
        buf_printf(policies,
                   POLICY("p%u", "mode: %s, rules: [{name: a, tag: {pattern: '%s'}}, "
                                 "{name: b, allow: [a.io, b.io, c.io, d.io]}, {name: c, require: "
                                 "[fullyQualified, digest]}]"),
                   i, MODES[i % 2], i == 0 ? "(a+)+(a+)+[bc]" : "a+[bc]");
    }
    buf_add_cstr(policies,
                 EXCEPTION("e", "policies: [p1, p2], until: 2027-01-01T00:00:00Z, reason: x"));
    buf_add_char(policies, '\0');
}

/* All images have the one digest. */
static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    (void)self, (void)arena, (void)ret_later, (void)err;
    for (size_t i = 0; i < round->n; i++) {
        ret_evidence[i].digest = STR(DIGEST);
    }
    return OK;
}

/* Decide, with the memory that the server gives to a review, and tell how much of it was used. */
static size_t room_used(const char *enforced, size_t images, bool digests, enum verdict expected)
{
    buf_auto policies;
    buf_auto body;
    buf_init(&policies, POLICIES_MAX);
    buf_init(&body, BODY_MAX);
    write_policies(&policies, enforced);
    write_body(&body, images, digests);
    struct walk walk;
    walk_start(&walk, policies.p, body.p);
    arena_auto room;
    arena_init(&room, LIMIT_REVIEW_ARENA);
    const struct kinds *kinds = NULL;
    assert_false(failed(kinds_build(&walk.arena, NULL, 0, NULL, 0, &kinds, &walk.err)));
    assert_false(failed(review_decode(&room, kinds, &walk.body, false, &walk.review, &walk.err)));
    const struct evidence_source source = {.gather = gather};
    walk.options.mutate = true;
    walk.options.source = &source;
    assert_false(failed(evaluate_review(walk.set, &walk.review, &walk.options, &room,
                                        &walk.decision, &walk.answer, &walk.err)));
    assert_int_equal(walk.decision.verdict, expected);
    assert_int_equal(walk.decision.n_images, images);
    assert_int_equal(walk.answer.patch.n > 0, expected == VERDICT_ALLOW);
    assert_true(walk.decision.images[images - 1].rewritten);
    walk_done(&walk);
    return room.used;
}

static void largest_reviews(void **state)
{
    (void)state;
    static const struct {
        const char *enforced;
        bool digests;
        enum verdict verdict;
    } CASES[] = {{"allow: [n.io]", true, VERDICT_ALLOW},
                 {"deny: [n.io]", true, VERDICT_DENY},
                 {"allow: ['n.io/**@*']", false, VERDICT_ALLOW},
                 {"deny: ['n.io/**@*']", false, VERDICT_DENY}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        size_t used = room_used(CASES[i].enforced, LIMIT_IMAGES_PER_REVIEW, CASES[i].digests,
                                CASES[i].verdict);
        /* What is left is for what this test does not think of. */
        assert_in_range(used, MIB, (LIMIT_REVIEW_ARENA - LIMIT_EVIDENCE) / 4 * 3);
    }
}

int room_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_reviews),
    };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
