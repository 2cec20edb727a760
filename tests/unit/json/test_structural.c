#include "test.h"

#include "sample.h"
#include "json/fields.h"

static const char *const MODES[] = {"one", "two", NULL};

static const struct field_check CHECKS[] = {
    {.cel = "self.size() > 0", .message = "say \"something\"", .path = ".x"},
    {.cel = "true", .message = "never", .message_cel = "'nev' + 'er'"},
    {0},
};

static const struct field STATUS_MEMBERS[] = {
    {.name = "count", .type = FIELD_SIZE, .doc = "How many."},
};
static const struct fields STATUS = {.name = "Status", .members = STATUS_MEMBERS, .n = 1};

static const struct field PART_MEMBERS[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .max = 5,
     .pattern = "^a*$",
     .doc = "A name.",
     .example = "a"},
    {.name = "later", .type = FIELD_ANY, .flags = FIELD_RESERVED, .doc = "No."},
};
static const struct fields PART = {
    .name = "Part", .doc = "A part.", .members = PART_MEMBERS, .n = 2, .checks = CHECKS};

static const struct field MEMBERS[] = {
    {.name = "apiVersion", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = MODES},
    {.name = "metadata", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .object = &PART},
    {.name = "mode", .type = FIELD_CHOICE, .choices = MODES, .preset = "one", .doc = "Mode."},
    {.name = "title", .type = FIELD_TEXT, .min = 5, .doc = "T.", .default_text = "none"},
    {.name = "until", .type = FIELD_TIME, .flags = FIELD_REQUIRED, .doc = "End."},
    {.name = "on", .type = FIELD_BOOL, .doc = "Whether."},
    {.name = "labels", .type = FIELD_MAP, .max = 2, .doc = "Labels."},
    {.name = "words", .type = FIELD_TEXTS, .flags = FIELD_NONEMPTY, .choices = MODES, .doc = "W."},
    {.name = "parts",
     .type = FIELD_OBJECTS,
     .max = 3,
     .object = &PART,
     .item_key = "name",
     .doc = "Parts."},
    {.name = "status", .type = FIELD_ANY, .object = &STATUS, .doc = "Status."},
};
static const struct fields DOCUMENT = {
    .name = "Document", .doc = "A document.", .members = MEMBERS, .n = COUNT(MEMBERS)};

static void whole(void **state)
{
    (void)state;
    static const char WANTED[] = "  description: \"A document.\"\n"
                                 "  type: object\n"
                                 "  required:\n"
                                 "  - apiVersion\n"
                                 "  - metadata\n"
                                 "  - until\n"
                                 "  x-kubernetes-preserve-unknown-fields: true\n"
                                 "  properties:\n"
                                 "    apiVersion:\n"
                                 "      type: string\n"
                                 "    metadata:\n"
                                 "      type: object\n"
                                 "    mode:\n"
                                 "      description: \"Mode.\"\n"
                                 "      type: string\n"
                                 "      enum:\n"
                                 "      - \"one\"\n"
                                 "      - \"two\"\n"
                                 "      default: \"one\"\n"
                                 "    title:\n"
                                 "      description: \"T. Default: none.\"\n"
                                 "      type: string\n"
                                 "      minLength: 2\n"
                                 "      nullable: true\n"
                                 "    until:\n"
                                 "      description: \"End.\"\n"
                                 "      type: string\n"
                                 "      format: date-time\n"
                                 "    on:\n"
                                 "      description: \"Whether.\"\n"
                                 "      type: boolean\n"
                                 "      nullable: true\n"
                                 "    labels:\n"
                                 "      description: \"Labels.\"\n"
                                 "      type: object\n"
                                 "      maxProperties: 2\n"
                                 "      additionalProperties:\n"
                                 "        type: string\n"
                                 "        nullable: true\n"
                                 "      nullable: true\n"
                                 "    words:\n"
                                 "      description: \"W.\"\n"
                                 "      type: array\n"
                                 "      minItems: 1\n"
                                 "      maxItems: 4096\n"
                                 "      items:\n"
                                 "        type: string\n"
                                 "        enum:\n"
                                 "        - \"one\"\n"
                                 "        - \"two\"\n"
                                 "      nullable: true\n"
                                 "    parts:\n"
                                 "      description: \"Parts.\"\n"
                                 "      type: array\n"
                                 "      maxItems: 3\n"
                                 "      x-kubernetes-list-type: map\n"
                                 "      x-kubernetes-list-map-keys:\n"
                                 "      - name\n"
                                 "      items:\n"
                                 "        description: \"A part.\"\n"
                                 "        type: object\n"
                                 "        required:\n"
                                 "        - name\n"
                                 "        x-kubernetes-preserve-unknown-fields: true\n"
                                 "        x-kubernetes-validations:\n"
                                 "        - rule: \"self.size() > 0\"\n"
                                 "          message: \"say \\\"something\\\"\"\n"
                                 "          fieldPath: \".x\"\n"
                                 "        - rule: \"true\"\n"
                                 "          message: \"never\"\n"
                                 "          messageExpression: \"'nev' + 'er'\"\n"
                                 "        properties:\n"
                                 "          name:\n"
                                 "            description: \"A name. Example: a\"\n"
                                 "            type: string\n"
                                 "            minLength: 1\n"
                                 "            maxLength: 5\n"
                                 "            pattern: \"^a*$\"\n"
                                 "      nullable: true\n"
                                 "    status:\n"
                                 "      description: \"Status.\"\n"
                                 "      type: object\n"
                                 "      properties:\n"
                                 "        count:\n"
                                 "          description: \"How many.\"\n"
                                 "          type: integer\n"
                                 "          format: int64\n"
                                 "          minimum: 0\n";
    buf_auto buf;
    buf_init(&buf, MIB);
    fields_structural(&DOCUMENT, 1, &buf);
    expect_text("schema", buf_str(&buf), WANTED);
}

/* Every type of field, as YAML that can be read. */
static void sample(void **state)
{
    (void)state;
    buf_auto buf;
    buf_init(&buf, MIB);
    fields_structural(&sample_fields, 0, &buf);
    assert_false(buf_overflowed(&buf));
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(buf_str(&buf), &stream, &err))) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(stream.n, 1);
    yyjson_val *properties = json_get(stream.docs[0].root, "properties");
    assert_non_null(json_get(properties, "period"));
    assert_null(json_get(properties, "signature")); /* reserved */
}

int structural_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(sample),
    };
    return cmocka_run_group_tests_name("structural", tests, NULL, NULL);
}
