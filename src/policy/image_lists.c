#include "policy/image_rule.h"

/* -- labels and annotations -- */

static bool key_matches(const struct image_key *key, const struct oci_pair *pair)
{
    return glob_match(key->key, pair->key) &&
           (key->any_value || glob_match(key->value, pair->value));
}

/* The first pair that the key matches; NULL if there is none. */
static const struct oci_pair *find_pair(const struct image_key *key, const struct oci_pair *pairs,
                                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (key_matches(key, &pairs[i])) {
            return &pairs[i];
        }
    }
    return NULL;
}

/* What is judged: pairs of a platform, and those that stand above all of them. */
struct pairs {
    const char *field;
    const struct oci_pair *own, *common;
    size_t n_own, n_common;
};

static const struct oci_pair *find_in(const struct pairs *pairs, const struct image_key *key)
{
    const struct oci_pair *pair = find_pair(key, pairs->own, pairs->n_own);
    return pair != NULL ? pair : find_pair(key, pairs->common, pairs->n_common);
}

static bool lacks(const struct image_case *judged, const struct pairs *pairs,
                  const struct image_key *key)
{
    const struct image_key named = {.key = key->key, .any_value = true};
    const struct oci_pair *other = find_in(pairs, &named);
    POLICY_WORDS(words);
    image_say(judged, &words, pairs->field, other != NULL ? other->key : key->key);
    if (other != NULL) {
        policy_words_text(&words, STR(" is "));
        image_quote(&words, other->value);
        policy_words_text(&words, STR(", not "));
        image_quote(&words, key->value);
    } else {
        policy_words_text(&words, STR(" is missing"));
    }
    return image_fail(judged, &words, STR("have the build write it"));
}

static bool has_forbidden(const struct image_case *judged, const struct pairs *pairs,
                          const struct oci_pair *pair)
{
    POLICY_WORDS(words);
    image_say(judged, &words, pairs->field, pair->key);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, pair->value);
    policy_words_text(&words, STR(", which is not allowed"));
    return image_fail(judged, &words, STR("use an image without it"));
}

static bool keys_hold(const struct image_case *judged, const struct image_keys *keys,
                      const struct pairs *pairs)
{
    for (size_t i = 0; i < keys->n_required; i++) {
        if (find_in(pairs, &keys->required[i]) == NULL) {
            return lacks(judged, pairs, &keys->required[i]);
        }
    }
    for (size_t i = 0; i < keys->n_forbidden; i++) {
        const struct oci_pair *pair = find_in(pairs, &keys->forbidden[i]);
        if (pair != NULL) {
            return has_forbidden(judged, pairs, pair);
        }
    }
    return true;
}

bool image_has_labels(const struct image_case *judged)
{
    const struct pairs pairs = {
        .field = "config.config.Labels",
        .own = judged->one->config.labels,
        .n_own = judged->one->config.n_labels,
    };
    return keys_hold(judged, &judged->rule->labels, &pairs);
}

bool image_has_annotations(const struct image_case *judged)
{
    const struct pairs pairs = {
        .field = "manifest.annotations",
        .own = judged->one->manifest.annotations,
        .n_own = judged->one->manifest.n_annotations,
        .common = judged->image->annotations,
        .n_common = judged->image->n_annotations,
    };
    return keys_hold(judged, &judged->rule->annotations, &pairs);
}

/* -- the base -- */

#define BASE_NAME   "org.opencontainers.image.base.name"
#define BASE_DIGEST "org.opencontainers.image.base.digest"

static struct str annotation(const struct image_case *judged, const char *key)
{
    const struct str *value = oci_pair_find(judged->one->manifest.annotations,
                                            judged->one->manifest.n_annotations, str_from(key));
    return value == NULL ? STR_EMPTY : *value;
}

static bool names_base(const struct image_case *judged, const struct pattern *name)
{
    struct reference reference;
    struct error err;
    struct str text = annotation(judged, BASE_NAME);
    return text.n > 0 && !failed(reference_parse(judged->judging->arena, text, &reference, &err)) &&
           pattern_match(name, &reference);
}

/* By what the layers are, or by how they were compressed. */
static bool begins_with(const struct oci_platform_image *one, const struct image_base *base)
{
    bool content = one->known && base->n_layers <= one->config.n_diff_ids;
    bool blobs = base->n_layers <= one->manifest.n_layers;
    for (size_t i = 0; i < base->n_layers; i++) {
        content = content && str_eq(base->layers[i], one->config.diff_ids[i]);
        blobs = blobs && str_eq(base->layers[i], one->manifest.layers[i].digest);
    }
    return content || blobs;
}

static bool is_built_on(const struct image_case *judged, const struct image_base *base)
{
    return (base->name == NULL || names_base(judged, base->name)) &&
           (base->digest.n == 0 || str_eq(base->digest, annotation(judged, BASE_DIGEST))) &&
           (base->n_layers == 0 || begins_with(judged->one, base));
}

static void say_annotation(const struct image_case *judged, struct policy_words *words,
                           const char *key)
{
    struct str value = annotation(judged, key);
    policy_words_add(words, "manifest.annotations[\"%s\"] ", key);
    if (value.n == 0) {
        policy_words_text(words, STR("is missing"));
        return;
    }
    policy_words_text(words, STR("is "));
    image_quote(words, value);
}

bool image_has_base(const struct image_case *judged)
{
    const struct image_rule *rule = judged->rule;
    bool name = false, digest = false, layers = false;
    for (size_t i = 0; i < rule->n_bases; i++) {
        if (is_built_on(judged, &rule->bases[i])) {
            return true;
        }
        name = name || rule->bases[i].name != NULL;
        digest = digest || rule->bases[i].digest.n > 0;
        layers = layers || rule->bases[i].n_layers > 0;
    }
    if (rule->n_bases == 0) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "the base", STR_EMPTY);
    policy_words_text(&words, STR(" is not among those allowed:"));
    const char *before = " ";
    if (name) {
        policy_words_text(&words, str_from(before));
        say_annotation(judged, &words, BASE_NAME);
        before = ", ";
    }
    if (digest) {
        policy_words_text(&words, str_from(before));
        say_annotation(judged, &words, BASE_DIGEST);
        before = ", ";
    }
    if (layers) {
        policy_words_text(&words, str_from(before));
        policy_words_text(&words,
                          STR("config.rootfs.diff_ids and manifest.layers begin otherwise"));
    }
    return image_fail(judged, &words, STR("build it on one of the bases that the policy names"));
}

/* -- ports -- */

static bool allows_port(const struct image_port *port, uint64_t from, uint64_t to,
                        struct str protocol)
{
    return from >= port->from && to <= port->to &&
           (port->protocol.n == 0 || str_eq(port->protocol, protocol));
}

/* "8080/tcp", "8080", "8000-8010/udp"; what is none is allowed by nothing. */
static bool port_is_allowed(const struct image_rule *rule, struct str text)
{
    struct str numbers, protocol, first, last;
    uint64_t from = 0, to = 0;
    if (!str_cut(text, '/', &numbers, &protocol)) {
        protocol = STR("tcp");
    }
    bool range = str_cut(numbers, '-', &first, &last);
    if (!str_parse_u64(first, UINT16_MAX, &from) ||
        !str_parse_u64(range ? last : first, UINT16_MAX, &to) || from > to) {
        return false;
    }
    for (size_t i = 0; i < rule->n_ports; i++) {
        if (allows_port(&rule->ports[i], from, to, protocol)) {
            return true;
        }
    }
    return false;
}

bool image_has_ports(const struct image_case *judged)
{
    enum { PORTS_SHOWN = 8 };
    const struct image_rule *rule = judged->rule;
    const struct oci_config *config = &judged->one->config;
    size_t i = 0;
    while (rule->limits_ports && i < config->n_exposed_ports &&
           port_is_allowed(rule, config->exposed_ports[i])) {
        i++;
    }
    if (!rule->limits_ports || i == config->n_exposed_ports) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "config.config.ExposedPorts", STR_EMPTY);
    policy_words_text(&words, STR(" has "));
    image_quote(&words, config->exposed_ports[i]);
    policy_words_text(&words, rule->n_ports == 0 ? STR(", and none is allowed")
                                                 : STR(", which is not among those allowed: "));
    for (size_t j = 0; j < rule->n_ports && j < PORTS_SHOWN; j++) {
        policy_words_text(&words, j == 0 ? STR_EMPTY : STR(", "));
        policy_words_text(&words, rule->ports[j].text);
    }
    policy_words_text(&words, rule->n_ports > PORTS_SHOWN ? STR(", …") : STR_EMPTY);
    return image_fail(judged, &words, STR("use an image that exposes other ports"));
}
