#include "oci/token.h"

#include "base/clock.h"
#include "base/limits.h"
#include "oci/chars.h"
#include "json/doc.h"

enum { SHORTEST = 60, LONGEST = 24 * 60 * 60 };

/* b64token */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!http_is_alnum(c) && (c == '\0' || strchr("-._~+/=", c) == NULL)) {
            return false;
        }
    }
    return text.n > 0;
}

static int64_t seconds_of(yyjson_val *value)
{
    if (yyjson_is_num(value)) {
        double seconds = yyjson_get_num(value);
        if (seconds >= LONGEST) {
            return LONGEST;
        }
        if (seconds > SHORTEST) {
            return (int64_t)seconds;
        }
    }
    return SHORTEST;
}

/* What is left of `lifetime` if it began at `issued`. A clock that is ahead of ours says nothing.
 */
static int64_t left_of(int64_t lifetime, struct str issued, int64_t now)
{
    int64_t since;
    struct error unread;
    if (issued.n == 0 || failed(clock_parse_time(issued, &since, &unread)) || since >= now) {
        return lifetime;
    }
    return now - since < lifetime ? lifetime - (now - since) : 0;
}

status token_parse(struct arena *arena, struct str body, int64_t now, struct token *ret_token,
                   struct error *err)
{
    json_doc_auto doc = {0};
    struct error unread;
    if (failed(json_parse(body, JSON_WITHOUT_MARKS, &doc, &unread)) || !yyjson_is_obj(doc.root)) {
        return error_set(err, ERROR_UPSTREAM, "the token server's answer is no JSON object");
    }
    struct str text = json_str(json_get(doc.root, "token"));
    if (text.n == 0) {
        text = json_str(json_get(doc.root, "access_token"));
    }
    if (text.n > LIMIT_TOKEN) {
        return error_set(err, ERROR_LIMIT, "the token is longer than %u bytes", LIMIT_TOKEN);
    }
    if (!is_token(text)) {
        return error_set(err, ERROR_UPSTREAM, "the token server's answer has no bearer token");
    }
    int64_t lifetime = seconds_of(json_get(doc.root, "expires_in")) * NS_PER_S;
    ret_token->lifetime = left_of(lifetime, json_str(json_get(doc.root, "issued_at")), now);
    ret_token->text = arena_dup(arena, text);
    return OK;
}
