/* What a registry says in headers and what a token server answers, each read alone; and a whole
 * conversation with one that says all of it, a line for each answer: "STATUS|CHALLENGE|LOCATION|
 * DIGEST|TYPE|BODY". Whatever it says, credentials go to the registry's host alone, a bearer token
 * to its origin alone, nothing goes over plain HTTP, and the conversation ends. */
#include "base/limits.h"
#include "oci/flow.h"
#include "oci/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 64 * 1024 * 1024, LONGEST = 200 };

static void check_error(const struct error *err)
{
    ENSURE(err->kind != ERROR_NONE && err->text[0] != '\0');
}

static void read_headers(struct arena *arena, struct str text)
{
    struct challenges list = {.n = 0};
    struct str target;
    struct error err = {.kind = ERROR_NONE};
    if (failed(challenge_parse(arena, text, &list, &err))) {
        check_error(&err);
    } else {
        ENSURE(list.n > 0 && list.n <= LIMIT_CHALLENGES);
    }
    err.kind = ERROR_NONE;
    if (failed(link_next(text, &target, &err))) {
        check_error(&err);
    } else {
        ENSURE(target.n <= text.n);
    }
}

static void read_token(struct arena *arena, struct str text)
{
    struct token token;
    struct error err = {.kind = ERROR_NONE};
    if (failed(token_parse(arena, text, INT64_C(1795703791000000000), &token, &err))) {
        check_error(&err);
        return;
    }
    ENSURE(token.text.n > 0 && token.text.n <= LIMIT_TOKEN && token.lifetime >= 0);
    for (size_t i = 0; i < token.text.n; i++) {
        ENSURE(token.text.p[i] > ' ' && token.text.p[i] < 0x7f);
    }
}

/* What is printed is read as the same, and no byte of it could end a line or a host. */
static void read_url(struct arena *arena, struct str text)
{
    struct url url, again;
    if (!url_parse(arena, text, &url)) {
        return;
    }
    struct str printed = url_print(arena, &url);
    ENSURE(url_parse(arena, printed, &again) && url_same_origin(&url, &again));
    ENSURE(str_eq(url.target, again.target) && url.target.p[0] == '/');
    for (size_t i = 0; i < printed.n; i++) {
        ENSURE(printed.p[i] > ' ' && printed.p[i] < 0x7f && printed.p[i] != '\\');
    }
    ENSURE(str_find(url.host, '@') == url.host.n && str_find(url.host, '/') == url.host.n);
}

/* -- a conversation -- */

static const struct flow_credential ALICE = {.username = STR("alice"), .password = STR("secret")};
static const struct flow_rules RULES = {.n_realms = 0};

static bool is_manifest(struct str type)
{
    return str_eq(type, STR("t"));
}

static struct str part(struct str *line)
{
    struct str one;
    str_cut(*line, '|', &one, line);
    return one;
}

static void check_request(const struct flow_want *want, const struct flow_request *request)
{
    struct str authorization = request->authorization;
    bool registry = url_same_origin(&want->at, &request->url);
    ENSURE(!request->url.plain);
    ENSURE(!str_starts(authorization, STR("Bearer ")) || registry);
    ENSURE(authorization.n == 0 || str_eq(request->url.host, want->at.host));
    ENSURE(authorization.n == 0 || request->token || registry);
    ENSURE(request->body.n == 0);
}

static void converse(struct arena *arena, struct str rest)
{
    struct flow flow;
    struct flow_move move;
    struct error err = {.kind = ERROR_NONE};
    struct flow_want want = {.kind = FLOW_RESOLVE,
                             .repository = STR("a/b"),
                             .is_manifest = is_manifest,
                             .max_body = 1000,
                             .credentials = &ALICE,
                             .n_credentials = 1,
                             .rules = &RULES};
    ENSURE(url_parse(arena, STR("https://r.example/v2/a/b/manifests/1"), &want.at));
    flow_start(&flow, arena, &want, &move);
    unsigned n = 0;
    for (status st = OK; !failed(st) && move.action == FLOW_SEND; n++) {
        struct str line, challenge;
        uint64_t code = 200;
        check_request(&want, &move.request);
        str_cut(rest, '\n', &line, &rest);
        str_parse_u64(part(&line), 999, &code);
        challenge = part(&line);
        struct flow_answer answer = {
            .status = (unsigned)code, .challenges = &challenge, .n_challenges = challenge.n > 0};
        answer.location = part(&line);
        answer.digest = part(&line);
        answer.content_type = part(&line);
        answer.body = line;
        st = flow_take(&flow, &answer, 0, &move, &err);
    }
    ENSURE(n < LONGEST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    if (size > 64u * 1024) {
        return 0;
    }
    arena_auto arena;
    arena_init(&arena, ROOM);
    read_headers(&arena, text);
    read_token(&arena, text);
    read_url(&arena, text);
    converse(&arena, text);
    return 0;
}
