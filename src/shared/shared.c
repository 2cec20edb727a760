#include "shared/shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "shared/entry.h"
#include "shared/resp.h"

/* What fits into a reply when it is sealed. */
enum { VALUE_MAX = LIMIT_SHARED_REPLY - 128 };

struct shared {
    struct shared_options options;
    struct cache_shared port;
    pthread_mutex_t lock; /* of what is below */
    struct wire *idle[LIMIT_SHARED_CONNECTIONS];
    size_t n_idle, n_open;
    unsigned failures; /* in a row; one that is full can be read, which ends none of writing */
    enum verb { READ, WRITE } failing; /* last */
    int64_t left_until;
    struct shared_counters counters;
    pthread_mutex_t telling; /* of what is below, taken without `lock` */
    bool down;
};

/* -- one command on one connection -- */

/* Anything behind the reply would be taken for the next one's. */
static status receive(struct wire *wire, char room[LIMIT_SHARED_REPLY], int64_t deadline,
                      struct resp *ret_resp, struct error *err)
{
    size_t n = 0;
    struct resp resp = {.kind = RESP_PART};
    while (resp.kind == RESP_PART) {
        size_t more;
        TRY(wire_receive(wire, room + n, LIMIT_SHARED_REPLY - n, deadline, &more, err));
        n += more;
        resp = resp_read((struct str){room, n});
    }
    if (resp.kind == RESP_WRONG || resp.n != n) {
        return error_set(err, ERROR_UPSTREAM, "its reply is none to what was asked");
    }
    *ret_resp = resp;
    return OK;
}

static status command(struct wire *wire, const struct str *words, size_t n, int64_t deadline,
                      char room[LIMIT_SHARED_REPLY], struct resp *ret_resp, struct error *err)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_SHARED_COMMAND);
    resp_command(&buf, words, n);
    if (buf_overflowed(&buf)) {
        return error_set(err, ERROR_LIMIT, "a command of more than %u bytes", LIMIT_SHARED_COMMAND);
    }
    status st = wire_send(wire, buf_str(&buf), deadline, err);
    explicit_bzero(buf.p, buf.n);
    TRY(st);
    TRY(receive(wire, room, deadline, ret_resp, err));
    if (ret_resp->kind == RESP_ERROR) {
        return error_set(err, ERROR_UPSTREAM, "%.*s", STR_ARG(ret_resp->text));
    }
    return OK;
}

static status sign_in(const struct shared_options *options, struct wire *wire, int64_t deadline,
                      struct error *err)
{
    char room[LIMIT_SHARED_REPLY];
    struct resp resp;
    struct str words[3] = {STR("AUTH")};
    size_t n = 1;
    if (options->username.n > 0) {
        words[n++] = options->username;
    }
    words[n++] = options->password;
    return options->password.n == 0 ? OK : command(wire, words, n, deadline, room, &resp, err);
}

static status connect_new(const struct shared_options *options, int64_t deadline,
                          struct wire **ret_wire, struct error *err)
{
    struct wire *wire;
    int64_t own = clock_monotonic() + SHARED_CONNECT_TIME;
    own = own < deadline ? own : deadline;
    TRY(wire_open(&options->place, own, &wire, err));
    if (failed(sign_in(options, wire, own, err))) {
        wire_close(wire);
        return FAILED;
    }
    *ret_wire = wire;
    return OK;
}

/* -- connections -- */

/* A place among the connections, and one that is open already if there is. Returns false if it is
 * to be left alone. */
static bool enter(struct shared *shared, struct wire **ret_wire)
{
    pthread_mutex_lock(&shared->lock);
    bool alone = clock_monotonic() < shared->left_until;
    bool enters = !alone && (shared->n_idle > 0 || shared->n_open < LIMIT_SHARED_CONNECTIONS);
    *ret_wire = enters && shared->n_idle > 0 ? shared->idle[--shared->n_idle] : NULL;
    shared->n_open += enters && *ret_wire == NULL;
    shared->counters.skipped += !enters;
    pthread_mutex_unlock(&shared->lock);
    return enters;
}

static void tell(struct shared *shared, const struct error *err)
{
    pthread_mutex_lock(&shared->telling);
    if (shared->down != (err != NULL)) {
        shared->down = err != NULL;
        if (shared->options.tell != NULL) {
            shared->options.tell(shared->options.self, err == NULL ? NULL : err->text);
        }
    }
    pthread_mutex_unlock(&shared->telling);
}

static void leave(struct shared *shared, struct wire *wire, enum verb verb)
{
    pthread_mutex_lock(&shared->lock);
    bool mended = shared->failures > 0 && shared->failing == verb;
    shared->idle[shared->n_idle++] = wire;
    shared->failures = mended ? 0 : shared->failures;
    pthread_mutex_unlock(&shared->lock);
    if (mended) {
        tell(shared, NULL);
    }
}

/* The connection is of no more use, nor are those that are idle, which are as old. */
static void leave_failed(struct shared *shared, struct wire *wire, enum verb verb,
                         const struct error *err)
{
    struct wire *old[LIMIT_SHARED_CONNECTIONS];
    pthread_mutex_lock(&shared->lock);
    size_t n = shared->n_idle;
    memcpy(old, shared->idle, n * sizeof *old);
    shared->n_idle = 0;
    shared->n_open -= n + 1;
    shared->counters.failed++;
    shared->failures++;
    shared->failing = verb;
    bool ends = shared->failures >= SHARED_FAILURES;
    if (ends) {
        shared->failures = SHARED_FAILURES - 1; /* the first that fails afterwards ends it again */
        shared->left_until = clock_monotonic() + SHARED_PAUSE;
    }
    pthread_mutex_unlock(&shared->lock);
    wire_close(wire);
    for (size_t i = 0; i < n; i++) {
        wire_close(old[i]);
    }
    if (ends) {
        tell(shared, err);
    }
}

static void count(struct shared *shared, uint64_t *counter)
{
    pthread_mutex_lock(&shared->lock);
    ++*counter;
    pthread_mutex_unlock(&shared->lock);
}

/* Whether it was answered: then *ret_resp borrows from `room`. */
static bool ask(struct shared *shared, const struct str *words, size_t n, int64_t deadline,
                char room[LIMIT_SHARED_REPLY], struct resp *ret_resp)
{
    enum verb verb = str_eq(words[0], STR("GET")) ? READ : WRITE;
    struct wire *wire;
    struct error err;
    if (deadline - clock_monotonic() < 4 * SHARED_TIME) {
        count(shared, &shared->counters.skipped); /* the time is for the registry */
        return false;
    }
    if (!enter(shared, &wire)) {
        return false;
    }
    bool good = wire != NULL || !failed(connect_new(&shared->options, deadline, &wire, &err));
    good = good &&
           !failed(command(wire, words, n, clock_monotonic() + SHARED_TIME, room, ret_resp, &err));
    if (good) {
        leave(shared, wire, verb);
    } else {
        leave_failed(shared, wire, verb, &err);
    }
    return good;
}

/* -- the port -- */

static bool get(void *self, const struct cache_shared_query *query, struct arena *arena,
                struct cache_found *ret_found)
{
    struct shared *shared = self;
    struct str secret = shared->options.secret;
    char room[LIMIT_SHARED_REPLY];
    struct resp resp;
    struct str value;
    const struct entry_wish wish = {
        .key = entry_key(secret, query->key, arena), .now = clock_wall(), .ttl = query->ttl};
    const struct str words[] = {STR("GET"), wish.key};
    if (!ask(shared, words, 2, query->deadline, room, &resp)) {
        return false;
    }
    if (resp.kind != RESP_BYTES) {
        count(shared, &shared->counters.missing);
        return false;
    }
    if (entry_open(secret, &wish, resp.text, &value, &ret_found->age) != ENTRY_GOOD) {
        count(shared, &shared->counters.refused);
        return false;
    }
    ret_found->bytes = arena_dup(arena, value);
    count(shared, &shared->counters.found);
    return true;
}

static void put(void *self, const struct cache_shared_query *query, struct str bytes, int64_t had)
{
    struct shared *shared = self;
    struct str secret = shared->options.secret;
    char room[LIMIT_SHARED_REPLY];
    struct resp resp;
    arena_auto arena;
    arena_init(&arena, LIMIT_SHARED_ARENA);
    struct str key = entry_key(secret, query->key, &arena);
    const struct str words[] = {
        STR("SET"), key, entry_seal(secret, key, bytes, had, &arena), STR("PX"),
        arena_printf(&arena, "%lld", (long long)(query->ttl / NS_PER_MS + 1))};
    if (bytes.n <= VALUE_MAX && ask(shared, words, 5, query->deadline, room, &resp)) {
        count(shared, &shared->counters.written);
    }
}

static void forget(void *self, const struct cache_shared_query *query)
{
    struct shared *shared = self;
    char room[LIMIT_SHARED_REPLY];
    struct resp resp;
    arena_auto arena;
    arena_init(&arena, LIMIT_SHARED_ARENA);
    const struct str words[] = {STR("DEL"), entry_key(shared->options.secret, query->key, &arena)};
    (void)ask(shared, words, 2, query->deadline, room, &resp);
}

/* -- life -- */

struct shared *shared_new(const struct shared_options *options)
{
    struct shared *shared = calloc(1, sizeof *shared);
    if (shared == NULL) {
        fatal("out of memory");
    }
    pthread_mutex_init(&shared->lock, NULL);
    pthread_mutex_init(&shared->telling, NULL);
    shared->options = *options;
    shared->port = (struct cache_shared){shared, get, put, forget};
    return shared;
}

void shared_free(struct shared *shared)
{
    if (shared != NULL) {
        for (size_t i = 0; i < shared->n_idle; i++) {
            wire_close(shared->idle[i]);
        }
        pthread_mutex_destroy(&shared->telling);
        pthread_mutex_destroy(&shared->lock);
        free(shared);
    }
}

const struct cache_shared *shared_port(struct shared *shared)
{
    return &shared->port;
}

struct shared_counters shared_counters(struct shared *shared)
{
    pthread_mutex_lock(&shared->lock);
    struct shared_counters counters = shared->counters;
    pthread_mutex_unlock(&shared->lock);
    return counters;
}
