#include "policy/refuse.h"

#include "policy/words.h"

enum { IMAGE_SHOWN_MAX = LIMIT_MESSAGE / 5 };

static struct str refuse_image_id(void)
{
    return STR("some runtimes take this for the ID of an image that is already on the node; write "
               "a repository, with the digest behind \"@\"");
}

static struct str refuse_upper_case(const struct reference *reference, struct arena *arena)
{
    POLICY_WORDS(words);
    policy_words_text(&words, STR("runtimes read the upper-case letters of \""));
    policy_words_safe(&words, reference->registry, IMAGE_SHOWN_MAX);
    policy_words_text(&words, STR("\" differently; write the registry in lower case"));
    return policy_words_done(&words, arena);
}

static struct str refuse_short_name(const struct reference *reference, struct arena *arena)
{
    POLICY_WORDS(words);
    policy_words_add(&words, "no registry is written, and the runtime may take it from any that it "
                             "searches; write ");
    policy_words_safe(&words, reference_print(arena, reference), IMAGE_SHOWN_MAX);
    return policy_words_done(&words, arena);
}

struct str policy_refuse(const struct reference *reference, enum policy_runtime runtime,
                         unsigned accepted, struct arena *arena)
{
    unsigned refused = reference->quirks & ~accepted;
    if ((refused & REFERENCE_IMAGE_ID) != 0) {
        return refuse_image_id();
    }
    if ((refused & REFERENCE_UPPER_CASE_HOST) != 0) {
        return refuse_upper_case(reference, arena);
    }
    if ((refused & REFERENCE_SHORT_NAME) != 0 && runtime != POLICY_RUNTIME_CONTAINERD) {
        return refuse_short_name(reference, arena);
    }
    return STR_EMPTY;
}
