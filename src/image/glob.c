#include "image/glob.h"

bool glob_match(struct str glob, struct str text)
{
    /* On a mismatch only the last star needs to take one character more: what stands before it has
     * matched as early as possible, which leaves the most to the rest. */
    size_t g = 0, t = 0;
    size_t star = glob.n; /* none yet */
    size_t resume = 0;
    while (t < text.n) {
        if (g < glob.n && glob.p[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.n && glob.p[g] == text.p[t]) {
            g++;
            t++;
        } else if (star < glob.n) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.n && glob.p[g] == '*') {
        g++;
    }
    return g == glob.n;
}

static bool any_match(const struct str *globs, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++) {
        if (glob_match(globs[i], text)) {
            return true;
        }
    }
    return false;
}

bool glob_list_match(const struct glob_list *list, struct str text)
{
    bool included = list->n_include == 0 || any_match(list->include, list->n_include, text);
    return included && !any_match(list->exclude, list->n_exclude, text);
}
