#include "observe/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

/* Diagnostics of a broken policy are the largest that is logged. */
enum { LINE_MAX_BYTES = 64 * 1024 };

static struct {
    pthread_mutex_t lock; /* of writing */
    int fd;
    enum log_level level;
    bool text;
    bool colour;
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO, .level = LOG_INFO};

static const char *const NAMES[] = {"debug", "info", "warning", "error"};
static const char *const COLOURS[] = {"\033[2m", "", "\033[33m", "\033[31m"};

void log_setup(int fd, enum log_level level, enum log_format format)
{
    bool terminal = isatty(fd) == 1;
    log_state.fd = fd;
    log_state.level = level;
    log_state.text = format == LOG_TEXT || (format == LOG_AUTO && terminal);
    log_state.colour = terminal && getenv("NO_COLOR") == NULL;
}

static void add_value(struct buf *line, const struct log_field *field)
{
    switch (field->type) {
    case LOG_STR:
        buf_add_json(line, field->text);
        break;
    case LOG_INT:
        buf_printf(line, "%lld", (long long)field->number);
        break;
    case LOG_BOOL:
        buf_add_cstr(line, field->number != 0 ? "true" : "false");
        break;
    }
}

static void phrase_json(struct buf *line, const char *time, enum log_level level,
                        const char *message, const struct log_field *fields, size_t n)
{
    buf_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", time, NAMES[level]);
    buf_add_json(line, str_from(message));
    for (size_t i = 0; i < n; i++) {
        buf_printf(line, ",\"%s\":", fields[i].name);
        add_value(line, &fields[i]);
    }
    buf_add_cstr(line, "}\n");
}

static void phrase_text(struct buf *line, const char *time, enum log_level level,
                        const char *message, const struct log_field *fields, size_t n)
{
    const char *on = log_state.colour ? COLOURS[level] : "";
    const char *off = log_state.colour && *on != '\0' ? "\033[0m" : "";
    buf_printf(line, "%s %s%-7s%s %s", time, on, NAMES[level], off, message);
    for (size_t i = 0; i < n; i++) {
        buf_printf(line, " %s=", fields[i].name);
        add_value(line, &fields[i]);
    }
    buf_add_char(line, '\n');
}

/* In one piece. A log that cannot be written has nowhere to say so. */
static void write_line(struct str line)
{
    pthread_mutex_lock(&log_state.lock);
    while (line.n > 0) {
        ssize_t n = write(log_state.fd, line.p, line.n);
        if (n < 0 && errno != EINTR) {
            break;
        }
        line = str_sub(line, n < 0 ? 0 : (size_t)n, line.n);
    }
    pthread_mutex_unlock(&log_state.lock);
}

void log_event(enum log_level level, const char *message, const struct log_field *fields, size_t n)
{
    if (level < log_state.level) {
        return;
    }
    char time[CLOCK_TEXT_MAX];
    clock_format(clock_wall(), time);
    buf_auto line;
    buf_init(&line, LINE_MAX_BYTES);
    (log_state.text ? phrase_text : phrase_json)(&line, time, level, message, fields, n);
    if (buf_overflowed(&line)) {
        const struct log_field truncated = LOG_FIELD_BOOL("truncated", true);
        buf_clear(&line);
        (log_state.text ? phrase_text : phrase_json)(&line, time, level, message, &truncated, 1);
    }
    write_line(buf_str(&line));
}

void log_error(const char *message, const struct error *err)
{
    LOG(LOG_ERROR, message, LOG_FIELD_CSTR("error", err->text),
        LOG_FIELD_CSTR("kind", error_kind_info(err->kind)->label));
}
