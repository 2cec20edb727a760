/* A watch as a program, for tests: it says on standard output what it is told, a JSON object a
 * line. A line on standard input asks how it is; the end of it ends the watch. usage: watcher
 * KUBECONFIG PATH [metadata] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "kube/watch.h"

static void say(const char *what, struct buf *members)
{
    printf("{\"event\":\"%s\"%.*s}\n", what, STR_ARG(buf_str(members)));
    fflush(stdout);
    buf_done(members);
}

static struct buf nothing(void)
{
    struct buf members;
    buf_init(&members, 64u * KIB);
    return members;
}

static void relist(void *self)
{
    (void)self;
    struct buf members = nothing();
    say("relist", &members);
}

static void put(void *self, const struct kube_item *item)
{
    (void)self;
    struct buf members = nothing();
    buf_add_member(&members, "kind", json_str(json_get(item->object->root, "kind")));
    buf_add_member(&members, "namespace", item->namespace);
    buf_add_member(&members, "name", item->name);
    buf_add_member(&members, "version", item->version);
    buf_printf(&members, ",\"spec\":%s",
               json_get(item->object->root, "spec") != NULL ? "true" : "false");
    say("put", &members);
}

static void drop(void *self, struct str namespace, struct str name)
{
    (void)self;
    struct buf members = nothing();
    buf_add_member(&members, "namespace", namespace);
    buf_add_member(&members, "name", name);
    say("drop", &members);
}

static void synced(void *self)
{
    (void)self;
    struct buf members = nothing();
    say("synced", &members);
}

static void tell(void *self, const struct kube_watch_event *event)
{
    static const char *const KINDS[] = {"failing", "recovered", "relisted"};
    static const char *const REASONS[] = {"expired", "distrusted", "routine"};
    (void)self;
    struct buf members = nothing();
    if (event->kind != KUBE_WATCH_RECOVERED) {
        buf_add_member(&members, "error", str_from(event->err->text));
    }
    if (event->kind == KUBE_WATCH_RELISTED) {
        buf_add_member(&members, "reason", str_from(REASONS[event->reason]));
    }
    say(KINDS[event->kind], &members);
}

static void say_state(struct kube_watch *watch)
{
    struct kube_watch_state it = kube_watch_state(watch);
    struct buf members = nothing();
    buf_printf(&members, ",\"synced\":%s,\"lost\":%.3f,\"lists\":%llu,\"relists\":%llu",
               it.synced ? "true" : "false",
               it.lost == 0 ? 0 : (double)(clock_monotonic() - it.lost) / (double)NS_PER_S,
               (unsigned long long)it.lists, (unsigned long long)it.relists);
    buf_printf(&members, ",\"failures\":%llu", (unsigned long long)it.failures);
    say("state", &members);
}

static status run(const struct kube_watch_config *config, struct error *err)
{
    static const struct kube_watcher WATCHER = {NULL, relist, put, drop, synced, tell};
    struct kube_watch *watch = NULL;
    char line[16];
    TRY(kube_watch_start(config, &WATCHER, &watch, err));
    while (fgets(line, sizeof line, stdin) != NULL) {
        say_state(watch);
    }
    kube_watch_stop(watch);
    return OK;
}

int main(int argc, char **argv)
{
    arena_auto arena;
    struct kube_config kube;
    struct error err;
    if (argc < 3) {
        return 2;
    }
    arena_init(&arena, 16u * MIB);
    const struct kube_watch_config config = {
        .kube = &kube,
        .path = argv[2],
        .metadata = argc > 3 && strcmp(argv[3], "metadata") == 0,
    };
    if (failed(kube_config_load(&arena, argv[1], &kube, &err)) || failed(run(&config, &err))) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
