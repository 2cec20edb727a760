#pragma once
/* Writing YAML, member by member. Whatever a text holds, it is read back as that text: plain where
 * it is a plain name, else quoted as in JSON, which YAML reads alike. Pure.
 *
 * Texts must be well-formed UTF-8 without characters that act (install_check_text); names of
 * members are literals of this program. What does not fit into the buffer shows there. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct yaml {
    struct buf *buf; /* borrowed */
    unsigned depth;  /* levels of two spaces */
    bool dash;       /* the next member is the first of a list's item */
};

/* Write "# TEXT" lines at the depth at hand, one for each line of `text`. */
void yaml_comment(struct yaml *yaml, struct str text);

/* Begin the next document of the stream, unless it is the first. */
void yaml_document(struct yaml *yaml);

/* Begin and end an object, or a list of objects, that is member `name`. */
void yaml_open(struct yaml *yaml, const char *name);
void yaml_close(struct yaml *yaml);

/* Begin and end an object of the list at hand; it has at least one member. */
void yaml_item(struct yaml *yaml);
void yaml_item_end(struct yaml *yaml);

/* Write one member. */
void yaml_text(struct yaml *yaml, const char *name, struct str text);
void yaml_base64(struct yaml *yaml, const char *name, struct str bytes);
void yaml_number(struct yaml *yaml, const char *name, int64_t number);
void yaml_truth(struct yaml *yaml, const char *name, bool truth);

/* Write a member that is a list of texts, on one line. */
void yaml_texts(struct yaml *yaml, const char *name, const struct str *texts, size_t n);

/* The same of C strings; `names` ends with NULL. */
void yaml_names(struct yaml *yaml, const char *name, const char *const *names);
