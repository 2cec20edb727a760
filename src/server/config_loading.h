#pragma once
/* Inside server/: a configuration file on its way from what is written to what is meant. */
#include "server/config.h"
#include "server/config_fields.h"

struct loading {
    struct arena *arena;
    struct diagnostics *list;
    struct str folder; /* of the file, with its slash; empty: the working directory */
    const struct config_doc *doc;
    struct server_config *config;
};

/* Note what is wrong with a value that stands somewhere; with a time. */
void loading_complain(struct loading *loading, const struct text *at, const char *message);
void loading_check_time(struct loading *loading, const char *path, int64_t value, int64_t least,
                        int64_t most);

/* The path of a file that is read again and again, from the configuration's own folder. */
const char *loading_file(struct loading *loading, const struct text *path);

/* The same, or NULL if none is given. */
const char *loading_optional_file(struct loading *loading, const struct text *path);

/* `value`, or `other` if it is 0. */
uint64_t loading_or(uint64_t value, uint64_t other);

/* Read the parts `traces`, `kubernetes.events` and `kubernetes.reports`. */
void loading_traces(struct loading *loading);
void loading_events(struct loading *loading);
void loading_reports(struct loading *loading);

/* Read the part `registries`. */
void loading_registries(struct loading *loading);
