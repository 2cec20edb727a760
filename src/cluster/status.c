#include "cluster/status.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cluster/resources.h"
#include "kube/object.h"

/* -- what it says already -- */

static yyjson_val *find_ready(yyjson_val *object)
{
    size_t i, n;
    yyjson_val *condition;
    yyjson_val *conditions = json_get(object, "conditions");
    yyjson_arr_foreach(conditions, i, n, condition)
    {
        if (str_eq(json_str(json_get(condition, "type")), STR("Ready"))) {
            return condition;
        }
    }
    return NULL;
}

static struct str word_of(bool ready)
{
    return ready ? STR("True") : STR("False");
}

static bool says(yyjson_val *said, const struct policy_ready *ready)
{
    yyjson_val *condition = find_ready(said);
    return str_eq(json_str(json_get(condition, "status")), word_of(ready->ready)) &&
           str_eq(json_str(json_get(condition, "reason")), str_from(ready->reason)) &&
           str_eq(json_str(json_get(condition, "message")), ready->message) &&
           yyjson_get_sint(json_get(condition, "observedGeneration")) == ready->generation &&
           yyjson_get_sint(json_get(said, "observedGeneration")) == ready->generation &&
           (!ready->ready || ready->rules == 0 ||
            yyjson_get_uint(json_get(said, "rules")) == ready->rules);
}

bool status_says(struct str text, const struct policy_ready *ready)
{
    json_doc_auto doc = {0};
    struct error ignored;
    return text.n > 0 && !failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &ignored)) &&
           says(doc.root, ready);
}

/* -- what it shall say -- */

/* The condition, with the time of the last change where its status stays as it was. */
static yyjson_mut_val *make_ready(yyjson_mut_doc *doc, yyjson_val *before,
                                  const struct policy_ready *ready)
{
    char now[CLOCK_TEXT_MAX];
    clock_format_seconds(clock_wall(), now);
    struct str since = json_str(json_get(before, "lastTransitionTime"));
    bool same = str_eq(json_str(json_get(before, "status")), word_of(ready->ready));
    yyjson_mut_val *condition = yyjson_mut_obj(doc);
    kube_object_set_str(doc, condition, "type", STR("Ready"));
    kube_object_set_str(doc, condition, "status", word_of(ready->ready));
    kube_object_set_str(doc, condition, "reason", str_from(ready->reason));
    kube_object_set_str(doc, condition, "message", ready->message);
    kube_object_set_int(doc, condition, "observedGeneration", ready->generation);
    kube_object_set_str(doc, condition, "lastTransitionTime",
                        same && since.n > 0 ? since : str_from(now));
    return condition;
}

/* Our condition in the place of the older one; those of others stay. */
static void set_ready(yyjson_mut_doc *doc, yyjson_mut_val *said, yyjson_val *before,
                      const struct policy_ready *ready)
{
    yyjson_mut_val *conditions = yyjson_mut_arr(doc);
    size_t i, n;
    yyjson_val *condition, *old = find_ready(before), *list = json_get(before, "conditions");
    yyjson_arr_foreach(list, i, n, condition)
    {
        if (condition != old) {
            ENSURE(yyjson_mut_arr_append(conditions, yyjson_val_mut_copy(doc, condition)));
        }
    }
    ENSURE(yyjson_mut_arr_append(conditions, make_ready(doc, old, ready)));
    yyjson_mut_obj_put(said, yyjson_mut_str(doc, "conditions"), conditions);
    kube_object_set_int(doc, said, "observedGeneration", ready->generation);
    if (ready->rules > 0) {
        kube_object_set_int(doc, said, "rules", (int64_t)ready->rules);
    }
}

/* A sum that stays a number that the API server takes. */
static int64_t add_up(yyjson_val *before, uint64_t more)
{
    uint64_t sum = yyjson_get_uint(before) + more;
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

static void set_counts(yyjson_mut_doc *doc, yyjson_mut_val *said, yyjson_val *before,
                       const struct policy_counts_of *counts)
{
    const struct {
        const char *name;
        uint64_t more;
    } numbers[] = {{"judged", counts->judged},
                   {"denied", counts->denied},
                   {"warned", counts->warned},
                   {"excused", counts->excused}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].more > 0) {
            kube_object_set_int(doc, said, numbers[i].name,
                                add_up(json_get(before, numbers[i].name), numbers[i].more));
        }
    }
}

/* -- the calls -- */

static status call(struct kube *kube, const char *method, struct str path, struct str body,
                   enum kube_outcome *ret_outcome, struct json_doc *ret_object, struct error *err)
{
    const struct kube_call it = {.method = method,
                                 .path = path,
                                 .content_type = body.n > 0 ? "application/json" : NULL,
                                 .body = body};
    return kube_call(kube, &it, ret_outcome, ret_object, err);
}

static struct str body_of(struct arena *arena, const struct json_doc *object,
                          const struct policy_ready *ready, const struct policy_counts_of *counts)
{
    kube_object_auto *doc = kube_object_copy(object);
    yyjson_val *before = json_get(object->root, "status");
    yyjson_mut_val *said = kube_object_member(doc, yyjson_mut_doc_get_root(doc), "status");
    if (ready != NULL) {
        set_ready(doc, said, before, ready);
    }
    set_counts(doc, said, before, counts);
    return kube_object_write(doc, arena);
}

status status_write(struct kube *kube, const struct policy_target *target,
                    const struct policy_ready *ready, const struct policy_counts_of *counts,
                    bool *ret_done, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    enum kube_outcome outcome;
    json_doc_auto object = {0};
    json_doc_auto written = {0};
    struct str path = resource_path(&arena, target->kind, target->namespace, target->name);
    *ret_done = false;
    TRY(call(kube, "GET", path, STR_EMPTY, &outcome, &object, err));
    struct str uid = json_str(json_get(json_get(object.root, "metadata"), "uid"));
    if (outcome != KUBE_DONE || !str_eq(uid, target->uid)) {
        return OK;
    }
    struct str body = body_of(&arena, &object, ready, counts);
    path = arena_printf(&arena, "%.*s/status", STR_ARG(path));
    TRY(call(kube, "PUT", path, body, &outcome, &written, err));
    *ret_done = outcome == KUBE_DONE;
    return OK;
}
