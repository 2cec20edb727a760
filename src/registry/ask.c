/* One question: the places that are asked, one after the other, and the conversation with each. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "oci/link.h"
#include "registry/registry_parts.h"

static int64_t now(const struct registry *registry)
{
    return registry->time->now(registry->time->self);
}

/* -- credentials -- */

static void add_credential(struct asking *asking, const struct credential *credential)
{
    struct flow_want *want = &asking->want;
    asking->credentials[want->n_credentials++] = (struct flow_credential){
        .username = credential->username,
        .password = credential->password,
        .identity_token = credential->identity_token,
        .registry_token = credential->registry_token,
        .source = credential->source,
    };
}

/* All credentials for the place, once they are wanted. That a source has none to give is an error
 * only where no other has. */
static status gather(struct asking *asking, struct error *err)
{
    const struct registry_call *call = asking->call;
    const struct credential_query query = {.registry = asking->place->name,
                                           .repository = asking->place->repository,
                                           .deadline = asking->deadline,
                                           .cancel = call->cancel};
    struct keyring_cursor cursor = {0};
    bool found = call->keyring != NULL && !asking->gathered;
    unsigned broken = 0;
    asking->gathered = true;
    asking->want.credentials = asking->credentials;
    while (found && asking->want.n_credentials < LIMIT_REGISTRY_CREDENTIALS) {
        struct credential *credential = &asking->owned[asking->want.n_credentials];
        struct error problem;
        if (failed(keyring_next(call->keyring, &query, &cursor, &found, credential, &problem))) {
            *err = broken == 0 ? problem : *err;
            found = ++broken < LIMIT_REGISTRY_CREDENTIALS;
        } else if (found) {
            add_credential(asking, credential);
        }
    }
    return broken > 0 && asking->want.n_credentials == 0 ? FAILED : OK;
}

static const struct flow_credential *credential_at(const struct asking *asking, size_t i)
{
    return i < asking->want.n_credentials ? &asking->credentials[i] : NULL;
}

/* -- tokens -- */

static struct str who(const struct asking *asking)
{
    return tokens_identity(asking->arena, asking->flow.token.credential);
}

/* Begin with what was kept, if there is anything for a credential that we have. */
static status start_kept(struct asking *asking, struct flow_move *move, struct error *err)
{
    struct registry *registry = asking->registry;
    struct tokens *tokens = registry->tokens;
    struct str repository = asking->place->repository;
    if (!tokens_any(tokens, asking->origin, repository, now(registry))) {
        return OK;
    }
    TRY(gather(asking, err));
    for (size_t i = 0; i <= asking->want.n_credentials; i++) {
        const struct flow_credential *credential = credential_at(asking, i);
        struct flow_token token;
        if (tokens_for(tokens, asking->origin, repository,
                       tokens_identity(asking->arena, credential), now(registry), asking->arena,
                       &token)) {
            token.credential = credential;
            if (token.token.text.n > 0) {
                flow_start_with(&asking->flow, &token, i, move);
            } else {
                flow_start_password(&asking->flow, i, move);
            }
            return OK;
        }
    }
    return OK;
}

/* Whether a token that was kept will do instead of the one that is to be asked for. */
static bool use_kept(struct asking *asking, struct flow_move *move)
{
    struct registry *registry = asking->registry;
    const struct flow_token *wanted = &asking->flow.token;
    struct token token;
    if (wanted->fresh) {
        tokens_forget(registry->tokens, asking->origin, wanted, who(asking));
        return false;
    }
    if (!tokens_find(registry->tokens, asking->origin, wanted, who(asking), now(registry),
                     asking->arena, &token)) {
        return false;
    }
    flow_use_token(&asking->flow, &token, move);
    return true;
}

/* -- passwords -- */

static struct str whose_password(const struct asking *asking)
{
    return tokens_identity(asking->arena, credential_at(asking, asking->flow.credential));
}

/* Take an answer, and note whether the password that was shown is one to show the next time. */
static status take_noting(struct asking *asking, const struct flow_answer *answer,
                          struct flow_move *move, struct error *err)
{
    struct registry *registry = asking->registry;
    const struct registry_time *time = registry->time;
    struct flow *flow = &asking->flow;
    struct str repository = asking->place->repository, whose = STR_EMPTY;
    bool kept = flow->kept && flow_shows_password(flow);
    if (flow_shows_password(flow)) {
        whose = whose_password(asking);
    }
    status st = flow_take(flow, answer, time->wall(time->self), move, err);
    if (kept && (failed(st) || !flow->kept)) {
        tokens_forget_password(registry->tokens, asking->origin, repository, whose);
    } else if (!kept && !failed(st) && move->action == FLOW_DONE && flow_shows_password(flow)) {
        tokens_keep_password(registry->tokens, asking->origin, repository, whose, now(registry));
    }
    return st;
}

/* -- one place -- */

static status take(struct asking *asking, const struct flow_request *request,
                   const struct flow_answer *answer, struct flow_move *move, struct error *err)
{
    struct registry *registry = asking->registry;
    if (answer->status == 401 && !request->token) {
        TRY(gather(asking, err));
    }
    TRY(take_noting(asking, answer, move, err));
    if (request->token && move->action == FLOW_SEND && !move->request.token) {
        tokens_keep(registry->tokens, asking->origin, asking->place->repository, who(asking),
                    &asking->flow.token, now(registry));
    }
    return OK;
}

static status wait_for(const struct asking *asking, const struct flow_move *move, struct error *err)
{
    const struct registry_time *time = asking->registry->time;
    int64_t until = now(asking->registry) + move->wait;
    if (move->wait == 0) {
        return OK;
    }
    if (until >= asking->deadline) {
        return error_set(err, ERROR_UPSTREAM,
                         "%.*s is busy or broken, and not to be asked again in time",
                         STR_ARG(url_host(asking->arena, &move->request.url)));
    }
    time->wait(time->self, until, asking->call->cancel);
    return OK;
}

/* What is kept of an answer. */
static void keep(struct arena *arena, struct flow_result *result)
{
    result->digest = arena_dup(arena, result->digest);
    result->promised = arena_dup(arena, result->promised);
    result->media_type = arena_dup(arena, result->media_type);
    result->link = arena_dup(arena, result->link);
    result->body = arena_dup(arena, result->body);
}

static status converse(struct asking *asking, struct flow_result *ret_result, struct error *err)
{
    struct flow_move move;
    flow_start(&asking->flow, asking->arena, &asking->want, &move);
    TRY(start_kept(asking, &move, err));
    while (move.action == FLOW_SEND) {
        arena_auto arena; /* of one answer */
        struct flow_request request = move.request;
        struct flow_answer answer;
        if (request.token && use_kept(asking, &move)) {
            continue;
        }
        arena_init(&arena, 2 * request.max_body + 4 * MIB);
        TRY(wait_for(asking, &move, err));
        TRY(registry_send(asking, &request, &arena, &answer, err));
        TRY(take(asking, &request, &answer, &move, err));
        if (move.action == FLOW_DONE) {
            keep(asking->arena, &move.result);
        }
    }
    *ret_result = move.result;
    return OK;
}

status registry_ask_place(struct asking *asking, struct flow_result *ret_result, struct error *err)
{
    struct registry *registry = asking->registry;
    const struct registry_host *host = asking->place->host;
    asking->origin = url_print(asking->arena, &asking->place->at);
    asking->rules = (struct flow_rules){.realms = host->realms,
                                        .n_realms = host->n_realms,
                                        .plain = registry->plain,
                                        .n_plain = registry->n_plain};
    asking->want.rules = &asking->rules;
    return converse(asking, ret_result, err);
}

/* -- all places -- */

/* Each place but the last may take half of the time that is left. */
static int64_t deadline_of(const struct registry *registry, const struct registry_call *call,
                           bool last)
{
    int64_t at = now(registry);
    return last ? call->deadline : at + (call->deadline - at) / 2;
}

static void describe(const struct asking *asking, struct registry_source *source)
{
    struct arena *arena = asking->call->arena;
    const struct flow_credential *used = credential_at(asking, asking->flow.credential);
    bool shown = asking->flow.authorization.n > 0 && !asking->flow.withheld && used != NULL;
    *source = (struct registry_source){
        .host = arena_dup(arena, url_host(arena, &asking->place->at)),
        .repository = arena_dup(arena, asking->place->repository),
        .credential = shown ? arena_dup(arena, used->source) : STR_EMPTY,
    };
}

static void want(struct asking *asking, const struct question *question)
{
    const struct registry_place *place = asking->place;
    asking->want = (struct flow_want){
        .kind = question->kind,
        .at = place->at,
        .repository = place->repository,
        .digest = question->digest,
        .accept = question->accept,
        .is_manifest = oci_media_is_either,
        .max_body = question->max_body,
    };
    asking->want.at.target =
        arena_printf(asking->arena, "/v2/%.*s/%s/%.*s", STR_ARG(place->repository), question->path,
                     STR_ARG(question->name));
}

/* Where the list goes on: at the same host, or nowhere. */
static status next_page(struct asking *asking, const struct question *question, struct str link,
                        bool *ret_more, struct error *err)
{
    struct flow_want *want = &asking->want;
    struct str target;
    struct url url;
    TRY(link_next(link, &target, err));
    *ret_more = target.n > 0;
    if (target.n == 0) {
        return OK;
    }
    if (!url_resolve(asking->arena, &want->at, target, &url) ||
        !url_same_origin(&url, &asking->place->at)) {
        return error_set(err, ERROR_UPSTREAM, "the list goes on at another host");
    }
    if (question->pages->count == LIMIT_REFERRERS_PAGES) {
        return error_set(err, ERROR_LIMIT, "the list has more than %u pages",
                         LIMIT_REFERRERS_PAGES);
    }
    want->at.target = url.target;
    want->max_body = LIMIT_REFERRERS_BYTES - question->pages->bytes;
    return OK;
}

static status ask_pages(struct asking *asking, const struct question *question,
                        struct flow_result *result, struct error *err)
{
    bool more = true;
    *question->pages = (struct pages){0};
    while (more) {
        TRY(registry_ask_place(asking, result, err));
        if (failed(question->check(asking->arena, question, result, result, err)) ||
            failed(pages_add(question->pages, asking->call->arena, result, err)) ||
            failed(next_page(asking, question, result->link, &more, err))) {
            return error_wrap(err, "%.*s", STR_ARG(url_host(asking->arena, &asking->place->at)));
        }
    }
    result->body = STR_EMPTY;
    return OK;
}

static status ask_one(struct asking *asking, const struct question *question,
                      struct flow_result *ret_result, struct registry_source *ret_source,
                      struct error *err)
{
    struct flow_result result;
    want(asking, question);
    if (question->pages != NULL) {
        TRY(ask_pages(asking, question, &result, err));
    } else {
        TRY(registry_ask_place(asking, &result, err));
        if (failed(question->check(asking->arena, question, &result, &result, err))) {
            return error_wrap(err, "%.*s", STR_ARG(url_host(asking->arena, &asking->place->at)));
        }
    }
    keep(asking->call->arena, &result);
    *ret_result = result;
    describe(asking, ret_source);
    return OK;
}

static void done(struct asking *asking)
{
    for (size_t i = 0; i < asking->want.n_credentials; i++) {
        credential_done(&asking->owned[i]);
    }
    arena_done(asking->arena);
    free(asking);
}

static struct asking *begin(struct registry *registry, const struct registry_place *place,
                            const struct registry_call *call, struct arena *arena, size_t max_body)
{
    struct asking *asking = calloc(1, sizeof *asking);
    ENSURE(asking != NULL);
    arena_init(arena, LIMIT_REGISTRY_ARENA + max_body);
    asking->registry = registry;
    asking->place = place;
    asking->call = call;
    asking->arena = arena;
    return asking;
}

static bool may_go_on(const struct registry *registry, const struct registry_call *call)
{
    return now(registry) < call->deadline && (call->cancel == NULL || !atomic_load(call->cancel));
}

status registry_ask(struct registry *registry, const struct reference *reference,
                    const struct question *question, const struct registry_call *call,
                    struct flow_result *ret_result, struct registry_source *ret_source,
                    struct error *err)
{
    struct registry_place *places;
    size_t n;
    TRY(registry_places(call->arena, &registry->options->hosts, reference, &places, &n, err));
    for (size_t i = 0; i < n; i++) {
        struct arena arena;
        struct asking *asking = begin(registry, &places[i], call, &arena, question->max_body);
        asking->deadline = deadline_of(registry, call, i == n - 1);
        status st = ask_one(asking, question, ret_result, ret_source, err);
        done(asking);
        if (!failed(st) || i == n - 1 || !may_go_on(registry, call)) {
            return st;
        }
    }
    return FAILED;
}
