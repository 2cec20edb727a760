/* Proofs of transparency-dev/merkle: every case that the folders hold; and trees of our own. */
#include "test.h"

#include "base/file.h"
#include "crypto/hash.h"
#include "verify/merkle.h"

/* -- cases from outside -- */

static struct merkle_proof proof_of(const yyjson_val *list)
{
    size_t room = yyjson_arr_size((yyjson_val *)(uintptr_t)list);
    struct str *hashes = ARENA_ARRAY(&test_arena, struct str, room);
    for (size_t i = 0; i < room; i++) {
        hashes[i] = vector_bytes(yyjson_arr_get((yyjson_val *)(uintptr_t)list, i));
    }
    return (struct merkle_proof){hashes, room};
}

static uint64_t number_of(const yyjson_val *value, const char *name)
{
    return yyjson_get_uint(json_get(value, name));
}

static status run_inclusion(const yyjson_val *v, struct error *err)
{
    const struct merkle_proof proof = proof_of(json_get(v, "proof"));
    return merkle_check_inclusion(number_of(v, "leafIdx"), number_of(v, "treeSize"),
                                  vector_bytes(json_get(v, "leafHash")), &proof,
                                  vector_bytes(json_get(v, "root")), err);
}

static status run_consistency(const yyjson_val *v, struct error *err)
{
    const struct merkle_proof proof = proof_of(json_get(v, "proof"));
    const struct merkle_tree earlier = {number_of(v, "size1"), vector_bytes(json_get(v, "root1"))};
    const struct merkle_tree later = {number_of(v, "size2"), vector_bytes(json_get(v, "root2"))};
    return merkle_check_consistency(&earlier, &later, &proof, err);
}

static void run_all(const char *folder, status (*run)(const yyjson_val *v, struct error *err))
{
    static const char *const SUFFIXES[] = {".json", NULL};
    struct file_list files;
    struct error err = {.kind = ERROR_NONE};
    assert_false(failed(file_list(&test_arena, vector_path(folder), SUFFIXES, 1000, &files, &err)));
    assert_true(files.n > 20);
    for (size_t i = 0; i < files.n; i++) {
        json_doc_auto doc = {0};
        struct str text;
        assert_false(failed(file_read(&test_arena, files.paths[i], MIB, &text, &err)));
        assert_false(failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err)));
        bool wanted = !yyjson_get_bool(json_get(doc.root, "wantErr"));
        bool holds = !failed(run(doc.root, &err));
        if (holds != wanted) {
            fail_msg("%s: %s", files.paths[i], holds ? "it holds" : err.text);
        }
        if (!holds) {
            assert_int_equal(err.kind, ERROR_EVIDENCE);
        }
    }
}

static void inclusion_vectors(void **state)
{
    (void)state;
    run_all("merkle-proofs/inclusion", run_inclusion);
}

static void consistency_vectors(void **state)
{
    (void)state;
    run_all("merkle-proofs/consistency", run_consistency);
}

/* -- trees of our own, by the definitions of RFC 6962 -- */

enum { LEAVES = 40 };

static struct str leaves[LEAVES];

static struct str join(struct str left, struct str right)
{
    const struct str parts[] = {{"\1", 1}, left, right};
    return hash_of(HASH_SHA256, parts, 3, arena_alloc(&test_arena, HASH_ROOM));
}

static size_t split(size_t n)
{
    size_t k = 1;
    while (2 * k < n) {
        k *= 2;
    }
    return k;
}

static struct str root_of(size_t from, size_t n)
{
    return n == 1 ? leaves[from]
                  : join(root_of(from, split(n)), root_of(from + split(n), n - split(n)));
}

/* PATH(m, D[n]) of section 2.1.1. */
static void path_of(size_t m, size_t from, size_t n, struct str *hashes, size_t *count)
{
    if (n == 1) {
        return;
    }
    size_t k = split(n);
    if (m < k) {
        path_of(m, from, k, hashes, count);
        hashes[(*count)++] = root_of(from + k, n - k);
    } else {
        path_of(m - k, from + k, n - k, hashes, count);
        hashes[(*count)++] = root_of(from, k);
    }
}

/* SUBPROOF(m, D[n], b) of section 2.1.2. */
static void subproof(size_t m, size_t from, size_t n, bool whole, struct str *hashes, size_t *count)
{
    if (m == n) {
        if (!whole) {
            hashes[(*count)++] = root_of(from, n);
        }
        return;
    }
    size_t k = split(n);
    if (m <= k) {
        subproof(m, from, k, whole, hashes, count);
        hashes[(*count)++] = root_of(from + k, n - k);
    } else {
        subproof(m - k, from + k, n - k, false, hashes, count);
        hashes[(*count)++] = root_of(from, k);
    }
}

static void make_leaves(void)
{
    for (size_t i = 0; i < LEAVES; i++) {
        leaves[i] = merkle_leaf(arena_printf(&test_arena, "entry %zu", i),
                                arena_alloc(&test_arena, MERKLE_SIZE));
    }
}

/* What is one byte, one hash or one number off does not hold. */
static void every_inclusion(void **state)
{
    (void)state;
    make_leaves();
    for (size_t n = 1; n <= LEAVES; n++) {
        struct str root = root_of(0, n);
        for (size_t m = 0; m < n; m++) {
            struct str hashes[16];
            struct error err;
            struct merkle_proof proof = {hashes, 0};
            path_of(m, 0, n, hashes, &proof.n);
            assert_false(failed(merkle_check_inclusion(m, n, leaves[m], &proof, root, &err)));
            for (size_t other = 0; other <= n; other++) {
                assert_true(other == m || failed(merkle_check_inclusion(other, n, leaves[m], &proof,
                                                                        root, &err)));
            }
            hashes[proof.n] = root;
            proof.n++;
            assert_true(failed(merkle_check_inclusion(m, n, leaves[m], &proof, root, &err)));
            proof.n--;
            if (proof.n > 0) {
                proof.n--;
                assert_true(failed(merkle_check_inclusion(m, n, leaves[m], &proof, root, &err)));
            }
        }
    }
}

static void every_consistency(void **state)
{
    (void)state;
    make_leaves();
    for (size_t n = 1; n <= LEAVES; n++) {
        for (size_t m = 1; m <= n; m++) {
            struct str hashes[16];
            struct error err;
            struct merkle_proof proof = {hashes, 0};
            subproof(m, 0, n, true, hashes, &proof.n);
            const struct merkle_tree earlier = {m, root_of(0, m)}, later = {n, root_of(0, n)};
            assert_false(failed(merkle_check_consistency(&earlier, &later, &proof, &err)));
            const struct merkle_tree wrong = {m, join(earlier.root, later.root)};
            assert_true(failed(merkle_check_consistency(&wrong, &later, &proof, &err)));
            if (m != n) {
                assert_true(failed(merkle_check_consistency(&later, &earlier, &proof, &err)));
            }
        }
    }
}

static void limits(void **state)
{
    (void)state;
    make_leaves();
    struct str hashes[LIMIT_PROOF_HASHES + 1];
    struct error err;
    for (size_t i = 0; i < COUNT(hashes); i++) {
        hashes[i] = leaves[0];
    }
    struct merkle_proof proof = {hashes, LIMIT_PROOF_HASHES};
    assert_true(failed(merkle_check_inclusion(0, INT64_MAX, leaves[0], &proof, leaves[0], &err)));
    expect_error(&err, ERROR_EVIDENCE, "too long");
    proof.n++;
    assert_true(failed(merkle_check_inclusion(0, INT64_MAX, leaves[0], &proof, leaves[0], &err)));
    expect_error(&err, ERROR_EVIDENCE, "malformed");
}

int merkle_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(inclusion_vectors),
        TEST(consistency_vectors),
        TEST(every_inclusion),
        TEST(every_consistency),
        TEST(limits),
    };
    return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
