#include "fetch/curl.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "fetch/guard.h"

/* When a connection on which nothing comes is asked for a sign of life, how often after that, and
 * how many may be missing: a minute together. */
enum { KEEPALIVE_IDLE = 30, KEEPALIVE_INTERVAL = 10, KEEPALIVE_PROBES = 3 };

/* One request on its way. */
struct transfer {
    const struct fetch_request *request;
    CURL *curl;
    struct buf body, headers;
    bool guarded; /* the address was one that is not asked */
    bool tired;   /* the sink waits no longer */
    bool refused; /* by the sink, with `refusal` */
    struct error refusal;
    struct curl_slist *lines;
    char problem[CURL_ERROR_SIZE];
};

/* -- what libcurl calls back -- */

static unsigned status_of(const struct transfer *transfer)
{
    long code = 0;
    ENSURE(curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK);
    return (unsigned)code;
}

/* Where the body goes; NULL: it is kept. */
static const struct fetch_sink *sink_of(const struct transfer *transfer)
{
    unsigned code = status_of(transfer);
    return code >= 200 && code <= 299 ? transfer->request->sink : NULL;
}

static size_t take_body(char *data, size_t size, size_t n, void *argument)
{
    struct transfer *transfer = argument;
    struct str bytes = {data, size * n};
    const struct fetch_sink *sink = sink_of(transfer);
    if (sink == NULL) {
        buf_add(&transfer->body, bytes);
        return buf_overflowed(&transfer->body) ? 0 : bytes.n;
    }
    transfer->refused = bytes.n > 0 && failed(sink->take(sink->self, bytes, &transfer->refusal));
    return transfer->refused ? 0 : bytes.n;
}

/* A status line begins the headers anew: what "100 Continue" had before is not the answer's. An
 * empty line ends them. */
static size_t take_header(char *data, size_t size, size_t n, void *argument)
{
    struct transfer *transfer = argument;
    struct str line = {data, size * n};
    const struct fetch_sink *sink = sink_of(transfer);
    if (str_starts(line, STR("HTTP/"))) {
        buf_clear(&transfer->headers);
    } else if (str_trim(line).n > 0) {
        buf_add(&transfer->headers, line);
    } else if (sink != NULL && sink->begin != NULL) {
        sink->begin(sink->self);
    }
    return buf_overflowed(&transfer->headers) ? 0 : line.n;
}

/* The address is looked at where it is connected to: what a name meant a moment ago is nothing. */
static curl_socket_t open_socket(void *argument, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct transfer *transfer = argument;
    if (purpose != CURLSOCKTYPE_IPCXN || guard_refuses(&address->addr)) {
        transfer->guarded = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool refuses_text(const char *address)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } it = {0};
    if (inet_pton(AF_INET, address, &it.ipv4.sin_addr) == 1) {
        it.any.sa_family = AF_INET;
    } else if (inet_pton(AF_INET6, address, &it.ipv6.sin6_addr) == 1) {
        it.any.sa_family = AF_INET6;
    }
    return guard_refuses(&it.any);
}

/* A connection that was kept may be one that was made without the guard. */
static int before_request(void *argument, char *peer, char *own, int peer_port, int own_port)
{
    (void)own, (void)peer_port, (void)own_port;
    struct transfer *transfer = argument;
    transfer->guarded |= refuses_text(peer);
    return transfer->guarded ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* The kernel's own values would notice a silent end after two hours. */
static int keep_alive(void *argument, curl_socket_t fd, curlsocktype purpose)
{
    (void)argument, (void)purpose;
    const struct {
        int level, name, value;
    } options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE},
                   {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL},
                   {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const int *value = &options[i].value;
        if (setsockopt(fd, options[i].level, options[i].name, value, sizeof *value) != 0) {
            return CURL_SOCKOPT_ERROR;
        }
    }
    return CURL_SOCKOPT_OK;
}

static int must_end(void *argument, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    struct transfer *transfer = argument;
    const atomic_bool *cancel = transfer->request->cancel;
    const struct fetch_sink *sink = transfer->request->sink;
    transfer->tired = sink != NULL && sink->patient != NULL && !sink->patient(sink->self);
    return transfer->tired || (cancel != NULL && atomic_load(cancel));
}

/* -- the request -- */

#define SET(option, value) ENSURE(curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static void set_blob(CURL *curl, CURLoption option, struct str pem)
{
    struct curl_blob blob = {(void *)(uintptr_t)pem.p, pem.n, CURL_BLOB_COPY};
    SET(option, &blob);
}

static void set_trust(CURL *curl, const struct fetch_request *request)
{
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (request->ca.n > 0) {
        /* The system's authorities would be trusted beside it. */
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, NULL);
        set_blob(curl, CURLOPT_CAINFO_BLOB, request->ca);
    }
    if (request->client_certificate.n > 0) {
        SET(CURLOPT_SSLCERTTYPE, "PEM");
        SET(CURLOPT_SSLKEYTYPE, "PEM");
        set_blob(curl, CURLOPT_SSLCERT_BLOB, request->client_certificate);
        set_blob(curl, CURLOPT_SSLKEY_BLOB, request->client_key);
    }
}

static void add_line(struct transfer *transfer, const char *line)
{
    struct curl_slist *lines = curl_slist_append(transfer->lines, line);
    ENSURE(lines != NULL);
    transfer->lines = lines;
}

static void set_content(CURL *curl, struct arena *arena, struct transfer *transfer)
{
    const struct fetch_request *request = transfer->request;
    for (size_t i = 0; i < request->n_headers; i++) {
        const struct fetch_header *header = &request->headers[i];
        /* A header without a value is written with ';', or libcurl leaves it out. */
        add_line(transfer, arena_printf(arena, header->value.n > 0 ? "%.*s: %.*s" : "%.*s;%.*s",
                                        STR_ARG(header->name), STR_ARG(header->value))
                               .p);
    }
    add_line(transfer, "Expect:"); /* no answer between, no second of waiting for it */
    if (request->body.n > 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
        SET(CURLOPT_POSTFIELDS, request->body.p);
    } else if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, request->method);
    SET(CURLOPT_HTTPHEADER, transfer->lines);
}

static void set_way(CURL *curl, struct arena *arena, struct transfer *transfer)
{
    const struct fetch_request *request = transfer->request;
    SET(CURLOPT_PROXY, arena_dup(arena, request->proxy).p);
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (request->guarded && request->proxy.n == 0) {
        SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
        SET(CURLOPT_OPENSOCKETDATA, transfer);
        SET(CURLOPT_PREREQFUNCTION, before_request);
        SET(CURLOPT_PREREQDATA, transfer);
    }
}

static void set_bounds(CURL *curl, struct transfer *transfer)
{
    int64_t left = (transfer->request->deadline - clock_monotonic()) / NS_PER_MS;
    SET(CURLOPT_TIMEOUT_MS, (long)(left < 1 ? 1 : left)); /* 0 would be for ever */
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROTOCOLS_STR, transfer->request->plain ? "https,http" : "https");
    SET(CURLOPT_SOCKOPTFUNCTION, keep_alive);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, must_end);
    SET(CURLOPT_XFERINFODATA, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->problem);
}

/* -- the answer -- */

static void read_headers(struct arena *arena, const struct buf *text, struct fetch_answer *answer)
{
    struct str rest = arena_dup(arena, buf_str(text)), line;
    struct fetch_header *headers = NULL;
    size_t n = 0, room = 0;
    while (rest.n > 0) {
        struct fetch_header header;
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &header.name, &header.value)) {
            if (n == room) {
                headers = arena_grow(arena, headers, n, &room, sizeof *headers);
            }
            header.name = str_trim(header.name);
            header.value = str_trim(header.value);
            headers[n++] = header;
        }
    }
    answer->headers = headers;
    answer->n_headers = n;
}

/* `host` for messages: a path may say more than a log should. */
static struct str host_of(struct str url)
{
    struct str before, rest;
    str_cut(url, ':', &before, &rest);
    rest = str_sub(rest, 2, rest.n);
    str_cut(rest, '/', &before, &rest);
    return str_sub(before, str_rfind(before, '@') < before.n ? str_rfind(before, '@') + 1 : 0,
                   before.n);
}

/* The same without a port. */
static struct str name_of(struct str url)
{
    struct str host = host_of(url);
    size_t end = str_starts(host, STR("[")) ? str_find(host, ']') + 1 : str_find(host, ':');
    return str_sub(host, 0, end);
}

static status guarded(const struct fetch_request *request, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM,
                     "%.*s has an address of this machine or of its network's own services, which "
                     "is not asked",
                     STR_ARG(host_of(request->url)));
}

static status explain(const struct transfer *transfer, CURLcode code, struct error *err)
{
    const struct fetch_request *request = transfer->request;
    struct str host = host_of(request->url);
    if (transfer->refused) {
        *err = transfer->refusal;
        return FAILED;
    }
    if (transfer->guarded) {
        return guarded(request, err);
    }
    if (buf_overflowed(&transfer->body)) {
        return error_set(err, ERROR_LIMIT, "%.*s: the answer is larger than %zu bytes",
                         STR_ARG(host), request->max_body);
    }
    if (buf_overflowed(&transfer->headers)) {
        return error_set(err, ERROR_LIMIT, "%.*s: the answer's headers are larger than %u bytes",
                         STR_ARG(host), LIMIT_FETCH_HEADERS);
    }
    if (code == CURLE_ABORTED_BY_CALLBACK && transfer->tired) {
        return error_set(err, ERROR_TIMEOUT, "%.*s: nothing came for too long", STR_ARG(host));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return error_set(err, ERROR_TIMEOUT, "%.*s: cancelled", STR_ARG(host));
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return error_set(err, ERROR_TIMEOUT, "%.*s: no answer in time", STR_ARG(host));
    }
    if (code == CURLE_SSL_CONNECT_ERROR && strstr(transfer->problem, "wrong version number")) {
        return error_set(err, ERROR_UPSTREAM,
                         "%.*s: what it answers is not TLS; plain HTTP has to be said of the host",
                         STR_ARG(host));
    }
    return error_set(err, ERROR_UPSTREAM, "%.*s: %s", STR_ARG(host),
                     transfer->problem[0] != '\0' ? transfer->problem : curl_easy_strerror(code));
}

static status perform(CURL *curl, struct transfer *transfer, struct arena *arena,
                      struct fetch_answer *ret_answer, struct error *err)
{
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        return explain(transfer, code, err);
    }
    struct fetch_answer answer = {.status = status_of(transfer)};
    read_headers(arena, &transfer->headers, &answer);
    answer.body = arena_dup(arena, buf_str(&transfer->body));
    *ret_answer = answer;
    return OK;
}

static status send_request(void *self, const struct fetch_request *request, struct arena *arena,
                           struct fetch_answer *ret_answer, struct error *err)
{
    CURL *curl = self;
    if (request->guarded && request->proxy.n > 0 && guard_refuses_host(name_of(request->url))) {
        return guarded(request, err);
    }
    struct transfer transfer = {.request = request, .curl = curl};
    buf_init(&transfer.body, request->max_body);
    buf_init(&transfer.headers, LIMIT_FETCH_HEADERS);
    curl_easy_reset(curl); /* forgets the last request, keeps its connection */
    struct str url = arena_dup(arena, request->url);
    SET(CURLOPT_URL, url.p);
    set_way(curl, arena, &transfer);
    set_bounds(curl, &transfer);
    set_trust(curl, request);
    set_content(curl, arena, &transfer);
    status st = perform(curl, &transfer, arena, ret_answer, err);
    curl_easy_reset(curl);
    curl_slist_free_all(transfer.lines);
    buf_done(&transfer.body);
    buf_done(&transfer.headers);
    return st;
}

static void start_library(void)
{
    ENSURE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

void fetch_curl_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

struct fetch fetch_curl_new(void)
{
    static const struct fetch_port PORT = {send_request};
    fetch_curl_start();
    CURL *curl = curl_easy_init();
    ENSURE(curl != NULL);
    return (struct fetch){&PORT, curl};
}

void fetch_curl_free(struct fetch *fetch)
{
    if (fetch->self != NULL) {
        curl_easy_cleanup(fetch->self);
    }
    *fetch = (struct fetch){0};
}
