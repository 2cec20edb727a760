#include "test.h"

#include <string.h>

#include "oracle.h"
#include "review/patch.h"

/* Every image of a real object, replaced: the patch makes exactly that of it, and nothing is left
 * to do for the object that it makes. */

static void read_object(struct decoded *d, yyjson_val *object)
{
    assert_false(
        failed(review_from_manifest(&d->arena, d->kinds, object, STR_EMPTY, &d->review, &d->err)));
}

static struct str mirrored(struct decoded *d, struct str image)
{
    return str_starts(image, STR("mirror.example/"))
               ? image
               : arena_printf(&d->arena, "mirror.example/%.*s", STR_ARG(image));
}

/* The patch that replaces the images of d->review, which stand in `object`. */
static struct str make_patch(struct decoded *d, yyjson_val *object)
{
    struct patch patch;
    struct str text;
    patch_init(&patch, &d->arena, 1 << 20);
    for (size_t i = 0; i < d->review.n_images; i++) {
        const struct review_image *image = &d->review.images[i];
        assert_false(failed(
            patch_set_pointer(&patch, object, image->pointer, mirrored(d, image->text), &d->err)));
    }
    assert_false(failed(patch_text(&patch, &text, &d->err)));
    patch_done(&patch);
    return text;
}

/* The same by going to each place. */
static void replace_naively(struct decoded *d, yyjson_mut_doc *doc)
{
    for (size_t i = 0; i < d->review.n_images; i++) {
        struct str pointer = d->review.images[i].pointer;
        struct str wanted = mirrored(d, d->review.images[i].text);
        yyjson_mut_val *at = yyjson_mut_doc_ptr_getn(doc, pointer.p, pointer.n);
        assert_true(yyjson_mut_set_strn(at, wanted.p, wanted.n));
    }
}

static yyjson_mut_doc *copy_of(yyjson_val *object)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_doc_set_root(doc, yyjson_val_mut_copy(doc, object));
    return doc;
}

static void check_object(struct str line, size_t number)
{
    decoded_auto d;
    decoded_start(&d, line);
    yyjson_val *object = json_get(d.doc.root, "object");
    if (json_get(object, "apiVersion") == NULL) {
        return; /* a part of an object, of no kind */
    }
    read_object(&d, object);
    struct str text = make_patch(&d, object);
    yyjson_doc *patch = yyjson_read(text.p, text.n, 0);
    yyjson_mut_doc *patched = copy_of(object), *wanted = copy_of(object);
    replace_naively(&d, wanted);
    bool right =
        oracle_apply(patched, yyjson_doc_get_root(patch)) &&
        yyjson_mut_equals(yyjson_mut_doc_get_root(patched), yyjson_mut_doc_get_root(wanted)) &&
        yyjson_arr_size(yyjson_doc_get_root(patch)) == 2 * d.review.n_images;
    yyjson_doc *after = yyjson_mut_doc_imut_copy(patched, NULL);
    size_t before = d.review.n_images;
    read_object(&d, yyjson_doc_get_root(after));
    if (!right || d.review.n_images != before ||
        !str_eq(make_patch(&d, yyjson_doc_get_root(after)), STR("[]"))) {
        fail_msg("line %zu: %.*s", number, STR_ARG(text));
    }
    yyjson_doc_free(after);
    yyjson_mut_doc_free(wanted);
    yyjson_mut_doc_free(patched);
    yyjson_doc_free(patch);
}

static void workloads(void **state)
{
    (void)state;
    decoded_auto files;
    decoded_start(&files, STR("{}"));
    struct str objects = read_vector(&files, "k8s-workloads/objects.ndjson");
    size_t number = 0;
    while (objects.n > 0) {
        struct str line;
        str_cut(objects, '\n', &line, &objects);
        check_object(line, ++number);
    }
    assert_int_equal(number, 363);
}

int rewrite_tests(void)
{
    static const struct CMUnitTest TESTS[] = {cmocka_unit_test(workloads)};
    return cmocka_run_group_tests_name("rewrite", TESTS, NULL, NULL);
}
