#include "oci/flow_token.h"

#include "base/buf.h"
#include "base/limits.h"

#define CLIENT "pratique"

bool flow_names(struct str host, const struct url *url)
{
    size_t colon = str_starts(host, STR("[")) ? str_find(host, ']') : 0;
    struct str rest = str_sub(host, colon, host.n);
    size_t at = colon + str_find(rest, ':');
    uint64_t port = url->port;
    if (at < host.n && !str_parse_u64(str_sub(host, at + 1, host.n), 65535, &port)) {
        return false;
    }
    return port == url->port && str_eq_nocase(str_sub(host, 0, at), url->host);
}

static bool is_among(const struct str *hosts, size_t n, const struct url *url)
{
    for (size_t i = 0; i < n; i++) {
        if (flow_names(hosts[i], url)) {
            return true;
        }
    }
    return false;
}

bool flow_is_plain(const struct flow_rules *rules, const struct url *url)
{
    return is_among(rules->plain, rules->n_plain, url);
}

/* Docker Hub's token server is the one of another host that is known. */
static bool is_trusted(const struct flow_want *want, const struct url *realm)
{
    const struct url *registry = &want->at;
    if (str_eq(realm->host, registry->host)) {
        return !realm->plain || registry->plain;
    }
    if (is_among(want->rules->realms, want->rules->n_realms, realm)) {
        return true;
    }
    return !realm->plain && str_eq(registry->host, STR("registry-1.docker.io")) &&
           str_eq(realm->host, STR("auth.docker.io")) && realm->port == 443;
}

/* One scope with what may be asked for: reading, whatever else the challenge would like. */
static struct str reading(struct arena *arena, struct str scope)
{
    size_t last = str_rfind(scope, ':');
    if (!str_starts(scope, STR("repository:")) || last <= strlen("repository")) {
        return scope;
    }
    return arena_printf(arena, "%.*s:pull", STR_ARG(str_sub(scope, 0, last)));
}

static struct str scope_of(const struct flow *flow, struct str wanted)
{
    struct str scope = STR_EMPTY, one;
    while (wanted.n > 0) {
        str_cut(wanted, ' ', &one, &wanted);
        one = reading(flow->arena, one);
        scope = scope.n == 0 || one.n == 0
                    ? (scope.n == 0 ? one : scope)
                    : arena_printf(flow->arena, "%.*s %.*s", STR_ARG(scope), STR_ARG(one));
    }
    return scope.n > 0
               ? scope
               : arena_printf(flow->arena, "repository:%.*s:pull", STR_ARG(flow->want->repository));
}

status flow_token_target(struct flow *flow, const struct challenge *challenge, struct error *err)
{
    const struct flow_want *want = flow->want;
    struct str host = url_host(flow->arena, &want->at);
    struct url url;
    if (!url_parse(flow->arena, challenge->realm, &url)) {
        return error_set(err, ERROR_UPSTREAM, "%.*s names a token server that is no URL",
                         STR_ARG(host));
    }
    bool own = want->at.plain && str_eq(url.host, want->at.host);
    if (url.plain && !own && !flow_is_plain(want->rules, &url)) {
        return error_set(err, ERROR_UPSTREAM,
                         "%.*s names the token server %.*s over plain HTTP, which is not allowed",
                         STR_ARG(host), STR_ARG(url_host(flow->arena, &url)));
    }
    bool fresh = flow->token.fresh;
    bool given = flow->credential < want->n_credentials;
    flow->withheld = given && !is_trusted(want, &url);
    flow->token = (struct flow_token){
        .url = url,
        .realm = challenge->realm,
        .service = challenge->service,
        .scope = scope_of(flow, challenge->scope),
        .credential = given && !flow->withheld ? &want->credentials[flow->credential] : NULL,
        .fresh = fresh,
    };
    return OK;
}

struct str flow_basic(struct arena *arena, const struct flow_credential *credential)
{
    struct buf text;
    const struct str parts[] = {credential->username, STR(":"), credential->password};
    struct str pair = arena_join(arena, parts, 3);
    buf_init(&text, 2 * pair.n + 16);
    buf_add_cstr(&text, "Basic ");
    buf_add_base64(&text, pair);
    struct str ret = arena_dup(arena, buf_str(&text));
    buf_done(&text);
    return ret;
}

/* `name=value`, behind what separates it from what stands before. */
static struct str parameter(struct arena *arena, struct str before, const char *name,
                            struct str value)
{
    return value.n == 0
               ? before
               : arena_printf(arena, "%.*s%s%s=%.*s", STR_ARG(before), before.n > 0 ? "&" : "",
                              name, STR_ARG(url_encode(arena, value)));
}

/* The scopes that one text names; each is a parameter of its own, as servers expect. */
static struct str scopes(struct arena *arena, struct str before, struct str scope)
{
    while (scope.n > 0) {
        struct str one;
        str_cut(scope, ' ', &one, &scope);
        before = parameter(arena, before, "scope", one);
    }
    return before;
}

/* A refresh token goes in a form, so that it stands in no log of URLs. */
static void exchange(const struct flow *flow, struct flow_request *request)
{
    struct arena *arena = flow->arena;
    struct str form = STR("grant_type=refresh_token&client_id=" CLIENT);
    form = parameter(arena, form, "service", flow->token.service);
    form = parameter(arena, form, "scope", flow->token.scope);
    form = parameter(arena, form, "refresh_token", flow->token.credential->identity_token);
    request->method = "POST";
    request->content_type = STR("application/x-www-form-urlencoded");
    request->body = form;
}

static void query(const struct flow *flow, struct flow_request *request)
{
    struct arena *arena = flow->arena;
    struct str text = STR_EMPTY;
    text = parameter(arena, text, "service", flow->token.service);
    text = scopes(arena, text, flow->token.scope);
    if (flow->token.credential != NULL) {
        text = parameter(arena, text, "account", flow->token.credential->username);
        request->authorization = flow_basic(arena, flow->token.credential);
    }
    bool more = str_find(request->url.target, '?') < request->url.target.n;
    request->method = "GET";
    request->url.target = arena_printf(arena, "%.*s%s%.*s", STR_ARG(request->url.target),
                                       text.n == 0 ? ""
                                       : more      ? "&"
                                                   : "?",
                                       STR_ARG(text));
}

status flow_token_request(const struct flow *flow, struct flow_request *ret_request,
                          struct error *err)
{
    const struct flow_credential *credential = flow->token.credential;
    struct flow_request request = {
        .token = true,
        .url = flow->token.url,
        .accept = STR("application/json"),
        .max_body = LIMIT_TOKEN_ANSWER,
    };
    if (credential != NULL && credential->identity_token.n > 0) {
        exchange(flow, &request);
    } else {
        query(flow, &request);
    }
    if (request.url.target.n > 2 * LIMIT_URL) {
        return error_set(err, ERROR_LIMIT, "%.*s: the token's address is longer than %u bytes",
                         STR_ARG(url_host(flow->arena, &flow->want->at)), 2 * LIMIT_URL);
    }
    *ret_request = request;
    return OK;
}
