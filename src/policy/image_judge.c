#include <inttypes.h>

#include "base/clock.h"
#include "policy/image_rule.h"

enum { TEXT_SHOWN_MAX = LIMIT_MESSAGE / 8, LIST_SHOWN = 5 };

/* -- words -- */

void image_quote(struct policy_words *words, struct str text)
{
    policy_words_text(words, STR("\""));
    policy_words_safe(words, text, TEXT_SHOWN_MAX);
    policy_words_text(words, STR("\""));
}

void image_say(const struct image_case *judged, struct policy_words *words, const char *field,
               struct str key)
{
    policy_words_text(words, str_from(field));
    if (key.n > 0) {
        policy_words_text(words, STR("["));
        image_quote(words, key);
        policy_words_text(words, STR("]"));
    }
    if (judged->platform.n > 0) {
        policy_words_text(words, STR(" of "));
        policy_words_safe(words, judged->platform, TEXT_SHOWN_MAX);
    }
}

bool image_fail(const struct image_case *judged, const struct policy_words *words,
                struct str remedy)
{
    *judged->found = (struct finding){.kind = FINDING_INVALID};
    if (judged->judging->words) {
        judged->found->reason = policy_words_done(words, judged->judging->arena);
        judged->found->remedy = remedy;
    }
    return false;
}

/* `"a", "b" and 3 more` */
static void list_texts(struct policy_words *words, const struct str *texts, size_t n)
{
    for (size_t i = 0; i < n && i < LIST_SHOWN; i++) {
        policy_words_text(words, i == 0 ? STR_EMPTY : STR(", "));
        image_quote(words, texts[i]);
    }
    if (n > LIST_SHOWN) {
        policy_words_add(words, " and %zu more", n - LIST_SHOWN);
    }
}

/* -- the image as a whole -- */

static bool has_platform(const struct image_case *whole, size_t index)
{
    const struct oci_image *image = whole->image;
    if (oci_image_find(image, &whole->rule->platforms[index]) != NULL) {
        return true;
    }
    POLICY_WORDS(words);
    policy_words_text(&words, image->index ? STR("manifests of the index has nothing for ")
                                           : STR("config.architecture is not that of "));
    policy_words_safe(&words, whole->rule->platform_texts[index], TEXT_SHOWN_MAX);
    policy_words_text(&words, STR("; there is"));
    for (size_t i = 0; i < image->n_images && i < LIST_SHOWN; i++) {
        policy_words_text(&words, i == 0 ? STR(" ") : STR(", "));
        policy_words_safe(&words,
                          oci_platform_print(whole->judging->arena, &image->images[i].platform),
                          TEXT_SHOWN_MAX);
    }
    policy_words_text(&words, image->n_images > LIST_SHOWN ? STR(", …") : STR_EMPTY);
    return image_fail(whole, &words, STR("build the image for that platform too"));
}

static bool has_platforms(const struct image_case *whole)
{
    if (whole->image->n_images == 0) {
        POLICY_WORDS(words);
        policy_words_text(&words, STR("manifests of the index has nothing that a machine runs"));
        return image_fail(whole, &words, STR("use another image"));
    }
    for (size_t i = 0; i < whole->rule->n_platforms; i++) {
        if (!has_platform(whole, i)) {
            return false;
        }
    }
    return true;
}

/* -- one platform -- */

/* An entry of an index may be of a form that we do not know, and a machine may: nothing of it was
 * read, so nothing is said to hold of it. */
static bool has_manifest(const struct image_case *judged)
{
    if (judged->one->manifest.media_type.n > 0) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "manifests.mediaType", STR_EMPTY);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, judged->one->descriptor.media_type);
    policy_words_text(&words, STR(", which is no image that is known"));
    return image_fail(judged, &words, STR("use another image"));
}

static bool wants_config(const struct image_rule *rule)
{
    return rule->max_age > 0 || rule->labels.n_required + rule->labels.n_forbidden > 0 ||
           rule->not_root || rule->limits_ports || rule->n_entrypoints > 0;
}

static bool has_config(const struct image_case *judged)
{
    if (judged->one->known || !wants_config(judged->rule)) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "manifest.config.mediaType", STR_EMPTY);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, judged->one->manifest.config.media_type);
    policy_words_text(&words, STR(", which tells nothing of an image that runs"));
    return image_fail(judged, &words, STR("use another image"));
}

static bool has_age(const struct image_case *judged)
{
    const struct oci_config *config = &judged->one->config;
    int64_t now = judged->judging->now, max = judged->rule->max_age;
    if (max == 0 ||
        (config->has_created && config->created <= now && now - config->created <= max)) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "config.created", STR_EMPTY);
    if (!config->has_created) {
        policy_words_text(&words, STR(" is missing"));
        return image_fail(judged, &words, STR("have the build write when it was made"));
    }
    char time[CLOCK_TEXT_MAX];
    clock_format_seconds(config->created, time);
    policy_words_add(&words, " is %s, ", time);
    if (config->created > now) {
        policy_words_text(&words, STR("which is still to come"));
        return image_fail(judged, &words, STR("have the build write when it was made"));
    }
    policy_words_text(&words, STR("longer ago than "));
    policy_words_safe(&words, judged->rule->max_age_text, TEXT_SHOWN_MAX);
    return image_fail(judged, &words, STR("build it anew, or use a newer one"));
}

static bool has_size(const struct image_case *judged)
{
    uint64_t size = oci_manifest_layers_size(&judged->one->manifest);
    if (judged->rule->max_size == 0 || size <= judged->rule->max_size) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "manifest.layers", STR_EMPTY);
    policy_words_add(&words, " have %" PRIu64 " bytes together, more than ", size);
    policy_words_safe(&words, judged->rule->max_size_text, TEXT_SHOWN_MAX);
    return image_fail(judged, &words, STR("use a smaller image"));
}

static bool has_layers(const struct image_case *judged)
{
    size_t n = judged->one->manifest.n_layers;
    if (judged->rule->max_layers == 0 || n <= judged->rule->max_layers) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "manifest.layers", STR_EMPTY);
    policy_words_add(&words, " are %zu, more than %" PRIu64, n, judged->rule->max_layers);
    return image_fail(judged, &words, STR("use an image with fewer layers"));
}

static bool has_user(const struct image_case *judged)
{
    struct str user = judged->one->config.user;
    enum oci_user kind = oci_user_kind(user);
    bool by_name = kind == OCI_USER_NAME;
    if (!judged->rule->not_root || kind == OCI_USER_NUMBER || (by_name && judged->rule->by_name)) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, "config.config.User", STR_EMPTY);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, user);
    policy_words_text(&words, by_name                    ? STR(", a name, which may be root's")
                              : kind == OCI_USER_STRANGE ? STR(", which runtimes take for root")
                              : user.n == 0              ? STR(", so it runs as root")
                                                         : STR_EMPTY);
    return image_fail(judged, &words,
                      by_name ? STR("have the image name its user by number")
                              : STR("have the image name a user, by a number that is not 0"));
}

static bool matches_any(const struct str *globs, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++) {
        if (glob_match(globs[i], text)) {
            return true;
        }
    }
    return false;
}

/* The words joined by spaces. Lives in the arena. */
static struct str join(struct arena *arena, const struct str *words, size_t n)
{
    struct str *parts = ARENA_ARRAY(arena, struct str, 2 * n);
    for (size_t i = 0; i < n; i++) {
        parts[2 * i] = i == 0 ? STR_EMPTY : STR(" ");
        parts[2 * i + 1] = words[i];
    }
    return arena_join(arena, parts, 2 * n);
}

static bool has_entrypoint(const struct image_case *judged)
{
    const struct image_rule *rule = judged->rule;
    const struct oci_config *config = &judged->one->config;
    if (rule->n_entrypoints == 0) {
        return true;
    }
    bool entrypoint = config->n_entrypoint > 0;
    struct str runs = entrypoint
                          ? join(judged->judging->arena, config->entrypoint, config->n_entrypoint)
                          : join(judged->judging->arena, config->cmd, config->n_cmd);
    if (matches_any(rule->entrypoints, rule->n_entrypoints, runs)) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, entrypoint ? "config.config.Entrypoint" : "config.config.Cmd",
              STR_EMPTY);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, runs);
    policy_words_text(&words, STR(", which is not among those allowed: "));
    list_texts(&words, rule->entrypoints, rule->n_entrypoints);
    return image_fail(judged, &words, STR("use an image that runs one of these"));
}

static bool has_media_type(const struct image_case *judged, const char *field, struct str type)
{
    const struct image_rule *rule = judged->rule;
    if (matches_any(rule->media_types, rule->n_media_types, type)) {
        return true;
    }
    POLICY_WORDS(words);
    image_say(judged, &words, field, STR_EMPTY);
    policy_words_text(&words, STR(" is "));
    image_quote(&words, type);
    policy_words_text(&words, STR(", which is not among those allowed: "));
    list_texts(&words, rule->media_types, rule->n_media_types);
    return image_fail(judged, &words, STR("have the image written in one of these forms"));
}

static bool has_media_types(const struct image_case *judged)
{
    const struct oci_manifest *manifest = &judged->one->manifest;
    if (judged->rule->n_media_types == 0) {
        return true;
    }
    if (!has_media_type(judged, "manifest.mediaType", manifest->media_type) ||
        !has_media_type(judged, "manifest.config.mediaType", manifest->config.media_type)) {
        return false;
    }
    for (size_t i = 0; i < manifest->n_layers; i++) {
        char field[48];
        snprintf(field, sizeof field, "manifest.layers[%zu].mediaType", i);
        if (!has_media_type(judged, field, manifest->layers[i].media_type)) {
            return false;
        }
    }
    return true;
}

/* -- all -- */

typedef bool holds(const struct image_case *judged);

/* These two come first: the others read what they show to be there. */
static holds *const OF_PLATFORM[] = {
    has_manifest,   has_config,      has_age,          has_size,
    has_layers,     has_user,        image_has_labels, image_has_annotations,
    image_has_base, image_has_ports, has_entrypoint,   has_media_types,
};

static bool whole_holds(const struct image_case *whole)
{
    return has_platforms(whole) &&
           (!whole->image->index || whole->rule->n_media_types == 0 ||
            has_media_type(whole, "mediaType of the index", whole->image->media_type));
}

struct finding image_judge(const struct rule *rule, const struct reference *reference,
                           struct rule_judging *judging)
{
    (void)reference;
    struct finding found = {.kind = FINDING_VALID};
    struct image_case judged = {.rule = rule->image,
                                .image = judging->evidence->image,
                                .judging = judging,
                                .found = &found};
    bool good = whole_holds(&judged);
    for (size_t i = 0; good && i < judged.image->n_images; i++) {
        judged.one = &judged.image->images[i];
        judged.platform =
            judging->words ? oci_platform_print(judging->arena, &judged.one->platform) : STR_EMPTY;
        for (size_t j = 0; good && j < sizeof OF_PLATFORM / sizeof *OF_PLATFORM; j++) {
            good = OF_PLATFORM[j](&judged);
        }
    }
    return found;
}
