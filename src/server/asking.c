#include "server/asking.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "shared/shared.h"

/* Of a review that came without a deadline; the API server gives none more. */
static const int64_t TIMEOUT = 30 * NS_PER_S;
/* How long Secrets of Pods are remembered. */
static const int64_t PULLS_TTL = 30 * NS_PER_S;

struct asking {
    atomic_size_t references;
    struct arena arena; /* PEM, keys among it */
    struct registry_options options;
    struct keyring *keyring;
    struct clouds *clouds;
    struct pulls *pulls;   /* NULL: those of Pods are not asked for */
    struct shared *shared; /* NULL: replicas tell each other nothing */
    struct registry *registry;
    struct registries *registries;
    struct evidence_source source;
    pthread_mutex_t lock;
    struct registries_counters told; /* to the metrics; under the lock */
    struct pulls_counters pulls_told;
    struct shared_counters shared_told;
};

static status read_pem(struct asking *asking, const char *path, struct str *ret_text,
                       struct error *err)
{
    if (path == NULL) {
        *ret_text = STR_EMPTY;
        return OK;
    }
    TRY(file_read(&asking->arena, path, LIMIT_CERTIFICATE_FILE, ret_text, err));
    return ret_text->n > 0 ? OK : error_set(err, ERROR_CONFIG, "%s is empty", path);
}

static status read_host(struct asking *asking, const struct asking_host *from,
                        struct registry_host *host, struct error *err)
{
    *host = (struct registry_host){
        .name = from->name,
        .plain = from->plain,
        .inside_network = from->inside_network,
        .proxy = from->proxy,
        .location = from->location,
        .mirrors = from->mirrors,
        .n_mirrors = from->n_mirrors,
        .realms = from->realms,
        .n_realms = from->n_realms,
    };
    TRY(read_pem(asking, from->ca, &host->ca, err));
    TRY(read_pem(asking, from->certificate, &host->client_certificate, err));
    return read_pem(asking, from->key, &host->client_key, err);
}

static status read_hosts(struct asking *asking, const struct asking_config *config,
                         struct error *err)
{
    struct registry_host *hosts =
        ARENA_ARRAY(&asking->arena, struct registry_host, config->n_hosts);
    for (size_t i = 0; i < config->n_hosts; i++) {
        TRY(read_host(asking, &config->hosts[i], &hosts[i], err));
    }
    asking->options.hosts = (struct registry_hosts){hosts, config->n_hosts};
    return read_pem(asking, config->ca, &asking->options.ca, err);
}

/* -- what other replicas had -- */

static void tell_shared(void *self, const char *problem)
{
    const struct asking_config *config = self;
    if (problem != NULL) {
        LOG(LOG_WARNING, "answers of registries are not shared with other replicas",
            LOG_FIELD_STR("address", config->shared.address), LOG_FIELD_CSTR("error", problem));
    } else {
        LOG(LOG_INFO, "answers of registries are shared with other replicas again",
            LOG_FIELD_STR("address", config->shared.address));
    }
}

/* A file that is one text, without the line's end that editors put behind it. */
static status read_secret(struct asking *asking, const char *path, size_t least,
                          struct str *ret_text, struct error *err)
{
    TRY(file_read(&asking->arena, path, LIMIT_SHARED_SECRET, ret_text, err));
    *ret_text = str_trim(*ret_text);
    return ret_text->n >= least
               ? OK
               : error_set(err, ERROR_CONFIG, "%s has less than %zu bytes", path, least);
}

static status read_shared(struct asking *asking, const struct asking_config *config,
                          struct error *err)
{
    const struct asking_shared *from = &config->shared;
    if (from->address.n == 0) {
        return OK;
    }
    struct shared_options options = {
        .place = {.address = from->address, .plain = from->plain},
        .username = from->username,
        .tell = tell_shared,
        .self = (void *)(uintptr_t)config,
    };
    TRY(read_secret(asking, from->key, LIMIT_SHARED_SECRET_LEAST, &options.secret, err));
    TRY(read_pem(asking, from->ca, &options.place.ca, err));
    if (from->password != NULL) {
        TRY(read_secret(asking, from->password, 1, &options.password, err));
    }
    asking->shared = shared_new(&options);
    return OK;
}

/* -- files -- */

static status read_files(struct asking *asking, const struct asking_config *config,
                         struct error *err)
{
    for (size_t i = 0; i < config->n_credentials; i++) {
        TRY(keyring_load_docker_config(asking->keyring, config->credentials[i], KEYRING_KUBELET,
                                       err));
    }
    TRY(read_hosts(asking, config, err));
    TRY(read_shared(asking, config, err));
    const struct cloud_options options = {.say = registry_options_say, .said = &asking->options};
    if (failed(clouds_new(&config->clouds, &options, asking->keyring, &asking->clouds, err))) {
        return error_wrap(err, "registries.clouds");
    }
    return OK;
}

static void free_asking(struct asking *asking)
{
    registries_free(asking->registries);
    shared_free(asking->shared);
    registry_free(asking->registry);
    pulls_free(asking->pulls);
    keyring_free(asking->keyring);
    clouds_free(asking->clouds);
    arena_wipe(&asking->arena);
    pthread_mutex_destroy(&asking->lock);
    free(asking);
}

static struct pulls *new_pulls(const struct asking *asking, const struct asking_config *config,
                               const struct kube_config *kube, const atomic_bool *cancel)
{
    const struct pulls_config pulls = {
        .kube = kube,
        .behind = asking->keyring,
        .ttl = PULLS_TTL,
        .failure_ttl = config->failure_ttl,
        .cancel = cancel,
    };
    return config->pull_secrets ? pulls_new(&pulls) : NULL;
}

status asking_load(const struct asking_config *config, const struct kube_config *kube,
                   const atomic_bool *cancel, struct asking **ret_asking, struct error *err)
{
    struct asking *asking = calloc(1, sizeof *asking);
    if (asking == NULL) {
        fatal("out of memory");
    }
    atomic_init(&asking->references, 1);
    arena_init(&asking->arena, LIMIT_ASKING_ARENA);
    pthread_mutex_init(&asking->lock, NULL);
    asking->keyring = keyring_new();
    if (failed(read_files(asking, config, err))) {
        free_asking(asking);
        return FAILED;
    }
    asking->registry = registry_new(&asking->options);
    asking->pulls = new_pulls(asking, config, kube, cancel);
    const struct registries_config registries = {
        .registry = asking->registry,
        .keyring = asking->keyring,
        .pulls = asking->pulls,
        .cancel = cancel,
        .max_bytes = config->memory,
        .tag_ttl = config->tag_ttl,
        .failure_ttl = config->failure_ttl,
        .timeout = TIMEOUT,
        .shared = asking->shared == NULL ? NULL : shared_port(asking->shared),
    };
    asking->registries = registries_new(&registries);
    asking->source = registries_source(asking->registries);
    *ret_asking = asking;
    return OK;
}

static uint64_t join(uint64_t hash, const char *path)
{
    static const char *const NONE[] = {NULL};
    return file_fingerprint_join(hash, path == NULL ? 0 : file_fingerprint(path, NONE, 0));
}

bool asking_has_files(const struct asking_config *config)
{
    bool has = config->ca != NULL || config->n_credentials > 0 || config->shared.address.n > 0;
    for (size_t i = 0; i < config->n_hosts; i++) {
        has = has || config->hosts[i].ca != NULL || config->hosts[i].certificate != NULL;
    }
    return has;
}

uint64_t asking_fingerprint(const struct asking_config *config)
{
    uint64_t hash = join(0, config->ca);
    for (size_t i = 0; i < config->n_credentials; i++) {
        hash = join(hash, config->credentials[i]);
    }
    for (size_t i = 0; i < config->n_hosts; i++) {
        hash = join(hash, config->hosts[i].ca);
        hash = join(hash, config->hosts[i].certificate);
        hash = join(hash, config->hosts[i].key);
    }
    hash = join(hash, config->shared.key);
    hash = join(hash, config->shared.password);
    return join(hash, config->shared.ca);
}

const struct evidence_source *asking_source(const struct asking *asking)
{
    return asking == NULL ? NULL : &asking->source;
}

static void tell(enum metric metric, const char *source, uint64_t now, uint64_t before)
{
    struct str label = str_from(source);
    metric_add(metric_series(metric, &label, 1), (int64_t)(now - before));
}

static void tell_pulls(struct asking *asking)
{
    struct pulls_counters now = pulls_counters(asking->pulls);
    const struct pulls_counters *before = &asking->pulls_told;
    tell(METRIC_PULL_SECRETS, "memory", now.hits, before->hits);
    tell(METRIC_PULL_SECRETS, "api", now.had, before->had);
    tell(METRIC_PULL_SECRETS, "error", now.errors, before->errors);
    tell(METRIC_PULL_SECRETS, "shared", now.waits, before->waits);
    tell(METRIC_PULL_SECRETS, "failure", now.failures, before->failures);
    asking->pulls_told = now;
}

static void tell_shared_numbers(struct asking *asking)
{
    struct shared_counters now = shared_counters(asking->shared);
    const struct shared_counters *before = &asking->shared_told;
    tell(METRIC_SHARED_ANSWERS, "found", now.found, before->found);
    tell(METRIC_SHARED_ANSWERS, "missing", now.missing, before->missing);
    tell(METRIC_SHARED_ANSWERS, "refused", now.refused, before->refused);
    tell(METRIC_SHARED_ANSWERS, "failed", now.failed, before->failed);
    tell(METRIC_SHARED_ANSWERS, "skipped", now.skipped, before->skipped);
    tell(METRIC_SHARED_ANSWERS, "written", now.written, before->written);
    asking->shared_told = now;
}

void asking_tell(struct asking *asking)
{
    struct str digests = STR("digests"), images = STR("images");
    pthread_mutex_lock(&asking->lock);
    struct registries_counters now = registries_counters(asking->registries);
    const struct registries_counters *before = &asking->told;
    tell(METRIC_REGISTRY_ANSWERS, "memory", now.hits + now.image_hits,
         before->hits + before->image_hits);
    tell(METRIC_REGISTRY_ANSWERS, "registry", now.misses, before->misses);
    tell(METRIC_REGISTRY_ANSWERS, "shared", now.waits, before->waits);
    tell(METRIC_REGISTRY_ANSWERS, "failure", now.failures, before->failures);
    tell(METRIC_REGISTRY_ANSWERS, "stale", now.stale, before->stale);
    metric_set(metric_series(METRIC_REGISTRY_KEPT, &digests, 1), (int64_t)now.digests);
    metric_set(metric_series(METRIC_REGISTRY_KEPT, &images, 1), (int64_t)now.images);
    asking->told = now;
    if (asking->pulls != NULL) {
        tell_pulls(asking);
    }
    if (asking->shared != NULL) {
        tell_shared_numbers(asking);
    }
    pthread_mutex_unlock(&asking->lock);
}

void asking_release(struct asking *asking)
{
    if (asking != NULL && atomic_fetch_sub(&asking->references, 1) == 1) {
        free_asking(asking);
    }
}

/* -- the one in use -- */

void asking_slot_init(struct asking_slot *slot)
{
    *slot = (struct asking_slot){.asking = NULL};
    pthread_mutex_init(&slot->lock, NULL);
}

void asking_slot_done(struct asking_slot *slot)
{
    asking_release(slot->asking);
    pthread_mutex_destroy(&slot->lock);
}

struct asking *asking_take(struct asking_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct asking *asking = slot->asking;
    if (asking != NULL) {
        atomic_fetch_add(&asking->references, 1);
    }
    pthread_mutex_unlock(&slot->lock);
    return asking;
}

void asking_swap(struct asking_slot *slot, struct asking *asking)
{
    pthread_mutex_lock(&slot->lock);
    struct asking *before = slot->asking;
    slot->asking = asking;
    pthread_mutex_unlock(&slot->lock);
    asking_release(before);
}
