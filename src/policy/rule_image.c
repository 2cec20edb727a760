#include "base/clock.h"
#include "image/digest.h"
#include "policy/image_rule.h"

static bool given(const struct policy_rule_doc *doc, struct mark *ret_mark)
{
    *ret_mark = (struct mark){0};
    return doc->image.set;
}

/* -- numbers -- */

/* The factor of a suffix; 0 if it is none. */
static uint64_t factor_of(struct str suffix)
{
    static const struct {
        const char *suffix;
        uint64_t factor;
    } SUFFIXES[] = {
        {"", 1},
        {"k", UINT64_C(1000)},
        {"M", UINT64_C(1000000)},
        {"G", UINT64_C(1000000000)},
        {"T", UINT64_C(1000000000000)},
        {"P", UINT64_C(1000000000000000)},
        {"Ki", UINT64_C(1) << 10},
        {"Mi", UINT64_C(1) << 20},
        {"Gi", UINT64_C(1) << 30},
        {"Ti", UINT64_C(1) << 40},
        {"Pi", UINT64_C(1) << 50},
    };
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        if (str_eq(suffix, str_from(SUFFIXES[i].suffix))) {
            return SUFFIXES[i].factor;
        }
    }
    return 0;
}

/* Take digits off the front. */
static struct str take_digits(struct str *text)
{
    size_t n = 0;
    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9') {
        n++;
    }
    struct str digits = str_sub(*text, 0, n);
    *text = str_sub(*text, n, text->n);
    return digits;
}

/* The part behind the point, in bytes, cut to whole ones. From its end, where nothing is lost. */
static uint64_t fraction_of(struct str digits, uint64_t factor)
{
    uint64_t bytes = 0;
    for (size_t i = digits.n; i-- > 0;) {
        bytes = (bytes + (uint64_t)(digits.p[i] - '0') * factor) / 10;
    }
    return bytes;
}

bool image_size_parse(struct str text, uint64_t *ret_bytes)
{
    struct str rest = text, fraction = STR_EMPTY;
    struct str whole = take_digits(&rest);
    if (rest.n > 0 && rest.p[0] == '.') {
        rest = str_sub(rest, 1, rest.n);
        fraction = take_digits(&rest);
        if (fraction.n == 0) {
            return false;
        }
    }
    uint64_t factor = factor_of(rest), number = 0;
    if (factor == 0 || !str_parse_u64(whole, (uint64_t)INT64_MAX / factor, &number)) {
        return false;
    }
    uint64_t bytes = number * factor + fraction_of(fraction, factor);
    *ret_bytes = bytes;
    return bytes > 0 && bytes <= (uint64_t)INT64_MAX;
}

static void compile_numbers(struct compile *compile, const struct policy_image_doc *doc,
                            struct image_rule *image)
{
    struct arena *arena = &compile->set->arena;
    struct error err;
    image->max_layers = doc->max_layers;
    image->max_age_text = arena_dup(arena, doc->max_age.text);
    image->max_size_text = arena_dup(arena, doc->max_size.text);
    if (doc->max_age.text.n > 0) {
        if (failed(clock_parse_duration(doc->max_age.text, &image->max_age, &err))) {
            COMPILE_ERROR(compile, &doc->max_age, "%s", err.text);
        } else if (image->max_age == 0) {
            COMPILE_ERROR(compile, &doc->max_age,
                          "no image is so young; write one such as \"90d\"");
        }
    }
    if (doc->max_size.text.n > 0 && !image_size_parse(doc->max_size.text, &image->max_size)) {
        COMPILE_ERROR(compile, &doc->max_size,
                      "\"%.*s\" is no size; write one such as \"500Mi\" or \"2G\"",
                      STR_ARG(doc->max_size.text));
    }
}

/* -- lists -- */

static struct str *compile_texts(struct compile *compile, const struct texts *texts)
{
    struct str *list = ARENA_ARRAY(&compile->set->arena, struct str, texts->n);
    for (size_t i = 0; i < texts->n && policy_compile_room(compile, &texts->items[i]); i++) {
        list[i] = arena_dup(&compile->set->arena, texts->items[i].text);
    }
    return list;
}

static void compile_platforms(struct compile *compile, const struct texts *texts,
                              struct image_rule *image)
{
    image->platform_texts = compile_texts(compile, texts);
    image->platforms = ARENA_ARRAY(&compile->set->arena, struct oci_platform, texts->n);
    image->n_platforms = texts->n;
    for (size_t i = 0; i < texts->n; i++) {
        struct error err;
        if (failed(oci_platform_parse(image->platform_texts[i], &image->platforms[i], &err))) {
            COMPILE_ERROR(compile, &texts->items[i], "%s", err.text);
        }
    }
}

static struct image_key *compile_keys(struct compile *compile, const struct texts *texts)
{
    struct image_key *keys = ARENA_ARRAY(&compile->set->arena, struct image_key, texts->n);
    struct str *list = compile_texts(compile, texts);
    for (size_t i = 0; i < texts->n; i++) {
        keys[i].text = list[i];
        keys[i].any_value = !str_cut(list[i], '=', &keys[i].key, &keys[i].value);
        if (keys[i].key.n == 0) {
            COMPILE_ERROR(compile, &texts->items[i], "a key is missing; write KEY or KEY=VALUE");
        }
    }
    return keys;
}

/* A key that must be there and must not. */
static void check_keys(struct compile *compile, const struct policy_image_keys_doc *doc,
                       const struct image_keys *keys)
{
    for (size_t i = 0; i < keys->n_required; i++) {
        for (size_t j = 0; j < keys->n_forbidden; j++) {
            if (keys->forbidden[j].any_value && keys->required[i].key.n > 0 &&
                glob_match(keys->forbidden[j].key, keys->required[i].key)) {
                COMPILE_ERROR(compile, &doc->forbidden.items[j],
                              "contradiction: no image passes, for \"%.*s\" is required",
                              STR_ARG(keys->required[i].text));
                return;
            }
        }
    }
}

static struct image_keys compile_key_lists(struct compile *compile,
                                           const struct policy_image_keys_doc *doc)
{
    struct image_keys keys = {
        .required = compile_keys(compile, &doc->required),
        .n_required = doc->required.n,
        .forbidden = compile_keys(compile, &doc->forbidden),
        .n_forbidden = doc->forbidden.n,
    };
    check_keys(compile, doc, &keys);
    return keys;
}

static void check_digest(struct compile *compile, const struct text *text)
{
    struct digest digest;
    enum digest_error error = digest_parse(text->text, &digest);
    if (text->text.n > 0 && error != DIGEST_OK) {
        COMPILE_ERROR(compile, text, "\"%.*s\" %s", STR_ARG(text->text), digest_error_text(error));
    }
}

static void compile_base(struct compile *compile, const struct policy_image_base_doc *doc,
                         struct image_base *base)
{
    struct arena *arena = &compile->set->arena;
    struct error err;
    if (doc->name.text.n > 0 && policy_compile_room(compile, &doc->name) &&
        failed(pattern_parse(arena, doc->name.text, &base->name, &err))) {
        COMPILE_ERROR(compile, &doc->name, "%s", err.text);
    }
    check_digest(compile, &doc->digest);
    base->digest = arena_dup(arena, doc->digest.text);
    base->layers = compile_texts(compile, &doc->layers);
    base->n_layers = doc->layers.n;
    for (size_t i = 0; i < doc->layers.n; i++) {
        check_digest(compile, &doc->layers.items[i]);
    }
}

static void compile_bases(struct compile *compile, const struct field_list *list, struct str path,
                          struct image_rule *image)
{
    const struct policy_image_base_doc *docs = list->items;
    image->bases = ARENA_ARRAY(&compile->set->arena, struct image_base, list->n);
    image->n_bases = list->n;
    for (size_t i = 0; i < list->n; i++) {
        compile_base(compile, &docs[i], &image->bases[i]);
        if (docs[i].name.text.p == NULL && docs[i].digest.text.p == NULL && !docs[i].layers.set) {
            diagnostics_add(compile->list, DIAGNOSTIC_ERROR, list->mark, path, STR_EMPTY,
                            "a base in image.base is every image; give it name, digest or layers");
        }
    }
}

/* "443", "8000-8999", "53/udp" */
static bool parse_port(struct str text, struct image_port *port)
{
    struct str numbers, from, to;
    bool protocol = str_cut(text, '/', &numbers, &port->protocol);
    bool range = str_cut(numbers, '-', &from, &to);
    bool known = str_eq(port->protocol, STR("tcp")) || str_eq(port->protocol, STR("udp")) ||
                 str_eq(port->protocol, STR("sctp"));
    port->text = text;
    return (!protocol || known) && str_parse_u64(from, UINT16_MAX, &port->from) &&
           str_parse_u64(range ? to : from, UINT16_MAX, &port->to) && port->from > 0 &&
           port->from <= port->to;
}

static void compile_ports(struct compile *compile, const struct texts *texts,
                          struct image_rule *image)
{
    struct str *list = compile_texts(compile, texts);
    image->limits_ports = texts->set;
    image->ports = ARENA_ARRAY(&compile->set->arena, struct image_port, texts->n);
    image->n_ports = texts->n;
    for (size_t i = 0; i < texts->n; i++) {
        if (!parse_port(list[i], &image->ports[i])) {
            COMPILE_ERROR(compile, &texts->items[i],
                          "\"%.*s\" is no port; write one such as \"443\", \"8000-8999\" or "
                          "\"53/udp\"",
                          STR_ARG(texts->items[i].text));
        }
    }
}

/* -- the rule -- */

/* Whether there is a member, be it wrong, that is no empty object. */
static bool demands_something(yyjson_val *image)
{
    size_t i, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(image, i, max, key, value)
    {
        if (!yyjson_is_obj(value) || yyjson_obj_size(value) > 0) {
            return true;
        }
    }
    return !yyjson_is_obj(image);
}

static void compile_image(struct compile *compile, const struct policy_rule_doc *rule_doc,
                          struct str path, struct rule *rule)
{
    const struct policy_image_doc *doc = &rule_doc->image;
    struct image_rule *image = ARENA_NEW(&compile->set->arena, struct image_rule);
    rule->image = image;
    compile_numbers(compile, doc, image);
    compile_platforms(compile, &doc->platforms, image);
    image->labels = compile_key_lists(compile, &doc->labels);
    image->annotations = compile_key_lists(compile, &doc->annotations);
    image->not_root = doc->user.not_root;
    image->by_name = doc->user.by_name;
    compile_bases(compile, &doc->base, path, image);
    compile_ports(compile, &doc->ports, image);
    image->entrypoints = compile_texts(compile, &doc->entrypoint);
    image->n_entrypoints = doc->entrypoint.n;
    image->media_types = compile_texts(compile, &doc->media_types);
    image->n_media_types = doc->media_types.n;
    if (doc->user.set && !doc->user.not_root) {
        diagnostics_add(compile->list, DIAGNOSTIC_ERROR, rule->mark, path, STR_EMPTY,
                        "image.user demands nothing; give it notRoot: true");
    } else if (!demands_something(json_get(compile->rule, "image"))) {
        diagnostics_add(
            compile->list, DIAGNOSTIC_ERROR, rule->mark, path, STR_EMPTY,
            "image demands nothing; give it maxAge, platforms or another of its fields");
    }
}

const struct rule_kind rule_image = {.field = "image",
                                     .wants = EVIDENCE_IMAGE,
                                     .given = given,
                                     .compile = compile_image,
                                     .judge = image_judge};
