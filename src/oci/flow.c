#include "oci/flow.h"

#include "base/clock.h"
#include "base/limits.h"
#include "image/digest.h"
#include "oci/flow_token.h"

/* After an answer that says "not now": how long, where it does not say. */
static const int64_t BUSY_WAIT = NS_PER_S, BROKEN_WAIT = 200 * NS_PER_MS;

static bool is_get(const struct flow *flow)
{
    return strcmp(flow->method, "GET") == 0;
}

static enum flow_place place_of(const struct flow *flow, const struct url *url)
{
    if (url_same_origin(&flow->want->at, url)) {
        return FLOW_REGISTRY;
    }
    return str_eq(flow->want->at.host, url->host) ? FLOW_BESIDE : FLOW_ELSEWHERE;
}

/* -- moves -- */

static void ask(struct flow *flow, struct flow_move *ret_move)
{
    const struct flow_want *want = flow->want;
    flow->asking_token = false;
    *ret_move = (struct flow_move){
        .action = FLOW_SEND,
        .request = {.method = flow->method,
                    .url = flow->at,
                    .place = place_of(flow, &flow->at),
                    .accept = want->accept,
                    .authorization = flow->left ? STR_EMPTY : flow->authorization,
                    .max_body = want->max_body},
    };
}

static status ask_token(struct flow *flow, struct flow_move *ret_move, struct error *err)
{
    struct flow_request request;
    if (++flow->exchanges > LIMIT_TOKEN_EXCHANGES) {
        return error_set(err, ERROR_UPSTREAM, "%.*s asks for a token again and again",
                         STR_ARG(url_host(flow->arena, &flow->want->at)));
    }
    TRY(flow_token_request(flow, &request, err));
    request.place = place_of(flow, &request.url);
    flow->asking_token = true;
    *ret_move = (struct flow_move){.action = FLOW_SEND, .request = request};
    return OK;
}

static void use(struct flow *flow, const struct token *token, struct flow_move *ret_move)
{
    flow->token.token = *token;
    flow->authorization = arena_printf(flow->arena, "Bearer %.*s", STR_ARG(token->text));
    flow->tries = 0;
    ask(flow, ret_move);
}

void flow_start(struct flow *flow, struct arena *arena, const struct flow_want *want,
                struct flow_move *ret_move)
{
    *flow = (struct flow){
        .arena = arena,
        .want = want,
        .at = want->at,
        .method = want->kind == FLOW_RESOLVE ? "HEAD" : "GET",
    };
    ask(flow, ret_move);
}

void flow_start_with(struct flow *flow, const struct flow_token *token, size_t credential,
                     struct flow_move *ret_move)
{
    flow->credential = credential;
    flow->token = *token;
    flow_use_token(flow, &token->token, ret_move);
}

void flow_start_password(struct flow *flow, size_t credential, struct flow_move *ret_move)
{
    flow->credential = credential;
    flow->kept = true;
    flow->authorization = flow_basic(flow->arena, &flow->want->credentials[credential]);
    ask(flow, ret_move);
}

bool flow_shows_password(const struct flow *flow)
{
    return str_starts(flow->authorization, STR("Basic "));
}

void flow_use_token(struct flow *flow, const struct token *token, struct flow_move *ret_move)
{
    flow->kept = true;
    use(flow, token, ret_move);
}

/* -- who we are -- */

static status unauthorized(const struct flow *flow, const char *why, struct error *err)
{
    return error_set(err, ERROR_UNAUTHORIZED, "%.*s: %s",
                     STR_ARG(url_host(flow->arena, &flow->want->at)), why);
}

static bool has_password(const struct flow_credential *credential)
{
    return credential != NULL && credential->password.n > 0;
}

static const struct flow_credential *current(const struct flow *flow)
{
    return flow->credential < flow->want->n_credentials ? &flow->want->credentials[flow->credential]
                                                        : NULL;
}

static status refused(const struct flow *flow, struct error *err)
{
    if (flow->withheld) {
        return error_set(err, ERROR_UNAUTHORIZED,
                         "%.*s: access is denied; its credentials were not sent to the token "
                         "server %.*s, which is another host",
                         STR_ARG(url_host(flow->arena, &flow->want->at)),
                         STR_ARG(flow->token.realm));
    }
    return unauthorized(flow,
                        flow->want->n_credentials == 0 ? "access is denied without credentials"
                                                       : "access is denied to each credential",
                        err);
}

static struct str bearer(const struct flow *flow, struct str token)
{
    return arena_printf(flow->arena, "Bearer %.*s", STR_ARG(token));
}

/* Go on with the current credential, as the challenge wants it; with the next one, where this one
 * cannot be used for it. */
static status authenticate(struct flow *flow, struct flow_move *ret_move, struct error *err)
{
    const struct challenge *wanted = challenge_of(&flow->challenges, CHALLENGE_BEARER);
    const struct challenge *basic = challenge_of(&flow->challenges, CHALLENGE_BASIC);
    for (;; flow->credential++) {
        const struct flow_credential *credential = current(flow);
        if (credential != NULL && credential->registry_token.n > 0 && wanted != NULL) {
            flow->authorization = bearer(flow, credential->registry_token);
            ask(flow, ret_move);
            return OK;
        }
        if (wanted != NULL) {
            TRY(flow_token_target(flow, wanted, err));
            return ask_token(flow, ret_move, err);
        }
        if (basic != NULL && has_password(credential)) {
            flow->authorization = flow_basic(flow->arena, credential);
            ask(flow, ret_move);
            return OK;
        }
        if (credential == NULL) {
            break;
        }
    }
    return unauthorized(flow,
                        basic == NULL ? "it asks for a way to sign in that is not known"
                                      : "it asks for a user name and a password, and none is known",
                        err);
}

/* The current credential is not good: the next one's turn. */
static status next_credential(struct flow *flow, struct flow_move *ret_move, struct error *err)
{
    if (flow->withheld || flow->credential + 1 >= flow->want->n_credentials) {
        return refused(flow, err);
    }
    flow->credential++;
    flow->token.fresh = flow->kept = false;
    flow->exchanges = 0;
    return authenticate(flow, ret_move, err);
}

static status take_challenge(struct flow *flow, const struct flow_answer *answer,
                             struct flow_move *ret_move, struct error *err)
{
    if (flow->left) {
        return error_set(err, ERROR_UNAUTHORIZED,
                         "%.*s, to which %.*s redirected, asks who we are; it is not told",
                         STR_ARG(url_host(flow->arena, &flow->at)),
                         STR_ARG(url_host(flow->arena, &flow->want->at)));
    }
    bool tried = flow->authorization.n > 0, kept = flow->kept;
    bool password = flow_shows_password(flow);
    struct challenges list = {.n = 0};
    for (size_t i = 0; i < answer->n_challenges; i++) {
        if (failed(challenge_parse(flow->arena, answer->challenges[i], &list, err))) {
            return error_wrap(err, "%.*s", STR_ARG(url_host(flow->arena, &flow->want->at)));
        }
    }
    if (list.n == 0) {
        return unauthorized(flow, "it denies access, and does not say how to sign in", err);
    }
    flow->challenges = list;
    flow->challenged = true;
    flow->authorization = STR_EMPTY;
    if (tried && kept) {
        flow->token.fresh = !password;
        flow->kept = false;
        flow->credential = password || current(flow) == NULL ? 0 : flow->credential;
        return authenticate(flow, ret_move, err);
    }
    return tried ? next_credential(flow, ret_move, err) : authenticate(flow, ret_move, err);
}

/* -- answers -- */

static status unexpected(const struct flow *flow, unsigned code, struct error *err)
{
    return error_set(
        err, ERROR_UPSTREAM, "%.*s: %s answered with status %u",
        STR_ARG(url_host(flow->arena, flow->asking_token ? &flow->token.url : &flow->at)),
        flow->asking_token ? "the token server" : "the registry", code);
}

/* Later, if not too often. */
static status try_again(struct flow *flow, const struct flow_answer *answer,
                        struct flow_move *ret_move, struct error *err)
{
    if (++flow->tries >= LIMIT_REGISTRY_TRIES) {
        return unexpected(flow, answer->status, err);
    }
    struct flow_move move;
    if (flow->asking_token) {
        flow->exchanges--;
        TRY(ask_token(flow, &move, err));
    } else {
        ask(flow, &move);
    }
    move.wait = answer->retry_after > 0 ? answer->retry_after
                : answer->status == 429 ? BUSY_WAIT
                                        : BROKEN_WAIT << (flow->tries - 1);
    *ret_move = move;
    return OK;
}

static status redirect(struct flow *flow, const struct flow_answer *answer,
                       struct flow_move *ret_move, struct error *err)
{
    struct url url;
    struct str host = url_host(flow->arena, &flow->at);
    if (++flow->redirects > LIMIT_REDIRECTS) {
        return error_set(err, ERROR_UPSTREAM, "%.*s: more than %u redirects", STR_ARG(host),
                         LIMIT_REDIRECTS);
    }
    if (!url_resolve(flow->arena, &flow->at, answer->location, &url)) {
        return error_set(err, ERROR_UPSTREAM, "%.*s redirects to what is no address",
                         STR_ARG(host));
    }
    if (url.plain && !flow->at.plain) {
        return error_set(err, ERROR_UPSTREAM, "%.*s redirects from https to http", STR_ARG(host));
    }
    if (url.plain && !url_same_origin(&url, &flow->want->at) &&
        !flow_is_plain(flow->want->rules, &url)) {
        return error_set(err, ERROR_UPSTREAM,
                         "%.*s redirects to %.*s over plain HTTP, which is not allowed there",
                         STR_ARG(host), STR_ARG(url_host(flow->arena, &url)));
    }
    flow->left |= !url_same_origin(&url, &flow->want->at);
    flow->at = url;
    ask(flow, ret_move);
    return OK;
}

static struct str bare_type(struct str content_type)
{
    struct str type, parameters;
    str_cut(content_type, ';', &type, &parameters);
    return str_trim(type);
}

static void get_instead(struct flow *flow, struct flow_move *ret_move)
{
    flow->method = "GET";
    flow->tries = 0;
    ask(flow, ret_move);
}

static status wrong_digest(const struct flow *flow, struct str digest, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM, "%.*s answers with %.*s where %.*s was asked for",
                     STR_ARG(url_host(flow->arena, &flow->want->at)), STR_ARG(digest),
                     STR_ARG(flow->want->digest));
}

/* The digest in an answer, if it is one. */
static struct str digest_of(const struct flow_answer *answer)
{
    struct digest digest;
    return digest_parse(answer->digest, &digest) == DIGEST_OK ? answer->digest : STR_EMPTY;
}

static bool same_algorithm(struct str a, struct str b)
{
    return str_eq(str_sub(a, 0, str_find(a, ':')), str_sub(b, 0, str_find(b, ':')));
}

static status take_head(struct flow *flow, const struct flow_answer *answer,
                        struct flow_move *ret_move, struct error *err)
{
    const struct flow_want *want = flow->want;
    struct str digest = digest_of(answer), type = bare_type(answer->content_type);
    uint64_t size = 0;
    if (want->digest.n > 0 && digest.n > 0 && !str_eq(digest, want->digest)) {
        if (same_algorithm(digest, want->digest)) {
            return wrong_digest(flow, digest, err);
        }
        digest = STR_EMPTY;
    }
    flow->promised = digest;
    if (digest.n == 0 || !want->is_manifest(type)) {
        get_instead(flow, ret_move);
        return OK;
    }
    str_parse_u64(answer->length, INT64_MAX, &size);
    *ret_move = (struct flow_move){.action = FLOW_DONE,
                                   .result = {.digest = digest, .media_type = type, .size = size}};
    return OK;
}

static status take_get(struct flow *flow, const struct flow_answer *answer,
                       struct flow_move *ret_move)
{
    *ret_move = (struct flow_move){
        .action = FLOW_DONE,
        .result = {.digest = digest_of(answer),
                   .promised = flow->promised,
                   .media_type = bare_type(answer->content_type),
                   .size = answer->body.n,
                   .link = answer->link,
                   .body = answer->body,
                   .has_body = true,
                   .redirected = flow->left},
    };
    return OK;
}

static bool is_busy(unsigned code)
{
    return code == 429 || code == 500 || code == 502 || code == 503 || code == 504;
}

static bool is_redirect(unsigned code)
{
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

/* From the beginning, as if nothing had been kept. */
static void begin_anew(struct flow *flow, struct flow_move *ret_move)
{
    flow->kept = false;
    flow->authorization = STR_EMPTY;
    flow->credential = 0;
    ask(flow, ret_move);
}

static status take_refusal(struct flow *flow, const struct flow_answer *answer,
                           struct flow_move *ret_move, struct error *err)
{
    bool more = flow->challenged && !flow->left && !flow->withheld &&
                flow->credential + 1 < flow->want->n_credentials;
    if (flow->kept && flow_shows_password(flow) && !flow->left && flow->want->n_credentials > 1) {
        begin_anew(flow, ret_move); /* another of them may be let in by now */
        return OK;
    }
    if (more) {
        flow->authorization = STR_EMPTY;
        return next_credential(flow, ret_move, err);
    }
    if (answer->status == 403 || answer->status == 451) {
        return refused(flow, err);
    }
    return error_set(err, ERROR_NOT_FOUND, "%.*s: not found",
                     STR_ARG(url_host(flow->arena, &flow->want->at)));
}

/* Whether the answer is that this cannot be had: forbidden, not here, no longer, not by law. */
static bool is_refusal(unsigned code)
{
    return code == 403 || code == 404 || code == 410 || code == 451;
}

static status take_resource(struct flow *flow, const struct flow_answer *answer,
                            struct flow_move *ret_move, struct error *err)
{
    unsigned code = answer->status;
    if (code == 200) {
        return is_get(flow) ? take_get(flow, answer, ret_move)
                            : take_head(flow, answer, ret_move, err);
    }
    if (code == 401) {
        return take_challenge(flow, answer, ret_move, err);
    }
    if (is_busy(code)) {
        return try_again(flow, answer, ret_move, err);
    }
    if (is_refusal(code)) {
        return take_refusal(flow, answer, ret_move, err);
    }
    if (is_get(flow)) {
        return is_redirect(code) ? redirect(flow, answer, ret_move, err)
                                 : unexpected(flow, code, err);
    }
    if (is_redirect(code) || code == 400 || code == 405 || code == 501) {
        get_instead(flow, ret_move); /* there are those that do not know HEAD */
        return OK;
    }
    return unexpected(flow, code, err);
}

static status take_token(struct flow *flow, const struct flow_answer *answer, int64_t now,
                         struct flow_move *ret_move, struct error *err)
{
    struct token token;
    unsigned code = answer->status;
    if (is_busy(code)) {
        return try_again(flow, answer, ret_move, err);
    }
    if (code == 400 || code == 401 || code == 403 || code == 404 || code == 405) {
        return next_credential(flow, ret_move, err);
    }
    if (code != 200) {
        return unexpected(flow, code, err);
    }
    if (failed(token_parse(flow->arena, answer->body, now, &token, err))) {
        return error_wrap(err, "%.*s", STR_ARG(url_host(flow->arena, &flow->token.url)));
    }
    flow->kept = flow->token.fresh = false;
    use(flow, &token, ret_move);
    return OK;
}

status flow_take(struct flow *flow, const struct flow_answer *answer, int64_t now,
                 struct flow_move *ret_move, struct error *err)
{
    return flow->asking_token ? take_token(flow, answer, now, ret_move, err)
                              : take_resource(flow, answer, ret_move, err);
}
