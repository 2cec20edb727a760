/* A byte, then a docker config: the byte says by whose rules, and whether it is an old one. What is
 * read is bounded and sorted; an entry is given for no host whose labels it does not name, and by
 * docker's rules for no host that does not stand in it. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "credentials/entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str REGISTRIES[] = {STR("docker.io"),        STR("ghcr.io"),
                                        STR("a.b.example:5000"), STR("localhost"),
                                        STR("[::1]:5000"),       STR("index.docker.io")};

enum { N_REGISTRIES = sizeof REGISTRIES / sizeof *REGISTRIES, ROOM = 64 * 1024 * 1024 };

static size_t labels(struct str host)
{
    size_t n = 1;
    for (size_t i = 0; i < host.n; i++) {
        n += host.p[i] == '.';
    }
    return n;
}

static bool is_plain(struct str host)
{
    return str_find(host, '*') == host.n && str_find(host, '[') == host.n;
}

static void check_match(const struct entry *entry, const struct credential_query *query)
{
    const struct match_key *key = &entry->key;
    bool hub = str_eq(query->registry, STR("docker.io"));
    ENSURE(!credential_is_empty(&entry->credential));
    ENSURE(entry->credential.identity_token.n == 0 && entry->credential.registry_token.n == 0);
    if (hub && str_eq(key->text, STR("index.docker.io"))) {
        return;
    }
    ENSURE(match_key_covers(key, query->registry, query->repository));
    ENSURE(key->path.n <= query->repository.n + 1);
    ENSURE(query->registry.p[0] == '[' || labels(key->host) == labels(query->registry));
    ENSURE(!is_plain(key->host) || query->registry.p[0] == '[' ||
           str_starts(query->registry, key->host));
}

static void check_kubelet(const struct entries *list)
{
    for (size_t i = 1; i < list->n; i++) {
        ENSURE(str_cmp(list->items[i - 1].key.text, list->items[i].key.text) >= 0);
    }
    for (size_t i = 0; i < N_REGISTRIES; i++) {
        const struct credential_query query = {.registry = REGISTRIES[i],
                                               .repository = STR("library/nginx")};
        const struct entry *entry;
        size_t n = 0;
        while ((entry = entries_for_image(list, &query, n)) != NULL && n < 8) {
            check_match(entry, &query);
            n++;
        }
        ENSURE(n <= list->n);
    }
}

static void check_docker(const struct entries *list)
{
    for (size_t i = 0; i < N_REGISTRIES; i++) {
        const struct entry *entry = entries_for_registry(list, REGISTRIES[i]);
        if (entry == NULL || entry->kind == ENTRY_STORE) {
            continue;
        }
        bool hub = str_eq(REGISTRIES[i], STR("docker.io"));
        struct str host = hub ? STR("docker.io") : REGISTRIES[i];
        ENSURE(memmem(entry->name.p, entry->name.n, host.p, host.n) != NULL);
        ENSURE((entry->kind == ENTRY_HELPER) == (entry->helper.n > 0));
        ENSURE(entry->kind == ENTRY_HELPER || !credential_is_empty(&entry->credential));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const struct entries_source source = {
        .name = STR("config.json"),
        .kind = ERROR_CONFIG,
        .rules = (data[0] & 1) != 0 ? KEYRING_DOCKER : KEYRING_KUBELET,
        .bare = (data[0] & 2) != 0,
    };
    struct error err = {0};
    size_t count = 0;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct entries list = {.arena = &arena, .read = &count};
    if (failed(
            entries_read(&list, (struct str){(const char *)data + 1, size - 1}, &source, &err))) {
        ENSURE(err.kind == ERROR_CONFIG || err.kind == ERROR_LIMIT);
        ENSURE(strncmp(err.text, "config.json: ", 13) == 0);
        return 0;
    }
    ENSURE(list.n <= count && count <= LIMIT_KEYRING_ENTRIES);
    if (source.rules == KEYRING_DOCKER) {
        check_docker(&list);
    } else {
        check_kubelet(&list);
    }
    return 0;
}
