#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "oracle.h"

/* -- comparing with a naive search -- */

enum { NAIVE_MAX = 1024 };

struct naive {
    yyjson_val *values[NAIVE_MAX];
    size_t n;
};

static void add_naive(yyjson_val *text, void *context)
{
    struct naive *naive = context;
    assert_true(naive->n < NAIVE_MAX);
    naive->values[naive->n++] = text;
}

/* Each image in `from` was extracted, each once, and none was invented. */
static void check_naively(const struct decoded *d, yyjson_val *root, yyjson_val *from,
                          const char *name)
{
    struct naive naive = {.n = 0};
    oracle_search(from, true, add_naive, &naive);
    if (naive.n != d->review.n_images) {
        fail_msg("%s: %zu images, a naive search finds %zu", name, d->review.n_images, naive.n);
    }
    for (size_t i = 0; i < naive.n; i++) {
        size_t times = 0;
        for (size_t j = 0; j < d->review.n_images; j++) {
            struct str pointer = d->review.images[j].pointer;
            times += yyjson_ptr_getn(root, pointer.p, pointer.n) == naive.values[i];
        }
        if (times != 1) {
            fail_msg("%s: \"%s\" found %zu times", name, yyjson_get_str(naive.values[i]), times);
        }
    }
}

/* The folder has as many files as the table has rows, so that none is passed over. */
static void check_all_read(const char *folder, size_t rows)
{
    static const char *const SUFFIXES[] = {".json", NULL};
    decoded_auto d;
    decoded_start(&d, STR("{}"));
    struct file_list files;
    if (failed(file_list(&d.arena, vector_path(&d, folder), SUFFIXES, 1000, &files, &d.err))) {
        fail_msg("%s", d.err.text);
    }
    assert_int_equal(files.n, rows);
}

/* -- connaisseur -- */

#define SSE          "securesystemsengineering/"
#define ALICE_DIGEST "@sha256:1234567890123456123456789012345612345678901234561234567890123456"
#define DIGEST       "@sha256:91ac9b26df583762234c1cdb2fc930364754ccc59bc752a2bfe298d2ea68f9ff"
#define CHARLIE      SSE "charlie-image" DIGEST
#define POD_CHARLIE  "c.test-connaisseur@spec.containers[0].image=" CHARLIE
#define TEMPLATE     "c.test-connaisseur@spec.template.spec.containers[0].image="

static const struct {
    const char *file;
    const char *failure; /* NULL: it decodes */
    const char *problem; /* NULL: it can be judged */
    const char *images;
    bool deleting;
} CONNAISSEUR[] = {
    {"01_deployment", NULL, NULL, TEMPLATE SSE "alice-image:test", false},
    {"02_pod", NULL, NULL, POD_CHARLIE, false},
    {"03_replicaset", NULL, NULL, TEMPLATE SSE "sample-san-sama:hai", false},
    {"04_cronjob", NULL, NULL,
     "c.yooob@spec.jobTemplate.spec.template.spec.containers[0].image=busybox", false},
    {"05_replication_controller", NULL, NULL,
     "c.nginx@spec.template.spec.containers[0].image=nginx", false},
    {"06_daemonset", NULL, NULL,
     "c.fluentd-elasticsearch@spec.template.spec.containers[0].image="
     "quay.io/fluentd_elasticsearch/fluentd:v2.5.2",
     false},
    {"07_statefulset", NULL, NULL,
     "c.nginx@spec.template.spec.containers[0].image=registry.k8s.io/nginx-slim:0.8", false},
    {"08_job", NULL, NULL, "c.pi@spec.template.spec.containers[0].image=perl:5.34.0", false},
    {"09_dply_multi_image", NULL, NULL,
     "c.redis@spec.template.spec.containers[0].image=redis:alpine "
     "c.mysql@spec.template.spec.containers[1].image=mysql:8 "
     "i.init@spec.template.spec.initContainers[0].image=busybox:1.32",
     false},
    /* an UPDATE whose old object has the same image: nothing is new */
    {"10_update", NULL, NULL,
     "c.nginx@spec.template.spec.containers[0].image=docker.io/library/"
     "redis:latest@sha256:1111111111111111111111111111111111111111111111111111111111111111!",
     false},
    {"11_role", NULL, NULL, "", false},
    /* a Pod that is none */
    {"12_err_pod", NULL, "spec is missing, it must be an object", "", false},
    {"13_unknown_parent", NULL, NULL, POD_CHARLIE, false},
    {"14_deny_me_job", NULL, NULL,
     "c.pi@spec.template.spec.containers[0].image=my.reg/deny-me" DIGEST, false},
    {"15_allow_me_job", NULL, NULL,
     "c.pi@spec.template.spec.containers[0].image=my.reg/allow-me" DIGEST, false},
    /* the uids of owner and object differ, which is no matter of ours */
    {"16_mismatch_uid", NULL, NULL, POD_CHARLIE, false},
    {"17_deny_me_pod", NULL, NULL,
     "c.test-connaisseur@spec.containers[0].image=my.reg/deny-me" DIGEST, false},
    {"18_allow_me_pod", NULL, NULL,
     "c.test-connaisseur@spec.containers[0].image=my.reg/allow-me" DIGEST, false},
    {"19_pod_initcontainer", NULL, NULL,
     POD_CHARLIE " i.my-initcontainer@spec.initContainers[0].image=nginx", false},
    {"20_pod_ephemeralcontainer", NULL, NULL,
     POD_CHARLIE " e.my-initcontainer@spec.ephemeralContainers[0].image=nginx", false},
    /* without a uid no answer can be addressed */
    {"21_broken_admission_request", "request.uid is missing", NULL, NULL, false},
    {"22_allow_me_with_index_docker_io", NULL, NULL,
     "c.test-connaisseur@spec.containers[0].image=test-image", false},
    {"23_alice_digest_dpl", NULL, NULL, TEMPLATE SSE "alice-image" ALICE_DIGEST, false},
    {"24_alice_tag_digest_dpl", NULL, NULL, TEMPLATE SSE "alice-image:test" ALICE_DIGEST, false},
    {"25_null_request", "a review must be an object, found null", NULL, NULL, false},
    {"26_broken_update_admission_request", "request.uid is missing", NULL, NULL, false},
    /* being deleted excuses no image: these are judged if they are new, and only then */
    {"27_deleted_deployment", NULL, NULL, TEMPLATE "busybox", true},
    {"28_deleted_deployment_updated", NULL, NULL, TEMPLATE "busybox!", true},
    {"29_deleted_deployment_update_for_delete", NULL, NULL, TEMPLATE "busybox!", true},
};

static void connaisseur(void **state)
{
    (void)state;
    check_all_read("connaisseur/admission_requests", N(CONNAISSEUR));
    for (size_t i = 0; i < N(CONNAISSEUR); i++) {
        char path[256];
        snprintf(path, sizeof path, "connaisseur/admission_requests/%s.json", CONNAISSEUR[i].file);
        struct decoded files = {0};
        arena_init(&files.arena, 1 << 24);
        decoded_auto d;
        decode_review(&d, read_vector(&files, path), false);
        arena_done(&files.arena);
        bool right;
        if (CONNAISSEUR[i].failure != NULL) {
            right = d.failed && strstr(d.err.text, CONNAISSEUR[i].failure) != NULL;
        } else {
            const char *problem = CONNAISSEUR[i].problem;
            right = !d.failed && strcmp(describe_images(&d), CONNAISSEUR[i].images) == 0 &&
                    d.review.deleting == CONNAISSEUR[i].deleting &&
                    (problem == NULL ? d.review.problem.n == 0
                                     : strstr(d.review.problem.p, problem) != NULL);
            encode_both(&d);
        }
        if (!right) {
            fail_msg("%s: \"%s\" \"%.*s\" \"%s\"", path, d.err.text, STR_ARG(d.review.problem),
                     d.failed ? "" : describe_images(&d));
        }
    }
}

/* The texts of the images of one role, as a JSON list. */
static const char *texts_of(const struct decoded *d, enum image_role role)
{
    static char line[2048];
    size_t n = (size_t)snprintf(line, sizeof line, "[");
    for (size_t i = 0; i < d->review.n_images; i++) {
        if (d->review.images[i].role == role) {
            n += (size_t)snprintf(line + n, sizeof line - n, "%s\"%.*s\"", n == 1 ? "" : ",",
                                  STR_ARG(d->review.images[i].text));
        }
    }
    snprintf(line + n, sizeof line - n, "]");
    return line;
}

static bool same_list(yyjson_val *expected, const char *got)
{
    char *text = yyjson_val_write(expected, 0, NULL);
    bool same = text != NULL && strcmp(text, got) == 0;
    free(text);
    return same;
}

/* The project's own expectations; a case may read the request as of another kind. */
static void connaisseur_cases(void **state)
{
    (void)state;
    decoded_auto cases;
    decoded_start(&cases, STR("{}"));
    struct str text = read_vector(&cases, "connaisseur/admission-workload-cases.json");
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    size_t i, n;
    yyjson_val *one;
    assert_int_equal(yyjson_arr_size(yyjson_doc_get_root(doc)), 13);
    yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, one)
    {
        char path[256];
        snprintf(path, sizeof path, "connaisseur/%s", yyjson_get_str(json_get(one, "file")));
        struct str review = read_vector(&cases, path);
        yyjson_val *expected = json_get(one, "expected");
        yyjson_doc *parsed = yyjson_read(review.p, review.n, 0);
        yyjson_mut_doc *changed = yyjson_doc_mut_copy(parsed, NULL);
        if (!yyjson_is_obj(expected)) {
            yyjson_mut_val *kind = yyjson_mut_doc_ptr_get(changed, "/request/kind");
            yyjson_mut_obj_remove_key(kind, "kind");
            yyjson_mut_obj_add_str(changed, kind, "kind", yyjson_get_str(json_get(one, "kind")));
        }
        size_t length;
        char *written = yyjson_mut_write(changed, 0, &length);
        decoded_auto d;
        decode_review(&d, (struct str){written, length}, false);
        bool right = !d.failed;
        if (yyjson_is_obj(expected)) {
            right = right && d.review.problem.n == 0 &&
                    str_eq(d.review.name, json_str(json_get(expected, "name"))) &&
                    str_eq(d.review.kind, json_str(json_get(expected, "kind"))) &&
                    str_eq(d.review.namespace, json_str(json_get(expected, "namespace"))) &&
                    same_list(json_get(expected, "containers"), texts_of(&d, IMAGE_CONTAINER)) &&
                    same_list(json_get(expected, "initContainers"),
                              texts_of(&d, IMAGE_INIT_CONTAINER)) &&
                    same_list(json_get(expected, "ephemeralContainers"),
                              texts_of(&d, IMAGE_EPHEMERAL_CONTAINER));
        } else {
            right = right && d.review.problem.n > 0;
        }
        if (!right) {
            fail_msg("%s: \"%.*s\" %s", path, STR_ARG(d.review.problem), describe_images(&d));
        }
        free(written);
        yyjson_mut_doc_free(changed);
        yyjson_doc_free(parsed);
    }
    yyjson_doc_free(doc);
}

/* -- kubewarden: requests without an envelope, some objects without apiVersion and kind -- */

#define SIGNED "ghcr.io/kubewarden/test-verify-image-signatures:signed"
#define TEMPLATE_SIGNED                                                                            \
    "c.test-verify-image-signatures@spec.template.spec.containers[0].image=" SIGNED

static const char *const KUBEWARDEN[][2] = {
    {"cronjob_creation", "c.test-verify-image-signatures@spec.jobTemplate.spec.template.spec."
                         "containers[0].image=" SIGNED},
    {"daemonset_creation", TEMPLATE_SIGNED},
    {"deployment_creation", TEMPLATE_SIGNED},
    {"ingress_creation", ""},
    {"job_creation", TEMPLATE_SIGNED},
    {"pod_creation", "c.nginx@spec.containers[0].image=nginx:1.0.0"},
    {"pod_creation_implicit_latest", "c.nginx@spec.containers[0].image=nginx"},
    {"pod_creation_latest", "c.nginx@spec.containers[0].image=nginx:latest"},
    {"replicaset_creation", TEMPLATE_SIGNED},
    {"replicationcontroller_creation", TEMPLATE_SIGNED},
    {"statefulset_creation", TEMPLATE_SIGNED},
};

static void kubewarden(void **state)
{
    (void)state;
    check_all_read("kubewarden/trusted-repos-policy", N(KUBEWARDEN));
    for (size_t i = 0; i < N(KUBEWARDEN); i++) {
        char path[256];
        snprintf(path, sizeof path, "kubewarden/trusted-repos-policy/%s.json", KUBEWARDEN[i][0]);
        struct decoded files = {0};
        arena_init(&files.arena, 1 << 24);
        struct str text = read_vector(&files, path);
        decoded_auto d, strict;
        decode_review(&d, text, true);
        decode_review(&strict, text, false);
        arena_done(&files.arena);
        assert_true(strict.failed);
        if (d.failed || d.review.problem.n > 0 ||
            strcmp(describe_images(&d), KUBEWARDEN[i][1]) != 0) {
            fail_msg("%s: \"%s\" \"%.*s\" \"%s\"", path, d.err.text, STR_ARG(d.review.problem),
                     describe_images(&d));
        }
        assert_int_equal(d.review.api, REVIEW_ADMISSION_V1);
        assert_true(d.review.user_known && str_eq(d.review.user, STR("alice")));
        encode_both(&d);
    }
}

/* -- the API's own test data: every field filled -- */

static const struct {
    const char *file;
    const char *from; /* the part that holds the images; NULL: none */
} API_OBJECTS[] = {
    {"core.v1.Pod", "/spec"},
    {"core.v1.PodTemplate", "/template"},
    {"core.v1.ReplicationController", "/spec"},
    {"apps.v1.Deployment", "/spec"},
    {"apps.v1.ReplicaSet", "/spec"},
    {"apps.v1.StatefulSet", "/spec"},
    {"apps.v1.DaemonSet", "/spec"},
    {"batch.v1.Job", "/spec"},
    {"batch.v1.CronJob", "/spec"},
    {"core.v1.ConfigMap", NULL},
    {"core.v1.Event", NULL},
    {"core.v1.Secret", NULL},
    {"admissionregistration.k8s.io.v1.MutatingAdmissionPolicy", NULL},
    {"admissionregistration.k8s.io.v1.MutatingAdmissionPolicyBinding", NULL},
    {"admissionregistration.k8s.io.v1.MutatingWebhookConfiguration", NULL},
    {"admissionregistration.k8s.io.v1.ValidatingAdmissionPolicy", NULL},
    {"admissionregistration.k8s.io.v1.ValidatingAdmissionPolicyBinding", NULL},
    {"admissionregistration.k8s.io.v1.ValidatingWebhookConfiguration", NULL},
};

static void api_objects(void **state)
{
    (void)state;
    check_all_read("k8s-api-testdata", N(API_OBJECTS) + 3); /* and the reviews below */
    for (size_t i = 0; i < N(API_OBJECTS); i++) {
        char path[256];
        snprintf(path, sizeof path, "k8s-api-testdata/%s.json", API_OBJECTS[i].file);
        struct decoded files = {0};
        arena_init(&files.arena, 1 << 24);
        decoded_auto d;
        decoded_start(&d, read_vector(&files, path));
        arena_done(&files.arena);
        assert_false(failed(
            review_from_manifest(&d.arena, d.kinds, d.doc.root, STR_EMPTY, &d.review, &d.err)));
        if (d.review.problem.n > 0) {
            fail_msg("%s: %.*s", path, STR_ARG(d.review.problem));
        }
        if (API_OBJECTS[i].from == NULL) {
            assert_int_equal(d.review.n_images, 0);
            continue;
        }
        assert_int_equal(d.review.n_images, 4); /* one of each role */
        check_naively(&d, d.doc.root, yyjson_ptr_get(d.doc.root, API_OBJECTS[i].from), path);
        assert_true(d.review.deleting);
        assert_true(str_eq(d.review.namespace, STR("namespaceValue")));
    }
}

static void api_reviews(void **state)
{
    (void)state;
    static const char *const VERSIONS[] = {"v1", "v1beta1"};
    struct decoded files = {0};
    arena_init(&files.arena, 1 << 24);
    for (size_t i = 0; i < N(VERSIONS); i++) {
        char path[256];
        snprintf(path, sizeof path, "k8s-api-testdata/admission.k8s.io.%s.AdmissionReview.json",
                 VERSIONS[i]);
        decoded_auto d;
        decode_review(&d, read_vector(&files, path), false);
        assert_false(d.failed);
        assert_int_equal(d.review.api, i == 0 ? REVIEW_ADMISSION_V1 : REVIEW_ADMISSION_V1BETA1);
        /* its values are placeholders, and an operation of that name does not exist */
        assert_non_null(strstr(d.review.problem.p, "found \"operationValue\""));
        assert_true(str_eq(d.review.uid, STR("uidValue")));
        assert_true(str_eq(d.review.user, STR("usernameValue")) && d.review.dry_run);
        assert_int_equal(d.review.n_images, 0);
        encode_both(&d);
    }
    decoded_auto d;
    decode_review(
        &d, read_vector(&files, "k8s-api-testdata/imagepolicy.k8s.io.v1alpha1.ImageReview.json"),
        false);
    assert_false(d.failed);
    assert_string_equal(describe_images(&d), "c.@spec.containers[0].image=imageValue");
    assert_true(str_eq(d.review.problem, STR("")));
    assert_true(str_eq(d.review.namespace, STR("namespaceValue")));
    encode_both(&d);
    arena_done(&files.arena);
}

/* -- how the API server judges answers: is our checker as strict as it? -- */

/* A case writes a patch type as the call that made it. */
static void unwrap_type(yyjson_mut_doc *doc)
{
    yyjson_mut_val *type = yyjson_mut_doc_ptr_get(doc, "/response/patchType/args/0");
    if (type != NULL) {
        yyjson_mut_doc_ptr_replace(doc, "/response/patchType", yyjson_mut_val_mut_copy(doc, type));
    }
}

static void responses(void **state)
{
    (void)state;
    decoded_auto d;
    decoded_start(&d, STR("{}"));
    struct str text = read_vector(&d, "k8s-admission/verify-admission-response.json");
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    size_t i, n;
    yyjson_val *one;
    assert_int_equal(yyjson_arr_size(yyjson_doc_get_root(doc)), 27);
    yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, one)
    {
        yyjson_mut_doc *body = yyjson_mut_doc_new(NULL);
        yyjson_mut_doc_set_root(body, yyjson_val_mut_copy(body, json_get(one, "response_body")));
        unwrap_type(body);
        yyjson_doc *sent = yyjson_mut_doc_imut_copy(body, NULL);
        const char *wrong = oracle_verify(
            yyjson_doc_get_root(sent), yyjson_equals_str(json_get(one, "api"), "v1"),
            yyjson_get_bool(json_get(one, "mutating")), json_str(json_get(one, "request_uid")));
        struct str expected = json_str(json_get(one, "expect_error"));
        bool right = wrong == NULL ? expected.n == 0
                                   : expected.n > 0 && str_starts(expected, str_from(wrong));
        if (!right) {
            fail_msg("%s: \"%s\"", yyjson_get_str(json_get(one, "name")), wrong);
        }
        yyjson_doc_free(sent);
        yyjson_mut_doc_free(body);
    }
    yyjson_doc_free(doc);
}

/* -- the in-tree plugin's combinations: containers first, then init containers -- */

static void image_policy(void **state)
{
    (void)state;
    decoded_auto files;
    decoded_start(&files, STR("{}"));
    struct str text = read_vector(&files, "k8s-admission/imagepolicy.json");
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    yyjson_val *cases = json_get(yyjson_doc_get_root(doc), "ContainerCombinations");
    size_t i, n;
    yyjson_val *one;
    assert_int_equal(yyjson_arr_size(cases), 8);
    yyjson_arr_foreach(cases, i, n, one)
    {
        buf_auto review, images;
        buf_init(&review, 4096);
        buf_init(&images, 4096);
        buf_add_cstr(&review, "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":"
                              "\"ImageReview\",\"spec\":{\"containers\":[");
        static const char *const LISTS[] = {"containers", "initContainers"};
        size_t count = 0;
        for (size_t l = 0; l < N(LISTS); l++) {
            size_t j, m;
            yyjson_val *image;
            yyjson_arr_foreach(json_get(json_get(one, "images"), LISTS[l]), j, m, image)
            {
                buf_printf(&review, "%s{\"image\":\"%s\"}", count == 0 ? "" : ",",
                           yyjson_get_str(image));
                buf_printf(&images, "%sc.@spec.containers[%zu].image=%s", count == 0 ? "" : " ",
                           count, yyjson_get_str(image));
                count++;
            }
        }
        buf_add_cstr(&review, "]}}");
        decoded_auto d;
        decode_review(&d, buf_str(&review), false);
        assert_true(!d.failed && d.review.problem.n == 0);
        assert_true(str_eq(buf_str(&images), str_from(describe_images(&d))));
        encode_both(&d);
    }
    yyjson_doc_free(doc);
}

/* -- real objects: all images found, none invented -- */

/* The images are those that the vectors list, by pointer and text. */
static bool same_images(const struct review *review, yyjson_val *listed)
{
    size_t found = 0, i, n;
    yyjson_val *one;
    yyjson_arr_foreach(listed, i, n, one)
    {
        for (size_t j = 0; j < review->n_images; j++) {
            found += str_eq(review->images[j].pointer, json_str(json_get(one, "path"))) &&
                     str_eq(review->images[j].text, json_str(json_get(one, "image")));
        }
    }
    return found == yyjson_arr_size(listed) && found == review->n_images;
}

static bool has_image(yyjson_val *container)
{
    return json_str(json_get(container, "image")).n > 0;
}

/* The problem that the object must have, by a look at its pod spec; empty: none. Some of these
 * objects are patches of others and name no image; one has `volumes: null`. The images that there
 * are must be found all the same. */
static const char *expected_problem(yyjson_val *object)
{
    static char text[128];
    bool pod = yyjson_equals_str(json_get(object, "kind"), "Pod");
    bool job = yyjson_equals_str(json_get(object, "kind"), "CronJob");
    if (json_get(object, "apiVersion") == NULL) {
        return ""; /* of no kind that is known */
    }
    const char *at = pod   ? "/spec"
                     : job ? "/spec/jobTemplate/spec/template/spec"
                           : "/spec/template/spec";
    yyjson_val *spec = yyjson_ptr_get(object, at);
    assert_true(yyjson_is_obj(spec));
    size_t i, n;
    yyjson_val *container;
    yyjson_arr_foreach(json_get(spec, "containers"), i, n, container)
    {
        if (!has_image(container)) {
            snprintf(text, sizeof text, "containers[%zu].image is missing", i);
            return text;
        }
    }
    return yyjson_is_null(json_get(spec, "volumes")) ? "spec.volumes must be a list, found null"
                                                     : "";
}

static bool right_problem(const struct review *review, yyjson_val *object)
{
    const char *expected = expected_problem(object);
    return (review->problem.n > 0) == (expected[0] != '\0') &&
           strstr(review->problem.p, expected) != NULL;
}

static void check_workload(struct str object_line, struct str review_line, size_t number)
{
    decoded_auto line;
    decoded_start(&line, object_line);
    yyjson_val *listed = json_get(line.doc.root, "images");
    yyjson_val *object = json_get(line.doc.root, "object");
    bool has_version = json_get(object, "apiVersion") != NULL;
    bool fails = failed(
        review_from_manifest(&line.arena, line.kinds, object, STR_EMPTY, &line.review, &line.err));
    if (fails == has_version) {
        fail_msg("line %zu: %s", number, line.err.text);
    }
    if (!fails && (!same_images(&line.review, listed) || !right_problem(&line.review, object))) {
        fail_msg("line %zu: \"%.*s\" %s", number, STR_ARG(line.review.problem),
                 describe_images(&line));
    }
    decoded_auto d;
    decode_review(&d, review_line, false);
    if (d.failed || !same_images(&d.review, listed) || !right_problem(&d.review, object)) {
        fail_msg("line %zu: \"%s\" \"%.*s\" %s", number, d.err.text, STR_ARG(d.review.problem),
                 describe_images(&d));
    }
    encode_both(&d);
}

static void workloads(void **state)
{
    (void)state;
    struct decoded files = {0};
    arena_init(&files.arena, 1 << 24);
    struct str objects = read_vector(&files, "k8s-workloads/objects.ndjson");
    struct str reviews = read_vector(&files, "k8s-workloads/admissionreviews.ndjson");
    size_t number = 0;
    while (objects.n > 0 && reviews.n > 0) {
        struct str object, review;
        str_cut(objects, '\n', &object, &objects);
        str_cut(reviews, '\n', &review, &reviews);
        check_workload(object, review, ++number);
    }
    assert_true(objects.n == 0 && reviews.n == 0);
    assert_int_equal(number, 363);
    arena_done(&files.arena);
}

int vectors_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(connaisseur),  cmocka_unit_test(connaisseur_cases),
        cmocka_unit_test(kubewarden),   cmocka_unit_test(api_objects),
        cmocka_unit_test(api_reviews),  cmocka_unit_test(responses),
        cmocka_unit_test(image_policy), cmocka_unit_test(workloads),
    };
    return cmocka_run_group_tests_name("vectors", TESTS, NULL, NULL);
}
