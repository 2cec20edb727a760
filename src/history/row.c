#include "history/row.h"

#include "base/limits.h"
#include "image/reference.h"

static void open_item(struct buf *json, size_t index, const char *name, struct str value)
{
    buf_printf(json, "%s{\"%s\":", index == 0 ? "" : ",", name);
    buf_add_json(json, value);
}

/* "docker.io/library/nginx:latest" for "nginx"; empty if it is no reference. */
static struct str normalised(struct arena *arena, struct str text)
{
    struct reference reference;
    struct error err;
    arena_reset(arena);
    if (failed(reference_parse(arena, text, &reference, &err))) {
        return STR_EMPTY;
    }
    if (reference.tag.n == 0 && reference.digest.n == 0) {
        reference.tag = STR("latest");
    }
    return reference_print(arena, &reference);
}

static void write_images(const struct history_entry *entry, struct arena *arena, struct buf *json)
{
    buf_clear(json);
    buf_add_char(json, '[');
    for (size_t i = 0; i < entry->n_images; i++) {
        const struct history_image *image = &entry->images[i];
        open_item(json, i, "image", image->text);
        if (image->rewritten.n > 0) {
            buf_add_member(json, "rewritten", image->rewritten);
        }
        struct str judged = image->rewritten.n > 0 ? image->rewritten : image->text;
        buf_add_member(json, "normalised", normalised(arena, judged));
        buf_add_member(json, "path", image->path);
        buf_add_member(json, "verdict", image->verdict);
        buf_add_char(json, '}');
    }
    buf_add_char(json, ']');
}

static void write_violations(const struct history_entry *entry, struct buf *json)
{
    buf_clear(json);
    buf_add_char(json, '[');
    for (size_t i = 0; i < entry->n_violations; i++) {
        const struct history_violation *violation = &entry->violations[i];
        open_item(json, i, "path", violation->path);
        buf_add_member(json, "cause", violation->cause);
        buf_add_member(json, "policy", violation->policy);
        buf_add_member(json, "rule", violation->rule);
        buf_add_member(json, "mode", violation->mode);
        buf_add_member(json, "exception", violation->exception);
        buf_add_member(json, "message", violation->message);
        buf_add_char(json, '}');
    }
    buf_add_char(json, ']');
}

struct binding {
    sqlite3_stmt *statement;
    int at;
    bool bad;
    size_t bytes;
};

static void bind_number(struct binding *binding, int64_t number)
{
    int code = sqlite3_bind_int64(binding->statement, ++binding->at, number);
    binding->bad = binding->bad || code != SQLITE_OK;
    binding->bytes += sizeof number;
}

/* SQLite reads the text where it is, until the statement is reset. */
static void bind_text(struct binding *binding, struct str text)
{
    int code = sqlite3_bind_text64(binding->statement, ++binding->at, text.n == 0 ? "" : text.p,
                                   text.n, SQLITE_STATIC, SQLITE_UTF8);
    binding->bad = binding->bad || code != SQLITE_OK;
    binding->bytes += text.n;
}

size_t row_bind(sqlite3_stmt *statement, const struct history_entry *entry, struct arena *arena,
                struct buf *images, struct buf *violations)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)entry->policy_hash);
    write_images(entry, arena, images);
    write_violations(entry, violations);
    struct binding binding = {.statement = statement};
    bind_number(&binding, entry->time);
    bind_number(&binding, entry->duration_ns);
    int code = sqlite3_bind_text(statement, ++binding.at, hash, -1, SQLITE_TRANSIENT);
    binding.bad = binding.bad || code != SQLITE_OK;
    bind_number(&binding, entry->dry_run);
    const struct str texts[] = {
        entry->uid,     entry->endpoint, entry->api,         entry->operation, entry->group,
        entry->version, entry->kind,     entry->subresource, entry->namespace, entry->name,
        entry->user,    entry->verdict,  entry->cause,       entry->detail,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bind_text(&binding, texts[i]);
    }
    bind_number(&binding, (int64_t)entry->image_count);
    bind_number(&binding, (int64_t)entry->violation_count);
    bind_text(&binding, buf_str(images));
    bind_text(&binding, buf_str(violations));
    ENSURE(binding.at == HISTORY_N_COLUMNS);
    ENSURE(!buf_overflowed(images) && !buf_overflowed(violations));
    return binding.bad ? 0 : binding.bytes;
}

/* -- reading -- */

static struct str column(sqlite3_stmt *statement, int index)
{
    const char *text = (const char *)sqlite3_column_text(statement, index);
    return text == NULL ? STR_EMPTY
                        : (struct str){text, (size_t)sqlite3_column_bytes(statement, index)};
}

static struct str member(yyjson_val *object, const char *name)
{
    return json_str(json_get(object, name));
}

/* A list of at most as many items as an entry can have. */
static status read_list(struct str text, struct json_doc *ret_doc, size_t *ret_n, struct error *err)
{
    TRY(json_parse(text, JSON_WITHOUT_MARKS, ret_doc, err));
    *ret_n = yyjson_arr_size(ret_doc->root);
    return yyjson_is_arr(ret_doc->root) && *ret_n <= LIMIT_IMAGES_PER_REVIEW
               ? OK
               : error_set(err, ERROR_INPUT, "it is damaged");
}

static status read_images(struct str text, struct arena *arena, struct row *row, struct error *err)
{
    struct history_entry *entry = &row->entry;
    TRY(read_list(text, &row->images, &entry->n_images, err));
    entry->images = ARENA_ARRAY(arena, struct history_image, entry->n_images);
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(row->images.root, i, n, item)
    {
        entry->images[i] = (struct history_image){
            .text = member(item, "image"),
            .rewritten = member(item, "rewritten"),
            .normalised = member(item, "normalised"),
            .path = member(item, "path"),
            .verdict = member(item, "verdict"),
        };
    }
    return OK;
}

static status read_violations(struct str text, struct arena *arena, struct row *row,
                              struct error *err)
{
    struct history_entry *entry = &row->entry;
    TRY(read_list(text, &row->violations, &entry->n_violations, err));
    entry->violations = ARENA_ARRAY(arena, struct history_violation, entry->n_violations);
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(row->violations.root, i, n, item)
    {
        entry->violations[i] = (struct history_violation){
            .path = member(item, "path"),
            .cause = member(item, "cause"),
            .policy = member(item, "policy"),
            .rule = member(item, "rule"),
            .mode = member(item, "mode"),
            .exception = member(item, "exception"),
            .message = member(item, "message"),
        };
    }
    return OK;
}

static uint64_t read_hash(struct str text)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < text.n && i < 16; i++) {
        char c = text.p[i];
        hash = hash << 4 | (uint64_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    return hash;
}

static size_t count_at(sqlite3_stmt *statement, int index)
{
    int64_t n = sqlite3_column_int64(statement, index);
    return n < 0 ? 0 : (size_t)n;
}

status row_read(sqlite3_stmt *statement, struct arena *arena, struct row *ret_row,
                struct error *err)
{
    *ret_row = (struct row){.entry = {.id = sqlite3_column_int64(statement, 0)}};
    struct history_entry *entry = &ret_row->entry;
    entry->time = sqlite3_column_int64(statement, 1);
    entry->duration_ns = sqlite3_column_int64(statement, 2);
    entry->policy_hash = read_hash(column(statement, 3));
    entry->dry_run = sqlite3_column_int(statement, 4) != 0;
    struct str *const texts[] = {
        &entry->uid,     &entry->endpoint, &entry->api,         &entry->operation, &entry->group,
        &entry->version, &entry->kind,     &entry->subresource, &entry->namespace, &entry->name,
        &entry->user,    &entry->verdict,  &entry->cause,       &entry->detail,
    };
    int at = 5;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = column(statement, at++);
    }
    entry->image_count = count_at(statement, at++);
    entry->violation_count = count_at(statement, at++);
    TRY(read_images(column(statement, at), arena, ret_row, err));
    return read_violations(column(statement, at + 1), arena, ret_row, err);
}

void row_done(struct row *row)
{
    json_doc_done(&row->images);
    json_doc_done(&row->violations);
}
