/* How registries are asked: the part `registries`. */
#include "base/clock.h"
#include "base/limits.h"
#include "server/config_loading.h"

static const int64_t DEFAULT_TAGS = 30 * NS_PER_S;
static const int64_t DEFAULT_FAILURES = 5 * NS_PER_S;
static const int64_t MOST_TAGS = 3600 * NS_PER_S;
static const int64_t MOST_FAILURES = 300 * NS_PER_S;

enum { DEFAULT_MEMORY = 16 * MIB };

static const struct str *read_texts(struct loading *loading, const struct texts *texts)
{
    struct str *items = ARENA_ARRAY(loading->arena, struct str, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        if (texts->items[i].text.n == 0) {
            loading_complain(loading, &texts->items[i], "must not be empty");
        }
        items[i] = arena_dup(loading->arena, texts->items[i].text);
    }
    return items;
}

static void read_host(struct loading *loading, const struct registry_doc *doc,
                      struct asking_host *host)
{
    *host = (struct asking_host){
        .name = arena_dup(loading->arena, doc->host.text),
        .location = arena_dup(loading->arena, doc->location.text),
        .proxy = arena_dup(loading->arena, doc->proxy.text),
        .ca = loading_optional_file(loading, &doc->ca),
        .certificate = loading_optional_file(loading, &doc->certificate),
        .key = loading_optional_file(loading, &doc->key),
        .mirrors = read_texts(loading, &doc->mirrors),
        .n_mirrors = doc->mirrors.n,
        .realms = read_texts(loading, &doc->realms),
        .n_realms = doc->realms.n,
        .plain = doc->plain,
        .inside_network = doc->inside_network,
    };
    if ((host->certificate == NULL) != (host->key == NULL)) {
        loading_complain(loading, host->key == NULL ? &doc->certificate : &doc->key,
                         "give certificate and key together");
    }
}

static void read_hosts(struct loading *loading, const struct field_list *list,
                       struct asking_config *config)
{
    const struct registry_doc *docs = list->items;
    struct asking_host *hosts = ARENA_ARRAY(loading->arena, struct asking_host, list->n);
    for (size_t i = 0; i < list->n; i++) {
        read_host(loading, &docs[i], &hosts[i]);
    }
    config->hosts = hosts;
    config->n_hosts = list->n;
}

static void read_credentials(struct loading *loading, const struct texts *texts,
                             struct asking_config *config)
{
    const char **paths = ARENA_ARRAY(loading->arena, const char *, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        paths[i] = loading_file(loading, &texts->items[i]);
    }
    config->credentials = paths;
    config->n_credentials = texts->n;
}

/* -- clouds -- */

static struct str read_text(struct loading *loading, const struct text *text)
{
    return arena_dup(loading->arena, text->text);
}

static struct str read_path(struct loading *loading, const struct text *path)
{
    const char *file = loading_optional_file(loading, path);
    return file == NULL ? STR_EMPTY : str_from(file);
}

static struct str read_endpoint(struct loading *loading, const struct text *text)
{
    if (text->text.n > 0 && !cloud_is_endpoint(text->text)) {
        loading_complain(loading, text, "must be an endpoint, such as https://sts.example.com");
    }
    return read_text(loading, text);
}

static void read_clouds(struct loading *loading, const struct clouds_doc *doc,
                        struct clouds_config *clouds)
{
    const struct aws_doc *aws = &doc->aws;
    const struct gcp_doc *gcp = &doc->gcp;
    const struct azure_doc *azure = &doc->azure;
    *clouds = (struct clouds_config){
        .aws = doc->aws_set,
        .gcp = doc->gcp_set,
        .azure = doc->azure_set,
        .ecr = {.role = read_text(loading, &aws->role),
                .session = read_text(loading, &aws->session),
                .region = read_text(loading, &aws->region),
                .token_file = read_path(loading, &aws->token_file),
                .sts = read_endpoint(loading, &aws->sts),
                .ecr = read_endpoint(loading, &aws->ecr)},
        .google = {.file = read_path(loading, &gcp->file),
                   .metadata = read_endpoint(loading, &gcp->metadata)},
        .microsoft = {.client = read_text(loading, &azure->client),
                      .tenant = read_text(loading, &azure->tenant),
                      .token_file = read_path(loading, &azure->token_file),
                      .authority = read_endpoint(loading, &azure->authority),
                      .scope = read_text(loading, &azure->scope),
                      .registry = read_endpoint(loading, &azure->registry)},
    };
    if (gcp->file.text.n > 0 && gcp->metadata.text.n > 0) {
        loading_complain(loading, &gcp->metadata, "not with file: one of the two is asked");
    }
}

/* -- where replicas tell each other -- */

/* "host:port", where host is a name, an IPv4 address or an IPv6 one in brackets. */
static bool is_address(struct str text)
{
    size_t colon = str_rfind(text, ':');
    uint64_t port = 0;
    bool good = colon > 0 && colon < text.n &&
                str_parse_u64(str_sub(text, colon + 1, text.n), UINT16_MAX, &port) && port > 0;
    for (size_t i = 0; i < colon && good; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        good = letter || c == '.' || c == '-' ||
               ((c == ':' || c == '[' || c == ']') && text.p[0] == '[');
    }
    return good;
}

static void read_shared(struct loading *loading, const struct shared_doc *doc,
                        struct asking_shared *shared)
{
    if (doc->address.text.n > 0 && !is_address(doc->address.text)) {
        loading_complain(loading, &doc->address, "must be an address such as valkey.shop:6379");
    }
    if (doc->username.text.n > 0 && doc->password_file.text.n == 0) {
        loading_complain(loading, &doc->username, "needs passwordFile");
    }
    *shared = (struct asking_shared){
        .address = read_text(loading, &doc->address),
        .username = read_text(loading, &doc->username),
        .key = loading_optional_file(loading, &doc->key_file),
        .password = loading_optional_file(loading, &doc->password_file),
        .ca = loading_optional_file(loading, &doc->ca),
        .plain = doc->plain,
    };
}

void loading_registries(struct loading *loading)
{
    const struct registries_doc *doc = &loading->doc->registries;
    struct asking_config *config = &loading->config->registries;
    config->ca = loading_optional_file(loading, &doc->ca);
    config->pull_secrets = doc->pull_secrets;
    config->memory = loading_or(doc->memory, DEFAULT_MEMORY);
    config->tag_ttl = doc->tags_set ? doc->tags : DEFAULT_TAGS;
    config->failure_ttl = doc->failures_set ? doc->failures : DEFAULT_FAILURES;
    read_credentials(loading, &doc->credentials, config);
    read_clouds(loading, &doc->clouds, &config->clouds);
    read_hosts(loading, &doc->hosts, config);
    if (doc->shared_set) {
        read_shared(loading, &doc->shared, &config->shared);
    }
    loading_check_time(loading, "registries.tags", config->tag_ttl, 0, MOST_TAGS);
    loading_check_time(loading, "registries.failures", config->failure_ttl, 0, MOST_FAILURES);
}
