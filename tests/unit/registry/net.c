#include "net.h"

#include "crypto/digest.h"

struct str manifest_digest;
struct arena arena;
struct error err;
struct registry_options options;
struct registry_call call;
int64_t now;

static struct registry *made;
static struct keyring *keyring;
static const struct hop *table;
static size_t n_table, at;

/* -- time -- */

static int64_t tell(void *self)
{
    (void)self;
    return now;
}

static void pass(void *self, int64_t until, const atomic_bool *cancel)
{
    (void)self, (void)cancel;
    now = until > now ? until : now;
}

static const struct registry_time TIME = {NULL, tell, tell, pass};

/* -- the network -- */

static struct str shown(const struct fetch_request *request)
{
    struct str text = arena_printf(&arena, "%s %.*s", request->method, STR_ARG(request->url));
    for (size_t i = 0; i < request->n_headers; i++) {
        if (str_eq(request->headers[i].name, STR("Authorization"))) {
            text = arena_printf(&arena, "%s [%.*s]", text.p, STR_ARG(request->headers[i].value));
        }
    }
    text = arena_printf(&arena, "%s%s", text.p, request->guarded ? " guarded" : "");
    const struct {
        const char *name;
        struct str value;
    } parts[] = {{"ca", request->ca},
                 {"client", request->client_certificate},
                 {"proxy", request->proxy},
                 {"body", request->body}};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].value.n > 0) {
            text =
                arena_printf(&arena, "%s %s %.*s", text.p, parts[i].name, STR_ARG(parts[i].value));
        }
    }
    return text;
}

static void answer(const struct hop *hop, struct arena *its, struct fetch_answer *ret_answer)
{
    const struct fetch_header all[] = {
        {STR("WWW-Authenticate"), str_from(hop->challenge)},
        {STR("Location"), str_from(hop->location)},
        {STR("Docker-Content-Digest"), str_from(hop->digest)},
        {STR("Content-Type"), str_from(hop->type)},
        {STR("Link"), str_from(hop->link)},
        {STR("Retry-After"), str_from(hop->retry_after)},
    };
    struct fetch_header *headers = ARENA_ARRAY(its, struct fetch_header, COUNT(all));
    size_t n = 0;
    for (size_t i = 0; i < COUNT(all); i++) {
        if (all[i].value.n > 0) {
            headers[n++] = all[i];
        }
    }
    *ret_answer = (struct fetch_answer){hop->status, headers, n, str_from(hop->body)};
}

static status send_request(void *self, const struct fetch_request *request, struct arena *its,
                           struct fetch_answer *ret_answer, struct error *error)
{
    (void)self;
    struct str text = shown(request);
    const char *wanted = at < n_table ? table[at].sent : "(nothing)";
    if (strcmp(text.p, wanted) != 0) {
        fail_msg("sent %zu is not\n\"%s\" but\n\"%s\"", at + 1, wanted, text.p);
    }
    const struct hop *hop = &table[at++];
    if (hop->status == 0) {
        return error_set(error, ERROR_UPSTREAM, "%s", hop->body);
    }
    answer(hop, its, ret_answer);
    if (ret_answer->body.n > request->max_body) {
        return error_set(error, ERROR_LIMIT, "the answer is larger than %zu bytes",
                         request->max_body);
    }
    return OK;
}

static struct fetch make(void *self)
{
    static const struct fetch_port PORT = {send_request};
    return (struct fetch){&PORT, self};
}

static void end(void *self, struct fetch *port)
{
    (void)self;
    *port = (struct fetch){0};
}

static const struct registry_ports PORTS = {NULL, make, end};

void net(const struct hop *hops, size_t n)
{
    net_is_over();
    table = hops;
    n_table = n;
    at = 0;
}

void net_is_over(void)
{
    if (at < n_table) {
        fail_msg("\"%s\" was not sent", table[at].sent);
    }
}

/* -- tests -- */

int net_start(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    now = 1000 * NS_PER_S;
    options = (struct registry_options){.ports = &PORTS, .time = &TIME};
    call =
        (struct registry_call){.deadline = now + 60 * NS_PER_S, .arena = &arena, .max_blob = 1000};
    table = NULL;
    n_table = at = 0;
    manifest_digest = digest_of(&arena, STR("sha256"), STR(MANIFEST));
    return 0;
}

int net_end(void **state)
{
    (void)state;
    registry_free(made);
    made = NULL;
    keyring_free(keyring);
    keyring = NULL;
    arena_done(&arena);
    return 0;
}

struct registry *registry(void)
{
    made = made == NULL ? registry_new(&options) : made;
    return made;
}

struct reference reference_of(const char *text)
{
    struct reference reference;
    if (failed(reference_parse(&arena, str_from(text), &reference, &err))) {
        fail_msg("%s: %s", text, err.text);
    }
    return reference;
}

void assert_resolves(const char *text, const char *digest)
{
    struct registry_resolved resolved;
    struct reference reference = reference_of(text);
    if (failed(registry_resolve(registry(), &reference, &call, &resolved, &err))) {
        fail_msg("%s: %s", text, err.text);
    }
    assert_string_equal(resolved.digest.p, digest);
    net_is_over();
}

void assert_fails(const char *text, enum error_kind kind, const char *message)
{
    struct registry_resolved resolved;
    struct reference reference = reference_of(text);
    assert_true(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_string_equal(err.text, message);
    assert_int_equal(err.kind, kind);
    net_is_over();
}

void use_credentials(const char *config)
{
    keyring = keyring_new();
    if (failed(keyring_add_docker_config(keyring, str_from(config), STR("config"), KEYRING_KUBELET,
                                         &err))) {
        fail_msg("%s", err.text);
    }
    call.keyring = keyring;
}

void change_credentials(const char *config)
{
    keyring_free(keyring);
    use_credentials(config);
}
