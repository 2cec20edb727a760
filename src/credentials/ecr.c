#include "base/base64.h"
#include "base/clock.h"
#include "credentials/exchange.h"
#include "credentials/sigv4.h"

/* What a registry's name says. */
struct place {
    bool fips, china;
    struct str region;
};

/* What STS gives for a while. */
struct role_keys {
    struct str id, key, token;
};

/* -- names: 123456789012.dkr.ecr-fips.us-east-1.amazonaws.com -- */

static bool are_digits(struct str text)
{
    uint64_t ignored;
    return text.n == 12 && str_parse_u64(text, UINT64_MAX, &ignored);
}

/* "us-gov-east-1": what is no region could be another service's name in its place. */
static bool is_region(struct str text)
{
    size_t dash = str_rfind(text, '-');
    bool sound = cloud_is_label(text) && str_find(text, '-') == 2 && dash > 3 && text.n > dash + 1;
    for (size_t i = 0; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        sound = sound && digit == (i > dash) && (text.p[i] != '-' || i <= dash);
    }
    return sound;
}

static bool read_name(struct str registry, struct place *place)
{
    struct str account, dkr, ecr, domain;
    str_cut(registry, '.', &account, &registry);
    str_cut(registry, '.', &dkr, &registry);
    str_cut(registry, '.', &ecr, &registry);
    str_cut(registry, '.', &place->region, &domain);
    place->fips = str_eq(ecr, STR("ecr-fips"));
    place->china = str_starts(place->region, STR("cn-"));
    return are_digits(account) && str_eq(dkr, STR("dkr")) &&
           (place->fips || str_eq(ecr, STR("ecr"))) && is_region(place->region) &&
           str_eq(domain, place->china ? STR("amazonaws.com.cn") : STR("amazonaws.com"));
}

static bool covers(struct str registry)
{
    struct place place;
    return read_name(registry, &place);
}

/* A token is good for all registries of a region that the role may read. */
static struct str scope(struct arena *arena, struct str registry)
{
    struct place place;
    ENSURE(read_name(registry, &place));
    return arena_printf(arena, "%.*s%s", STR_ARG(place.region), place.fips ? " fips" : "");
}

static struct str domain_of(struct str region)
{
    return str_starts(region, STR("cn-")) ? STR("amazonaws.com.cn") : STR("amazonaws.com");
}

/* -- STS -- */

static status assume_role(struct exchange *exchange, const struct place *place,
                          struct role_keys *ret_keys, struct error *err)
{
    const struct ecr_config *config = &exchange->cloud->ecr;
    struct str region = config->region.n > 0 ? config->region : place->region;
    struct str token, body;
    TRY(exchange_file(exchange, config->token_file, &token, err));
    const struct fetch_header fields[] = {
        {STR("Action"), STR("AssumeRoleWithWebIdentity")},
        {STR("Version"), STR("2011-06-15")},
        {STR("RoleArn"), config->role},
        {STR("RoleSessionName"), config->session},
        {STR("WebIdentityToken"), token},
        {STR_EMPTY, STR_EMPTY},
    };
    struct str host = arena_printf(exchange->arena, "https://sts.%.*s.%.*s", STR_ARG(region),
                                   STR_ARG(domain_of(region)));
    const struct exchange_call call = {
        .method = "POST",
        .url = arena_join(exchange->arena,
                          (struct str[]){config->sts.n > 0 ? config->sts : host, STR("/")}, 2),
        .content_type = EXCHANGE_FORM,
        .body = exchange_form(exchange, fields),
    };
    TRY(exchange_send(exchange, &call, &body, err));
    struct role_keys keys = {exchange_xml(body, "AccessKeyId"),
                             exchange_xml(body, "SecretAccessKey"),
                             exchange_xml(body, "SessionToken")};
    if (keys.id.n == 0 || keys.key.n == 0 || keys.token.n == 0) {
        return error_set(err, ERROR_UPSTREAM, "STS gave no credentials");
    }
    *ret_keys = keys;
    return OK;
}

/* -- ECR -- */

/* "AWS:password" in base64, and when it ends, in seconds of the wall. */
static status read_token(struct exchange *exchange, yyjson_val *root, struct str *ret_token,
                         int64_t *ret_end, struct error *err)
{
    yyjson_val *data = yyjson_arr_get(json_get(root, "authorizationData"), 0);
    yyjson_val *end = json_get(data, "expiresAt");
    double seconds = yyjson_is_num(end) ? yyjson_get_num(end) : 0;
    struct str encoded, decoded, user, password;
    struct error ignored;
    TRY(exchange_text(exchange, data, "authorizationToken", &encoded, err));
    if (failed(base64_decode(exchange->arena, encoded, &decoded, &ignored)) ||
        !str_cut(decoded, ':', &user, &password) || !str_eq(user, STR("AWS")) || password.n == 0 ||
        seconds <= 0 || seconds > 9e9) {
        return error_set(err, ERROR_UPSTREAM, "ECR gave no token");
    }
    *ret_token = password;
    *ret_end = (int64_t)seconds * NS_PER_S;
    return OK;
}

static struct str endpoint(struct exchange *exchange, const struct place *place)
{
    struct str given = exchange->cloud->ecr.ecr;
    return given.n > 0 ? given
                       : arena_printf(exchange->arena, "https://%s.%.*s.%.*s",
                                      place->fips ? "ecr-fips" : "api.ecr", STR_ARG(place->region),
                                      STR_ARG(domain_of(place->region)));
}

static status get_token(struct exchange *exchange, const struct place *place,
                        const struct role_keys *keys, struct str *ret_token, int64_t *ret_end,
                        struct error *err)
{
    struct arena *arena = exchange->arena;
    struct str url = endpoint(exchange, place);
    struct str date = sigv4_date(arena, clock_wall());
    const struct fetch_header signed_headers[] = {
        {STR("content-type"), STR("application/x-amz-json-1.1")},
        {STR("host"), str_sub(url, str_rfind(url, '/') + 1, url.n)},
        {STR("x-amz-date"), date},
        {STR("x-amz-security-token"), keys->token},
        {STR("x-amz-target"), STR("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")},
    };
    const struct sigv4_request request = {
        .method = STR("POST"),
        .path = STR("/"),
        .headers = signed_headers,
        .n_headers = sizeof signed_headers / sizeof *signed_headers,
        .body = STR("{}"),
        .date = date,
        .region = place->region,
        .service = STR("ecr"),
        .key_id = keys->id,
        .key = keys->key,
    };
    const struct fetch_header headers[] = {signed_headers[2],
                                           signed_headers[3],
                                           signed_headers[4],
                                           {STR("authorization"), sigv4_sign(arena, &request)}};
    const struct exchange_call call = {
        .method = "POST",
        .url = arena_join(arena, (struct str[]){url, STR("/")}, 2),
        .headers = headers,
        .n_headers = sizeof headers / sizeof *headers,
        .content_type = "application/x-amz-json-1.1",
        .body = request.body,
    };
    json_doc_auto doc = {0};
    TRY(exchange_json(exchange, &call, &doc, err));
    return read_token(exchange, doc.root, ret_token, ret_end, err);
}

static status make(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                   struct error *err)
{
    struct place place;
    struct role_keys keys;
    ENSURE(read_name(exchange->query->registry, &place));
    TRY(assume_role(exchange, &place, &keys, err));
    return get_token(exchange, &place, &keys, ret_token, ret_end, err);
}

/* -- the provider -- */

status ecr_config_complete(struct ecr_config *config, struct error *err)
{
    TRY(cloud_need(&config->role, "role", "AWS_ROLE_ARN", err));
    TRY(cloud_need(&config->token_file, "tokenFile", "AWS_WEB_IDENTITY_TOKEN_FILE", err));
    const struct {
        struct str *text;
        const char *name;
    } more[] = {{&config->session, "AWS_ROLE_SESSION_NAME"},
                {&config->region, "AWS_REGION"},
                {&config->region, "AWS_DEFAULT_REGION"}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        *more[i].text = more[i].text->n > 0 ? *more[i].text : cloud_environment(more[i].name);
    }
    return OK;
}

struct cloud *ecr_new(const struct ecr_config *config)
{
    static const struct cloud_kind ECR = {"AWS", covers, scope, make};
    struct cloud *cloud = cloud_new(&ECR, &config->options);
    cloud->ecr = (struct ecr_config){
        .role = cloud_text(cloud, config->role, STR_EMPTY),
        .session = cloud_text(cloud, config->session, STR("pratique")),
        .region = cloud_text(cloud, config->region, STR_EMPTY),
        .token_file = cloud_text(cloud, config->token_file, STR_EMPTY),
        .sts = cloud_text(cloud, config->sts, STR_EMPTY),
        .ecr = cloud_text(cloud, config->ecr, STR_EMPTY),
    };
    cloud->source =
        arena_printf(&cloud->arena, "ECR, role %.*s", STR_ARG(str_sub(config->role, 0, 256)));
    return cloud;
}
