#pragma once
/* An image for two platforms that most rules like, and what can be done to it. */
#include "policy/image_rule.h"

#define SAMPLE_LAYER "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct sample {
    struct oci_image image;
    struct oci_platform_image images[2];
    struct oci_descriptor layers[2][2];
    struct oci_pair labels[2][1], annotations[2][3], common[1];
    struct str diff_ids[2][2], ports[2][2], entrypoint[2], cmd[2];
};

/* Made on 2026-05-01, for linux/amd64 and linux/arm64. */
void sample_start(struct sample *sample);

/* Each changes the second platform, but where it says otherwise. */
void sample_older(struct sample *sample);
void sample_to_come(struct sample *sample);
void sample_timeless(struct sample *sample);
void sample_lone(struct sample *sample);  /* a manifest, of the first alone */
void sample_empty(struct sample *sample); /* an index of nothing */
void sample_unlabelled(struct sample *sample);
void sample_root(struct sample *sample);
void sample_nobody_named(struct sample *sample);
void sample_strange(struct sample *sample);
void sample_by_name(struct sample *sample);
void sample_rebased(struct sample *sample);
void sample_range(struct sample *sample);
void sample_no_port(struct sample *sample);
void sample_command(struct sample *sample);
void sample_foreign(struct sample *sample);
void sample_artifact(struct sample *sample);
void sample_stranger(struct sample *sample); /* an entry of the index that is no manifest */
void sample_hostile(struct sample *sample);  /* the first */
