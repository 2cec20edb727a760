#include "credentials/entries.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/limits.h"

#define HUB        STR("docker.io")
#define HUB_KEY    STR("index.docker.io")
#define HUB_SERVER STR("https://index.docker.io/v1/")

/* A config while it is read. */
struct reading {
    struct entries *list;
    const struct entries_source *source;
    struct arena scratch; /* overwritten at the end */
    struct error *err;
};

/* -- values: names of members are compared as Go does, without regard to case; the last counts --
 */

static yyjson_val *member(yyjson_val *value, const char *name)
{
    yyjson_obj_iter iter;
    yyjson_val *key, *found = NULL;
    yyjson_obj_iter_init(value, &iter);
    while ((key = yyjson_obj_iter_next(&iter)) != NULL) {
        if (str_eq_nocase(json_str(key), str_from(name))) {
            found = yyjson_obj_iter_get_val(key);
        }
    }
    return found;
}

/* An object; NULL for what is not there or null. */
static status object(struct reading *reading, yyjson_val *value, const char *what,
                     yyjson_val **ret_object)
{
    if (value != NULL && !yyjson_is_null(value) && !yyjson_is_obj(value)) {
        return error_set(reading->err, reading->source->kind, "%s must be an object, not %s", what,
                         json_type_name(value));
    }
    *ret_object = yyjson_is_obj(value) ? value : NULL;
    return OK;
}

/* The string `name` of an entry, copied; empty if it is not there. */
static status text(struct reading *reading, yyjson_val *value, const char *name,
                   struct str *ret_text)
{
    yyjson_val *it = member(value, name);
    if (it != NULL && !yyjson_is_null(it) && !yyjson_is_str(it)) {
        return error_set(reading->err, reading->source->kind, "%s must be a string, not %s", name,
                         json_type_name(it));
    }
    if (json_str(it).n > LIMIT_TOKEN) {
        return error_set(reading->err, ERROR_LIMIT, "%s is longer than %u bytes", name,
                         LIMIT_TOKEN);
    }
    *ret_text = arena_dup(reading->list->arena, json_str(it));
    return OK;
}

/* -- entries -- */

/* One entry more is being read. */
static status count(struct reading *reading)
{
    return (*reading->list->read)++ < LIMIT_KEYRING_ENTRIES
               ? OK
               : error_set(reading->err, ERROR_LIMIT, "more than %u entries together",
                           LIMIT_KEYRING_ENTRIES);
}

static void add(struct entries *list, const struct entry *entry)
{
    list->items = arena_grow(list->arena, list->items, list->n, &list->room, sizeof *entry);
    list->items[list->n] = *entry;
    list->items[list->n].order = list->n;
    list->n++;
}

/* "user:password" in base64, which wins over what stands beside it. */
static status read_auth(struct reading *reading, yyjson_val *value, struct credential *credential)
{
    struct str encoded, decoded, user, password;
    struct error ignored;
    bool docker = reading->source->rules == KEYRING_DOCKER;
    TRY(text(reading, value, "auth", &encoded));
    if (encoded.n == 0) {
        return OK;
    }
    if (failed(base64_decode_lenient(&reading->scratch, encoded, &decoded, &ignored)) ||
        !str_cut(decoded, ':', &user, &password) || (docker && user.n == 0)) {
        return error_set(reading->err, reading->source->kind,
                         "auth must be \"user:password\" in base64");
    }
    while (docker && str_ends(password, (struct str){"", 1})) {
        password.n--;
    }
    credential->username = arena_dup(reading->list->arena, user);
    credential->password = arena_dup(reading->list->arena, password);
    return OK;
}

static status read_credential(struct reading *reading, yyjson_val *value,
                              struct credential *credential)
{
    yyjson_val *it = NULL;
    TRY(object(reading, value, "the entry", &it));
    TRY(text(reading, it, "username", &credential->username));
    TRY(text(reading, it, "password", &credential->password));
    TRY(read_auth(reading, it, credential));
    if (reading->source->rules == KEYRING_DOCKER) {
        TRY(text(reading, it, "identitytoken", &credential->identity_token));
        TRY(text(reading, it, "registrytoken", &credential->registry_token));
    }
    return OK;
}

static status read_entry(struct reading *reading, struct str name, yyjson_val *value)
{
    struct arena *arena = reading->list->arena;
    TRY(count(reading));
    struct entry entry = {.kind = ENTRY_AUTH, .name = arena_dup(arena, name)};
    if (failed(read_credential(reading, value, &entry.credential))) {
        return error_wrap(reading->err, "auths[\"%.*s\"]", STR_ARG(name));
    }
    entry.credential.source = reading->source->name;
    /* For docker, one without anything says only that a store has the credential. */
    bool kept =
        reading->source->rules == KEYRING_DOCKER
            ? !credential_is_empty(&entry.credential)
            : name.n <= LIMIT_CREDENTIAL_KEY && match_key_parse(arena, entry.name, &entry.key);
    if (kept) {
        add(reading->list, &entry);
    }
    return OK;
}

static status read_auths(struct reading *reading, yyjson_val *root)
{
    yyjson_val *auths = NULL;
    yyjson_obj_iter iter;
    yyjson_val *key;
    TRY(object(reading, reading->source->bare ? root : member(root, "auths"), "auths", &auths));
    yyjson_obj_iter_init(auths, &iter);
    while ((key = yyjson_obj_iter_next(&iter)) != NULL) {
        TRY(read_entry(reading, json_str(key), yyjson_obj_iter_get_val(key)));
    }
    return OK;
}

/* -- helpers -- */

static status add_helper(struct reading *reading, enum entry_kind kind, struct str name,
                         struct str helper)
{
    struct arena *arena = reading->list->arena;
    TRY(count(reading));
    const struct entry entry = {.kind = kind,
                                .name = arena_dup(arena, name),
                                .helper = arena_dup(arena, helper),
                                .credential = {.source = reading->source->name}};
    if (helper.n > 0) {
        add(reading->list, &entry);
    }
    return OK;
}

static status read_helpers(struct reading *reading, yyjson_val *root)
{
    yyjson_val *helpers = NULL;
    yyjson_obj_iter iter;
    yyjson_val *key;
    struct str store;
    TRY(object(reading, member(root, "credHelpers"), "credHelpers", &helpers));
    yyjson_obj_iter_init(helpers, &iter);
    while ((key = yyjson_obj_iter_next(&iter)) != NULL) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (!yyjson_is_str(value)) {
            return error_set(reading->err, reading->source->kind,
                             "credHelpers[\"%.*s\"] must be a string, not %s",
                             STR_ARG(json_str(key)), json_type_name(value));
        }
        TRY(add_helper(reading, ENTRY_HELPER, json_str(key), json_str(value)));
    }
    TRY(text(reading, root, "credsStore", &store));
    return add_helper(reading, ENTRY_STORE, STR_EMPTY, store);
}

/* -- a config -- */

static status read_document(struct reading *reading, struct str text)
{
    json_doc_auto doc = {0};
    yyjson_val *root = NULL;
    if (text.n > LIMIT_DOCKER_CONFIG) {
        return error_set(reading->err, ERROR_LIMIT, "larger than %u bytes", LIMIT_DOCKER_CONFIG);
    }
    if (failed(json_parse_secret(text, &doc, reading->err))) {
        reading->err->kind =
            reading->err->kind == ERROR_LIMIT ? ERROR_LIMIT : reading->source->kind;
        return FAILED;
    }
    TRY(object(reading, doc.root, "the document", &root));
    TRY(read_auths(reading, root));
    return reading->source->rules == KEYRING_DOCKER ? read_helpers(reading, root) : OK;
}

/* Keys in reverse order, so that a longer one stands before its beginning; equal ones as they were
 * added. */
static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = str_cmp(b->key.text, a->key.text);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

status entries_read(struct entries *list, struct str text, const struct entries_source *source,
                    struct error *err)
{
    struct reading reading = {.list = list, .source = source, .err = err};
    arena_init(&reading.scratch, 4 * LIMIT_DOCKER_CONFIG);
    status st = read_document(&reading, text);
    arena_wipe(&reading.scratch);
    if (failed(st)) {
        return error_wrap(err, "%.*s", STR_ARG(source->name));
    }
    if (source->rules == KEYRING_KUBELET && list->n > 0) {
        qsort(list->items, list->n, sizeof *list->items, compare);
    }
    return OK;
}

/* -- looking -- */

static bool any_covers(const struct entries *list, const struct credential_query *query)
{
    bool found = false;
    for (size_t i = 0; i < list->n && !found; i++) {
        found = match_key_covers(&list->items[i].key, query->registry, query->repository);
    }
    return found;
}

const struct entry *entries_for_image(const struct entries *list,
                                      const struct credential_query *query, size_t item)
{
    /* Docker Hub has another name in configs, which counts where no entry has the proper one. */
    bool hub = str_eq(query->registry, HUB) && !any_covers(list, query);
    for (size_t i = 0; i < list->n; i++) {
        const struct match_key *key = &list->items[i].key;
        bool meant = hub ? str_eq(key->text, HUB_KEY)
                         : match_key_covers(key, query->registry, query->repository);
        if (meant && !credential_is_empty(&list->items[i].credential) && item-- == 0) {
            return &list->items[i];
        }
    }
    return NULL;
}

struct str entries_server(struct str registry)
{
    return str_eq(registry, HUB) ? HUB_SERVER : registry;
}

/* The host of "https://host/v1/", "host/v1" or "host". */
static struct str host_of(struct str name)
{
    struct str host, rest;
    name = str_starts(name, STR("https://"))  ? str_sub(name, 8, name.n)
           : str_starts(name, STR("http://")) ? str_sub(name, 7, name.n)
                                              : name;
    str_cut(name, '/', &host, &rest);
    return host;
}

static bool is_host_of(struct str name, struct str registry)
{
    struct str host = host_of(name);
    return str_eq(host, registry) || (str_eq(registry, HUB) && str_eq(host, HUB_KEY));
}

const struct entry *entries_for_registry(const struct entries *list, struct str registry)
{
    const struct entry *best = NULL;
    unsigned best_rank = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct entry *entry = &list->items[i];
        bool exact = str_eq(entry->name, entries_server(registry));
        unsigned rank = exact ? 2 : is_host_of(entry->name, registry) ? 1 : 0;
        if (entry->kind == ENTRY_STORE) {
            rank = 3;
        } else if (entry->kind == ENTRY_HELPER && rank > 0) {
            rank += 3;
        }
        if (rank > best_rank) {
            best = entry;
            best_rank = rank;
        }
    }
    return best;
}
