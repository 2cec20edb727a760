#pragma once
/* The structured log: one event, one line, on standard error; JSON where a machine reads, text on a
 * terminal. Only server/ and cli/ call it; an error is logged once, at the top.
 *
 * Values are quoted, never formatted into the message, so that nothing from outside can forge a
 * line. Nothing secret is ever passed in: no header, no body, no key material.
 * Threading: lines of different threads never mix. */
#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum log_format { LOG_AUTO, LOG_JSON, LOG_TEXT }; /* AUTO: text on a terminal, else JSON */

/* Set where and how; before any thread. `fd` is borrowed. */
void log_setup(int fd, enum log_level level, enum log_format format);

struct log_field {
    const char *name;
    enum { LOG_STR, LOG_INT, LOG_BOOL } type;
    struct str text;
    int64_t number;
};

#define LOG_FIELD_STR(field, value)                                                                \
    ((struct log_field){.name = (field), .type = LOG_STR, .text = (value)})
#define LOG_FIELD_CSTR(field, value)                                                               \
    ((struct log_field){.name = (field), .type = LOG_STR, .text = str_from(value)})
#define LOG_FIELD_INT(field, value)                                                                \
    ((struct log_field){.name = (field), .type = LOG_INT, .number = (int64_t)(value)})
#define LOG_FIELD_BOOL(field, value)                                                               \
    ((struct log_field){.name = (field), .type = LOG_BOOL, .number = (value)})

/* Write one event: time, level, message and fields. `message` is fixed text: "policies reloaded".
 * Limits: a line has 64 KiB at most; a larger one has, instead of its fields, "truncated". */
void log_event(enum log_level level, const char *message, const struct log_field *fields, size_t n);

#define LOG(level, message, ...)                                                                   \
    log_event((level), (message), (const struct log_field[]){__VA_ARGS__},                         \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* An error as fields "error" and "kind" behind the others. */
void log_error(const char *message, const struct error *err);
