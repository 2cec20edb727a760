#include "repository.h"

#include "base/buf.h"
#include "crypto/hash.h"
#include "keys.h"
#include "test.h"

static const char EXPIRES[] = "2030-01-01T00:00:00Z";

/* -- files -- */

struct str repository_get(const struct repository *repo, const char *name)
{
    for (size_t i = repo->n_files; i > 0; i--) {
        if (strcmp(repo->files[i - 1].name, name) == 0) {
            return repo->files[i - 1].bytes;
        }
    }
    return (struct str){NULL, 0};
}

void repository_put(struct repository *repo, const char *name, struct str bytes)
{
    assert_true(repo->n_files < PUBLISHED_MAX);
    repo->files[repo->n_files++] = (struct published){name, bytes};
}

static const char *hex_hash(struct str bytes)
{
    char room[HASH_ROOM];
    struct str hash = hash_of(HASH_SHA256, &bytes, 1, room);
    char *text = arena_alloc(&test_arena, 2 * hash.n + 1);
    for (size_t i = 0; i < hash.n; i++) {
        snprintf(text + 2 * i, 3, "%02x", (unsigned char)hash.p[i]);
    }
    return text;
}

/* -- what is said -- */

static struct str replaced(struct str text, const char *from, const char *to)
{
    const char *at = memmem(text.p, text.n, from, strlen(from));
    if (at == NULL) {
        fail_msg("%s is not in %.*s", from, STR_ARG(text));
    }
    size_t before = (size_t)(at - text.p), end = before + strlen(from);
    const struct str parts[] = {str_sub(text, 0, before), str_from(to), str_sub(text, end, text.n)};
    return arena_join(&test_arena, parts, COUNT(parts));
}

static void write_keys(struct buf *buf, const char *digits)
{
    static const char ALL[] = "0123456789abcdef";
    const char *comma = "";
    for (size_t i = 0; i < 16; i++) {
        if (strchr(digits, ALL[i]) != NULL) {
            buf_printf(buf, "%s%s", comma, keys_member(ALL[i]).p);
            comma = ",";
        }
    }
}

static void write_key_ids(struct buf *buf, const char *digits)
{
    buf_add_cstr(buf, "\"keyids\":[");
    for (size_t i = 0; digits[i] != '\0'; i++) {
        buf_printf(buf, "%s\"k%c\"", i == 0 ? "" : ",", digits[i]);
    }
    buf_add_char(buf, ']');
}

static void write_root(struct buf *buf, const struct repository *repo, const struct role *role)
{
    static const char *const NAMES[] = {"root", "snapshot", "targets", "timestamp"};
    static const size_t AT[] = {0, 2, 3, 1};
    const char *all = "";
    for (size_t i = 0; i < 4; i++) {
        all = arena_printf(&test_arena, "%s%s", all, repo->roles[i].keys).p;
    }
    buf_printf(buf, "{\"_type\":\"root\",\"consistent_snapshot\":%s,\"expires\":\"%s\",\"keys\":{",
               repo->plain ? "false" : "true", role->expires);
    write_keys(buf, all);
    buf_add_cstr(buf, "},\"roles\":{");
    for (size_t i = 0; i < 4; i++) {
        buf_printf(buf, "%s\"%s\":{", i == 0 ? "" : ",", NAMES[i]);
        write_key_ids(buf, repo->roles[AT[i]].keys);
        buf_printf(buf, ",\"threshold\":%u}", repo->roles[AT[i]].threshold);
    }
    buf_add_char(buf, '}');
}

static void write_listed(struct buf *buf, const struct repository *repo, const struct role *role,
                         unsigned version)
{
    buf_printf(buf, "\"%s.json\":{", role->name);
    if (repo->hashes) {
        buf_printf(buf, "\"hashes\":{\"sha256\":\"%s\"},\"length\":%zu,",
                   role->listed_hash.n > 0 ? role->listed_hash.p : hex_hash(role->published),
                   role->published.n);
    }
    buf_printf(buf, "\"version\":%u}", version);
}

static int by_name(const void *a, const void *b)
{
    const struct role *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int by_path(const void *a, const void *b)
{
    const struct target *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

static void write_snapshot_meta(struct buf *buf, const struct repository *repo)
{
    const struct role *listed[ROLES_MAX];
    size_t n = 0;
    for (size_t i = 3; i < repo->n_roles; i++) {
        if (repo->roles[i].listed > 0) {
            listed[n++] = &repo->roles[i];
        }
    }
    qsort(listed, n, sizeof *listed, by_name);
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(buf, i == 0 ? "" : ",");
        write_listed(buf, repo, listed[i], listed[i]->listed);
    }
}

static void write_meta(struct buf *buf, const struct repository *repo, const struct role *role)
{
    buf_printf(buf, "{\"_type\":\"%s\",\"expires\":\"%s\",\"meta\":{", role->name, role->expires);
    if (role == &repo->roles[1]) {
        write_listed(buf, repo, &repo->roles[2], repo->snapshot_listed);
    } else {
        write_snapshot_meta(buf, repo);
    }
    buf_add_char(buf, '}');
}

static void write_delegations(struct buf *buf, const struct repository *repo,
                              const struct role *role)
{
    const char *comma = "", *all = "";
    for (size_t i = 0; i < repo->n_delegations; i++) {
        if (strcmp(repo->delegations[i].by, role->name) == 0) {
            all = arena_printf(&test_arena, "%s%s", all, repo->delegations[i].keys).p;
        }
    }
    if (all[0] == '\0') {
        return;
    }
    buf_add_cstr(buf, "\"delegations\":{\"keys\":{");
    write_keys(buf, all);
    buf_add_cstr(buf, "},\"roles\":[");
    for (size_t i = 0; i < repo->n_delegations; i++) {
        const struct delegation *one = &repo->delegations[i];
        if (strcmp(one->by, role->name) != 0) {
            continue;
        }
        buf_printf(buf, "%s{", comma);
        write_key_ids(buf, one->keys);
        buf_printf(buf, ",\"name\":\"%s\",%s,\"terminating\":%s,\"threshold\":%u}", one->name,
                   one->paths, one->terminating ? "true" : "false", one->threshold);
        comma = ",";
    }
    buf_add_cstr(buf, "]},");
}

static void write_targets(struct buf *buf, const struct repository *repo, const struct role *role)
{
    const struct target *sorted[TARGETS_MAX];
    size_t n = 0;
    buf_add_cstr(buf, "{\"_type\":\"targets\",");
    write_delegations(buf, repo, role);
    buf_printf(buf, "\"expires\":\"%s\",", role->expires);
    /* "spec_version" comes before "targets" in canonical order. */
    buf_add_cstr(buf, "\"spec_version\":\"1.0.33\",\"targets\":{");
    for (size_t i = 0; i < repo->n_targets; i++) {
        if (strcmp(repo->targets[i].role, role->name) == 0) {
            sorted[n++] = &repo->targets[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, by_path);
    for (size_t i = 0; i < n; i++) {
        const struct target *one = sorted[i];
        buf_printf(buf, "%s\"%s\":{\"hashes\":", i == 0 ? "" : ",", one->path);
        if (one->hashes != NULL) {
            buf_add_cstr(buf, one->hashes);
        } else {
            buf_printf(buf, "{\"sha256\":\"%s\"}", hex_hash(str_from(one->content)));
        }
        buf_printf(buf, ",\"length\":%zu}", strlen(one->content));
    }
    buf_printf(buf, "},\"version\":%u}", role->version);
}

static void write_body(struct buf *buf, const struct repository *repo, const struct role *role)
{
    size_t at = (size_t)(role - repo->roles);
    if (at >= 3) {
        write_targets(buf, repo, role);
        return;
    }
    if (at == 0) {
        write_root(buf, repo, role);
    } else {
        write_meta(buf, repo, role);
    }
    buf_printf(buf, ",\"spec_version\":\"1.0.33\",\"version\":%u}", role->version);
}

/* -- signing -- */

/* JSON has no raw line ends in strings, and the canonical form has. */
static struct str escaped(struct str text)
{
    buf_auto buf;
    buf_init(&buf, 2 * text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        buf_add(&buf, text.p[i] == '\n' ? STR("\\n") : (struct str){text.p + i, 1});
    }
    return arena_dup(&test_arena, buf_str(&buf));
}

static struct str signed_file(const struct repository *repo, const struct role *role)
{
    const struct edit *edit = &repo->edit;
    bool edited = edit->role != NULL && strcmp(edit->role, role->name) == 0;
    buf_auto buf, file;
    buf_init(&buf, 8 * MIB);
    buf_init(&file, 8 * MIB);
    write_body(&buf, repo, role);
    struct str body = arena_dup(&test_arena, buf_str(&buf));
    if (edited && edit->signed_before) {
        body = replaced(body, edit->from, edit->to);
    }
    buf_printf(&file, "{\"signed\":%.*s,\"signatures\":[", STR_ARG(escaped(body)));
    for (size_t i = 0; role->signers[i] != '\0'; i++) {
        buf_printf(&file, "%s{\"keyid\":\"k%c\",\"sig\":\"%s\"}", i == 0 ? "" : ",",
                   role->signers[i], keys_sign(role->signers[i], body).p);
    }
    buf_add_cstr(&file, "]}");
    struct str bytes = arena_dup(&test_arena, buf_str(&file));
    return edited && !edit->signed_before ? replaced(bytes, edit->from, edit->to) : bytes;
}

/* -- publishing -- */

struct role *repository_role(struct repository *repo, const char *name)
{
    for (size_t i = 0; i < repo->n_roles; i++) {
        if (strcmp(repo->roles[i].name, name) == 0) {
            return &repo->roles[i];
        }
    }
    fail_msg("no role %s", name);
    return NULL;
}

static const char *quoted(const char *name)
{
    const char *text = "";
    for (; *name != '\0'; name++) {
        text = strchr("/?# ", *name) != NULL
                   ? arena_printf(&test_arena, "%s%%%02X", text, (unsigned char)*name).p
                   : arena_printf(&test_arena, "%s%c", text, *name).p;
    }
    return text;
}

static void publish_role(struct repository *repo, struct role *role)
{
    role->published = signed_file(repo, role);
    bool versioned = role == &repo->roles[0] || (!repo->plain && role != &repo->roles[1]);
    const char *name = quoted(role->name);
    repository_put(repo,
                   versioned ? arena_printf(&test_arena, "%u.%s.json", role->version, name).p
                             : arena_printf(&test_arena, "%s.json", name).p,
                   role->published);
    if (role >= &repo->roles[3]) {
        role->listed = role->version;
    } else if (role == &repo->roles[2]) {
        repo->snapshot_listed = role->version;
    }
}

static void publish(struct repository *repo, const char *names, unsigned step)
{
    struct str rest = str_from(names), name;
    bool more = true;
    while (more) {
        more = str_cut(rest, ' ', &name, &rest);
        struct role *role = repository_role(repo, arena_dup(&test_arena, name).p);
        role->version += step;
        publish_role(repo, role);
    }
}

void repository_publish(struct repository *repo, const char *names)
{
    publish(repo, names, 1);
}

void repository_publish_again(struct repository *repo, const char *names)
{
    publish(repo, names, 0);
}

void repository_delegate(struct repository *repo, const char *by, const char *name,
                         const char *keys, const char *paths, bool terminating)
{
    bool known = false;
    for (size_t i = 0; i < repo->n_roles; i++) {
        known |= strcmp(repo->roles[i].name, name) == 0;
    }
    if (!known) {
        assert_true(repo->n_roles < ROLES_MAX);
        repo->roles[repo->n_roles++] =
            (struct role){.name = name, .signers = keys, .threshold = 1, .expires = EXPIRES};
    }
    assert_true(repo->n_delegations < DELEGATIONS_MAX);
    repo->delegations[repo->n_delegations++] =
        (struct delegation){by, name, keys, 1, paths, terminating};
}

void repository_add(struct repository *repo, const char *role, const char *path,
                    const char *content)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    assert_true(repo->n_targets < TARGETS_MAX);
    repo->targets[repo->n_targets++] = (struct target){role, path, content, NULL};
    repository_put(repo,
                   repo->plain ? arena_printf(&test_arena, "T:%s", path).p
                               : arena_printf(&test_arena, "T:%.*s%s.%s", (int)(base - path), path,
                                              hex_hash(str_from(content)), base)
                                     .p,
                   str_from(content));
}

struct repository *repository_make(void)
{
    static const char *const NAMES[] = {"root", "timestamp", "snapshot", "targets"};
    static const char *const KEYS[] = {"0", "1", "2", "3"};
    struct repository *repo = ARENA_NEW(&test_arena, struct repository);
    keys_reset();
    for (size_t i = 0; i < 4; i++) {
        repo->roles[i] = (struct role){.name = NAMES[i],
                                       .keys = KEYS[i],
                                       .signers = KEYS[i],
                                       .threshold = 1,
                                       .expires = EXPIRES};
    }
    repo->n_roles = 4;
    repository_publish(repo, "root targets snapshot timestamp");
    return repo;
}
