/* A document, decoded by a table that has every type of field. The answer is that there was no
 * error exactly if none was added; what is found sound is within all that the table says; the
 * answer is the same a second time and without marks. */
#include "base/limits.h"
#include "json/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct inner {
    struct text name;
    uint64_t weight;
};

struct sample {
    struct text mode, title;
    int64_t period, until;
    bool until_set, enabled;
    uint64_t count;
    struct texts names, words;
    struct text_map labels;
    struct inner inner;
    bool inner_set;
    struct field_list parts; /* of struct inner */
};

#define FIELD(member_name, field_type, flag_bits)                                                  \
    .name = #member_name, .type = (field_type), .flags = (flag_bits),                              \
    .offset = offsetof(struct sample, member_name), .doc = "-"

static const char *const MODES[] = {"enforce", "warn", NULL};

static const struct field INNER_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .offset = offsetof(struct inner, name),
     .max = 8},
    {.name = "weight", .type = FIELD_SIZE, .offset = offsetof(struct inner, weight), .max = 10},
};

static const struct fields INNER = {
    .name = "Inner",
    .doc = "-",
    .size = sizeof(struct inner),
    .members = INNER_MEMBERS,
    .n = COUNT(INNER_MEMBERS),
};

static const struct field MEMBERS[] = {
    {FIELD(mode, FIELD_CHOICE, FIELD_REQUIRED), .choices = MODES},
    {FIELD(title, FIELD_TEXT, 0), .min = 2, .max = 5},
    {FIELD(period, FIELD_DURATION, 0)},
    {FIELD(until, FIELD_TIME, 0), .set_offset = offsetof(struct sample, until_set)},
    {FIELD(enabled, FIELD_BOOL, 0)},
    {FIELD(count, FIELD_SIZE, 0), .min = 2, .max = 9},
    {FIELD(names, FIELD_TEXTS, FIELD_NONEMPTY), .max = 3},
    {FIELD(words, FIELD_TEXTS, 0), .choices = MODES},
    {FIELD(labels, FIELD_MAP, 0), .max = 2},
    {FIELD(inner, FIELD_OBJECT, 0), .set_offset = offsetof(struct sample, inner_set),
     .object = &INNER},
    {FIELD(parts, FIELD_OBJECTS, 0), .min = 1, .max = 3, .object = &INNER},
    {.name = "later", .type = FIELD_ANY, .flags = FIELD_RESERVED},
    {.name = "any", .type = FIELD_ANY},
};

static const struct fields SAMPLE = {
    .name = "Sample",
    .doc = "-",
    .size = sizeof(struct sample),
    .members = MEMBERS,
    .n = COUNT(MEMBERS),
};

/* -- what a sound sample must be -- */

static bool is_mode(struct str text)
{
    return str_eq(text, STR("enforce")) || str_eq(text, STR("warn"));
}

static void check_text(const struct text *text, bool marks)
{
    ENSURE(text->text.p != NULL && text->path.n > 0 && (text->mark.line > 0) == marks);
}

static void check_inner(const struct inner *inner, bool marks)
{
    check_text(&inner->name, marks);
    ENSURE(inner->name.text.n >= 1 && inner->name.text.n <= 8 && inner->weight <= 10);
}

static void check_members(yyjson_val *root)
{
    size_t i, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(root, i, max, key, value)
    {
        bool known = false;
        for (size_t k = 0; k < COUNT(MEMBERS); k++) {
            known |= (MEMBERS[k].flags & FIELD_RESERVED) == 0 &&
                     str_eq(json_str(key), str_from(MEMBERS[k].name));
        }
        ENSURE(known && (!yyjson_is_null(value) || str_eq(json_str(key), STR("any"))));
    }
}

static void check_lists(const struct sample *sample, yyjson_val *root, bool marks)
{
    ENSURE(sample->names.set == (json_get(root, "names") != NULL));
    ENSURE(sample->names.n == yyjson_arr_size(json_get(root, "names")));
    ENSURE(sample->names.n <= 3 && (!sample->names.set || sample->names.n > 0));
    ENSURE(sample->words.n == yyjson_arr_size(json_get(root, "words")));
    for (size_t i = 0; i < sample->words.n; i++) {
        check_text(&sample->words.items[i], marks);
        ENSURE(is_mode(sample->words.items[i].text));
    }
    ENSURE(sample->labels.n == yyjson_obj_size(json_get(root, "labels")) && sample->labels.n <= 2);
    for (size_t i = 0; i < sample->labels.n; i++) {
        check_text(&sample->labels.items[i].key, marks);
        check_text(&sample->labels.items[i].value, marks);
    }
    ENSURE(sample->parts.n == yyjson_arr_size(json_get(root, "parts")) && sample->parts.n <= 3);
    for (size_t i = 0; i < sample->parts.n; i++) {
        check_inner((const struct inner *)sample->parts.items + i, marks);
    }
}

static void check_sound(const struct sample *sample, yyjson_val *root, bool marks)
{
    ENSURE(yyjson_is_obj(root));
    check_members(root);
    check_text(&sample->mode, marks);
    ENSURE(is_mode(sample->mode.text));
    bool has_title = json_get(root, "title") != NULL;
    ENSURE(has_title ? sample->title.text.n >= 2 && sample->title.text.n <= 5
                     : sample->title.text.p == NULL);
    ENSURE(json_get(root, "count") == NULL ? sample->count == 0
                                           : sample->count >= 2 && sample->count <= 9);
    ENSURE(sample->period >= 0 && sample->until >= 0);
    ENSURE(sample->until_set == (json_get(root, "until") != NULL));
    ENSURE(sample->inner_set == (json_get(root, "inner") != NULL));
    if (sample->inner_set) {
        check_inner(&sample->inner, marks);
    }
    check_lists(sample, root, marks);
}

/* -- */

/* Decode, check, and return the number of errors. */
static size_t decode(const struct json_doc *doc)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct sample sample = {0};
    bool sound = fields_decode(&SAMPLE, doc, doc->root, STR_EMPTY, &list, &sample);
    ENSURE(sound == (list.errors == 0) && list.warnings == 0);
    ENSURE(list.n <= LIMIT_DIAGNOSTICS && list.n <= list.errors);
    if (sound) {
        check_sound(&sample, doc->root, doc->marks != NULL);
    }
    for (size_t i = 0; i < list.n; i++) {
        ENSURE(list.items[i].message.n > 0 && list.items[i].path.n <= LIMIT_FIELD_PATH);
    }
    buf_auto printed;
    buf_init(&printed, LIMIT_DIAGNOSTICS * (2 * LIMIT_MESSAGE));
    diagnostics_print(&list, &printed);
    ENSURE(!buf_overflowed(&printed));
    return list.errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse((struct str){(const char *)data, size}, &stream, &err))) {
        return 0;
    }
    for (size_t i = 0; i < stream.n; i++) {
        struct json_doc *doc = &stream.docs[i];
        size_t errors = decode(doc);
        ENSURE(errors == decode(doc));
        struct json_doc unmarked = *doc;
        unmarked.marks = NULL;
        ENSURE(errors == decode(&unmarked));
    }
    return 0;
}
