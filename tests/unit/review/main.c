#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "oracle.h"

enum { ARENA = 64 * 1024 * 1024, TEXTS = 4096 };

/* Texts that live until the process ends: tests are short, and so are these. */
static char *texts[TEXTS];
static size_t n_texts;

static char *keep(char *text)
{
    assert_non_null(text);
    assert_true(n_texts < TEXTS);
    return texts[n_texts++] = text;
}

const char *json(const char *text)
{
    char *copy = keep(strdup(text));
    for (char *p = copy; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    return copy;
}

void decoded_done(struct decoded *d)
{
    json_doc_done(&d->doc);
    arena_done(&d->arena);
}

void decoded_start(struct decoded *d, struct str text)
{
    *d = (struct decoded){0};
    arena_init(&d->arena, ARENA);
    assert_false(failed(kinds_build(&d->arena, NULL, 0, NULL, 0, &d->kinds, &d->err)));
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &d->doc, &d->err))) {
        fail_msg("%s: %.*s", d->err.text, STR_ARG(str_sub(text, 0, 200)));
    }
}

void decode_review(struct decoded *d, struct str text, bool accept_bare)
{
    decoded_start(d, text);
    d->failed =
        failed(review_decode(&d->arena, d->kinds, &d->doc, accept_bare, &d->review, &d->err));
}

void decode_request(struct decoded *d, const char *request)
{
    static const char ENVELOPE[] =
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":%s}";
    size_t room = sizeof ENVELOPE + strlen(request);
    char *text = malloc(room);
    assert_non_null(text);
    int n = snprintf(text, room, ENVELOPE, request);
    decode_review(d, (struct str){text, (size_t)n}, false);
    free(text);
}

void decode_create(struct decoded *d, const char *group, const char *kind, const char *object)
{
    static const char REQUEST[] =
        "{\"uid\":\"u\",\"operation\":\"CREATE\",\"kind\":{\"group\":\"%s\","
        "\"version\":\"v1\",\"kind\":\"%s\"},\"object\":%s}";
    size_t room = sizeof REQUEST + strlen(group) + strlen(kind) + strlen(object);
    char *text = malloc(room);
    assert_non_null(text);
    snprintf(text, room, REQUEST, group, kind, object);
    decode_request(d, text);
    free(text);
}

const char *describe_images(const struct decoded *d)
{
    static const char ROLES[] = {[IMAGE_CONTAINER] = 'c',
                                 [IMAGE_INIT_CONTAINER] = 'i',
                                 [IMAGE_EPHEMERAL_CONTAINER] = 'e',
                                 [IMAGE_VOLUME] = 'v',
                                 [IMAGE_CUSTOM] = 'x'};
    buf_auto line;
    buf_init(&line, 1 << 20);
    yyjson_val *root = d->review.object != NULL ? d->review.object : d->doc.root;
    for (size_t i = 0; i < d->review.n_images; i++) {
        const struct review_image *image = &d->review.images[i];
        yyjson_val *value = yyjson_ptr_getn(root, image->pointer.p, image->pointer.n);
        assert_true(yyjson_is_str(value) && str_eq(json_str(value), image->text));
        buf_printf(&line, "%s%c.%.*s@%.*s=%.*s%s", i == 0 ? "" : " ", ROLES[image->role],
                   STR_ARG(image->name), STR_ARG(image->path), STR_ARG(image->text),
                   image->unchanged ? "!" : "");
    }
    assert_false(buf_overflowed(&line));
    return keep(strndup(buf_str(&line).p, buf_str(&line).n));
}

static const char *check(const struct decoded *d, yyjson_val *body, bool mutating, bool allowed)
{
    switch (d->review.api) {
    case REVIEW_ADMISSION_V1:
        return oracle_check_admission(body, "admission.k8s.io/v1", mutating, allowed,
                                      d->review.uid);
    case REVIEW_ADMISSION_V1BETA1:
        return oracle_check_admission(body, "admission.k8s.io/v1beta1", mutating, allowed,
                                      d->review.uid);
    case REVIEW_IMAGE_V1ALPHA1:
        return oracle_check_image_review(body, allowed);
    case REVIEW_MANIFEST:
        break;
    }
    return "no API";
}

const char *encode(struct decoded *d, const struct review_answer *answer, bool mutating)
{
    buf_auto buf;
    buf_init(&buf, 1 << 20);
    review_encode(&d->review, answer, &buf);
    assert_false(buf_overflowed(&buf));
    struct str text = buf_str(&buf);
    assert_true(str_ends(text, STR("\n")));
    assert_int_equal(str_find(text, '\n'), text.n - 1);
    json_doc_auto doc = {0};
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &d->err))) {
        fail_msg("%s: %.*s", d->err.text, STR_ARG(text));
    }
    const char *wrong = check(d, doc.root, mutating, answer->allowed);
    if (wrong != NULL) {
        fail_msg("%s: %.*s", wrong, STR_ARG(text));
    }
    return keep(strndup(text.p, text.n));
}

void encode_both(struct decoded *d)
{
    struct review_answer yes = {.allowed = true};
    struct review_answer no = {.message = STR("no")};
    encode(d, &yes, false);
    encode(d, &no, false);
}

const char *vector_path(struct decoded *d, const char *path)
{
    const char *vectors = getenv("PRATIQUE_VECTORS");
    const char *source = getenv("PRATIQUE_SOURCE");
    return vectors != NULL
               ? arena_printf(&d->arena, "%s/%s", vectors, path).p
               : arena_printf(&d->arena, "%s/tests/vectors/%s", source != NULL ? source : ".", path)
                     .p;
}

struct str read_vector(struct decoded *d, const char *path)
{
    struct str text;
    if (failed(file_read(&d->arena, vector_path(d, path), 16u << 20, &text, &d->err))) {
        fail_msg("%s (the folder is named by PRATIQUE_VECTORS)", d->err.text);
    }
    return text;
}

int main(void)
{
    int failures = answer_tests() + decode_tests() + extract_tests() + hostile_tests() +
                   kinds_tests() + limits_tests() + manifest_tests() + patch_tests() +
                   rewrite_tests() + update_tests() + vectors_tests();
    for (size_t i = 0; i < n_texts; i++) {
        free(texts[i]);
    }
    return failures;
}
