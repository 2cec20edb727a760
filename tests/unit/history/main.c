#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

static void on_count(void *self, enum history_loss loss, uint64_t n)
{
    struct world *world = self;
    world->lost[loss] += n;
}

static void on_written(void *self, uint64_t n)
{
    struct world *world = self;
    world->written += n;
}

static void on_tell(void *self, const struct history_event *event)
{
    struct world *world = self;
    world->losing += event->kind == HISTORY_LOSING;
    world->recovered += event->kind == HISTORY_RECOVERED;
    world->moved += event->kind == HISTORY_MOVED_ASIDE;
    if (event->err != NULL) {
        snprintf(world->error, sizeof world->error, "%s", event->err->text);
    }
}

int start(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    snprintf(world->folder, sizeof world->folder, "/tmp/history-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof world->path, "%s/history.db", world->folder);
    world->config = (struct history_config){.path = world->path,
                                            .size = LIMIT_HISTORY_SIZE_LEAST,
                                            .age_ns = 3600 * NS_PER_S,
                                            .queue = 4096};
    world->watcher = (struct history_watcher){world, on_count, on_written, on_tell};
    arena_init(&world->arena, 64 * MIB);
    *state = world;
    return 0;
}

int stop(void **state)
{
    static const char *const ENDS[] = {"", "-wal", "-shm", ".corrupt", ".corrupt-wal", ".copy"};
    struct world *world = *state;
    close_history(world);
    chmod(world->folder, 0700);
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", world->path, ENDS[i]);
        remove(path);
    }
    rmdir(world->folder);
    arena_done(&world->arena);
    free(world);
    return 0;
}

void open_history(struct world *world)
{
    struct error err;
    assert_false(failed(history_start(&world->config, &world->watcher, &world->history, &err)));
}

void close_history(struct world *world)
{
    history_stop(world->history, clock_monotonic() + 60 * NS_PER_S);
    world->history = NULL;
}

struct history_entry sample(int64_t time)
{
    static struct history_image image = {
        .text = {"nginx:1.27", 10},
        .path = {"spec.containers[0].image", 24},
        .verdict = {"allow", 5},
    };
    return (struct history_entry){
        .time = time,
        .duration_ns = 12345,
        .policy_hash = UINT64_C(0x9123456789abcdef),
        .uid = STR("u-1"),
        .endpoint = STR("/validate"),
        .api = STR("admission.k8s.io/v1"),
        .operation = STR("CREATE"),
        .version = STR("v1"),
        .kind = STR("Pod"),
        .namespace = STR("shop"),
        .name = STR("web"),
        .user = STR("alice"),
        .verdict = STR("allow"),
        .images = &image,
        .n_images = 1,
        .image_count = 1,
    };
}

void add(struct world *world, const struct history_entry *entry)
{
    history_add(world->history, entry);
}

void add_many(struct world *world, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char uid[32];
        struct history_entry entry = sample(clock_wall());
        snprintf(uid, sizeof uid, "u-%zu", i);
        entry.uid = str_from(uid);
        add(world, &entry);
        if (i % 2000 == 1999) {
            history_flush(world->history);
        }
    }
    history_flush(world->history);
}

uint64_t bytes_of(const struct world *world)
{
    static const char *const ENDS[] = {"", "-wal", "-shm"};
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        char path[128];
        struct stat info;
        snprintf(path, sizeof path, "%s%s", world->path, ENDS[i]);
        sum += stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
    }
    return sum;
}

struct history_page query(struct world *world, struct history_filter filter)
{
    struct history_reader *reader;
    struct history_page page = {.n = 0};
    struct error err = {.text = ""};
    if (failed(history_reader_open(world->path, &reader, &err)) ||
        failed(history_query(reader, &filter, &world->arena, &page, &err))) {
        fail_msg("%s", err.text);
    }
    history_reader_close(reader);
    return page;
}

struct history_page read_all(struct world *world)
{
    return query(world, (struct history_filter){.limit = LIMIT_HISTORY_PAGE});
}

int64_t sql(const struct world *world, const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(world->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

int main(void)
{
    return entry_tests() + write_tests() + query_tests() + bounds_tests() + faults_tests();
}
