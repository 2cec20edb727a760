#include "trace/span.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

size_t span_count(const struct span *span)
{
    return 1 + span->n_steps;
}

static struct str bounded(struct str text)
{
    return text.n <= LIMIT_SPAN_TEXT ? text
                                     : str_sub(text, 0, utf8_cut(text.p, text.n, LIMIT_SPAN_TEXT));
}

size_t span_size(const struct span *span)
{
    size_t size = sizeof *span + span->n_attributes * sizeof *span->attributes +
                  span->n_steps * sizeof *span->steps + span->context.state.n +
                  bounded(span->why).n;
    for (size_t i = 0; i < span->n_attributes; i++) {
        size += bounded(span->attributes[i].text).n;
    }
    return size;
}

/* A copy of `text` at *end, which goes on behind it. */
static struct str take(struct str text, char **end)
{
    struct str copy = {*end, text.n};
    if (text.n > 0) {
        memcpy(*end, text.p, text.n);
    }
    *end += text.n;
    return copy;
}

void span_copy(const struct span *span, void *memory)
{
    struct span *copy = memory;
    struct span_attribute *attributes = (struct span_attribute *)(void *)(copy + 1);
    struct span_step *steps = (struct span_step *)(void *)(attributes + span->n_attributes);
    char *end = (char *)(steps + span->n_steps);
    *copy = *span;
    copy->attributes = attributes;
    copy->steps = steps;
    copy->context.state = take(span->context.state, &end);
    copy->why = take(bounded(span->why), &end);
    for (size_t i = 0; i < span->n_attributes; i++) {
        attributes[i] = span->attributes[i];
        attributes[i].text = take(bounded(attributes[i].text), &end);
    }
    if (span->n_steps > 0) {
        memcpy(steps, span->steps, span->n_steps * sizeof *steps);
    }
}
