#include "policy/message.h"

#include "base/clock.h"
#include "policy/model.h"
#include "policy/words.h"

/* What a message spends at most on the place and on each of the texts, so that why it was denied
 * always has room: names of policy and rule have 316 bytes together. */
enum {
    PATH_SHOWN_MAX = LIMIT_MESSAGE / 8,
    IMAGE_SHOWN_MAX = LIMIT_MESSAGE / 5,
    PROBLEM_SHOWN_MAX = LIMIT_MESSAGE / 4
};

struct str policy_reason(const struct finding *finding, const struct rule *rule,
                         struct arena *arena)
{
    struct str reason = finding->reason.n > 0 ? finding->reason : STR("there is no evidence");
    if (finding->remedy.n == 0 && rule->help.n == 0) {
        return reason;
    }
    struct str parts[] = {reason, finding->remedy.n > 0 ? STR("; ") : STR_EMPTY, finding->remedy,
                          rule->help.n > 0 ? STR(". ") : STR_EMPTY, rule->help};
    return arena_join(arena, parts, sizeof parts / sizeof parts[0]);
}

static void add_age(struct policy_words *words, int64_t age)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } UNITS[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = age / NS_PER_S;
    size_t i = 0;
    while (i + 1 < sizeof UNITS / sizeof *UNITS && seconds < 2 * UNITS[i].seconds) {
        i++;
    }
    policy_words_add(words, "%lld %s", (long long)(seconds / UNITS[i].seconds), UNITS[i].name);
}

struct str policy_stale_message(const struct plan_image *image, struct arena *arena)
{
    const struct evidence *evidence = &image->evidence;
    POLICY_WORDS(words);
    policy_words_safe(&words, image->image->path, PATH_SHOWN_MAX);
    policy_words_text(&words, STR(" \""));
    policy_words_safe(&words, image->image->text, IMAGE_SHOWN_MAX);
    policy_words_text(&words, STR("\": registry \""));
    policy_words_safe(&words, image->reference.registry, PATH_SHOWN_MAX);
    policy_words_text(&words, STR("\" cannot be reached; the digest that the tag had "));
    add_age(&words, evidence->age);
    policy_words_text(&words, STR(" ago is used: "));
    policy_words_text(&words, evidence->digest);
    policy_words_text(&words, STR(": "));
    policy_words_safe(&words, evidence->problem, PROBLEM_SHOWN_MAX);
    return policy_words_done(&words, arena);
}

struct str policy_message(const struct plan_image *image, struct str policy, struct str rule,
                          struct str reason, struct arena *arena)
{
    POLICY_WORDS(words);
    policy_words_safe(&words, image->image->path, PATH_SHOWN_MAX);
    policy_words_text(&words, STR(" \""));
    policy_words_safe(&words, image->image->text, IMAGE_SHOWN_MAX);
    policy_words_text(&words, STR("\""));
    if (!str_eq(image->text, image->image->text)) {
        policy_words_text(&words, STR(" (rewritten to \""));
        policy_words_safe(&words, image->text, IMAGE_SHOWN_MAX);
        policy_words_text(&words, STR("\")"));
    }
    policy_words_text(&words, STR(": "));
    if (policy.n > 0) {
        policy_words_text(&words, STR("policy "));
        policy_words_text(&words, policy);
        policy_words_text(&words, STR(", rule "));
        policy_words_text(&words, rule);
        policy_words_text(&words, STR(": "));
    }
    policy_words_text(&words, reason);
    return policy_words_done(&words, arena);
}
