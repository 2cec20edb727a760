#include "base/base64.h"
#include "base/clock.h"
#include "credentials/exchange.h"
#include "oci/url.h"

/* What a refresh token has that does not say so: they live for three hours. */
static const int64_t USUAL_LIFE = 3600 * NS_PER_S;

static bool covers(struct str registry)
{
    struct str label, domain;
    str_cut(registry, '.', &label, &domain);
    return cloud_is_label(label) && str_eq(domain, STR("azurecr.io"));
}

/* A refresh token is a registry's own. */
static struct str scope(struct arena *arena, struct str registry)
{
    (void)arena;
    return registry;
}

/* The application's token, for what the platform says of us. */
static status ask_identity(struct exchange *exchange, struct str *ret_token, struct error *err)
{
    const struct azure_config *config = &exchange->cloud->azure;
    struct arena *arena = exchange->arena;
    struct str assertion;
    TRY(exchange_file(exchange, config->token_file, &assertion, err));
    const struct fetch_header fields[] = {
        {STR("client_id"), config->client},
        {STR("scope"), config->scope},
        {STR("grant_type"), STR("client_credentials")},
        {STR("client_assertion_type"),
         STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")},
        {STR("client_assertion"), assertion},
        {STR_EMPTY, STR_EMPTY},
    };
    const struct exchange_call call = {
        .method = "POST",
        .url =
            arena_join(arena,
                       (struct str[]){config->authority, STR("/"),
                                      url_encode(arena, config->tenant), STR("/oauth2/v2.0/token")},
                       4),
        .content_type = EXCHANGE_FORM,
        .body = exchange_form(exchange, fields),
    };
    json_doc_auto doc = {0};
    TRY(exchange_json(exchange, &call, &doc, err));
    return exchange_text(exchange, doc.root, "access_token", ret_token, err);
}

/* When the JWT says that it ends ("exp"). Nobody trusts it for that: the registry does not take it
 * for longer. */
static int64_t end_of(struct exchange *exchange, struct str token)
{
    struct str head, rest, claims, text;
    struct error ignored;
    json_doc_auto doc = {0};
    str_cut(token, '.', &head, &rest);
    str_cut(rest, '.', &claims, &rest);
    char *plain = arena_alloc(exchange->arena, claims.n + 1);
    for (size_t i = 0; i < claims.n; i++) {
        char c = claims.p[i];
        plain[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    double end = 0;
    if (!failed(base64_decode_lenient(exchange->arena, (struct str){plain, claims.n}, &text,
                                      &ignored)) &&
        !failed(json_parse_secret(text, &doc, &ignored))) {
        yyjson_val *exp = json_get(doc.root, "exp");
        end = yyjson_is_num(exp) ? yyjson_get_num(exp) : 0;
    }
    return end > 0 && end < 9e9 ? (int64_t)end * NS_PER_S : clock_wall() + USUAL_LIFE;
}

static status make(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                   struct error *err)
{
    const struct azure_config *config = &exchange->cloud->azure;
    struct str registry = exchange->query->registry, identity;
    TRY(ask_identity(exchange, &identity, err));
    const struct fetch_header fields[] = {
        {STR("grant_type"), STR("access_token")},
        {STR("service"), registry},
        {STR("tenant"), config->tenant},
        {STR("access_token"), identity},
        {STR_EMPTY, STR_EMPTY},
    };
    struct str own = arena_join(exchange->arena, (struct str[]){STR("https://"), registry}, 2);
    const struct exchange_call call = {
        .method = "POST",
        .url = arena_join(exchange->arena,
                          (struct str[]){config->registry.n > 0 ? config->registry : own,
                                         STR("/oauth2/exchange")},
                          2),
        .content_type = EXCHANGE_FORM,
        .body = exchange_form(exchange, fields),
    };
    json_doc_auto doc = {0};
    TRY(exchange_json(exchange, &call, &doc, err));
    TRY(exchange_text(exchange, doc.root, "refresh_token", ret_token, err));
    *ret_end = end_of(exchange, *ret_token);
    return OK;
}

/* -- the provider -- */

status azure_config_complete(struct azure_config *config, struct error *err)
{
    TRY(cloud_need(&config->client, "client", "AZURE_CLIENT_ID", err));
    TRY(cloud_need(&config->tenant, "tenant", "AZURE_TENANT_ID", err));
    TRY(cloud_need(&config->token_file, "tokenFile", "AZURE_FEDERATED_TOKEN_FILE", err));
    if (config->authority.n == 0) {
        config->authority = cloud_environment("AZURE_AUTHORITY_HOST");
    }
    return OK;
}

struct cloud *azure_new(const struct azure_config *config)
{
    /* The name that stands for "a token": no user has it. */
    static const struct cloud_kind AZURE = {"00000000-0000-0000-0000-000000000000", covers, scope,
                                            make};
    struct cloud *cloud = cloud_new(&AZURE, &config->options);
    struct str authority = config->authority;
    while (str_ends(authority, STR("/"))) {
        authority.n--;
    }
    cloud->azure = (struct azure_config){
        .client = cloud_text(cloud, config->client, STR_EMPTY),
        .tenant = cloud_text(cloud, config->tenant, STR_EMPTY),
        .token_file = cloud_text(cloud, config->token_file, STR_EMPTY),
        .authority = cloud_text(cloud, authority, STR("https://login.microsoftonline.com")),
        .scope =
            cloud_text(cloud, config->scope, STR("https://containerregistry.azure.net/.default")),
        .registry = cloud_text(cloud, config->registry, STR_EMPTY),
    };
    cloud->source = arena_printf(&cloud->arena, "Azure, application %.*s",
                                 STR_ARG(str_sub(config->client, 0, 256)));
    return cloud;
}
