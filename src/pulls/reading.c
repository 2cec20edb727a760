#include "pulls/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"

/* One reading of Secrets. */
struct reading {
    struct kube *kube;
    struct pull_names names;
    int64_t deadline;
    struct arena *arena;
    struct buf *list;
    struct digester *digester;
    size_t n; /* Secrets in the list */
    bool missing;
};

/* *ret_object is zeroed if there is none. */
static status get(struct reading *reading, const char *resource, struct str name, bool secret,
                  struct json_doc *ret_object, struct error *err)
{
    enum kube_outcome outcome;
    int64_t left = reading->deadline - clock_monotonic();
    if (left <= 0) {
        return error_set(err, ERROR_TIMEOUT, "no time is left for %s %.*s/%.*s", resource,
                         STR_ARG(reading->names.namespace), STR_ARG(name));
    }
    const struct kube_call call = {
        .method = "GET",
        .path = arena_printf(reading->arena, "/api/v1/namespaces/%.*s/%s/%.*s",
                             STR_ARG(reading->names.namespace), resource, STR_ARG(name)),
        .secret = secret,
        .max_answer = LIMIT_PULLS_OBJECT,
        .time = left < KUBE_CALL_TIME ? left : KUBE_CALL_TIME,
    };
    TRY(kube_call(reading->kube, &call, &outcome, ret_object, err));
    reading->missing = reading->missing || ret_object->root == NULL;
    return OK;
}

/* -- what is kept of a Secret -- */

/* The bytes of `data` that a kubelet reads, still in base64, and under which key; none: NULL. */
static yyjson_val *value_of(const yyjson_val *secret, struct str *ret_type, const char **ret_key)
{
    static const struct {
        const char *type, *key;
    } TYPES[] = {{"kubernetes.io/dockerconfigjson", ".dockerconfigjson"},
                 {"kubernetes.io/dockercfg", ".dockercfg"}};
    struct str type = json_str(json_get(secret, "type"));
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        yyjson_val *value = json_get(json_get(secret, "data"), TYPES[i].key);
        if (str_eq(type, str_from(TYPES[i].type)) && json_str(value).n > 0) {
            *ret_type = type;
            *ret_key = TYPES[i].key;
            return value;
        }
    }
    return NULL;
}

/* Lengths keep apart what stands side by side. */
static void digest(struct reading *reading, struct str text)
{
    digester_add(reading->digester, (struct str){(const char *)&text.n, sizeof text.n});
    digester_add(reading->digester, text);
}

static void keep(struct reading *reading, struct str name, const yyjson_val *secret)
{
    struct str type;
    const char *key;
    size_t n = 0;
    yyjson_val *value = value_of(secret, &type, &key);
    if (value == NULL) {
        return;
    }
    digest(reading, type);
    digest(reading, json_str(value));
    char *text = yyjson_val_write(value, 0, &n);
    ENSURE(text != NULL);
    buf_add_cstr(reading->list, reading->n++ > 0 ? ",{\"type\":" : "{\"type\":");
    buf_add_json(reading->list, type);
    buf_add_cstr(reading->list, ",\"metadata\":{\"namespace\":");
    buf_add_json(reading->list, reading->names.namespace);
    buf_add_member(reading->list, "name", name);
    buf_printf(reading->list, "},\"data\":{\"%s\":", key);
    buf_add(reading->list, (struct str){text, n});
    buf_add_cstr(reading->list, "}}");
    explicit_bzero(text, n);
    free(text);
}

/* -- asking -- */

static status add_secret(struct reading *reading, struct str name, struct error *err)
{
    json_doc_auto secret = {0};
    TRY(get(reading, "secrets", name, true, &secret, err));
    keep(reading, name, secret.root);
    return OK;
}

static status add_account(struct reading *reading, struct str name, struct error *err)
{
    json_doc_auto account = {0};
    TRY(get(reading, "serviceaccounts", name, false, &account, err));
    struct pull_names *names = &reading->names;
    size_t before = names->n_secrets;
    status st = pull_names_add(names, json_get(account.root, "imagePullSecrets"), err);
    for (size_t i = before; i < names->n_secrets; i++) {
        names->secrets[i] = arena_dup(reading->arena, names->secrets[i]);
    }
    return failed(st) ? error_wrap(err, "service account %.*s/%.*s", STR_ARG(names->namespace),
                                   STR_ARG(name))
                      : OK;
}

static status read_all(struct reading *reading, struct error *err)
{
    for (size_t i = 0; i < reading->names.n_accounts; i++) {
        TRY(add_account(reading, reading->names.accounts[i], err));
    }
    buf_add_char(reading->list, '[');
    for (size_t i = 0; i < reading->names.n_secrets; i++) {
        TRY(add_secret(reading, reading->names.secrets[i], err));
    }
    buf_add_char(reading->list, ']');
    return buf_overflowed(reading->list)
               ? error_set(err, ERROR_LIMIT, "those of namespace %.*s are larger than %u bytes",
                           STR_ARG(reading->names.namespace), LIMIT_PULLS_LIST)
               : OK;
}

static void wipe(struct buf *list)
{
    if (list->p != NULL) {
        explicit_bzero(list->p, list->n);
    }
    buf_done(list);
}

status pulls_read(struct kube *kube, const struct pull_names *names, int64_t deadline,
                  struct arena *arena, struct pulls_read *ret_read, struct error *err)
{
    digester_auto digester = {0};
    char room[DIGEST_ROOM];
    struct buf list;
    struct reading reading = {.kube = kube,
                              .names = *names,
                              .deadline = deadline,
                              .arena = arena,
                              .list = &list,
                              .digester = &digester};
    buf_init(&list, LIMIT_PULLS_LIST);
    ENSURE(digester_start(&digester, STR("sha256")));
    status st = read_all(&reading, err);
    if (!failed(st)) {
        *ret_read = (struct pulls_read){.list = arena_dup(arena, buf_str(&list)),
                                        .missing = reading.missing};
        ret_read->scope =
            reading.n == 0 ? STR_EMPTY : arena_dup(arena, digester_end(&digester, room));
    }
    wipe(&list);
    return st;
}

/* -- what comes of it -- */

/* What the keyring says of a Secret may show a part of it. */
static status hide(const yyjson_val *secret, struct error *err)
{
    enum error_kind kind = err->kind;
    const yyjson_val *metadata = json_get(secret, "metadata");
    return error_set(err, kind, "Secret %.*s/%.*s holds no docker config that can be read (%s)",
                     STR_ARG(json_str(json_get(metadata, "namespace"))),
                     STR_ARG(json_str(json_get(metadata, "name"))), error_kind_info(kind)->label);
}

status pulls_add_list(struct keyring *keyring, struct str list, struct error *err)
{
    json_doc_auto doc = {0};
    TRY(json_parse_secret(list, &doc, err));
    size_t i, n;
    yyjson_val *secret;
    yyjson_arr_foreach(doc.root, i, n, secret)
    {
        if (failed(keyring_add_secret(keyring, secret, err))) {
            return hide(secret, err);
        }
    }
    return OK;
}
