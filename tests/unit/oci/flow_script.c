#include "flow_script.h"

#include "base/clock.h"

const struct flow_rules no_rules;
const struct flow_credential alice = {STR("alice"), STR("pa:ss"), {0}, {0}, STR("file")};
const struct flow_credential bob = {STR("bob"), STR("word"), {0}, {0}, STR("file")};
const struct flow_credential identity = {STR("x"), {0}, STR("refresh/me"), {0}, STR("file")};
const struct flow_credential registry_token = {{0}, {0}, {0}, STR("given"), STR("file")};
struct arena flow_arena;

int flow_arena_start(void **state)
{
    (void)state;
    arena_init(&flow_arena, 4 << 20);
    return 0;
}

int flow_arena_end(void **state)
{
    (void)state;
    arena_done(&flow_arena);
    return 0;
}

static bool is_index(struct str type)
{
    return str_eq(type, STR(INDEX));
}

struct flow_want want_of(enum flow_kind kind, const char *url)
{
    struct flow_want want = {.kind = kind,
                             .repository = STR("a/b"),
                             .accept = STR(INDEX),
                             .is_manifest = is_index,
                             .max_body = 1000,
                             .rules = &no_rules};
    assert_true(url_parse(&flow_arena, str_from(url), &want.at));
    return want;
}

static struct str shown(const struct flow_move *move)
{
    static const char *const PLACES[] = {"", " beside", " elsewhere"};
    const struct flow_request *request = &move->request;
    struct str text = arena_printf(&flow_arena, "%s %s", request->method,
                                   url_print(&flow_arena, &request->url).p);
    if (request->authorization.n > 0) {
        text = arena_printf(&flow_arena, "%s [%.*s]", text.p, STR_ARG(request->authorization));
    }
    if (request->body.n > 0) {
        text = arena_printf(&flow_arena, "%s {%.*s}", text.p, STR_ARG(request->body));
    }
    text = arena_printf(&flow_arena, "%s%s", text.p, PLACES[request->place]);
    return move->wait == 0 ? text
                           : arena_printf(&flow_arena, "%s after %lld", text.p,
                                          (long long)(move->wait / NS_PER_MS));
}

static status take(struct flow *flow, const struct turn *turn, struct flow_move *move,
                   struct error *err)
{
    const struct str challenge = str_from(turn->challenge);
    const struct flow_answer answer = {
        .status = turn->status,
        .location = str_from(turn->location),
        .content_type = str_from(turn->type),
        .digest = str_from(turn->digest),
        .length = STR("7"),
        .body = str_from(turn->body),
        .challenges = &challenge,
        .n_challenges = turn->challenge != NULL,
        .retry_after = turn->retry_after * NS_PER_S,
    };
    return flow_take(flow, &answer, 0, move, err);
}

static struct str ended(const struct flow_move *move)
{
    const struct flow_result *result = &move->result;
    return result->has_body
               ? arena_printf(&flow_arena, "body %.*s %.*s%s%.*s%s", STR_ARG(result->body),
                              STR_ARG(result->digest), result->promised.n > 0 ? " promised " : "",
                              STR_ARG(result->promised), result->redirected ? " redirected" : "")
               : arena_printf(&flow_arena, "%.*s %.*s %d", STR_ARG(result->digest),
                              STR_ARG(result->media_type), (int)result->size);
}

void play(const struct script *script, enum error_kind kind)
{
    struct flow flow;
    struct flow_move move;
    struct error err = {0};
    status st = OK;
    size_t i = 0;
    flow_start(&flow, &flow_arena, &script->want, &move);
    for (; !failed(st) && move.action == FLOW_SEND; i++) {
        const char *wanted = i < COUNT(script->turns) ? script->turns[i].sent : NULL;
        if (wanted == NULL || strcmp(shown(&move).p, wanted) != 0) {
            fail_msg("%s: sent %zu is not\n\"%s\" but\n\"%s\"", script->name, i + 1,
                     wanted == NULL ? "(nothing)" : wanted, shown(&move).p);
        }
        st = take(&flow, &script->turns[i], &move, &err);
    }
    if (i < COUNT(script->turns) && script->turns[i].sent != NULL) {
        fail_msg("%s: \"%s\" was not sent", script->name, script->turns[i].sent);
    }
    const char *end = failed(st) ? err.text : ended(&move).p;
    if (strcmp(end, script->end) != 0 || err.kind != kind) {
        fail_msg("%s: the end is not\n\"%s\" but\n\"%s\"", script->name, script->end, end);
    }
}
