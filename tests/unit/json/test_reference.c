#include "test.h"

#include "sample.h"
#include "json/fields.h"

static void page(void **state)
{
    (void)state;
    static const struct fields *const TWO[] = {&sample_fields, &sample_other_fields};
    buf_auto buf;
    buf_init(&buf, MIB);
    fields_reference(TWO, COUNT(TWO), &buf);
    expect_text("page", buf_str(&buf),
                "## Sample\n"
                "\n"
                "A sample.\n"
                "\n"
                "| Field | Type | Required | Default | Meaning |\n"
                "|---|---|---|---|---|\n"
                "| `kind` | `Sample` | yes |  | What it is. |\n"
                "| `title` | string, 2 to 5 bytes | no |  | A title, a\\|b. |\n"
                "| `mode` | `enforce`, `warn`, `audit` | no | enforce | How. |\n"
                "| `period` | duration | no |  | How often. |\n"
                "| `until` | date and time | no |  | How long. |\n"
                "| `count` | whole number, 2 to 9 | no |  | How many. |\n"
                "| `anyCount` | whole number | no |  | How many, without end. |\n"
                "| `enabled` | true or false | no |  | Whether. |\n"
                "| `names` | list of strings, 1 to 3 | no |  | Names. |\n"
                "| `words` | list of `digest`, `tag`, at most 4096 | no |  | Words. |\n"
                "| `labels` | map of strings, at most 2 | no |  | Labels. |\n"
                "| `inner` | [SampleInner](#sampleinner) | no |  | One inside. |\n"
                "| `parts` | list of [SampleInner](#sampleinner), 1 to 3 | no |  | Many inside. |\n"
                "| `status` | anything | no |  | Not looked at. |\n"
                "\n"
                "Reserved for a later version, and an error in this one: `signature`.\n"
                "\n"
                "```yaml\n"
                "title: \"a|b\"\n"
                "period: 10s\n"
                "until: 2030-12-31T00:00:00Z\n"
                "names: [a, \"!b\"]\n"
                "labels: {a: b}\n"
                "```\n"
                "\n"
                "## SampleInner\n"
                "\n"
                "What is inside.\n"
                "\n"
                "| Field | Type | Required | Default | Meaning |\n"
                "|---|---|---|---|---|\n"
                "| `name` | string, at least 1 bytes | yes |  | Its name. |\n"
                "| `weight` | whole number, at most 10 | no | 0 | More is more. |\n"
                "\n"
                "```yaml\n"
                "name: first\n"
                "```\n"
                "\n"
                "## Other\n"
                "\n"
                "Another.\n"
                "\n"
                "| Field | Type | Required | Default | Meaning |\n"
                "|---|---|---|---|---|\n"
                "| `kind` | `Other` | yes |  | What it is. |\n"
                "| `inner` | [SampleInner](#sampleinner) | no |  | One inside. |\n");
}

int reference_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page),
    };
    return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
