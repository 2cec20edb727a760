#include "client.h"

#include "test.h"

static const int64_t NOW = INT64_C(1787270400) * NS_PER_S; /* 2026-08-21 */

struct client *client_make(struct repository *repo)
{
    struct client *client = ARENA_NEW(&test_arena, struct client);
    client->repo = repo;
    client->now = NOW;
    client->kept[client->n_kept++] =
        (struct tuf_file){.role = STR("root"), .bytes = repository_get(repo, "1.root.json")};
    return client;
}

static uint64_t old_version(const struct tuf_file *kept, size_t n, const struct tuf_file *file)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(kept[i].role, file->role)) {
            return kept[i].version;
        }
    }
    return 0;
}

static void keep(struct client *client, const struct tuf *tuf)
{
    struct tuf_file kept[80];
    const struct tuf_file *files;
    size_t n;
    tuf_trusted(tuf, &files, &n);
    for (size_t i = 0; i < n; i++) {
        kept[i] = files[i];
        kept[i].role = arena_dup(&test_arena, files[i].role);
        if (kept[i].version == 0) {
            kept[i].version = old_version(client->kept, client->n_kept, &files[i]);
        }
    }
    memcpy(client->kept, kept, n * sizeof *kept);
    client->n_kept = n;
}

/* Answer until nothing more is asked for. */
static status answer(struct client *client, struct tuf *tuf, struct tuf_move *move)
{
    while (move->action == TUF_FETCH) {
        const char *name =
            arena_printf(&test_arena, "%s%.*s", move->target ? "T:" : "", STR_ARG(move->path)).p;
        struct str bytes = repository_get(client->repo, name);
        const struct tuf_answer given = {.there = bytes.p != NULL, .bytes = bytes};
        snprintf(client->asked + strlen(client->asked),
                 sizeof client->asked - strlen(client->asked), "%s%s",
                 client->asked[0] == '\0' ? "" : " ", name);
        TRY(tuf_take(tuf, &given, move, &client->err));
    }
    return OK;
}

static status run(struct client *client, const char *const *paths, size_t n)
{
    const struct tuf_want want = {client->kept, client->n_kept, client->now};
    struct tuf_move move;
    tuf_auto *tuf = NULL;
    client->asked[0] = '\0';
    client->err = (struct error){.kind = ERROR_NONE};
    client->target = (struct str){NULL, 0};
    TRY(tuf_start(&want, &tuf, &move, &client->err));
    status st = answer(client, tuf, &move);
    keep(client, tuf);
    for (size_t i = 0; !failed(st) && i < n; i++) {
        assert_int_equal(move.action, i == 0 ? TUF_READY : TUF_FOUND);
        st = tuf_find(tuf, str_from(paths[i]), &move, &client->err);
        if (!failed(st)) {
            st = answer(client, tuf, &move);
        }
        keep(client, tuf);
        client->target = failed(st) ? (struct str){NULL, 0} : move.bytes;
    }
    return st;
}

bool client_refresh(struct client *client)
{
    return !failed(run(client, NULL, 0));
}

bool client_download(struct client *client, const char *path)
{
    return !failed(run(client, &path, 1));
}

bool client_download_two(struct client *client, const char *first, const char *second)
{
    const char *const paths[] = {first, second};
    return !failed(run(client, paths, 2));
}

unsigned client_version(const struct client *client, const char *role)
{
    for (size_t i = 0; i < client->n_kept; i++) {
        if (str_eq(client->kept[i].role, str_from(role))) {
            return (unsigned)client->kept[i].version;
        }
    }
    return 0;
}

void client_asked(const struct client *client, const char *names)
{
    assert_string_equal(client->asked, names);
}

void client_failed(const struct client *client, enum error_kind kind, const char *message)
{
    if (client->err.kind == ERROR_NONE) {
        fail_msg("nothing failed where this was expected: %s", message);
    }
    assert_string_equal(client->err.text, message);
    assert_int_equal(client->err.kind, kind);
}

void client_trusts(const struct client *client, unsigned root, unsigned timestamp,
                   unsigned snapshot, unsigned targets)
{
    assert_int_equal(client_version(client, "root"), root);
    assert_int_equal(client_version(client, "timestamp"), timestamp);
    assert_int_equal(client_version(client, "snapshot"), snapshot);
    assert_int_equal(client_version(client, "targets"), targets);
}
