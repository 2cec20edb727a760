#include "install/yaml.h"

enum { STEP = 2 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether the text means nothing but itself in any YAML, inside a list on one line too. */
static bool is_plain(struct str text)
{
    static const char *const WORDS[] = {"y",   "n",    "yes",   "no",  "on",
                                        "off", "true", "false", "null"};
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool first = is_letter(c) || c == '/';
        bool later = (c >= '0' && c <= '9') || str_find(STR("._-+="), c) < 5;
        if (!first && (i == 0 || !later)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq_nocase(text, str_from(WORDS[i]))) {
            return false;
        }
    }
    return text.n > 0;
}

static void add_scalar(struct buf *buf, struct str text)
{
    if (is_plain(text)) {
        buf_add(buf, text);
    } else {
        buf_add_json(buf, text);
    }
}

/* Spaces that the next line begins with. */
static int margin(const struct yaml *yaml)
{
    return (int)((yaml->dash ? yaml->depth - 1 : yaml->depth) * STEP);
}

static void begin(struct yaml *yaml, const char *name)
{
    buf_printf(yaml->buf, "%*s%s%s:", margin(yaml), "", yaml->dash ? "- " : "", name);
    yaml->dash = false;
}

void yaml_comment(struct yaml *yaml, struct str text)
{
    struct str line;
    for (bool more = true; more;) {
        more = str_cut(text, '\n', &line, &text);
        buf_printf(yaml->buf, "%*s#%s%.*s\n", margin(yaml), "", line.n > 0 ? " " : "",
                   STR_ARG(line));
    }
}

void yaml_document(struct yaml *yaml)
{
    ENSURE(yaml->depth == 0);
    buf_add_cstr(yaml->buf, yaml->buf->n > 0 ? "---\n" : "");
}

void yaml_open(struct yaml *yaml, const char *name)
{
    begin(yaml, name);
    buf_add_char(yaml->buf, '\n');
    yaml->depth++;
}

void yaml_close(struct yaml *yaml)
{
    ENSURE(yaml->depth > 0 && !yaml->dash);
    yaml->depth--;
}

void yaml_item(struct yaml *yaml)
{
    yaml->depth++;
    yaml->dash = true;
}

void yaml_item_end(struct yaml *yaml)
{
    yaml_close(yaml);
}

void yaml_text(struct yaml *yaml, const char *name, struct str text)
{
    begin(yaml, name);
    buf_add_char(yaml->buf, ' ');
    add_scalar(yaml->buf, text);
    buf_add_char(yaml->buf, '\n');
}

void yaml_base64(struct yaml *yaml, const char *name, struct str bytes)
{
    begin(yaml, name);
    buf_add_char(yaml->buf, ' ');
    buf_add_base64(yaml->buf, bytes);
    buf_add_char(yaml->buf, '\n');
}

void yaml_number(struct yaml *yaml, const char *name, int64_t number)
{
    begin(yaml, name);
    buf_printf(yaml->buf, " %lld\n", (long long)number);
}

void yaml_truth(struct yaml *yaml, const char *name, bool truth)
{
    begin(yaml, name);
    buf_add_cstr(yaml->buf, truth ? " true\n" : " false\n");
}

void yaml_texts(struct yaml *yaml, const char *name, const struct str *texts, size_t n)
{
    begin(yaml, name);
    buf_add_cstr(yaml->buf, " [");
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(yaml->buf, i > 0 ? ", " : "");
        add_scalar(yaml->buf, texts[i]);
    }
    buf_add_cstr(yaml->buf, "]\n");
}

void yaml_names(struct yaml *yaml, const char *name, const char *const *names)
{
    begin(yaml, name);
    buf_add_cstr(yaml->buf, " [");
    for (size_t i = 0; names[i] != NULL; i++) {
        buf_add_cstr(yaml->buf, i > 0 ? ", " : "");
        add_scalar(yaml->buf, str_from(names[i]));
    }
    buf_add_cstr(yaml->buf, "]\n");
}
