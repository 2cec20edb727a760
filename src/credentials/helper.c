#include "credentials/helper.h"

#include "base/limits.h"
#include "base/process.h"
#include "json/doc.h"

enum { NAME_MAX_BYTES = 64, SHOWN = 200 };

static bool is_sound(struct str name)
{
    bool sound = name.n > 0 && name.n <= NAME_MAX_BYTES;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        sound = sound && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    return sound;
}

/* What it writes instead of a credential, with a status other than 0. */
static status refuse(const char *program, const struct process_end *end, bool *ret_found,
                     struct error *err)
{
    struct str said = str_trim(end->output);
    if (str_eq(said, STR("credentials not found in native keychain"))) {
        *ret_found = false;
        return OK;
    }
    bool shown = said.n > 0 && said.p[0] != '{';
    return error_set(err, ERROR_INTERNAL, "%s ended with status %d%s%.*s", program, end->code,
                     shown ? ": " : "", STR_ARG(str_sub(said, 0, shown ? SHOWN : 0)));
}

static status read_answer(const char *program, struct str text, struct credential *ret_credential,
                          struct error *err)
{
    json_doc_auto doc = {0};
    struct error ignored;
    bool sound = !failed(json_parse_secret(text, &doc, &ignored));
    struct str user = json_str(json_get(doc.root, "Username"));
    struct str secret = json_str(json_get(doc.root, "Secret"));
    if (!sound || secret.n == 0 || secret.n > LIMIT_TOKEN || user.n > LIMIT_TOKEN) {
        return error_set(err, ERROR_UPSTREAM, "%s wrote no credential", program);
    }
    bool token = str_eq(user, STR("<token>"));
    const struct credential found = {
        .username = token ? STR_EMPTY : user,
        .password = token ? STR_EMPTY : secret,
        .identity_token = token ? secret : STR_EMPTY,
        .source = str_from(program),
    };
    credential_copy(&found, ret_credential);
    return OK;
}

status helper_get(struct str name, struct str server, const struct credential_query *query,
                  bool *ret_found, struct credential *ret_credential, struct error *err)
{
    arena_secret_auto arena;
    arena_init(&arena, 2 * LIMIT_HELPER_OUTPUT);
    if (!is_sound(name)) {
        return error_set(err, ERROR_CONFIG, "\"%.*s\" is not the name of a credential helper",
                         STR_ARG(name));
    }
    const char *program = arena_printf(&arena, "docker-credential-%.*s", STR_ARG(name)).p;
    const struct process_call call = {
        .argv = (const char *const[]){program, "get", NULL},
        .input = server,
        .max = LIMIT_HELPER_OUTPUT,
        .deadline = query->deadline,
        .cancel = query->cancel,
    };
    struct process_end end;
    if (failed(process_ask(&arena, &call, &end, err))) {
        err->kind = err->kind == ERROR_NOT_FOUND ? ERROR_CONFIG : err->kind;
        return FAILED;
    }
    if (end.code != 0) {
        return refuse(program, &end, ret_found, err);
    }
    TRY(read_answer(program, end.output, ret_credential, err));
    *ret_found = true;
    return OK;
}
