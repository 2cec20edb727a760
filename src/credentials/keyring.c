#include "credentials/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "credentials/entries.h"
#include "credentials/helper.h"

/* Copies of at most LIMIT_KEYRING_BYTES: names thrice, and what is decoded; and the entries. */
enum { ARENA = 64 * MIB };

enum group_kind { GROUP_SECRETS, GROUP_KUBELET, GROUP_DOCKER, GROUP_PROVIDER };

struct group {
    enum group_kind kind;
    struct entries entries;
    const struct credential_provider *provider;
};

struct keyring {
    struct arena arena;
    struct group groups[LIMIT_KEYRING_GROUPS];
    size_t n;
    size_t bytes;   /* of configs so far */
    size_t entries; /* that were read, whether kept or not */
    bool broken;
    struct error problem;
};

struct keyring *keyring_new(void)
{
    struct keyring *keyring = calloc(1, sizeof *keyring);
    if (keyring == NULL) {
        fatal("out of memory");
    }
    arena_init(&keyring->arena, ARENA);
    return keyring;
}

void keyring_free(struct keyring *keyring)
{
    if (keyring != NULL) {
        arena_wipe(&keyring->arena);
        free(keyring);
    }
}

/* -- filling -- */

static status break_it(struct keyring *keyring, const struct error *err)
{
    keyring->broken = true;
    keyring->problem = *err;
    return FAILED;
}

static status check(const struct keyring *keyring, struct error *err)
{
    if (keyring->broken) {
        *err = keyring->problem;
        return FAILED;
    }
    return OK;
}

static status refuse_groups(struct error *err)
{
    return error_set(err, ERROR_LIMIT, "more than %u sources of credentials", LIMIT_KEYRING_GROUPS);
}

/* The group of Secrets, or a new one. */
static status group_for(struct keyring *keyring, enum group_kind kind, struct group **ret_group,
                        struct error *err)
{
    for (size_t i = 0; i < keyring->n && kind == GROUP_SECRETS; i++) {
        if (keyring->groups[i].kind == GROUP_SECRETS) {
            *ret_group = &keyring->groups[i];
            return OK;
        }
    }
    if (keyring->n == LIMIT_KEYRING_GROUPS) {
        return refuse_groups(err);
    }
    *ret_group = &keyring->groups[keyring->n++];
    (*ret_group)->kind = kind;
    (*ret_group)->entries = (struct entries){.arena = &keyring->arena, .read = &keyring->entries};
    return OK;
}

static status add_config(struct keyring *keyring, enum group_kind kind, struct str text,
                         const struct entries_source *source, struct error *err)
{
    struct group *group = NULL;
    if (text.n > LIMIT_KEYRING_BYTES - keyring->bytes) {
        return error_set(err, ERROR_LIMIT, "%.*s: all docker configs are larger than %u bytes",
                         STR_ARG(source->name), LIMIT_KEYRING_BYTES);
    }
    keyring->bytes += text.n;
    TRY(group_for(keyring, kind, &group, err));
    return entries_read(&group->entries, text, source, err);
}

status keyring_add_docker_config(struct keyring *keyring, struct str text, struct str source,
                                 enum keyring_rules rules, struct error *err)
{
    TRY(check(keyring, err));
    const struct entries_source from = {
        .name = arena_dup(&keyring->arena, str_sub(source, 0, LIMIT_NAME)),
        .kind = ERROR_CONFIG,
        .rules = rules,
    };
    enum group_kind kind = rules == KEYRING_DOCKER ? GROUP_DOCKER : GROUP_KUBELET;
    return failed(add_config(keyring, kind, text, &from, err)) ? break_it(keyring, err) : OK;
}

status keyring_load_docker_config(struct keyring *keyring, const char *path,
                                  enum keyring_rules rules, struct error *err)
{
    arena_secret_auto arena;
    arena_init(&arena, 4 * LIMIT_DOCKER_CONFIG);
    struct str text;
    TRY(check(keyring, err));
    if (failed(file_read(&arena, path, LIMIT_DOCKER_CONFIG, &text, err))) {
        return err->kind == ERROR_NOT_FOUND ? FAILED : break_it(keyring, err);
    }
    return keyring_add_docker_config(keyring, text, str_from(path), rules, err);
}

void keyring_add_provider(struct keyring *keyring, const struct credential_provider *provider)
{
    struct error err;
    struct group *group = NULL;
    if (!keyring->broken && failed(group_for(keyring, GROUP_PROVIDER, &group, &err))) {
        status st = break_it(keyring, &err);
        (void)st;
    } else if (!keyring->broken) {
        group->provider = provider;
    }
}

status keyring_add_keyring(struct keyring *keyring, const struct keyring *other, struct error *err)
{
    TRY(check(keyring, err));
    if (failed(check(other, err))) {
        return break_it(keyring, err);
    }
    if (other->n > LIMIT_KEYRING_GROUPS - keyring->n) {
        return failed(refuse_groups(err)) ? break_it(keyring, err) : OK;
    }
    memcpy(&keyring->groups[keyring->n], other->groups, other->n * sizeof *other->groups);
    keyring->n += other->n;
    return OK;
}

/* -- Secrets -- */

static status read_value(struct keyring *keyring, struct str encoded,
                         const struct entries_source *source, struct error *err)
{
    arena_secret_auto arena;
    arena_init(&arena, 2 * LIMIT_DOCKER_CONFIG);
    struct str text;
    if (encoded.n / 4 * 3 > LIMIT_DOCKER_CONFIG + 2) {
        return error_set(err, ERROR_LIMIT, "%.*s: larger than %u bytes", STR_ARG(source->name),
                         LIMIT_DOCKER_CONFIG);
    }
    if (failed(base64_decode(&arena, encoded, &text, err))) {
        return error_wrap(err, "%.*s", STR_ARG(source->name));
    }
    return text.n == 0 ? OK : add_config(keyring, GROUP_SECRETS, text, source, err);
}

status keyring_add_secret(struct keyring *keyring, const yyjson_val *secret, struct error *err)
{
    TRY(check(keyring, err));
    struct str type = json_str(json_get(secret, "type"));
    const yyjson_val *metadata = json_get(secret, "metadata"), *data = json_get(secret, "data");
    struct str namespace = json_str(json_get(metadata, "namespace"));
    struct str name = json_str(json_get(metadata, "name"));
    bool modern = str_eq(type, STR("kubernetes.io/dockerconfigjson"));
    if (!modern && !str_eq(type, STR("kubernetes.io/dockercfg"))) {
        return OK;
    }
    const struct entries_source source = {
        .name = arena_printf(&keyring->arena, "Secret %.*s/%.*s",
                             STR_ARG(str_sub(namespace, 0, LIMIT_NAME)),
                             STR_ARG(str_sub(name, 0, LIMIT_NAME))),
        .kind = ERROR_INPUT,
        .rules = KEYRING_KUBELET,
        .bare = !modern,
    };
    struct str encoded = json_str(json_get(data, modern ? ".dockerconfigjson" : ".dockercfg"));
    return failed(read_value(keyring, encoded, &source, err)) ? break_it(keyring, err) : OK;
}

/* -- looking -- */

static status ask_helper(const struct entry *entry, const struct credential_query *query,
                         bool *ret_found, struct credential *ret_credential, struct error *err)
{
    struct str source = entry->credential.source;
    if (failed(helper_get(entry->helper, entries_server(query->registry), query, ret_found,
                          ret_credential, err))) {
        return error_wrap(err, "%.*s", STR_ARG(source));
    }
    return OK;
}

enum turn { TURN_NONE, TURN_FOUND, TURN_LAST }; /* the last: nothing of the group behind it */

/* Who is asked, and has one credential at most. */
static status ask(const struct group *group, const struct credential_query *query,
                  enum turn *ret_turn, struct credential *ret_credential, struct error *err)
{
    bool found = false;
    if (group->kind == GROUP_PROVIDER) {
        const struct credential_provider *provider = group->provider;
        if (provider->covers(provider->self, query->registry)) {
            TRY(provider->get(provider->self, query, &found, ret_credential, err));
        }
        *ret_turn = found ? TURN_LAST : TURN_NONE;
        return OK;
    }
    const struct entry *entry = entries_for_registry(&group->entries, query->registry);
    if (entry != NULL && entry->kind != ENTRY_AUTH) {
        TRY(ask_helper(entry, query, &found, ret_credential, err));
    } else if (entry != NULL) {
        credential_copy(&entry->credential, ret_credential);
        found = true;
    }
    *ret_turn = found ? TURN_LAST : TURN_NONE;
    return OK;
}

/* What the group has as its number `item`. */
static status look(const struct group *group, const struct credential_query *query, size_t item,
                   enum turn *ret_turn, struct credential *ret_credential, struct error *err)
{
    if (group->kind == GROUP_PROVIDER || group->kind == GROUP_DOCKER) {
        return ask(group, query, ret_turn, ret_credential, err);
    }
    const struct entry *entry = entries_for_image(&group->entries, query, item);
    if (entry != NULL) {
        credential_copy(&entry->credential, ret_credential);
    }
    *ret_turn = entry != NULL ? TURN_FOUND : TURN_NONE;
    return OK;
}

status keyring_next(const struct keyring *keyring, const struct credential_query *query,
                    struct keyring_cursor *cursor, bool *ret_found,
                    struct credential *ret_credential, struct error *err)
{
    TRY(check(keyring, err));
    enum turn turn = TURN_NONE;
    while (turn == TURN_NONE && cursor->group < keyring->n) {
        struct error failure;
        const struct group *group = &keyring->groups[cursor->group];
        status st = look(group, query, cursor->item, &turn, ret_credential, &failure);
        if (failed(st) && cursor->failure.kind == ERROR_NONE) {
            cursor->failure = failure;
        }
        cursor->item++;
        if (failed(st) || turn != TURN_FOUND) {
            cursor->group++;
            cursor->item = 0;
        }
    }
    if (turn == TURN_NONE && cursor->failure.kind != ERROR_NONE) {
        *err = cursor->failure;
        cursor->failure.kind = ERROR_NONE;
        return FAILED;
    }
    *ret_found = turn != TURN_NONE;
    return OK;
}
