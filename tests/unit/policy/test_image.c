#include "test.h"

#include "image_sample.h"

/* The rule kind `image`: every part of it can fail, and says so of the field and platform. */

#define RULE(image) POLICY("p", "rules: [{name: r, image: {" image "}}]")
#define D1          "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D9          "sha256:9999999999999999999999999999999999999999999999999999999999999999"
#define BASES       "org.opencontainers.image.base."

static const struct image_row {
    const char *rule;
    void (*change)(struct sample *sample); /* NULL: the sample as it is */
    const char *reason;                    /* with its remedy; "": it passes */
} ROWS[] = {
    {"maxAge: 31d", NULL, ""},
    {"maxAge: 30d", NULL,
     "config.created of linux/amd64 is 2026-05-01T00:00:00Z, longer ago than 30d; build it anew, "
     "or "
     "use a newer one"},
    {"maxAge: 31d", sample_older,
     "config.created of linux/arm64 is 2026-04-30T23:59:59Z, longer ago than 31d; build it anew, "
     "or "
     "use a newer one"},
    {"maxAge: 31d", sample_to_come,
     "config.created of linux/arm64 is 2026-06-01T00:00:01Z, which is still to come; have the "
     "build "
     "write when it was made"},
    {"maxAge: 36500d", sample_timeless,
     "config.created of linux/arm64 is missing; have the build write when it was made"},
    {"platforms: [linux/amd64, linux/aarch64]", NULL, ""},
    {"platforms: [linux/arm64/v8]", NULL, ""},
    {"platforms: [linux/amd64, linux/s390x]", NULL,
     "manifests of the index has nothing for linux/s390x; there is linux/amd64, linux/arm64; build "
     "the image for that platform too"},
    {"platforms: [linux/amd64, linux/arm64]", sample_lone,
     "config.architecture is not that of linux/arm64; there is linux/amd64; build the image for "
     "that "
     "platform too"},
    {"platforms: [linux/amd64]", sample_lone, ""},
    {"maxLayers: 1024", sample_empty,
     "manifests of the index has nothing that a machine runs; use another image"},
    {"maxSize: 3k", NULL, ""},
    {"maxSize: '2999'", NULL,
     "manifest.layers of linux/arm64 have 3000 bytes together, more than 2999; use a smaller "
     "image"},
    {"maxSize: 2.9k", NULL,
     "manifest.layers of linux/arm64 have 3000 bytes together, more than 2.9k; use a smaller "
     "image"},
    {"maxLayers: 2", NULL, ""},
    {"maxLayers: 1", NULL,
     "manifest.layers of linux/amd64 are 2, more than 1; use an image with fewer layers"},
    {"labels: {required: [team]}", NULL, ""},
    {"labels: {required: ['te*=pay*']}", NULL, ""},
    {"labels: {required: [team=shop]}", NULL,
     "config.config.Labels[\"team\"] of linux/amd64 is \"payments\", not \"shop\"; have the build "
     "write it"},
    {"labels: {required: [owner]}", NULL,
     "config.config.Labels[\"owner\"] of linux/amd64 is missing; have the build write it"},
    {"labels: {required: [team]}", sample_unlabelled,
     "config.config.Labels[\"team\"] of linux/arm64 is missing; have the build write it"},
    {"labels: {forbidden: [stage, 'team=shop']}", NULL, ""},
    {"labels: {forbidden: ['*=pay*']}", NULL,
     "config.config.Labels[\"team\"] of linux/amd64 is \"payments\", which is not allowed; use an "
     "image without it"},
    {"annotations: {required: [of-index, of-manifest]}", NULL, ""},
    {"annotations: {required: [of-config]}", NULL,
     "manifest.annotations[\"of-config\"] of linux/amd64 is missing; have the build write it"},
    {"annotations: {forbidden: [of-index]}", NULL,
     "manifest.annotations[\"of-index\"] of linux/amd64 is \"yes\", which is not allowed; use an "
     "image without it"},
    {"annotations: {forbidden: ['of-man*']}", NULL,
     "manifest.annotations[\"of-manifest\"] of linux/amd64 is \"1\", which is not allowed; use an "
     "image without it"},
    {"user: {notRoot: true}", NULL, ""},
    {"user: {notRoot: true}", sample_root,
     "config.config.User of linux/arm64 is \"root\"; have the image name a user, by a number that "
     "is "
     "not 0"},
    {"user: {notRoot: true, byName: true}", sample_root,
     "config.config.User of linux/arm64 is \"root\"; have the image name a user, by a number that "
     "is "
     "not 0"},
    {"user: {notRoot: true}", sample_nobody_named,
     "config.config.User of linux/arm64 is \"\", so it runs as root; have the image name a user, "
     "by a "
     "number that is not 0"},
    {"user: {notRoot: true}", sample_strange,
     "config.config.User of linux/arm64 is \"4294967296\", which runtimes take for root; have the "
     "image name a user, by a number that is not 0"},
    {"user: {notRoot: true}", sample_by_name,
     "config.config.User of linux/arm64 is \"app\", a name, which may be root's; have the image "
     "name "
     "its user by number"},
    {"user: {notRoot: true, byName: true}", sample_by_name, ""},
    {"base: [{layers: ['" D1 "']}]", NULL, ""}, /* by diff_ids */
    {"base: [{layers: ['" SAMPLE_LAYER "']}]", NULL, ""},
    {"base: [{layers: ['" D9 "']}, {layers: ['" D1 "']}]", NULL, ""},
    {"base: [{layers: ['" D1 "', '" D9 "']}]", NULL,
     "the base of linux/amd64 is not among those allowed: config.rootfs.diff_ids and "
     "manifest.layers "
     "begin otherwise; build it on one of the bases that the policy names"},
    {"base: [{layers: ['" D1 "']}]", sample_rebased,
     "the base of linux/arm64 is not among those allowed: config.rootfs.diff_ids and "
     "manifest.layers "
     "begin otherwise; build it on one of the bases that the policy names"},
    {"base: [{name: docker.io/library/debian}]", NULL, ""},
    {"base: [{name: docker.io/library/debian, digest: '" D9 "'}]", NULL, ""},
    {"base: [{name: docker.io/library/alpine, digest: '" D9 "'}]", NULL,
     "the base of linux/amd64 is not among those allowed: manifest.annotations[\"" BASES
     "name\"] is \"debian:12\", manifest.annotations[\"" BASES "digest\"] is \"" D9
     "\"; build it on one of the bases that the policy names"},
    {"base: [{digest: '" D1 "'}]", NULL,
     "the base of linux/amd64 is not among those allowed: manifest.annotations[\"" BASES
     "digest\"] is \"" D9 "\"; build it on one of the bases that the policy names"},
    {"base: [{name: docker.io/library/debian}]", sample_unlabelled,
     "the base of linux/arm64 is not among those allowed: manifest.annotations[\"" BASES
     "name\"] is missing; build it on one of the bases that the policy names"},
    {"ports: ['8080', '53/udp']", NULL, ""},
    {"ports: ['8000-8080/tcp', '1-100']", NULL, ""},
    {"ports: ['8080/udp', '53']", NULL,
     "config.config.ExposedPorts of linux/amd64 has \"8080/tcp\", which is not among those "
     "allowed: "
     "8080/udp, 53; use an image that exposes other ports"},
    {"ports: []", NULL,
     "config.config.ExposedPorts of linux/amd64 has \"8080/tcp\", and none is allowed; use an "
     "image "
     "that exposes other ports"},
    {"ports: ['8080', '53/udp']", sample_range,
     "config.config.ExposedPorts of linux/arm64 has \"8080-8090\", which is not among those "
     "allowed: "
     "8080, 53/udp; use an image that exposes other ports"},
    {"ports: ['1-65535']", sample_range, ""},
    {"ports: ['1-65535']", sample_no_port,
     "config.config.ExposedPorts of linux/arm64 has \"http\", which is not among those allowed: "
     "1-65535; use an image that exposes other ports"},
    {"entrypoint: ['/app *']", NULL, ""},
    {"entrypoint: ['/bin/sh', '*tini*']", NULL,
     "config.config.Entrypoint of linux/amd64 is \"/app --serve\", which is not among those "
     "allowed: "
     "\"/bin/sh\", \"*tini*\"; use an image that runs one of these"},
    {"entrypoint: ['/app *']", sample_command,
     "config.config.Cmd of linux/arm64 is \"sh -c\", which is not among those allowed: \"/app *\"; "
     "use "
     "an image that runs one of these"},
    {"mediaTypes: ['application/vnd.oci.image.*']", NULL, ""},
    {"mediaTypes: ['application/vnd.oci.image.manifest*']", NULL,
     "mediaType of the index is \"application/vnd.oci.image.index.v1+json\", which is not among "
     "those "
     "allowed: \"application/vnd.oci.image.manifest*\"; have the image written in one of these "
     "forms"},
    {"mediaTypes: ['*+json', '*+gzip']", sample_foreign,
     "manifest.layers[1].mediaType of linux/arm64 is "
     "\"application/vnd.oci.image.layer.v1.tar+zstd\", "
     "which is not among those allowed: \"*+json\", \"*+gzip\"; have the image written in one of "
     "these forms"},
    {"mediaTypes: ['*.index.*', '*.manifest.*']", NULL,
     "manifest.config.mediaType of linux/amd64 is \"application/vnd.oci.image.config.v1+json\", "
     "which "
     "is not among those allowed: \"*.index.*\", \"*.manifest.*\"; have the image written in one "
     "of "
     "these forms"},
    {"mediaTypes: ['*.index.*', '*.config.*']", NULL,
     "manifest.mediaType of linux/amd64 is \"application/vnd.oci.image.manifest.v1+json\", which "
     "is "
     "not among those allowed: \"*.index.*\", \"*.config.*\"; have the image written in one of "
     "these "
     "forms"},
    /* an artifact has no configuration that tells anything */
    {"maxLayers: 2", sample_artifact, ""},
    {"user: {notRoot: true}", sample_artifact,
     "manifest.config.mediaType of linux/arm64 is \"application/vnd.cncf.helm.config.v1+json\", "
     "which "
     "tells nothing of an image that runs; use another image"},
    {"maxAge: 31d", sample_artifact,
     "manifest.config.mediaType of linux/arm64 is \"application/vnd.cncf.helm.config.v1+json\", "
     "which "
     "tells nothing of an image that runs; use another image"},
    {"labels: {forbidden: [x]}", sample_artifact,
     "manifest.config.mediaType of linux/arm64 is \"application/vnd.cncf.helm.config.v1+json\", "
     "which "
     "tells nothing of an image that runs; use another image"},
    {"ports: ['1-65535']", sample_artifact,
     "manifest.config.mediaType of linux/arm64 is \"application/vnd.cncf.helm.config.v1+json\", "
     "which "
     "tells nothing of an image that runs; use another image"},
    {"entrypoint: ['*']", sample_artifact,
     "manifest.config.mediaType of linux/arm64 is \"application/vnd.cncf.helm.config.v1+json\", "
     "which "
     "tells nothing of an image that runs; use another image"},
    {"base: [{layers: ['" D1 "']}]", sample_artifact,
     "the base of linux/arm64 is not among those allowed: config.rootfs.diff_ids and "
     "manifest.layers "
     "begin otherwise; build it on one of the bases that the policy names"},
    /* what was not read holds nothing */
    {"maxLayers: 2", sample_stranger,
     "manifests.mediaType of linux/arm64 is \"application/vnd.example.thing\", which is no image "
     "that is known; use another image"},
    {"maxSize: 1G", sample_stranger,
     "manifests.mediaType of linux/arm64 is \"application/vnd.example.thing\", which is no image "
     "that is known; use another image"},
    {"annotations: {forbidden: [x]}", sample_stranger,
     "manifests.mediaType of linux/arm64 is \"application/vnd.example.thing\", which is no image "
     "that is known; use another image"},
    /* what stands in an image is hostile */
    {"labels: {forbidden: [team]}", sample_hostile,
     "config.config.Labels[\"team\"] of linux/amd64 is \"a\\\"?[31m?b\", which is not allowed; use "
     "an "
     "image without it"},
};

static void judge(struct fixture *fixture, const struct evidence *evidence)
{
    policy_select(fixture->set, &fixture->review, fixture->now, false, &fixture->arena,
                  &fixture->plan);
    struct plan_image *image = &fixture->plan.images[0];
    assert_int_equal(image->wants, EVIDENCE_IMAGE);
    image->asked = image->wants;
    image->evidence = *evidence;
    policy_judge_evidence(&fixture->plan, &fixture->arena);
    policy_decide(&fixture->plan, &fixture->arena, &fixture->decision);
}

static void rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char policy[1024];
        snprintf(policy, sizeof policy, RULE("%s"), ROWS[i].rule);
        struct fixture fixture;
        fixture_start(&fixture, policy);
        fixture_image(&fixture, "ghcr.io/a/b:1");
        struct sample sample;
        sample_start(&sample);
        if (ROWS[i].change != NULL) {
            ROWS[i].change(&sample);
        }
        const struct evidence evidence = {.digest = sample.image.digest, .image = &sample.image};
        judge(&fixture, &evidence);
        const struct decision *decision = &fixture.decision;
        struct str reason = decision->n_violations > 0 ? decision->violations[0].reason : STR_EMPTY;
        bool passes = ROWS[i].reason[0] == '\0';
        if (!str_eq(reason, str_from(ROWS[i].reason)) ||
            (decision->verdict == VERDICT_ALLOW) != passes) {
            fail_msg("row %zu, %s: %s\nis  %.*s\nnot %s", i, ROWS[i].rule,
                     verdict_name(decision->verdict), STR_ARG(reason), ROWS[i].reason);
        }
        fixture_done(&fixture);
    }
}

/* What was not had fails; a rule may soften that, and nothing else. */
static void lacking(void **state)
{
    (void)state;
    static const char *const STRICT = RULE("maxLayers: 9");
    static const char *const SOFT =
        POLICY("p", "rules: [{name: r, onError: warn, image: {maxLayers: 1}}]");
    static const struct {
        enum error_kind kind;
        bool softened;
    } KINDS[] = {{ERROR_UPSTREAM, true},   {ERROR_TIMEOUT, true}, {ERROR_UNAUTHORIZED, true},
                 {ERROR_INTERNAL, true},   {ERROR_CONFIG, true},  {ERROR_EVIDENCE, false},
                 {ERROR_NOT_FOUND, false}, {ERROR_LIMIT, false},  {ERROR_INPUT, false},
                 {ERROR_NONE, false}};
    for (size_t i = 0; i < 2 * COUNT(KINDS); i++) {
        struct fixture fixture;
        bool soft = i % 2 == 1;
        fixture_start(&fixture, soft ? SOFT : STRICT);
        fixture_image(&fixture, "ghcr.io/a/b:1");
        const struct evidence evidence = {.problem = STR("why"), .problem_kind = KINDS[i / 2].kind};
        judge(&fixture, &evidence);
        bool allowed = soft && KINDS[i / 2].softened;
        assert_int_equal(fixture.decision.verdict, allowed ? VERDICT_ALLOW : VERDICT_DENY);
        assert_int_equal(fixture.decision.n_violations, 1);
        assert_int_equal(fixture.decision.violations[0].mode,
                         allowed ? POLICY_WARN : POLICY_ENFORCE);
        assert_int_equal(fixture.decision.images[0].warned, allowed);
        assert_true(
            str_starts(fixture.decision.violations[0].reason,
                       STR("the image could not be looked at: registry \"ghcr.io\": why; ")));
        fixture_done(&fixture);
    }
    struct fixture fixture; /* what speaks against it is not softened */
    fixture_start(&fixture, SOFT);
    fixture_image(&fixture, "ghcr.io/a/b:1");
    struct sample sample;
    sample_start(&sample);
    struct evidence evidence = {.digest = sample.image.digest, .image = &sample.image};
    judge(&fixture, &evidence);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);
    evidence.problem_kind = ERROR_UPSTREAM;
    evidence.problem = STR("and something failed too");
    judge(&fixture, &evidence);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);
    fixture_done(&fixture);
}

/* A plan that nobody gathered evidence for is denied, and says so. */
static void forgotten(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, RULE("maxLayers: 9"));
    fixture_image(&fixture, "ghcr.io/a/b:1");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_true(str_eq(fixture.decision.violations[0].reason, STR("there is no evidence")));
    fixture_done(&fixture);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: no size */
    } SIZES[] = {
        {"1", 1},
        {"500Mi", 500u << 20},
        {"1.5Ki", 1536},
        {"2k", 2000},
        {"0.5G", 500000000},
        {"8191Pi", UINT64_C(8191) << 50},
        {"8192Pi", 0},
        {"0", 0},
        {"0.1", 0},
        {"", 0},
        {"Mi", 0},
        {"1.", 0},
        {".5", 0},
        {"-1", 0},
        {"+1", 0},
        {"1e3", 0},
        {"1 Mi", 0},
        {"1mi", 0},
        {"1K", 0},
        {"1Mib", 0},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", 0},
        {"1.25Ki", 1280},
    };
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        uint64_t bytes = 0;
        bool good = image_size_parse(str_from(SIZES[i].text), &bytes);
        if (good != (SIZES[i].bytes > 0) || (good && bytes != SIZES[i].bytes)) {
            fail_msg("%s: %ju", SIZES[i].text, (uintmax_t)bytes);
        }
    }
}

int image_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(lacking),
        cmocka_unit_test(forgotten),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
