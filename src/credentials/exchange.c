#include "credentials/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "fetch/curl.h"
#include "oci/url.h"

static const int64_t REMEMBER_FAILURES = 10 * NS_PER_S;
static const int64_t LONGEST_MARGIN = 300 * NS_PER_S;
static const int64_t LONGEST_LIFE = 24 * 3600 * NS_PER_S;

/* An exchange has three requests at most, each of a few tokens and an answer, and copies of them.
 * Tokens of the largest size, a few registries' each. */
enum { ARENA = 16 * MIB, CACHE = 4 * MIB, CODE_MAX = 64 };

/* -- providing -- */

static bool covers(void *self, struct str registry)
{
    const struct cloud *cloud = self;
    return cloud->kind->covers(registry);
}

static struct fetch open_curl(void *self)
{
    (void)self;
    return fetch_curl_new();
}

static void close_curl(void *self, struct fetch *fetch)
{
    (void)self;
    fetch_curl_free(fetch);
}

/* It is kept until a while before its end: who has it must still have the time to use it. */
static status make(void *self, struct arena *arena, struct cache_made *ret_made, struct error *err)
{
    struct exchange *exchange = self;
    const struct cloud *cloud = exchange->cloud;
    int64_t end = 0;
    struct str token;
    exchange->arena = arena;
    exchange->fetch = cloud->options.open(cloud->options.self);
    status st = cloud->kind->make(exchange, &token, &end, err);
    cloud->options.close(cloud->options.self, &exchange->fetch);
    TRY(st);
    int64_t life = end - clock_wall();
    if (life <= 0) {
        return error_set(err, ERROR_UPSTREAM, "the token has ended already");
    }
    life = life < LONGEST_LIFE ? life : LONGEST_LIFE;
    int64_t margin = life / 4 < LONGEST_MARGIN ? life / 4 : LONGEST_MARGIN;
    *ret_made = (struct cache_made){token, life - margin, 0};
    return OK;
}

static status get(void *self, const struct credential_query *query, bool *ret_found,
                  struct credential *ret_credential, struct error *err)
{
    const struct cloud *cloud = self;
    arena_secret_auto arena;
    arena_init(&arena, ARENA);
    struct exchange exchange = {.cloud = cloud, .query = query};
    const struct cache_call call = {.key = cloud->kind->scope(&arena, query->registry),
                                    .make = make,
                                    .self = &exchange,
                                    .deadline = query->deadline,
                                    .cancel = query->cancel};
    struct str token;
    if (failed(cache_get(cloud->cache, &call, &arena, &token, err))) {
        return error_wrap(err, "%.*s", STR_ARG(cloud->source));
    }
    const struct credential found = {
        .username = str_from(cloud->kind->username), .password = token, .source = cloud->source};
    credential_copy(&found, ret_credential);
    *ret_found = true;
    return OK;
}

struct cloud *cloud_new(const struct cloud_kind *kind, const struct cloud_options *options)
{
    struct cloud *cloud = calloc(1, sizeof *cloud);
    if (cloud == NULL) {
        fatal("out of memory");
    }
    const struct cache_config config = {.max_bytes = CACHE, .failure_ttl = REMEMBER_FAILURES};
    cloud->kind = kind;
    cloud->provider = (struct credential_provider){cloud, covers, get};
    cloud->cache = cache_new(&config);
    cloud->options = *options;
    if (options->open == NULL) {
        cloud->options.open = open_curl;
        cloud->options.close = close_curl;
    }
    arena_init(&cloud->arena, 4 * MIB);
    return cloud;
}

const struct credential_provider *cloud_provider(const struct cloud *cloud)
{
    return &cloud->provider;
}

void cloud_free(struct cloud *cloud)
{
    if (cloud != NULL) {
        cache_free(cloud->cache);
        arena_wipe(&cloud->arena);
        free(cloud);
    }
}

struct str cloud_text(struct cloud *cloud, struct str text, struct str preset)
{
    return arena_dup(&cloud->arena, text.n > 0 ? text : preset);
}

bool cloud_is_label(struct str text)
{
    bool sound = text.n > 0 && text.n < CODE_MAX && text.p[0] != '-';
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        sound = sound && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    return sound;
}

struct str cloud_environment(const char *name)
{
    return str_from(getenv(name));
}

status cloud_need(struct str *text, const char *what, const char *name, struct error *err)
{
    *text = text->n > 0 ? *text : cloud_environment(name);
    return text->n > 0
               ? OK
               : error_set(err, ERROR_CONFIG, "no %s is given, and %s is not set", what, name);
}

bool cloud_is_endpoint(struct str text)
{
    arena_auto arena;
    struct url url;
    arena_init(&arena, 4 * LIMIT_URL);
    return url_parse(&arena, text, &url) && str_eq(url.target, STR("/")) &&
           !str_ends(text, STR("/"));
}

/* -- asking -- */

status exchange_file(const struct exchange *exchange, struct str path, struct str *ret_token,
                     struct error *err)
{
    struct str token;
    TRY(file_read(exchange->arena, arena_dup(exchange->arena, path).p, LIMIT_TOKEN, &token, err));
    token = str_trim(token);
    if (token.n == 0) {
        return error_set(err, ERROR_CONFIG, "%.*s: no token in it", STR_ARG(path));
    }
    *ret_token = token;
    return OK;
}

static struct str word(struct str text)
{
    bool plain = text.n <= CODE_MAX;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '.');
    }
    return plain ? text : STR_EMPTY;
}

/* What an answer calls its error, if that is a word: {"error": "x"}, {"error": {"status": "x"}},
 * {"errors": [{"code": "x"}]}, {"__type": "x"}, <Code>x</Code>. Sentences could quote a token. */
static void name_error(struct str body, char ret_name[CODE_MAX + 2])
{
    json_doc_auto doc = {0};
    struct error ignored;
    struct str name = exchange_xml(body, "Code");
    if (!failed(json_parse_secret(body, &doc, &ignored))) {
        yyjson_val *error = json_get(doc.root, "error");
        struct str candidates[] = {
            json_str(error), json_str(json_get(error, "status")),
            json_str(json_get(yyjson_arr_get(json_get(doc.root, "errors"), 0), "code")),
            json_str(json_get(doc.root, "__type"))};
        for (size_t i = 0; i < 4 && name.n == 0; i++) {
            name = candidates[i];
        }
    }
    name = word(name);
    snprintf(ret_name, CODE_MAX + 2, "%s%.*s", name.n > 0 ? " " : "", STR_ARG(name));
}

static status refuse(struct str url, const struct fetch_answer *answer, struct error *err)
{
    char name[CODE_MAX + 2];
    struct str scheme, rest, host;
    str_cut(url, '/', &scheme, &rest);
    str_cut(str_sub(rest, 1, rest.n), '/', &host, &rest);
    name_error(answer->body, name);
    bool ours = answer->status == 400 || answer->status == 401 || answer->status == 403;
    return error_set(err, ours ? ERROR_UNAUTHORIZED : ERROR_UPSTREAM, "%.*s: %u%s", STR_ARG(host),
                     answer->status, name);
}

status exchange_send(const struct exchange *exchange, const struct exchange_call *call,
                     struct str *ret_body, struct error *err)
{
    enum { OURS = 2, MORE = 8 };
    const struct cloud_options *options = &exchange->cloud->options;
    struct cloud_way way = {0};
    struct fetch_header headers[OURS + MORE] = {
        {STR("User-Agent"), STR("pratique/" PRATIQUE_VERSION)}};
    size_t n = 1;
    ENSURE(call->n_headers <= MORE);
    if (call->content_type != NULL) {
        headers[n++] = (struct fetch_header){STR("Content-Type"), str_from(call->content_type)};
    }
    for (size_t i = 0; i < call->n_headers; i++) {
        headers[n++] = call->headers[i];
    }
    if (options->say != NULL) {
        options->say(options->said, call->url, &way);
    }
    const struct fetch_request request = {.method = call->method,
                                          .url = call->url,
                                          .headers = headers,
                                          .n_headers = n,
                                          .body = call->body,
                                          .deadline = exchange->query->deadline,
                                          .max_body = LIMIT_TOKEN_ANSWER,
                                          .ca = way.ca,
                                          .plain = way.plain || call->plain,
                                          .proxy = way.proxy,
                                          .cancel = exchange->query->cancel};
    struct fetch_answer answer;
    TRY(fetch_send(&exchange->fetch, &request, exchange->arena, &answer, err));
    if (answer.status < 200 || answer.status > 299) {
        return refuse(call->url, &answer, err);
    }
    *ret_body = answer.body;
    return OK;
}

status exchange_json(const struct exchange *exchange, const struct exchange_call *call,
                     struct json_doc *ret_doc, struct error *err)
{
    struct str body;
    struct error ignored;
    json_doc_auto doc = {0};
    TRY(exchange_send(exchange, call, &body, err));
    if (failed(json_parse_secret(body, &doc, &ignored)) || !yyjson_is_obj(doc.root)) {
        return error_set(err, ERROR_UPSTREAM, "the answer is no JSON object");
    }
    *ret_doc = doc;
    doc = (struct json_doc){0};
    return OK;
}

struct str exchange_form(const struct exchange *exchange, const struct fetch_header *fields)
{
    struct str form = STR_EMPTY;
    for (; fields->name.n > 0; fields++) {
        form = arena_join(exchange->arena,
                          (struct str[]){form, form.n > 0 ? STR("&") : STR_EMPTY, fields->name,
                                         STR("="), url_encode(exchange->arena, fields->value)},
                          5);
    }
    return form;
}

/* -- answers -- */

status exchange_text(const struct exchange *exchange, yyjson_val *object, const char *name,
                     struct str *ret_text, struct error *err)
{
    struct str text = json_str(json_get(object, name));
    if (text.n == 0 || text.n > LIMIT_TOKEN) {
        return error_set(err, ERROR_UPSTREAM, "the answer has no %s", name);
    }
    *ret_text = arena_dup(exchange->arena, text);
    return OK;
}

status exchange_end(yyjson_val *seconds, int64_t *ret_end, struct error *err)
{
    double life = yyjson_is_num(seconds) ? yyjson_get_num(seconds) : 0;
    if (life <= 0) {
        return error_set(err, ERROR_UPSTREAM, "the answer does not say how long the token lives");
    }
    int64_t whole = life < 1e6 ? (int64_t)life : 1000000;
    *ret_end = clock_wall() + whole * NS_PER_S;
    return OK;
}

struct str exchange_xml(struct str text, const char *name)
{
    char open[CODE_MAX], close[CODE_MAX];
    snprintf(open, sizeof open, "<%s>", name);
    snprintf(close, sizeof close, "</%s>", name);
    const char *begin = memmem(text.p, text.n, open, strlen(open));
    if (begin == NULL) {
        return STR_EMPTY;
    }
    struct str rest = str_sub(text, (size_t)(begin - text.p) + strlen(open), text.n);
    struct str value = str_sub(rest, 0, str_find(rest, '<'));
    rest = str_sub(rest, value.n, rest.n);
    bool sound = str_starts(rest, str_from(close)) && str_find(value, '&') == value.n &&
                 memmem(rest.p, rest.n, open, strlen(open)) == NULL;
    return sound ? str_trim(value) : STR_EMPTY;
}
