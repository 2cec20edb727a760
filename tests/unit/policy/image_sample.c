#include "image_sample.h"

#include "base/clock.h"

#define MAY        (INT64_C(1777593600) * NS_PER_S) /* 2026-05-01 */
#define ONES       "1111111111111111111111111111111111111111111111111111111111111111"
#define NINES      "9999999999999999999999999999999999999999999999999999999999999999"
#define TWOS       "2222222222222222222222222222222222222222222222222222222222222222"
#define LAYER_TYPE "application/vnd.oci.image.layer.v1.tar+gzip"

static void start_platform(struct sample *sample, size_t i)
{
    struct oci_platform_image *one = &sample->images[i];
    one->known = true;
    one->platform = (struct oci_platform){.os = STR("linux"),
                                          .architecture = i == 0 ? STR("amd64") : STR("arm64")};
    sample->layers[i][0] = (struct oci_descriptor){
        .media_type = STR(LAYER_TYPE), .digest = STR(SAMPLE_LAYER), .size = 1000};
    sample->layers[i][1] = (struct oci_descriptor){
        .media_type = STR(LAYER_TYPE), .digest = STR("sha256:" NINES), .size = 1000 + 1000 * i};
    sample->annotations[i][0] = (struct oci_pair){STR("of-manifest"), STR("1")};
    sample->annotations[i][1] =
        (struct oci_pair){STR("org.opencontainers.image.base.name"), STR("debian:12")};
    sample->annotations[i][2] =
        (struct oci_pair){STR("org.opencontainers.image.base.digest"), STR("sha256:" NINES)};
    one->manifest = (struct oci_manifest){
        .media_type = STR(OCI_MANIFEST),
        .config = {.media_type = STR(OCI_CONFIG), .size = 5000},
        .layers = sample->layers[i],
        .n_layers = 2,
        .annotations = sample->annotations[i],
        .n_annotations = 3,
    };
    sample->labels[i][0] = (struct oci_pair){STR("team"), STR("payments")};
    sample->diff_ids[i][0] = STR("sha256:" ONES);
    sample->diff_ids[i][1] = STR("sha256:" TWOS);
    sample->ports[i][0] = STR("8080/tcp");
    sample->ports[i][1] = STR("53/udp");
    one->config = (struct oci_config){
        .has_created = true,
        .created = MAY,
        .platform = one->platform,
        .user = STR("1000:1000"),
        .entrypoint = sample->entrypoint,
        .n_entrypoint = 2,
        .cmd = sample->cmd,
        .n_cmd = 2,
        .exposed_ports = sample->ports[i],
        .n_exposed_ports = 2,
        .labels = sample->labels[i],
        .n_labels = 1,
        .diff_ids = sample->diff_ids[i],
        .n_diff_ids = 2,
    };
}

void sample_start(struct sample *sample)
{
    *sample = (struct sample){.image = {.index = true}};
    sample->entrypoint[0] = STR("/app");
    sample->entrypoint[1] = STR("--serve");
    sample->cmd[0] = STR("sh");
    sample->cmd[1] = STR("-c");
    sample->common[0] = (struct oci_pair){STR("of-index"), STR("yes")};
    sample->image = (struct oci_image){
        .digest = STR("sha256:" TWOS),
        .media_type = STR(OCI_INDEX),
        .index = true,
        .annotations = sample->common,
        .n_annotations = 1,
        .images = sample->images,
        .n_images = 2,
    };
    start_platform(sample, 0);
    start_platform(sample, 1);
}

void sample_older(struct sample *sample)
{
    sample->images[1].config.created = MAY - NS_PER_S;
}

void sample_to_come(struct sample *sample)
{
    sample->images[1].config.created = MAY + 31 * 24 * 3600 * NS_PER_S + NS_PER_S;
}

void sample_timeless(struct sample *sample)
{
    sample->images[1].config.has_created = false;
}

void sample_lone(struct sample *sample)
{
    sample->image.index = false;
    sample->image.n_images = 1;
}

void sample_empty(struct sample *sample)
{
    sample->image.n_images = 0;
}

void sample_unlabelled(struct sample *sample)
{
    sample->images[1].config.n_labels = 0;
    sample->images[1].manifest.n_annotations = 1;
}

void sample_root(struct sample *sample)
{
    sample->images[1].config.user = STR("root");
}

void sample_nobody_named(struct sample *sample)
{
    sample->images[1].config.user = STR_EMPTY;
}

void sample_strange(struct sample *sample)
{
    sample->images[1].config.user = STR("4294967296");
}

void sample_by_name(struct sample *sample)
{
    sample->images[1].config.user = STR("app");
}

void sample_rebased(struct sample *sample)
{
    sample->diff_ids[1][0] = STR("sha256:" TWOS);
}

void sample_range(struct sample *sample)
{
    sample->ports[1][0] = STR("8080-8090");
}

void sample_no_port(struct sample *sample)
{
    sample->ports[1][0] = STR("http");
}

void sample_command(struct sample *sample)
{
    sample->images[1].config.n_entrypoint = 0;
}

void sample_foreign(struct sample *sample)
{
    sample->layers[1][1].media_type = STR("application/vnd.oci.image.layer.v1.tar+zstd");
}

void sample_artifact(struct sample *sample)
{
    sample->images[1].known = false;
    sample->images[1].config = (struct oci_config){.has_created = false};
    sample->images[1].manifest.config.media_type = STR("application/vnd.cncf.helm.config.v1+json");
}

void sample_stranger(struct sample *sample)
{
    struct oci_platform_image *one = &sample->images[1];
    *one = (struct oci_platform_image){
        .descriptor = {.media_type = STR("application/vnd.example.thing")},
        .platform = one->platform,
    };
}

void sample_hostile(struct sample *sample)
{
    sample->labels[0][0].value = STR("a\"\x1b[31m\xe2\x80\xae"
                                     "b");
}
