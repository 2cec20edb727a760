#pragma once
/* Registries as reviews ask them: made from what the configuration says and from the files that it
 * names, and made anew when these change. What is in use is counted, and freed when its last review
 * has ended. Threading: any thread. */
#include <pthread.h>
#include <stdatomic.h>

#include "evidence/registries.h"
#include "server/asking_config.h"

struct asking;

/* Read the files. Returns one reference. All is borrowed for as long as it lives; `kube` is there
 * where config->pull_secrets is.
 * Errors: CONFIG, NOT_FOUND, LIMIT, INTERNAL (a file cannot be read or used). */
MUST status asking_load(const struct asking_config *config, const struct kube_config *kube,
                        const atomic_bool *cancel, struct asking **ret_asking, struct error *err);

/* Whether there is any file. */
bool asking_has_files(const struct asking_config *config);

/* A number that changes when one of the files does. */
uint64_t asking_fingerprint(const struct asking_config *config);

/* Where evidence comes from. Lives as long as `asking`; NULL: nobody is asked. */
const struct evidence_source *asking_source(const struct asking *asking);

/* Tell the metrics what was asked and remembered since they were told last. */
void asking_tell(struct asking *asking);

/* Give a reference back; NULL is fine. */
void asking_release(struct asking *asking);

/* The one in use. */
struct asking_slot {
    pthread_mutex_t lock;
    struct asking *asking;
};

/* Start without one. End: what was taken lives on. */
void asking_slot_init(struct asking_slot *slot);
void asking_slot_done(struct asking_slot *slot);

/* One reference more; NULL before the first. */
struct asking *asking_take(struct asking_slot *slot);

/* Put `asking`, whose reference is taken over, in the place of the one in use. */
void asking_swap(struct asking_slot *slot, struct asking *asking);
