#include "policy/message.h"

#include "policy/model.h"
#include "policy/words.h"

/* What a message spends at most on the place and on each of the texts, so that why it was denied
 * always has room: names of policy and rule have 316 bytes together. */
enum { PATH_SHOWN_MAX = LIMIT_MESSAGE / 8, IMAGE_SHOWN_MAX = LIMIT_MESSAGE / 5 };

struct str policy_reason(const struct finding *finding, const struct rule *rule,
                         struct arena *arena)
{
    struct str reason = finding->reason.n > 0 ? finding->reason : STR("there is no evidence");
    return arena_printf(arena, "%.*s%s%.*s%s%.*s", STR_ARG(reason),
                        finding->remedy.n > 0 ? "; " : "", STR_ARG(finding->remedy),
                        rule->help.n > 0 ? ". " : "", STR_ARG(rule->help));
}

struct str policy_message(const struct plan_image *image, struct str policy, struct str rule,
                          struct str reason, struct arena *arena)
{
    struct policy_words words = {0};
    policy_words_safe(&words, image->image->path, PATH_SHOWN_MAX);
    policy_words_add(&words, " \"");
    policy_words_safe(&words, image->image->text, IMAGE_SHOWN_MAX);
    policy_words_add(&words, "\"");
    if (!str_eq(image->text, image->image->text)) {
        policy_words_add(&words, " (rewritten to \"");
        policy_words_safe(&words, image->text, IMAGE_SHOWN_MAX);
        policy_words_add(&words, "\")");
    }
    policy_words_add(&words, ": ");
    if (policy.n > 0) {
        policy_words_add(&words, "policy %.*s, rule %.*s: ", STR_ARG(policy), STR_ARG(rule));
    }
    policy_words_add(&words, "%.*s", STR_ARG(reason));
    return policy_words_done(&words, arena);
}
