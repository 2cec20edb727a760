#include <inttypes.h>

#include "base/utf8.h"
#include "policy/image_rule.h"

enum { ITEMS_SHOWN = 8, ITEM_BYTES = 128 };

/* Begin a part: "; " behind another. */
static void part(struct policy_words *words, const char *what)
{
    policy_words_text(words, words->n == 0 ? STR_EMPTY : STR("; "));
    policy_words_text(words, str_from(what));
}

static void add_item(struct policy_words *words, size_t i, struct str text)
{
    if (i < ITEMS_SHOWN) {
        policy_words_text(words, i == 0 ? STR_EMPTY : STR(", "));
        struct str shown = str_sub(text, 0, utf8_cut(text.p, text.n, ITEM_BYTES));
        policy_words_text(words, shown);
        policy_words_text(words, shown.n < text.n ? STR("…") : STR_EMPTY);
    } else if (i == ITEMS_SHOWN) {
        policy_words_text(words, STR(", …"));
    }
}

static void add_texts(struct policy_words *words, const char *what, const struct str *texts,
                      size_t n)
{
    if (n > 0) {
        part(words, what);
    }
    for (size_t i = 0; i < n; i++) {
        add_item(words, i, texts[i]);
    }
}

static void add_keys(struct policy_words *words, const char *what, const struct image_key *keys,
                     size_t n)
{
    if (n > 0) {
        part(words, what);
    }
    for (size_t i = 0; i < n; i++) {
        add_item(words, i, keys[i].text);
    }
}

static void add_numbers(struct policy_words *words, const struct image_rule *rule)
{
    if (rule->max_age > 0) {
        part(words, "not older than ");
        policy_words_text(words, rule->max_age_text);
    }
    if (rule->max_size > 0) {
        part(words, "at most ");
        policy_words_text(words, rule->max_size_text);
    }
    if (rule->max_layers > 0) {
        part(words, "at most ");
        policy_words_add(words, "%" PRIu64 " layers", rule->max_layers);
    }
}

static void add_bases(struct policy_words *words, const struct image_rule *rule)
{
    if (rule->n_bases > 0) {
        part(words, "built on ");
    }
    for (size_t i = 0; i < rule->n_bases; i++) {
        const struct image_base *base = &rule->bases[i];
        add_item(words, i,
                 base->name != NULL   ? pattern_text(base->name)
                 : base->digest.n > 0 ? base->digest
                                      : base->layers[0]);
    }
}

static void add_ports(struct policy_words *words, const struct image_rule *rule)
{
    if (rule->limits_ports) {
        part(words, rule->n_ports == 0 ? "no port" : "ports ");
    }
    for (size_t i = 0; i < rule->n_ports; i++) {
        add_item(words, i, rule->ports[i].text);
    }
}

void image_rule_words(const struct image_rule *rule, struct policy_words *words)
{
    add_numbers(words, rule);
    add_texts(words, "for ", rule->platform_texts, rule->n_platforms);
    if (rule->not_root) {
        part(words, rule->by_name ? "user not root, by name too" : "user not root");
    }
    add_keys(words, "labels ", rule->labels.required, rule->labels.n_required);
    add_keys(words, "no labels ", rule->labels.forbidden, rule->labels.n_forbidden);
    add_keys(words, "annotations ", rule->annotations.required, rule->annotations.n_required);
    add_keys(words, "no annotations ", rule->annotations.forbidden, rule->annotations.n_forbidden);
    add_bases(words, rule);
    add_ports(words, rule);
    add_texts(words, "entrypoint ", rule->entrypoints, rule->n_entrypoints);
    add_texts(words, "media types ", rule->media_types, rule->n_media_types);
}
