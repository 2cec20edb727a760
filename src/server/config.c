#include "server/config.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "server/config_loading.h"

enum { DEFAULT_HISTORY_SIZE = 64 * MIB, DEFAULT_HISTORY_QUEUE = 4096 };
enum { DEFAULT_PORT = 8443, DEFAULT_PLAIN_PORT = 8080, DEFAULT_CONNECTIONS = 2048 };
enum { DEFAULT_EVIDENCE_THREADS = 8, DEFAULT_REVIEWS_WAITING = 512 };

static const int64_t DEFAULT_IDLE = 150 * NS_PER_S;
static const int64_t LEAST_IDLE = 100 * NS_PER_S;
static const int64_t DEFAULT_DRAIN_DELAY = 5 * NS_PER_S;
static const int64_t DEFAULT_DRAIN_TIMEOUT = 10 * NS_PER_S;
static const int64_t DEFAULT_RELOAD = NS_PER_S;
static const int64_t HOUR = 3600 * NS_PER_S;
static const int64_t DEFAULT_VALIDITY = 2160 * HOUR;
static const int64_t DEFAULT_AUTHORITY_VALIDITY = 43800 * HOUR;
static const int64_t LEAST_VALIDITY = 60 * NS_PER_S; /* the leader looks every two seconds */
static const int64_t MOST_VALIDITY = 876000 * HOUR;
static const int64_t DEFAULT_OVERLAP = 120 * NS_PER_S;
static const int64_t DEFAULT_HISTORY_AGE = 168 * HOUR;
static const int64_t MOST_HISTORY_AGE = 87600 * HOUR;

void loading_complain(struct loading *loading, const struct text *at, const char *message)
{
    diagnostics_add(loading->list, DIAGNOSTIC_ERROR, at->mark, at->path, STR_EMPTY, "%s", message);
}

void loading_check_time(struct loading *loading, const char *path, int64_t value, int64_t least,
                        int64_t most)
{
    if (value < least || value > most) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, (struct mark){0}, str_from(path),
                        STR_EMPTY, "must be from %lldms to %lldms", (long long)(least / NS_PER_MS),
                        (long long)(most / NS_PER_MS));
    }
}

/* Whether a C string would be cut short. */
static bool holds_nul(struct str text)
{
    return str_find(text, '\0') < text.n;
}

/* A path of the file, from the file's own folder. */
static const char *resolve(struct loading *loading, const struct text *path)
{
    if (holds_nul(path->text)) {
        loading_complain(loading, path, "must not contain a NUL character");
    } else if (path->text.n == 0 && path->mark.line > 0) {
        loading_complain(loading, path, "must not be empty"); /* it would be the folder itself */
    }
    bool whole = path->text.n > 0 && (path->text.p[0] == '/' || str_eq(path->text, STR("-")));
    struct str folder = whole ? STR_EMPTY : loading->folder;
    return arena_printf(loading->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(path->text)).p;
}

/* The same for what is read again and again, as standard input cannot be. */
const char *loading_file(struct loading *loading, const struct text *path)
{
    if (str_eq(path->text, STR("-"))) {
        loading_complain(loading, path, "must be a file: a server reads it again when it changes");
    }
    return resolve(loading, path);
}

const char *loading_optional_file(struct loading *loading, const struct text *path)
{
    return path->text.n > 0 ? loading_file(loading, path) : NULL;
}

static struct server_address read_address(struct loading *loading, const struct address_doc *doc,
                                          uint64_t port)
{
    struct server_address address = {
        .address =
            doc->address.text.n > 0 ? arena_dup(loading->arena, doc->address.text) : STR("0.0.0.0"),
        .port = doc->port_set ? doc->port : port,
    };
    unsigned char bytes[sizeof(struct in6_addr)];
    const char *text = address.address.p;
    bool sound = inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
    if (!sound || holds_nul(address.address)) {
        loading_complain(loading, &doc->address,
                         "must be an IP address, such as 0.0.0.0 or \"::\"");
    }
    return address;
}

/* Names of callers or hosts, sorted into those that may ask and, with "!", those that may not. */
static void read_names(struct loading *loading, const struct texts *texts, struct glob_list *names)
{
    names->include = ARENA_ARRAY(loading->arena, struct str, texts->n);
    names->exclude = ARENA_ARRAY(loading->arena, struct str, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        struct str name = arena_dup(loading->arena, texts->items[i].text);
        bool excluded = str_starts(name, STR("!"));
        name = str_sub(name, excluded, name.n);
        if (name.n == 0) {
            loading_complain(loading, &texts->items[i], "must not be empty");
        } else if (excluded) {
            names->exclude[names->n_exclude++] = name;
        } else {
            names->include[names->n_include++] = name;
        }
    }
}

/* A name that goes into a path of the API, or `other` if there is none. */
static struct str read_name(struct loading *loading, const struct text *name, struct str other)
{
    if (name->text.n > 0 && !kube_name_is_sound(name->text)) {
        loading_complain(loading, name, "must be a name: lower-case letters, digits, '-' and '.'");
    }
    return name->text.n > 0 ? arena_dup(loading->arena, name->text) : other;
}

static void read_rotation(struct loading *loading)
{
    const struct managed_doc *doc = &loading->doc->tls.managed;
    struct rotation_times *times = &loading->config->managed.times;
    times->validity = doc->validity_set ? doc->validity : DEFAULT_VALIDITY;
    times->authority_validity =
        doc->authority_validity_set ? doc->authority_validity : DEFAULT_AUTHORITY_VALIDITY;
    int64_t most = times->validity / 10;
    times->overlap = doc->overlap_set         ? doc->overlap
                     : DEFAULT_OVERLAP < most ? DEFAULT_OVERLAP
                                              : most;
    loading_check_time(loading, "tls.managed.validity", times->validity, LEAST_VALIDITY,
                       MOST_VALIDITY);
    loading_check_time(loading, "tls.managed.authorityValidity", times->authority_validity,
                       times->validity, MOST_VALIDITY);
    loading_check_time(loading, "tls.managed.overlap", times->overlap, NS_PER_S, most);
}

static void read_managed(struct loading *loading)
{
    const struct managed_doc *doc = &loading->doc->tls.managed;
    struct server_config *config = loading->config;
    struct certificates_config *managed = &config->managed;
    managed->secret = read_name(loading, &doc->secret, STR_EMPTY);
    managed->service = read_name(loading, &doc->service, STR_EMPTY);
    managed->namespace = read_name(loading, &doc->namespace, STR_EMPTY);
    managed->lease = read_name(loading, &doc->lease, managed->secret);
    struct str *webhooks = ARENA_ARRAY(loading->arena, struct str, doc->webhooks.n);
    for (size_t i = 0; i < doc->webhooks.n; i++) {
        if (doc->webhooks.items[i].text.n == 0) {
            loading_complain(loading, &doc->webhooks.items[i], "must not be empty");
        }
        webhooks[i] = read_name(loading, &doc->webhooks.items[i], STR_EMPTY);
    }
    managed->webhooks = webhooks;
    managed->n_webhooks = doc->webhooks.n;
}

static void check_sources(struct loading *loading)
{
    if (loading->doc->policies.n == 0 && !loading->doc->kubernetes.policies) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, (struct mark){0}, STR("policies"),
                        STR_EMPTY, "give policy files, or kubernetes.policies: true");
    }
}

/* Exactly one of the two forms. */
static void check_forms(struct loading *loading)
{
    const struct tls_doc *tls = &loading->doc->tls;
    bool certificate = tls->certificate.mark.line > 0, key = tls->key.mark.line > 0;
    if (tls->managed_set && (certificate || key)) {
        loading_complain(loading, certificate ? &tls->certificate : &tls->key,
                         "give certificate and key, or managed, not both");
    } else if (!tls->managed_set && !certificate && !key) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, (struct mark){0}, STR("tls"), STR_EMPTY,
                        "give certificate and key, or managed");
    } else if (certificate != key) {
        loading_complain(loading, certificate ? &tls->certificate : &tls->key,
                         certificate ? "its key is missing, tls.key"
                                     : "its certificate is missing, tls.certificate");
    }
}

static void read_certificate(struct loading *loading)
{
    const struct tls_doc *tls = &loading->doc->tls;
    struct server_config *config = loading->config;
    config->managed_set = tls->managed_set;
    if (tls->managed_set) {
        read_managed(loading);
    }
    bool certificate = tls->certificate.mark.line > 0, key = tls->key.mark.line > 0;
    config->certificate = certificate ? loading_file(loading, &tls->certificate) : NULL;
    config->key = key ? loading_file(loading, &tls->key) : NULL;
}

static void read_tls(struct loading *loading)
{
    const struct tls_doc *tls = &loading->doc->tls;
    struct server_config *config = loading->config;
    bool asks = tls->client_ca.text.n > 0;
    read_certificate(loading);
    config->client_ca = asks ? loading_file(loading, &tls->client_ca) : NULL;
    if (tls->client_names.n > 0 && !asks) {
        loading_complain(
            loading, &tls->client_names.items[0],
            "names are checked against certificates of tls.clientCA, which is missing");
    }
    read_names(loading, &tls->client_names, &config->client_names);
}

static void read_kubernetes(struct loading *loading)
{
    const struct text *kubeconfig = &loading->doc->kubernetes.kubeconfig;
    loading->config->kubeconfig = loading_optional_file(loading, kubeconfig);
    loading->config->lease =
        read_name(loading, &loading->doc->kubernetes.lease, STR("pratique-leader"));
    loading->config->watch_policies = loading->doc->kubernetes.policies;
    loading->config->watch_namespaces = loading->doc->kubernetes.namespaces;
}

static void read_policies(struct loading *loading)
{
    const struct config_doc *doc = loading->doc;
    struct server_config *config = loading->config;
    config->n_policies = doc->policies.n;
    config->policies = ARENA_ARRAY(loading->arena, const char *, doc->policies.n);
    for (size_t i = 0; i < doc->policies.n; i++) {
        config->policies[i] = loading_file(loading, &doc->policies.items[i]);
    }
    config->policy_options = (struct policy_options){
        .allow_uncovered = str_eq(doc->uncovered.text, STR("allow")),
        .runtime = str_eq(doc->runtime.text, STR("cri-o")) ? POLICY_RUNTIME_CRIO
                                                           : POLICY_RUNTIME_CONTAINERD,
    };
}

static void add_paths(struct loading *loading, const struct texts *texts, bool image,
                      struct kind_entry *entry)
{
    for (size_t i = 0; i < texts->n; i++) {
        entry->paths[entry->n++] = (struct kind_path){
            .path = arena_dup(loading->arena, texts->items[i].text), .image = image};
    }
}

static void read_kinds(struct loading *loading)
{
    const struct config_doc *doc = loading->doc;
    const struct kind_doc *kinds = doc->kinds.items;
    struct kind_entry *entries = ARENA_ARRAY(loading->arena, struct kind_entry, doc->kinds.n);
    for (size_t i = 0; i < doc->kinds.n; i++) {
        size_t n = kinds[i].pod_specs.n + kinds[i].images.n;
        entries[i].group = arena_dup(loading->arena, kinds[i].group.text);
        entries[i].kind = arena_dup(loading->arena, kinds[i].kind.text);
        entries[i].paths = ARENA_ARRAY(loading->arena, struct kind_path, n);
        add_paths(loading, &kinds[i].pod_specs, false, &entries[i]);
        add_paths(loading, &kinds[i].images, true, &entries[i]);
        if (n == 0) {
            loading_complain(loading, &kinds[i].kind,
                             "give podSpecs or images, else nothing is found");
        }
    }
    struct str *subresources = ARENA_ARRAY(loading->arena, struct str, doc->subresources.n);
    bool named = true;
    for (size_t i = 0; i < doc->subresources.n; i++) {
        subresources[i] = doc->subresources.items[i].text;
        if (subresources[i].n == 0) {
            loading_complain(loading, &doc->subresources.items[i], "must not be empty");
            named = false;
        }
    }
    struct error err;
    if (named && failed(kinds_build(loading->arena, entries, doc->kinds.n, subresources,
                                    doc->subresources.n, &loading->config->kinds, &err))) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, doc->kinds.mark, STR("kinds"), STR_EMPTY,
                        "%s", err.text);
    }
}

uint64_t loading_or(uint64_t value, uint64_t other)
{
    return value != 0 ? value : other;
}

static uint64_t default_threads(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 1 ? 1 : cpus > 4 ? 4 : (uint64_t)cpus;
}

static void read_limits(struct loading *loading)
{
    const struct limits_doc *limits = &loading->doc->limits;
    struct server_config *config = loading->config;
    config->threads = loading_or(limits->threads, default_threads());
    config->connections = loading_or(limits->connections, DEFAULT_CONNECTIONS);
    config->body = loading_or(limits->body, LIMIT_BODY);
    config->reviews_in_flight = loading_or(limits->reviews_in_flight, LIMIT_REVIEWS_IN_FLIGHT);
    config->bodies_in_flight = loading_or(limits->bodies_in_flight, LIMIT_BODIES_IN_FLIGHT);
    config->evidence_threads = loading_or(limits->evidence_threads, DEFAULT_EVIDENCE_THREADS);
    config->reviews_waiting = loading_or(limits->reviews_waiting, DEFAULT_REVIEWS_WAITING);
    if (config->connections < config->threads) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, (struct mark){0}, STR("limits"), STR_EMPTY,
                        "connections must be at least the number of threads, %llu",
                        (unsigned long long)config->threads);
    }
    if (config->body > config->bodies_in_flight) {
        diagnostics_add(loading->list, DIAGNOSTIC_WARNING, (struct mark){0}, STR("limits"),
                        STR_EMPTY,
                        "a review larger than bodiesInFlight, %llu bytes, can never be judged and "
                        "is told to ask again; lower body to that",
                        (unsigned long long)config->bodies_in_flight);
    }
}

static void read_history(struct loading *loading)
{
    const struct history_doc *doc = &loading->doc->history;
    struct history_config *history = &loading->config->history;
    if (!loading->doc->history_set) {
        return;
    }
    if (str_eq(doc->path.text, STR("-"))) {
        loading_complain(loading, &doc->path, "must be a file");
    }
    *history = (struct history_config){
        .path = resolve(loading, &doc->path),
        .size = loading_or(doc->size, DEFAULT_HISTORY_SIZE),
        .age_ns = doc->age_set ? doc->age : DEFAULT_HISTORY_AGE,
        .queue = loading_or(doc->queue, DEFAULT_HISTORY_QUEUE),
    };
    loading_check_time(loading, "history.age", history->age_ns, NS_PER_S, MOST_HISTORY_AGE);
}

static void read_ui(struct loading *loading)
{
    const struct config_doc *doc = loading->doc;
    struct server_config *config = loading->config;
    config->ui_set = doc->ui_set;
    config->ui_any = str_eq(doc->ui.callers.text, STR("any"));
    read_names(loading, &doc->ui.hosts, &config->ui_hosts);
    if (doc->ui_set && !doc->plain_set) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, (struct mark){0}, STR("ui"), STR_EMPTY,
                        "pages are served on the plain port; give plain");
    }
}

static void read_times(struct loading *loading)
{
    const struct config_doc *doc = loading->doc;
    struct server_config *config = loading->config;
    config->idle_ns = doc->idle_set ? doc->idle : DEFAULT_IDLE;
    config->drain_delay_ns = doc->drain.delay_set ? doc->drain.delay : DEFAULT_DRAIN_DELAY;
    config->drain_timeout_ns = doc->drain.timeout_set ? doc->drain.timeout : DEFAULT_DRAIN_TIMEOUT;
    config->reload_interval_ns = doc->reload_set ? doc->reload : DEFAULT_RELOAD;
    const struct {
        const char *path;
        int64_t value, least, most;
    } bounds[] = {
        {"idle", config->idle_ns, LEAST_IDLE, 3600 * NS_PER_S},
        {"drain.delay", config->drain_delay_ns, 0, 600 * NS_PER_S},
        {"drain.timeout", config->drain_timeout_ns, 0, 600 * NS_PER_S},
        {"reload", config->reload_interval_ns, 100 * NS_PER_MS, 3600 * NS_PER_S},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        loading_check_time(loading, bounds[i].path, bounds[i].value, bounds[i].least,
                           bounds[i].most);
    }
    if (config->managed_set) {
        read_rotation(loading);
    }
    read_history(loading);
    loading_traces(loading);
    loading_events(loading);
    loading_reports(loading);
    loading_registries(loading);
}

static void read_rest(struct loading *loading)
{
    const struct config_doc *doc = loading->doc;
    struct server_config *config = loading->config;
    config->listen = read_address(loading, &doc->listen, DEFAULT_PORT);
    config->plain_set = doc->plain_set;
    if (doc->plain_set) {
        config->plain = read_address(loading, &doc->plain, DEFAULT_PLAIN_PORT);
    }
    config->log_level = arena_dup(loading->arena, doc->log.level.text);
    config->log_format = arena_dup(loading->arena, doc->log.format.text);
    config->audit = doc->audit.path.text.n > 0 ? resolve(loading, &doc->audit.path) : NULL;
}

status server_config_load(struct arena *arena, const char *path, struct diagnostics *list,
                          struct server_config *ret_config, struct error *err)
{
    struct str text;
    json_stream_auto stream = {0};
    list->file = str_from(path);
    TRY(file_read(arena, path, LIMIT_CONFIG_FILE, &text, err));
    if (failed(yaml_parse(text, &stream, err))) {
        return error_wrap(err, "%s", path);
    }
    if (stream.n != 1) {
        return error_set(err, ERROR_CONFIG, "%s: %zu documents; a configuration is one", path,
                         stream.n);
    }
    struct config_doc doc = {0};
    struct server_config config = {0};
    struct str name = str_from(path);
    size_t slash = str_rfind(name, '/');
    struct loading loading = {.arena = arena,
                              .list = list,
                              .folder = slash < name.n ? str_sub(name, 0, slash + 1) : STR_EMPTY,
                              .doc = &doc,
                              .config = &config};
    bool sound =
        fields_decode(&server_config_fields, stream.docs, stream.docs->root, STR_EMPTY, list, &doc);
    read_rest(&loading);
    read_tls(&loading);
    read_kubernetes(&loading);
    read_policies(&loading);
    read_limits(&loading);
    read_ui(&loading);
    if (sound) { /* of what is wrong by itself, these would say it again */
        check_forms(&loading);
        check_sources(&loading);
        read_kinds(&loading);
        read_times(&loading);
    }
    diagnostics_sort(list);
    if (list->errors > 0) {
        return error_set(err, ERROR_CONFIG, "%s: %zu error%s", path, list->errors,
                         list->errors == 1 ? "" : "s");
    }
    *ret_config = config;
    return OK;
}

void server_config_schema(struct buf *buf)
{
    const struct fields *documents[] = {&server_config_fields};
    fields_schema(documents, 1, "https://pratique.dev/schema/configuration.json", buf);
}

void server_config_reference(struct buf *buf)
{
    const struct fields *documents[] = {&server_config_fields};
    fields_reference(documents, 1, buf);
}
