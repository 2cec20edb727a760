#pragma once
/* Writing files that must not be lost half-way. */
#include "base/status.h"
#include "base/str.h"

/* Write all of `text` to `fd`, however often that takes. Returns false, with errno set, if it
 * cannot. */
bool write_all(int fd, struct str text);

/* Replace the content of the file at `path`, which exists, by `text`: whole or not at all. Its mode
 * stays, and so does a symbolic link to it. Errors: INTERNAL. */
MUST status replace_file(const char *path, struct str text, struct error *err);
