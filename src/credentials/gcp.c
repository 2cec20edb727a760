#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "credentials/exchange.h"

#define SCOPE "https://www.googleapis.com/auth/cloud-platform"

static bool covers(struct str registry)
{
    struct str label, domain;
    if (str_eq(registry, STR("gcr.io"))) {
        return true;
    }
    str_cut(registry, '.', &label, &domain);
    return cloud_is_label(label) &&
           (str_eq(domain, STR("gcr.io")) || str_eq(domain, STR("pkg.dev")));
}

/* One token is good for all of them. */
static struct str scope(struct arena *arena, struct str registry)
{
    (void)arena, (void)registry;
    return STR("google");
}

/* {"access_token": "...", "expires_in": 3599} */
static status ask_token(struct exchange *exchange, const struct exchange_call *call,
                        struct str *ret_token, int64_t *ret_end, struct error *err)
{
    json_doc_auto doc = {0};
    TRY(exchange_json(exchange, call, &doc, err));
    TRY(exchange_end(json_get(doc.root, "expires_in"), ret_end, err));
    return exchange_text(exchange, doc.root, "access_token", ret_token, err);
}

/* -- the metadata server, which is inside the machine -- */

static status ask_metadata(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                           struct error *err)
{
    static const struct fetch_header FLAVOUR = {STR("Metadata-Flavor"), STR("Google")};
    const struct exchange_call call = {
        .method = "GET",
        .url = arena_join(exchange->arena,
                          (struct str[]){exchange->cloud->gcp.metadata,
                                         STR("/computeMetadata/v1/instance/service-accounts/"
                                             "default/token")},
                          2),
        .headers = &FLAVOUR,
        .n_headers = 1,
        .plain = true,
    };
    return ask_token(exchange, &call, ret_token, ret_end, err);
}

/* -- workload identity federation -- */

static status broken(const struct exchange *exchange, const char *what, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%.*s: %s", STR_ARG(exchange->cloud->gcp.file), what);
}

static status read_json(const struct exchange *exchange, struct str path, size_t max,
                        struct json_doc *ret_doc, struct error *err)
{
    struct str text;
    TRY(file_read(exchange->arena, arena_dup(exchange->arena, path).p, max, &text, err));
    if (failed(json_parse_secret(text, ret_doc, err))) {
        return error_set(err, ERROR_CONFIG, "%.*s: no JSON in it", STR_ARG(path));
    }
    return OK;
}

/* The token in the file that `source` names: all of it, or a member of a JSON object. */
static status read_subject(const struct exchange *exchange, yyjson_val *source,
                           struct str *ret_token, struct error *err)
{
    struct str path = json_str(json_get(source, "file"));
    yyjson_val *format = json_get(source, "format");
    struct str type = json_str(json_get(format, "type"));
    struct str field = json_str(json_get(format, "subject_token_field_name"));
    if (path.n == 0) {
        return broken(exchange, "only a credential_source that is a file is supported", err);
    }
    if (type.n == 0 || str_eq(type, STR("text"))) {
        return exchange_file(exchange, path, ret_token, err);
    }
    if (!str_eq(type, STR("json")) || field.n == 0) {
        return broken(exchange, "the format of credential_source must be text or json", err);
    }
    json_doc_auto doc = {0};
    TRY(read_json(exchange, path, 2 * LIMIT_TOKEN, &doc, err));
    struct str token = json_str(yyjson_obj_getn(doc.root, field.p, field.n));
    if (token.n == 0 || token.n > LIMIT_TOKEN) {
        return error_set(err, ERROR_CONFIG, "%.*s: no token in it", STR_ARG(path));
    }
    *ret_token = arena_dup(exchange->arena, token);
    return OK;
}

/* Exchange the platform's token at the STS that the file names. */
static status federate(struct exchange *exchange, yyjson_val *config, struct str *ret_token,
                       int64_t *ret_end, struct error *err)
{
    struct str subject;
    TRY(read_subject(exchange, json_get(config, "credential_source"), &subject, err));
    const struct fetch_header fields[] = {
        {STR("grant_type"), STR("urn:ietf:params:oauth:grant-type:token-exchange")},
        {STR("audience"), json_str(json_get(config, "audience"))},
        {STR("scope"), STR(SCOPE)},
        {STR("requested_token_type"), STR("urn:ietf:params:oauth:token-type:access_token")},
        {STR("subject_token_type"), json_str(json_get(config, "subject_token_type"))},
        {STR("subject_token"), subject},
        {STR_EMPTY, STR_EMPTY},
    };
    const struct exchange_call call = {
        .method = "POST",
        .url = json_str(json_get(config, "token_url")),
        .content_type = EXCHANGE_FORM,
        .body = exchange_form(exchange, fields),
    };
    return ask_token(exchange, &call, ret_token, ret_end, err);
}

/* A token of the service account that the federated identity may act as. */
static status impersonate(struct exchange *exchange, struct str url, struct str federated,
                          struct str *ret_token, int64_t *ret_end, struct error *err)
{
    const struct fetch_header authorization = {
        STR("Authorization"),
        arena_join(exchange->arena, (struct str[]){STR("Bearer "), federated}, 2)};
    const struct exchange_call call = {
        .method = "POST",
        .url = url,
        .headers = &authorization,
        .n_headers = 1,
        .content_type = "application/json",
        .body = STR("{\"scope\":[\"" SCOPE "\"],\"lifetime\":\"3600s\"}"),
    };
    json_doc_auto doc = {0};
    struct error ignored;
    TRY(exchange_json(exchange, &call, &doc, err));
    if (failed(clock_parse_time(json_str(json_get(doc.root, "expireTime")), ret_end, &ignored))) {
        return error_set(err, ERROR_UPSTREAM, "the answer does not say how long the token lives");
    }
    return exchange_text(exchange, doc.root, "accessToken", ret_token, err);
}

static status ask_federation(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                             struct error *err)
{
    json_doc_auto doc = {0};
    struct str federated;
    TRY(read_json(exchange, exchange->cloud->gcp.file, LIMIT_CONFIG_FILE, &doc, err));
    struct str type = json_str(json_get(doc.root, "type"));
    struct str account = json_str(json_get(doc.root, "service_account_impersonation_url"));
    if (!str_eq(type, STR("external_account"))) {
        return broken(exchange, "its type must be external_account", err);
    }
    if (json_str(json_get(doc.root, "token_url")).n == 0) {
        return broken(exchange, "it has no token_url", err);
    }
    TRY(federate(exchange, doc.root, &federated, ret_end, err));
    if (account.n > 0) {
        return impersonate(exchange, account, federated, ret_token, ret_end, err);
    }
    *ret_token = federated;
    return OK;
}

static status make(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                   struct error *err)
{
    return exchange->cloud->gcp.file.n > 0 ? ask_federation(exchange, ret_token, ret_end, err)
                                           : ask_metadata(exchange, ret_token, ret_end, err);
}

/* -- the provider -- */

void gcp_config_complete(struct arena *arena, struct gcp_config *config)
{
    struct str host = cloud_environment("GCE_METADATA_HOST");
    if (config->file.n == 0 && config->metadata.n == 0) {
        config->file = cloud_environment("GOOGLE_APPLICATION_CREDENTIALS");
    }
    if (config->metadata.n == 0 && host.n > 0) {
        config->metadata = arena_join(arena, (struct str[]){STR("http://"), host}, 2);
    }
}

struct cloud *gcp_new(const struct gcp_config *config)
{
    static const struct cloud_kind GCP = {"oauth2accesstoken", covers, scope, make};
    struct cloud *cloud = cloud_new(&GCP, &config->options);
    cloud->gcp = (struct gcp_config){
        .file = cloud_text(cloud, config->file, STR_EMPTY),
        .metadata = cloud_text(cloud, config->metadata, STR("http://metadata.google.internal")),
    };
    cloud->source = config->file.n > 0 ? arena_printf(&cloud->arena, "Google, %.*s",
                                                      STR_ARG(str_sub(config->file, 0, 256)))
                                       : STR("Google's metadata server");
    return cloud;
}
