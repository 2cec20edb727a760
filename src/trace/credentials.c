#include "trace/credentials.h"

#include "base/clock.h"
#include "base/file.h"

enum { ARENA = 4 * MIB };

static const int64_t READ_AGAIN = 60 * NS_PER_S;

void trace_credentials_init(struct trace_credentials *credentials)
{
    *credentials = (struct trace_credentials){.ca = STR_EMPTY};
    arena_init(&credentials->arena, ARENA);
}

void trace_credentials_done(struct trace_credentials *credentials)
{
    arena_done(&credentials->arena);
}

/* Those that say how the request itself is to be read. */
static bool is_ours(struct str name)
{
    static const char *const OURS[] = {"Content-Type", "Content-Length", "Content-Encoding",
                                       "Transfer-Encoding", "Connection"};
    bool ours = false;
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) {
        ours = ours || str_eq_nocase(name, str_from(OURS[i]));
    }
    return ours;
}

static bool is_header(struct str line, struct fetch_header *header)
{
    if (!str_cut(line, ':', &header->name, &header->value)) {
        return false;
    }
    header->value = str_trim(header->value);
    bool sound = header->name.n > 0 && !is_ours(header->name);
    for (size_t i = 0; i < header->name.n; i++) {
        sound = sound && header->name.p[i] > ' ' && header->name.p[i] < 0x7f;
    }
    for (size_t i = 0; i < header->value.n; i++) {
        unsigned char c = (unsigned char)header->value.p[i];
        sound = sound && c >= ' ' && c != 0x7f;
    }
    return sound;
}

static status read_headers(struct trace_credentials *credentials, const char *path,
                           struct error *err)
{
    struct str rest, line;
    TRY(file_read(&credentials->arena, path, LIMIT_TOKEN, &rest, err));
    for (unsigned number = 1; rest.n > 0; number++) {
        struct fetch_header header;
        str_cut(rest, '\n', &line, &rest);
        line = str_trim(line);
        if (line.n == 0) {
            continue;
        }
        if (!is_header(line, &header)) {
            return error_set(err, ERROR_CONFIG, "%s:%u: not a header that may be sent", path,
                             number);
        }
        if (credentials->n_headers == LIMIT_TRACE_HEADERS) {
            return error_set(err, ERROR_LIMIT, "%s: more than %u headers", path,
                             LIMIT_TRACE_HEADERS);
        }
        credentials->headers[credentials->n_headers++] = header;
    }
    return OK;
}

status trace_credentials_need(struct trace_credentials *credentials,
                              const struct trace_config *config, struct error *err)
{
    if (credentials->read != 0 && clock_monotonic() - credentials->read < READ_AGAIN) {
        return OK;
    }
    credentials->read = 0;
    credentials->n_headers = 0;
    credentials->ca = STR_EMPTY;
    arena_reset(&credentials->arena);
    if (config->ca != NULL) {
        TRY(file_read(&credentials->arena, config->ca, LIMIT_CERTIFICATE_FILE, &credentials->ca,
                      err));
        if (str_trim(credentials->ca).n == 0) {
            return error_set(err, ERROR_CONFIG, "%s: no certificate in it", config->ca);
        }
    }
    if (config->headers != NULL) {
        TRY(read_headers(credentials, config->headers, err));
    }
    credentials->read = clock_monotonic();
    return OK;
}
