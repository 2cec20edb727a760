#include "server/eventing.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/kubernetes.h"

enum { OWNERS_LOOKED_AT = 64, INSTANCE_MAX = 128 };

static const int64_t GATHER = 200 * NS_PER_MS;
/* Two changes of one Event: a controller's first tries come within seconds of each other. */
static const int64_t SERIES = 10 * NS_PER_S;
static const int64_t RETRY = NS_PER_S;

static struct events *writer; /* set before the first review, cleared after the last */
static bool with_warnings;

/* -- what is told -- */

static struct metric_series *lost_series(enum events_loss loss)
{
    struct str reason = str_from(events_loss_name(loss));
    return metric_series(METRIC_EVENTS_LOST, &reason, 1);
}

static void count(void *self, enum events_loss loss, uint64_t n)
{
    (void)self;
    metric_add(lost_series(loss), (int64_t)n);
}

static struct metric_series *written_series(bool again)
{
    struct str what = again ? STR("repeated") : STR("new");
    return metric_series(METRIC_EVENTS_WRITTEN, &what, 1);
}

static void written(void *self, bool again)
{
    (void)self;
    metric_add(written_series(again), 1);
}

static void tell(void *self, const struct events_event *event)
{
    (void)self;
    if (event->kind == EVENTS_RECOVERED) {
        LOG(LOG_INFO, "Events tell all denials again");
        return;
    }
    LOG(event->loss == EVENTS_LOST_RATE ? LOG_WARNING : LOG_ERROR,
        "denials are not told by Events; reviews go on",
        LOG_FIELD_CSTR("reason", events_loss_name(event->loss)),
        LOG_FIELD_CSTR("error", event->err->text));
}

/* -- whom it regards -- */

static bool read_text(yyjson_val *object, const char *key, struct str *text)
{
    *text = json_str(json_get(object, key));
    return text->n > 0 && text->n <= LIMIT_NAME;
}

/* Owners are of the object's own namespace, but for cluster-scoped ones, which an Event of a
 * namespace must not speak about: of the core group only one kind owns Pods in a namespace. */
static bool is_in_namespace(const struct event_object *owner)
{
    return !str_eq(owner->api_version, STR("v1")) ||
           str_eq(owner->kind, STR("ReplicationController"));
}

static bool read_owner(yyjson_val *reference, struct event_object *owner)
{
    return yyjson_is_true(json_get(reference, "controller")) &&
           read_text(reference, "apiVersion", &owner->api_version) &&
           read_text(reference, "kind", &owner->kind) &&
           read_text(reference, "name", &owner->name) && read_text(reference, "uid", &owner->uid) &&
           is_in_namespace(owner);
}

/* The controller that made it: it is there, and people look at it. */
static bool find_owner(const struct review *review, struct event_object *owner)
{
    yyjson_val *owners = json_get(json_get(review->object, "metadata"), "ownerReferences");
    size_t n = yyjson_arr_size(owners);
    bool found = false;
    for (size_t i = 0; !found && i < n && i < OWNERS_LOOKED_AT; i++) {
        found = read_owner(yyjson_arr_get(owners, i), owner);
    }
    return found;
}

/* What is updated is there itself. */
static bool find_itself(const struct review *review, char *api_version, size_t size,
                        struct event_object *object)
{
    if (review->operation != REVIEW_UPDATE || review->name.n == 0) {
        return false;
    }
    int n = snprintf(api_version, size, "%.*s%s%.*s", STR_ARG(review->group),
                     review->group.n > 0 ? "/" : "", STR_ARG(review->version));
    *object = (struct event_object){
        .api_version = {api_version, (size_t)n < size ? (size_t)n : size - 1},
        .kind = review->kind,
        .name = review->name,
    };
    if (!read_text(json_get(review->object, "metadata"), "uid", &object->uid)) {
        object->uid = STR_EMPTY;
    }
    return true;
}

static struct event_object regarding(const struct review *review, char *api_version, size_t size)
{
    struct event_object object;
    if (find_owner(review, &object) || find_itself(review, api_version, size, &object)) {
        return object;
    }
    return (struct event_object){
        .api_version = STR("v1"),
        .kind = STR("Namespace"),
        .name = review->namespace,
        .uid = STR_EMPTY,
    };
}

/* -- what it says -- */

/* All that kubectl would show, a line each. */
static struct str join_warnings(const struct review_answer *answer, char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < answer->n_warnings && n < size - 1; i++) {
        int more = snprintf(text + n, size - n, "%s%.*s", i == 0 ? "" : "\n",
                            STR_ARG(answer->warnings[i]));
        n += (size_t)more < size - n ? (size_t)more : size - n - 1;
    }
    return (struct str){text, n};
}

/* Of an object whose name is made up at each try, what all of them have: or each would be news. */
static struct str name_of(const struct review *review)
{
    struct str stem;
    bool made = review->operation == REVIEW_CREATE &&
                read_text(json_get(review->object, "metadata"), "generateName", &stem);
    return made ? stem : review->name;
}

bool eventing_event(const struct job *job, bool warnings, struct event *ret_event)
{
    static _Thread_local char api_version[2 * LIMIT_NAME], subject[LIMIT_NAME];
    static _Thread_local char text[LIMIT_MESSAGE];
    const struct review *review = &job->review;
    bool denied = !job->answer.allowed;
    if (job->endpoint != ENDPOINT_VALIDATE || review->dry_run || review->namespace.n == 0 ||
        !(denied || (warnings && job->answer.n_warnings > 0))) {
        return false;
    }
    struct str name = name_of(review);
    int n = snprintf(subject, sizeof subject, "%.*s%s%.*s", STR_ARG(review->kind),
                     name.n > 0 ? " " : "", STR_ARG(name));
    *ret_event = (struct event){
        .namespace = review->namespace,
        .regarding = regarding(review, api_version, sizeof api_version),
        .subject = {subject, (size_t)n < sizeof subject ? (size_t)n : sizeof subject - 1},
        .message = denied ? job->answer.message : join_warnings(&job->answer, text, sizeof text),
        .denied = denied,
        .time = clock_wall(),
    };
    return true;
}

void eventing_job(const struct job *job, const struct error *err)
{
    struct event event;
    if (writer != NULL && err == NULL && eventing_event(job, with_warnings, &event)) {
        events_add(writer, &event);
    }
}

/* -- life -- */

/* The Pod, or else the machine. */
static struct str instance_name(void)
{
    static char host[INSTANCE_MAX + 1];
    struct str pod = str_from(getenv("POD_NAME"));
    if (pod.n > 0) {
        return str_sub(pod, 0, INSTANCE_MAX);
    }
    bool known = gethostname(host, sizeof host - 1) == 0 && host[0] != '\0';
    return known ? str_from(host) : STR("pratique");
}

status eventing_start(struct service *service, struct error *err)
{
    static const struct events_watcher WATCHER = {.count = count, .written = written, .tell = tell};
    const struct server_config *config = service->config;
    if (config->events_queue == 0) {
        return OK;
    }
    for (enum events_loss loss = 0; loss < EVENTS_LOSS_COUNT; loss++) {
        (void)lost_series(loss); /* shown as 0, so that the first loss is seen as a rise */
    }
    (void)written_series(false);
    (void)written_series(true);
    TRY(kubernetes_need(service, "kubernetes.events", err));
    with_warnings = config->events_warnings;
    const struct events_config events = {
        .kube = &service->kube,
        .instance = instance_name(),
        .queue = config->events_queue,
        .gather_ns = GATHER,
        .series_ns = SERIES,
        .retry_ns = RETRY,
    };
    return events_start(&events, &WATCHER, NULL, &writer, err);
}

void eventing_end(int64_t until)
{
    events_end(writer, until);
}

void eventing_stop(void)
{
    events_stop(writer);
    writer = NULL;
}
