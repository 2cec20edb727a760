#include "kube/lease.h"

#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "kube/object.h"

enum { HOST_MAX = 64, DURATION_MAX = 3600 };

void lease_init(struct lease *lease, struct kube *kube, struct str namespace, struct str name)
{
    char host[HOST_MAX] = "";
    uint64_t number = 0;
    *lease = (struct lease){.kube = kube, .namespace = namespace, .name = name};
    ENSURE(getrandom(&number, sizeof number, 0) == sizeof number);
    if (gethostname(host, sizeof host - 1) != 0) {
        host[0] = '\0';
    }
    snprintf(lease->identity, sizeof lease->identity, "%s_%016llx", host,
             (unsigned long long)number);
}

bool lease_is_held(const struct lease *lease, int64_t now)
{
    return lease->held && now - lease->renewed < LEASE_RENEW_DEADLINE * NS_PER_S;
}

/* -- the object -- */

static status call(struct lease *lease, const char *method, struct str body,
                   enum kube_outcome *ret_outcome, struct json_doc *ret_object, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    bool create = strcmp(method, "POST") == 0;
    const struct kube_call it = {
        .method = method,
        .path = arena_printf(&arena, "/apis/coordination.k8s.io/v1/namespaces/%.*s/leases%s%.*s",
                             STR_ARG(lease->namespace), create ? "" : "/",
                             STR_ARG(create ? STR_EMPTY : lease->name)),
        .content_type = body.n > 0 ? "application/json" : NULL,
        .body = body,
    };
    return kube_call(lease->kube, &it, ret_outcome, ret_object, err);
}

static void copy_text(char *room, size_t size, struct str text)
{
    snprintf(room, size, "%.*s", STR_ARG(text));
}

static void read_record(const struct json_doc *object, struct lease_record *ret_record)
{
    const yyjson_val *spec = json_get(object->root, "spec");
    memset(ret_record, 0, sizeof *ret_record);
    copy_text(ret_record->holder, sizeof ret_record->holder,
              json_str(json_get(spec, "holderIdentity")));
    copy_text(ret_record->renewed, sizeof ret_record->renewed,
              json_str(json_get(spec, "renewTime")));
    ret_record->transitions = yyjson_get_sint(json_get(spec, "leaseTransitions"));
}

/* How long the holder asked others to wait; ours, if it does not say. */
static int64_t duration_of(const struct json_doc *object)
{
    int64_t seconds =
        yyjson_get_sint(json_get(json_get(object->root, "spec"), "leaseDurationSeconds"));
    return (seconds < 1              ? LEASE_DURATION
            : seconds > DURATION_MAX ? DURATION_MAX
                                     : seconds) *
           NS_PER_S;
}

/* Wall time as MicroTime: 2026-11-25T01:22:20.123456Z. Two renewals must not be the same. */
static struct str micro_time(char room[LEASE_TIME_MAX])
{
    char text[CLOCK_TEXT_MAX];
    int64_t now = clock_wall();
    clock_format(now, text);
    snprintf(room, LEASE_TIME_MAX, "%.*s%03dZ", (int)strlen(text) - 1, text,
             (int)(now % NS_PER_MS / NS_PER_US));
    return str_from(room);
}

/* The object as `holder` would have it; zeroed `object`: a new one. */
static struct str body_for(const struct lease *lease, const struct json_doc *object,
                           const char *holder, struct arena *arena)
{
    char time[LEASE_TIME_MAX];
    struct str now = micro_time(time);
    kube_object_auto *doc = kube_object_copy(object);
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_val *metadata = kube_object_member(doc, root, "metadata");
    yyjson_mut_val *spec = kube_object_member(doc, root, "spec");
    kube_object_set_str(doc, root, "apiVersion", STR("coordination.k8s.io/v1"));
    kube_object_set_str(doc, root, "kind", STR("Lease"));
    kube_object_set_str(doc, metadata, "name", lease->name);
    kube_object_set_str(doc, metadata, "namespace", lease->namespace);
    if (strcmp(lease->seen.holder, holder) != 0 || object->tree == NULL) {
        bool released = holder[0] == '\0';
        kube_object_set_str(doc, spec, "acquireTime", now);
        kube_object_set_int(doc, spec, "leaseTransitions",
                            lease->seen.transitions + (object->tree != NULL && !released));
    }
    kube_object_set_str(doc, spec, "holderIdentity", str_from(holder));
    kube_object_set_int(doc, spec, "leaseDurationSeconds", holder[0] != '\0' ? LEASE_DURATION : 1);
    kube_object_set_str(doc, spec, "renewTime", now);
    return kube_object_write(doc, arena);
}

/* -- the election -- */

static void look(struct lease *lease, const struct json_doc *object, int64_t now)
{
    struct lease_record record;
    read_record(object, &record);
    if (memcmp(&record, &lease->seen, sizeof record) != 0 || lease->seen_at == 0) {
        lease->seen = record;
        lease->seen_at = now;
    }
}

static bool may_take(const struct lease *lease, const struct json_doc *object, int64_t now)
{
    bool ours = strcmp(lease->seen.holder, lease->identity) == 0;
    bool free = lease->seen.holder[0] == '\0';
    return ours || free || now - lease->seen_at > duration_of(object);
}

/* Write ourselves into it, as the one that was got or as a new one. */
static status take(struct lease *lease, const struct json_doc *object, int64_t now,
                   struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    enum kube_outcome outcome;
    json_doc_auto written = {0};
    struct str body = body_for(lease, object, lease->identity, &arena);
    TRY(call(lease, object->tree == NULL ? "POST" : "PUT", body, &outcome, &written, err));
    if (outcome == KUBE_NOT_FOUND && object->tree == NULL) {
        return error_set(err, ERROR_NOT_FOUND,
                         "Lease %.*s cannot be made: there is no namespace %.*s",
                         STR_ARG(lease->name), STR_ARG(lease->namespace));
    }
    lease->held = outcome == KUBE_DONE;
    if (lease->held) {
        lease->renewed = now;
        look(lease, &written, now);
    }
    return OK;
}

status lease_step(struct lease *lease, int64_t now, struct error *err)
{
    enum kube_outcome outcome;
    json_doc_auto object = {0};
    TRY(call(lease, "GET", STR_EMPTY, &outcome, &object, err));
    if (outcome == KUBE_NOT_FOUND) {
        lease->seen = (struct lease_record){0};
    } else {
        look(lease, &object, now);
    }
    if (outcome == KUBE_NOT_FOUND || may_take(lease, &object, now)) {
        return take(lease, &object, now, err);
    }
    lease->held = false;
    return OK;
}

status lease_release(struct lease *lease, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    enum kube_outcome outcome;
    json_doc_auto object = {0};
    json_doc_auto written = {0};
    if (!lease->held) {
        return OK;
    }
    lease->held = false;
    TRY(call(lease, "GET", STR_EMPTY, &outcome, &object, err));
    read_record(&object, &lease->seen);
    if (outcome != KUBE_DONE || strcmp(lease->seen.holder, lease->identity) != 0) {
        return OK;
    }
    return call(lease, "PUT", body_for(lease, &object, "", &arena), &outcome, &written, err);
}
