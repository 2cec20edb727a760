#include "test.h"

#include "kube/sync.h"
#include "script.h"

static struct script script;
static struct kube_sync sync_;
static struct kube_watch_config config;

/* -- who is told, in words -- */

static void relist(void *self)
{
    script_say(self, "  relist");
}

static void put(void *self, const struct kube_item *item)
{
    script_say(self, "  put %.*s %.*s", STR_ARG(item->name), STR_ARG(item->version));
}

static void drop(void *self, struct str namespace, struct str name)
{
    assert_int_equal(namespace.n, 0);
    script_say(self, "  drop %.*s", STR_ARG(name));
}

static void synced(void *self)
{
    script_say(self, "  synced");
}

static void tell(void *self, const struct kube_watch_event *event)
{
    static const char *const KINDS[] = {"failing", "recovered", "relisted"};
    static const char *const REASONS[] = {"expired", "distrusted", "routine"};
    if (event->kind == KUBE_WATCH_RELISTED) {
        script_say(self, "  relisted, %s: %s", REASONS[event->reason], event->err->text);
    } else {
        script_say(self, "  %s since %.1f%s%s", KINDS[event->kind],
                   (double)event->since / (double)NS_PER_S,
                   event->kind == KUBE_WATCH_FAILING ? ": " : "",
                   event->kind == KUBE_WATCH_FAILING ? event->err->text : "");
    }
}

static const struct kube_watcher WATCHER = {&script, relist, put, drop, synced, tell};

static int begin(void **state)
{
    script_init(&script);
    config = (struct kube_watch_config){.kube = &script.config, .path = "/apis/x/v1/things"};
    kube_sync_init(&sync_, &config, &WATCHER, script.kube, &script.stop);
    return start(state);
}

static int end(void **state)
{
    kube_sync_done(&sync_);
    script_done(&script);
    return stop(state);
}

/* -- what the server says -- */

#define THING(name, version)                                                                       \
    "{\"apiVersion\":\"x/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"" name                   \
    "\",\"resourceVersion\":\"" version "\"}}"
#define LIST(version, items)                                                                       \
    "{\"apiVersion\":\"x/v1\",\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"" version \
    "\"},\"items\":[" items "]}"
#define EVENT(type, object)   "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(version)     EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"" version "\"}}")
#define ERROR_OF(code, words) EVENT("ERROR", "{\"kind\":\"Status\",\"code\":" code "," words "}")

static const struct script_step LISTED = {.status = 200, .pieces = {LIST("5", THING("a", "3"))}};

static void then(struct script_step step)
{
    script_add(&script, step);
}

static void steps(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        kube_sync_step(&sync_);
    }
}

/* The watches of the log without their times, which are by chance but in bounds. */
static void expect(const char *wanted)
{
    char *from;
    while ((from = strstr(script.log, "allowWatchBookmarks=true&timeoutSeconds=")) != NULL) {
        char *number = strstr(from, "Seconds=") + strlen("Seconds=");
        unsigned seconds = 0;
        assert_int_equal(sscanf(number, "%u", &seconds), 1);
        assert_true(seconds >= 300 && seconds <= 600);
        const char *rest = strstr(number, "&resourceVersion=") + 1;
        memmove(from, rest, strlen(rest) + 1);
    }
    script_expect(&script, wanted);
}

#define BEGUN                                                                                      \
    "  relist\nGET /apis/x/v1/things?limit=500\n  put a 3\n  synced\n"                             \
    "GET /apis/x/v1/things?watch=1&resourceVersion=5\n"

#define AGAIN(version) "GET /apis/x/v1/things?watch=1&resourceVersion=" version "\n"

/* -- tests -- */

static void list_and_watch(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){.status = 200,
                              .lasts = 400 * NS_PER_S,
                              .pieces = {EVENT("ADDED", THING("b", "6"))
                                             EVENT("MODIFIED", THING("a", "7")),
                                         EVENT("DELETED", THING("b", "8")), BOOKMARK("9\\/%")}});
    then((struct script_step){.status = 200, .lasts = 300 * NS_PER_S});
    steps(1);
    assert_true(kube_sync_state(&sync_).synced);
    steps(2);
    expect(BEGUN "  put b 6\n  put a 7\n  drop b\n" AGAIN("9%2F%25"));
    assert_int_equal(script.waited, 0);
    assert_string_equal(script.accept, "application/json");
    assert_true(script.time_allowed > 300 * NS_PER_S && script.time_allowed <= 615 * NS_PER_S);
}

static void metadata_alone(void **state)
{
    (void)state;
    config.metadata = true;
    then(LISTED);
    then((struct script_step){.status = 200, .lasts = 300 * NS_PER_S});
    steps(1);
    assert_string_equal(script.accept,
                        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    steps(1);
    assert_string_equal(script.accept,
                        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
}

static void what_is_known_of_it(void **state)
{
    (void)state;
    then((struct script_step){.status = 0, .lasts = NS_PER_S});
    then((struct script_step){.status = 200, .pieces = {LIST("5", "")}, .lasts = NS_PER_S});
    then((struct script_step){.status = 200, .lasts = 20 * NS_PER_S});
    int64_t began = script.now;
    struct kube_watch_state it = kube_sync_state(&sync_);
    assert_false(it.synced);
    assert_int_equal(it.lost, began);
    steps(1);
    it = kube_sync_state(&sync_);
    assert_false(it.synced);
    assert_int_equal(it.lost, began);
    assert_int_equal(it.failures, 1);
    int64_t listing = script.now;
    steps(1);
    it = kube_sync_state(&sync_); /* as old as the list's beginning */
    assert_true(it.synced);
    assert_int_equal(it.lost, listing);
    assert_int_equal(it.lists, 1);
    steps(1);
    it = kube_sync_state(&sync_); /* the stream is over */
    assert_int_equal(it.lost, script.now);
    assert_int_equal(it.relists, 0);
    assert_int_equal(it.failures, 1);
}

static struct kube_watch_state during;

static void look(void *self, const struct kube_item *item)
{
    (void)self, (void)item;
    during = kube_sync_state(&sync_);
}

static void what_is_known_during_a_watch(void **state)
{
    (void)state;
    struct kube_watcher watcher = WATCHER;
    watcher.put = look;
    sync_.watcher = &watcher;
    then(LISTED);
    then((struct script_step){.status = 200, .pieces = {EVENT("ADDED", THING("b", "6"))}});
    steps(1);
    assert_true(during.lost != 0);
    steps(1);
    assert_int_equal(during.lost, 0);
    assert_true(during.synced);
}

/* A stream that says nothing but that our version has expired has told of no change. */
static void what_is_known_of_a_useless_stream(void **state)
{
    (void)state;
    static const struct {
        struct script_step step;
        bool useless;
    } CASES[] = {
        {{.status = 200, .pieces = {ERROR_OF("410", "\"reason\":\"Expired\"")}}, true},
        {{.open = true}, true},
        {{.open = true, .lasts = KUBE_SYNC_HEALTHY}, false},
        {{.status = 200, .pieces = {BOOKMARK("6"), ERROR_OF("410", "\"a\":1")}}, false},
        {{.status = 200}, false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        script.n = script.at = 0;
        script.log[0] = '\0';
        sync_.listed = false;
        then(LISTED);
        then((struct script_step){.lasts = 20 * NS_PER_S});
        then(CASES[i].step);
        steps(2);
        int64_t lost = kube_sync_state(&sync_).lost;
        assert_true(script.now - lost >= 20 * NS_PER_S);
        int64_t opened = script.now;
        steps(1);
        int64_t now = kube_sync_state(&sync_).lost;
        assert_true(CASES[i].useless ? now == lost : now >= opened);
    }
}

static void an_unreachable_server_at_start(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        then((struct script_step){0});
    }
    then(LISTED);
    then((struct script_step){.status = 200});
    steps(6);
    char wanted[2048];
    const char *asked = "  relist\nGET /apis/x/v1/things?limit=500\n";
    snprintf(wanted, sizeof wanted,
             "%s  failing since 1.0: GET /apis/x/v1/things: api: the connection broke\n%s%s%s%s",
             asked, asked, asked, asked, BEGUN "  recovered since ");
    assert_true(strncmp(script.log, wanted, 300) == 0);
    assert_non_null(strstr(script.log, "  synced\n"));
    assert_non_null(strstr(script.log, "  recovered since "));
    assert_null(strstr(strstr(script.log, "failing") + 1, "failing"));
}

/* Waits double from 0.8 s to 30 s, less up to half; a healthy stream begins them anew. */
static void waits_between_tries(void **state)
{
    (void)state;
    static const double MOST[] = {0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30};
    then(LISTED);
    steps(1);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(MOST); i++) {
            then((struct script_step){.status = i % 2 ? 500 : 0});
            steps(1);
            double waited = (double)script.waited / (double)NS_PER_S;
            assert_true(waited <= MOST[i] + 0.001 && waited >= MOST[i] / 2 - 0.001);
        }
        /* Just not healthy, then healthy. */
        then((struct script_step){.status = 200, .lasts = KUBE_SYNC_HEALTHY - 1});
        steps(1);
        assert_true(script.waited >= 15 * NS_PER_S);
        then((struct script_step){.status = 200, .lasts = KUBE_SYNC_HEALTHY});
        steps(1);
        assert_int_equal(script.waited, 0);
    }
    assert_int_equal(kube_sync_state(&sync_).lists, 1); /* without listing again */
    assert_int_equal(kube_sync_state(&sync_).failures, 2 * COUNT(MOST));
}

static void failing_is_told_once_for_each_kind(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){0});
    then((struct script_step){.status = 500});
    then((struct script_step){.status = 0, .error = ERROR_TIMEOUT});
    then((struct script_step){.status = 0, .error = ERROR_TIMEOUT});
    then((struct script_step){.status = 403});
    then((struct script_step){.status = 401});
    then((struct script_step){.status = 401});
    then((struct script_step){.status = 200, .pieces = {BOOKMARK("6")}});
    steps(8);
#define FAILING "  failing since 1.0: GET /apis/x/v1/things: "
    expect(BEGUN FAILING "api: the connection broke\n" AGAIN("5") /* 500 */
           AGAIN("5") FAILING "api: the connection broke\n"       /* a timeout */
           AGAIN("5")                                             /* another */
           AGAIN("5") FAILING "403\n"                             /* 403 */
           AGAIN("5") AGAIN("5") /* 401, and once with a new token */
           AGAIN("5") "  recovered since 1.0\n");
}

/* A connection that breaks after a while is not told of; one that breaks at once is. */
static void broken_streams(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){
        .open = true, .pieces = {EVENT("ADDED", THING("b", "6"))}, .lasts = KUBE_SYNC_HEALTHY});
    then((struct script_step){.open = true, .pieces = {EVENT("ADDED", THING("c", "7"))}});
    then((struct script_step){.status = 200});
    steps(4);
    expect(BEGUN "  put b 6\n" AGAIN(
        "6") "  put c 7\n"
             "  failing since 11.0: GET /apis/x/v1/things: api: the connection broke\n" AGAIN(
                 "7") "  recovered since 11.0\n");
    assert_int_equal(kube_sync_state(&sync_).failures, 2);
}

static void retry_after_is_obeyed(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){.status = 429, .retry_after = "40"});
    steps(2);
    assert_int_equal(script.waited, 40 * NS_PER_S);
    then((struct script_step){.status = 200, .lasts = KUBE_SYNC_HEALTHY});
    then((struct script_step){.status = 503, .retry_after = "9"});
    steps(2);
    assert_int_equal(script.waited, 9 * NS_PER_S);
    assert_int_equal(kube_sync_state(&sync_).lists, 1);
}

/* Each is followed by a list, after a pause; and what was had before is not lost meanwhile. */
static void streams_that_are_listed_again(void **state)
{
    (void)state;
    static const struct {
        struct script_step step;
        const char *wanted;
    } CASES[] = {
        {{.status = 410}, "relisted, expired: GET /apis/x/v1/things: 410 for a watch"},
        {{.status = 200, .pieces = {ERROR_OF("410", "\"reason\":\"Expired\",\"message\":\"old\"")}},
         "relisted, expired: GET /apis/x/v1/things: the watch was ended: 410 Expired: old"},
        {{.status = 404}, "relisted, distrusted: GET /apis/x/v1/things: 404 for a watch"},
        {{.status = 409}, "relisted, distrusted: GET /apis/x/v1/things: 409 for a watch"},
        {{.status = 400}, "relisted, distrusted: GET /apis/x/v1/things: 400"},
        {{.status = 422}, "relisted, distrusted: GET /apis/x/v1/things: 422"},
        {{.status = 200, .pieces = {ERROR_OF("400", "\"reason\":\"BadRequest\"")}},
         "relisted, distrusted: GET /apis/x/v1/things: the watch was ended: 400 BadRequest"},
        {{.status = 200, .pieces = {EVENT("ERROR", "{}")}},
         "relisted, distrusted: GET /apis/x/v1/things: the watch was ended: 0 "},
        {{.status = 200, .pieces = {"{\"type\":\"ADD"}},
         "relisted, distrusted: GET /apis/x/v1/things: the stream ended in the middle of an event"},
        {{.open = true, .pieces = {"{\"type\":\"ADD"}},
         "relisted, distrusted: GET /apis/x/v1/things: the stream ended in the middle of an event"},
        {{.status = 200, .pieces = {"<html>\n"}},
         "relisted, distrusted: GET /apis/x/v1/things: an event that is no JSON"},
        {{.status = 200, .pieces = {EVENT("RENAMED", THING("b", "6"))}},
         "relisted, distrusted: GET /apis/x/v1/things: an event of unknown type \"RENAMED\""},
        {{.status = 200, .pieces = {EVENT("ADDED", THING("", "6"))}},
         "relisted, distrusted: GET /apis/x/v1/things: an object without a name that can be one"},
        {{.status = 200, .pieces = {EVENT("ADDED", THING("b", ""))}},
         "relisted, distrusted: GET /apis/x/v1/things: object b: no resourceVersion"},
        {{.status = 200, .pieces = {EVENT("ADDED", LIST("7", ""))}},
         "relisted, distrusted: GET /apis/x/v1/things: an object that is no Thing of x/v1"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        script.n = script.at = 0;
        script.log[0] = '\0';
        sync_.listed = false;
        sync_.pause = 0;
        struct kube_watch_state before = kube_sync_state(&sync_);
        then(LISTED);
        then(CASES[i].step);
        then(LISTED);
        then((struct script_step){.status = 200});
        steps(2);
        assert_true(script.waited >= 400 * NS_PER_MS && script.waited <= 800 * NS_PER_MS);
        steps(2);
        char wanted[1024];
        snprintf(wanted, sizeof wanted, BEGUN "  %s\n" BEGUN, CASES[i].wanted);
        expect(wanted);
        assert_int_equal(kube_sync_state(&sync_).relists - before.relists, 1);
    }
}

/* A busy server that ends a watch is watched again. */
static void streams_that_go_on(void **state)
{
    (void)state;
    static const char *const CODES[] = {ERROR_OF("429", "\"reason\":\"TooManyRequests\""),
                                        ERROR_OF("500", "\"reason\":\"InternalError\""),
                                        ERROR_OF("504", "\"reason\":\"Timeout\"")};
    then(LISTED);
    steps(1);
    for (size_t i = 0; i < COUNT(CODES); i++) {
        then((struct script_step){.status = 200, .pieces = {BOOKMARK("6"), CODES[i]}});
        steps(1);
    }
    assert_int_equal(kube_sync_state(&sync_).lists, 1);
    assert_int_equal(kube_sync_state(&sync_).relists, 0);
    assert_int_equal(kube_sync_state(&sync_).failures, 3);
    assert_non_null(strstr(script.log, "the watch was ended: 500 InternalError\n"));
}

/* An API server that hangs: at first, and in the middle. */
static void silence(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){.hangs = true});
    then((struct script_step){
        .hangs = true, .open = true, .lasts = 5 * NS_PER_S, .pieces = {BOOKMARK("6")}});
    then((struct script_step){.hangs = true});
    then((struct script_step){.status = 200});
    steps(2);
    assert_int_equal(script.now - script.waited, NS_PER_S + KUBE_SYNC_BEGIN);
    int64_t opened = script.now;
    steps(1);
    assert_int_equal(script.now, opened + KUBE_SYNC_SILENCE); /* that was healthy */
    assert_int_equal(kube_sync_state(&sync_).lost, opened);   /* when it was heard of last */
    steps(2);
    assert_non_null(strstr(script.log, "  failing since 1.0: GET /apis/x/v1/things: api: nothing "
                                       "came for too long\nGET "));
    assert_int_equal(kube_sync_state(&sync_).lists, 1);
    assert_int_equal(kube_sync_state(&sync_).failures, 3);
}

static void an_event_over_the_bound(void **state)
{
    (void)state;
    static char text[5000];
    config.max_object = 2000;
    for (size_t n = 2000 + 1024; n <= 2000 + 1025; n++) {
        int padding = (int)(n - strlen(EVENT("ADDED", THING("b", "6"))) + 1);
        snprintf(text, sizeof text, "{\"type\":\"ADDED\",%*s\"object\":" THING("b", "6") "}\n",
                 padding, "");
        then(LISTED);
        then((struct script_step){.status = 200, .pieces = {text}});
        sync_.listed = false;
        steps(2);
        assert_int_equal(sync_.listed, n == 2000 + 1024);
    }
    assert_non_null(strstr(script.log, "relisted, distrusted: GET /apis/x/v1/things: an event "
                                       "larger than 3024 bytes\n"));
}

/* An etcd that was set back is found out by the list of the hour. */
static void once_an_hour(void **state)
{
    (void)state;
    then(LISTED);
    then((struct script_step){.status = 200, .lasts = KUBE_SYNC_ROUTINE - 1});
    then((struct script_step){.status = 200, .lasts = KUBE_SYNC_HEALTHY});
    then((struct script_step){.status = 200, .pieces = {LIST("2", THING("z", "1"))}});
    steps(4);
    expect(BEGUN AGAIN("5") "  relisted, routine: an hour is over\n"
                            "  relist\nGET /apis/x/v1/things?limit=500\n  put z 1\n  synced\n");
    assert_int_equal(kube_sync_state(&sync_).relists, 0);
}

static void a_list_that_fails_half_way(void **state)
{
    (void)state;
    then((struct script_step){.status = 200,
                              .pieces = {"{\"apiVersion\":\"x/v1\",\"kind\":\"ThingList\","
                                         "\"metadata\":{\"resourceVersion\":\"5\",\"continue\":"
                                         "\"n\"},\"items\":[" THING("b", "4") "]}"}});
    then((struct script_step){.status = 500});
    then(LISTED);
    steps(2);
    expect("  relist\nGET /apis/x/v1/things?limit=500\n  put b 4\n"
           "GET /apis/x/v1/things?limit=500&continue=n\n"
           "  failing since 1.0: GET /apis/x/v1/things: 500\n"
           "  relist\nGET /apis/x/v1/things?limit=500\n  put a 3\n  synced\n");
}

static void stop_it(void *self)
{
    struct script *it = self;
    atomic_store(&it->stop, it->at > 1);
}

/* What ends because it is stopped is no failure. */
static void stopped(void **state)
{
    (void)state;
    script.asked = stop_it;
    script.self = &script;
    then(LISTED);
    then((struct script_step){.open = true, .error = ERROR_TIMEOUT});
    steps(2);
    expect(BEGUN);
    assert_int_equal(kube_sync_state(&sync_).failures, 0);
    sync_.listed = false;
    then((struct script_step){.error = ERROR_TIMEOUT});
    steps(1);
    expect("  relist\nGET /apis/x/v1/things?limit=500\n");
}

#define SYNCED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int sync_tests(void)
{
    const struct CMUnitTest tests[] = {
        SYNCED(list_and_watch),
        SYNCED(metadata_alone),
        SYNCED(what_is_known_of_it),
        SYNCED(what_is_known_during_a_watch),
        SYNCED(what_is_known_of_a_useless_stream),
        SYNCED(an_unreachable_server_at_start),
        SYNCED(waits_between_tries),
        SYNCED(failing_is_told_once_for_each_kind),
        SYNCED(broken_streams),
        SYNCED(retry_after_is_obeyed),
        SYNCED(streams_that_are_listed_again),
        SYNCED(streams_that_go_on),
        SYNCED(silence),
        SYNCED(an_event_over_the_bound),
        SYNCED(once_an_hour),
        SYNCED(a_list_that_fails_half_way),
        SYNCED(stopped),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
