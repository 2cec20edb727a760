#include "test.h"

#include <unistd.h>

#include "fetch/scripted.h"
#include "kube/watch.h"

/* The thread: a server whose watch hangs until it is cancelled. */

static atomic_int watches;

#define LIST                                                                                       \
    "{\"apiVersion\":\"v1\",\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"5\"},"      \
    "\"items\":[{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"3\"}}]}"

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument, (void)arena;
    if (request->sink == NULL) {
        *ret_answer = (struct fetch_answer){.status = 200, .body = STR(LIST)};
        return OK;
    }
    request->sink->begin(request->sink->self);
    atomic_fetch_add(&watches, 1);
    while (!atomic_load(request->cancel)) {
        usleep(1000);
    }
    return error_set(err, ERROR_TIMEOUT, "cancelled");
}

static atomic_int n_put, n_synced, n_told;

static void relist(void *self)
{
    (void)self;
}

static void put(void *self, const struct kube_item *item)
{
    assert_true(str_eq(item->name, STR("a")));
    atomic_fetch_add((atomic_int *)self, 1);
}

static void drop(void *self, struct str namespace, struct str name)
{
    (void)self, (void)namespace, (void)name;
}

static void synced(void *self)
{
    (void)self;
    atomic_fetch_add(&n_synced, 1);
}

static void tell(void *self, const struct kube_watch_event *event)
{
    (void)self, (void)event;
    atomic_fetch_add(&n_told, 1);
}

static const struct kube_watcher WATCHER = {&n_put, relist, put, drop, synced, tell};

static void a_thread(void **state)
{
    (void)state;
    struct fetch_scripted scripted = {.script = answer};
    struct fetch port = fetch_scripted_port(&scripted);
    const struct kube_config kube = {.server = STR("https://api")};
    const struct kube_watch_config config = {
        .kube = &kube, .fetch = &port, .path = "/api/v1/things"};
    struct kube_watch *watch = NULL;
    struct error err;
    assert_false(failed(kube_watch_start(&config, &WATCHER, &watch, &err)));
    while (atomic_load(&watches) == 0) {
        usleep(1000);
    }
    struct kube_watch_state it = kube_watch_state(watch);
    assert_true(it.synced);
    assert_int_equal(it.lost, 0);
    kube_watch_stop(watch);
    assert_true(atomic_load(&n_put) == 1);
    assert_true(atomic_load(&n_synced) == 1);
    assert_true(atomic_load(&n_told) == 0);
    kube_watch_stop(NULL);
}

/* One that waits to try again ends too. */
static void a_thread_that_waits(void **state)
{
    (void)state;
    const struct kube_config kube = {.server = STR("https://127.0.0.1:1")};
    const struct kube_watch_config config = {.kube = &kube, .path = "/api/v1/things"};
    struct kube_watch *watch = NULL;
    struct error err;
    assert_false(failed(kube_watch_start(&config, &WATCHER, &watch, &err)));
    while (kube_watch_state(watch).failures < 2) {
        usleep(1000);
    }
    assert_false(kube_watch_state(watch).synced);
    assert_true(atomic_load(&n_told) == 1);
    kube_watch_cancel(watch);
    kube_watch_cancel(NULL);
    kube_watch_stop(watch);
}

int watch_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread),
        cmocka_unit_test(a_thread_that_waits),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
