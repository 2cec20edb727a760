#include "certificates/manager.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "certificates/bundle.h"
#include "crypto/issue.h"
#include "kube/webhooks.h"

enum { NAMES = 3 };

/* Beyond it a certificate of ours could be one that API servers do not take yet. */
static const int64_t CLOCK_TOLERANCE = ISSUE_BACKDATE / 2;

static const char *const PARTS[MANAGER_PARTS] = {"lease", "secret", "certificate", "webhooks",
                                                 "rotation"};

/* One look while it is made. */
struct look {
    struct manager *manager;
    struct arena *arena;
    struct manager_time now;
    struct kube_secret object;
    struct certificates_secret secret;
    struct certificates_state state;
    struct rotation_view view;
    struct str names[NAMES]; /* of the Service; the first is what API servers verify */
};

void manager_init(struct manager *manager, const struct certificates_config *config,
                  const struct certificates_watcher *watcher, struct kube *kube)
{
    *manager = (struct manager){
        .config = config, .watcher = watcher, .kube = kube, .clock = clock_monotonic};
    lease_init(&manager->lease, kube, config->namespace, config->lease);
}

/* -- telling -- */

static void tell(struct manager *manager, struct certificates_event event)
{
    manager->watcher->tell(manager->watcher->self, &event);
}

/* Tell of a part that fails, or does so no longer; returns whether it failed. */
static bool report(struct manager *manager, enum manager_part part, status st,
                   const struct error *err)
{
    enum error_kind before = manager->failing[part];
    if (failed(st) && manager->stop != NULL && atomic_load(manager->stop)) {
        return true;
    }
    if (failed(st)) {
        tell(manager, (struct certificates_event){.kind = CERTIFICATES_FAILURE,
                                                  .what = PARTS[part],
                                                  .err = err,
                                                  .again = err->kind == before});
        manager->failing[part] = err->kind;
        return true;
    }
    if (before != ERROR_NONE) {
        tell(manager,
             (struct certificates_event){.kind = CERTIFICATES_RECOVERED, .what = PARTS[part]});
        manager->failing[part] = ERROR_NONE;
    }
    return false;
}

/* -- what every replica does -- */

static void read_secret(struct look *look)
{
    const struct kube_secret *object = &look->object;
    look->secret = (struct certificates_secret){
        .leaf = kube_secret_value(object, look->arena, "tls.crt"),
        .key = kube_secret_value(object, look->arena, "tls.key"),
        .authorities = kube_secret_value(object, look->arena, "ca.crt"),
        .authority_key = kube_secret_value(object, look->arena, "ca.key"),
    };
    state_read(look->arena, &look->secret, look->names[0], &look->state);
}

static void name_service(struct look *look)
{
    static const char *const ENDS[NAMES] = {".svc", "", ".svc.cluster.local"};
    const struct certificates_config *config = look->manager->config;
    for (size_t i = 0; i < NAMES; i++) {
        look->names[i] = arena_printf(look->arena, "%.*s.%.*s%s", STR_ARG(config->service),
                                      STR_ARG(config->namespace), ENDS[i]);
    }
}

/* Since when the Secret has had the leaf that it has. */
static void note_leaf(struct look *look)
{
    struct manager *manager = look->manager;
    const char *id = look->state.sound ? look->state.leaf.id : "";
    if (strcmp(id, manager->seen) != 0) {
        memcpy(manager->seen, id, strlen(id) + 1);
        manager->seen_since = look->now.monotonic;
    }
    look->view.served = look->state.sound ? look->now.monotonic - manager->seen_since : -1;
}

static status use_leaf(struct look *look, struct error *err)
{
    struct manager *manager = look->manager;
    const struct certificates_state *state = &look->state;
    if (!state_is_usable(state, look->now.wall) || strcmp(manager->used, state->leaf.id) == 0) {
        return OK;
    }
    const struct certificates_watcher *watcher = manager->watcher;
    TRY(watcher->use(watcher->self, look->secret.leaf, look->secret.key, err));
    memcpy(manager->used, state->leaf.id, sizeof manager->used);
    return OK;
}

/* Say what is waited for, as long as there is nothing to serve. */
static void tell_waiting(struct look *look, const struct error *failure)
{
    struct manager *manager = look->manager;
    const struct certificates_config *config = manager->config;
    struct error err = {.kind = ERROR_NOT_FOUND};
    if (manager->used[0] != '\0') {
        return;
    }
    const char *why = failure != NULL       ? failure->text
                      : !look->object.found ? "it does not exist yet"
                      : look->state.sound   ? "its certificate has ended"
                                            : look->state.problem.text;
    error_fill(&err, ERROR_NOT_FOUND, "waiting for a certificate in Secret %.*s/%.*s: %s",
               STR_ARG(config->namespace), STR_ARG(config->secret), why);
    tell(manager, (struct certificates_event){.kind = CERTIFICATES_WAITING, .err = &err});
}

/* Returns whether the Secret could be read. */
static bool follow(struct look *look)
{
    struct manager *manager = look->manager;
    const struct certificates_config *config = manager->config;
    struct error err;
    status st =
        kube_secret_get(manager->kube, config->namespace, config->secret, &look->object, &err);
    if (report(manager, MANAGER_SECRET, st, &err)) {
        tell_waiting(look, &err);
        return false;
    }
    read_secret(look);
    note_leaf(look);
    st = use_leaf(look, &err);
    bool bad = report(manager, MANAGER_USE, st, &err);
    tell_waiting(look, bad ? &err : NULL);
    return true;
}

/* -- what the leader does: caBundles -- */

/* Before each write: what was read may be older than someone else's leading. A pause behind this
 * check is met by the resourceVersion of the write. */
static status check_leading(const struct manager *manager, struct error *err)
{
    return lease_is_held(&manager->lease, manager->clock())
               ? OK
               : error_set(err, ERROR_TIMEOUT, "the lease ran out before it was done");
}

static status mend_webhooks(struct look *look, struct webhooks *webhooks, bool *complete,
                            struct error *err)
{
    struct manager *manager = look->manager;
    const struct certificate_list *authorities = &look->state.authorities;
    bool exact = rotation_is_over(&look->state, &manager->config->times, &look->view);
    struct str *wanted = ARENA_ARRAY(look->arena, struct str, webhooks->n);
    bool changed = false;
    enum kube_outcome outcome;
    for (size_t i = 0; i < webhooks->n; i++) {
        struct bundle_look bundle =
            bundle_look(look->arena, authorities, webhooks->bundles[i], exact);
        wanted[i] = authorities->n > 0 ? bundle.wanted : webhooks->bundles[i];
        *complete = *complete && bundle.complete;
        look->view.others = look->view.others || bundle.others;
    }
    TRY(check_leading(manager, err));
    TRY(webhooks_patch(manager->kube, webhooks, wanted, &changed, &outcome, err));
    if (changed) {
        tell(manager, (struct certificates_event){.kind = CERTIFICATES_BUNDLE,
                                                  .what = webhooks_kind_name(webhooks->kind),
                                                  .name = webhooks->name});
    }
    return outcome == KUBE_DONE
               ? OK
               : error_set(err, ERROR_UPSTREAM, "%s %.*s changed while it was looked at",
                           webhooks_kind_name(webhooks->kind), STR_ARG(webhooks->name));
}

static status mend_name(struct look *look, size_t index, bool *complete, struct error *err)
{
    struct manager *manager = look->manager;
    struct str name = manager->config->webhooks[index];
    bool found = false;
    for (enum webhooks_kind kind = 0; kind < WEBHOOKS_KINDS; kind++) {
        webhooks_auto webhooks = {0};
        TRY(webhooks_get(manager->kube, kind, name, look->arena, &webhooks, err));
        found = found || webhooks.found;
        TRY(mend_webhooks(look, &webhooks, complete, err));
    }
    if (!found && !manager->missing[index]) {
        tell(manager, (struct certificates_event){.kind = CERTIFICATES_MISSING, .name = name});
    }
    manager->missing[index] = !found;
    return OK;
}

/* Whether these are the authorities that settle already. */
static bool same_authorities(const struct manager *manager, const struct certificate_list *list)
{
    for (size_t i = 0; i < LIMIT_AUTHORITIES; i++) {
        const char *id = i < list->n ? list->items[i].id : "";
        if (strcmp(manager->authorities[i], id) != 0) {
            return false;
        }
    }
    return manager->settling;
}

/* Since when every caBundle has held all authorities of the Secret, as far as we have seen. */
static void note_bundles(struct look *look, bool complete)
{
    struct manager *manager = look->manager;
    const struct certificate_list *list = &look->state.authorities;
    if (!complete || !same_authorities(manager, list)) {
        for (size_t i = 0; i < LIMIT_AUTHORITIES; i++) {
            snprintf(manager->authorities[i], CERTIFICATE_ID_MAX, "%s",
                     i < list->n ? list->items[i].id : "");
        }
        manager->settling = true;
        manager->settled_since = look->now.monotonic;
    }
    look->view.settled = look->now.monotonic - manager->settled_since;
}

static status mend_bundles(struct look *look, struct error *err)
{
    bool complete = true;
    for (size_t i = 0; i < look->manager->config->n_webhooks; i++) {
        TRY(mend_name(look, i, &complete, err));
    }
    note_bundles(look, complete);
    return OK;
}

/* -- what the leader does: the Secret -- */

static status check_clock(const struct manager *manager, struct error *err)
{
    int64_t ahead = kube_clock_ahead(manager->kube);
    if (ahead > CLOCK_TOLERANCE || ahead < -CLOCK_TOLERANCE) {
        return error_set(err, ERROR_INTERNAL,
                         "this machine's clock is %llds %s that of the API server: no certificate "
                         "is made by it",
                         (long long)((ahead < 0 ? -ahead : ahead) / NS_PER_S),
                         ahead < 0 ? "ahead of" : "behind");
    }
    return OK;
}

static status store(struct look *look, const struct certificates_secret *next, bool *ret_done,
                    struct error *err)
{
    const struct certificates_config *config = look->manager->config;
    const struct kube_secret_entry entries[] = {{"tls.crt", next->leaf},
                                                {"tls.key", next->key},
                                                {"ca.crt", next->authorities},
                                                {"ca.key", next->authority_key}};
    enum kube_outcome outcome;
    TRY(kube_secret_put(look->manager->kube, config->namespace, config->secret, &look->object,
                        entries, &outcome, err));
    *ret_done = outcome == KUBE_DONE;
    return OK;
}

static status take_step(struct look *look, enum rotation_step step, bool *ret_done,
                        struct error *err)
{
    static const char *const NAMES_OF_STEPS[] = {"", "authority", "certificate", "drop"};
    struct manager *manager = look->manager;
    const struct certificates_config *config = manager->config;
    const struct rotation_request request = {.authority_name = config->secret,
                                             .names = look->names,
                                             .n_names = NAMES,
                                             .times = &config->times,
                                             .now = look->now.wall};
    struct certificates_secret next;
    TRY(check_clock(manager, err));
    TRY(rotation_make(look->arena, step, &look->state, &look->secret, &request, &next, err));
    TRY(check_leading(manager, err));
    TRY(store(look, &next, ret_done, err));
    if (*ret_done) {
        tell(manager,
             (struct certificates_event){.kind = CERTIFICATES_STEP, .what = NAMES_OF_STEPS[step]});
    }
    return OK;
}

/* Returns whether a step was taken. Where caBundles cannot be made right, those steps go on that do
 * not need them: a certificate does not end because a right on something else is missing. */
static bool lead(struct look *look)
{
    struct manager *manager = look->manager;
    struct error err;
    bool done = false;
    look->view.now = look->now.wall;
    if (report(manager, MANAGER_BUNDLES, mend_bundles(look, &err), &err)) {
        look->view.settled = -1;
    }
    enum rotation_step step = rotation_next(&look->state, &manager->config->times, &look->view);
    status st = step == ROTATION_NOTHING ? OK : take_step(look, step, &done, &err);
    return !report(manager, MANAGER_STEP, st, &err) && done;
}

/* -- a look -- */

static void note_leading(struct manager *manager, bool leading)
{
    if (leading != manager->leading) {
        tell(manager, (struct certificates_event){.kind = leading ? CERTIFICATES_LEADING
                                                                  : CERTIFICATES_FOLLOWING});
        manager->leading = leading;
        manager->settling = false;
    }
}

enum manager_result manager_look(struct manager *manager, struct manager_time now)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    struct error err;
    struct look look = {.manager = manager, .arena = &arena, .now = now};
    name_service(&look);
    bool bad =
        report(manager, MANAGER_LEASE, lease_step(&manager->lease, now.monotonic, &err), &err);
    note_leading(manager, lease_is_held(&manager->lease, now.monotonic));
    bool read = follow(&look);
    bool again = read && manager->leading && lead(&look);
    kube_secret_done(&look.object);
    return bad || !read ? MANAGER_FAILED : again ? MANAGER_AGAIN : MANAGER_FINE;
}

void manager_end(struct manager *manager)
{
    struct error err;
    kube_detach(manager->kube);
    (void)report(manager, MANAGER_LEASE, lease_release(&manager->lease, &err), &err);
    note_leading(manager, false);
}
