#include "server/framing.h"

#include <string.h>

#include "base/str.h"

struct reading {
    unsigned lengths, codings;
    bool bad_name, bad_coding;
    struct framing framing;
};

static bool is_token(const char *name)
{
    static const char OTHERS[] = "!#$%&'*+-.^_`|~";
    for (const char *p = name; *p != '\0'; p++) {
        bool alphanumeric =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if (!alphanumeric && strchr(OTHERS, *p) == NULL) {
            return false;
        }
    }
    return *name != '\0';
}

static enum MHD_Result read_header(void *argument, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    struct reading *reading = argument;
    struct str text = value == NULL ? STR_EMPTY : str_from(value);
    reading->bad_name = reading->bad_name || !is_token(name);
    if (str_eq_nocase(str_from(name), STR(MHD_HTTP_HEADER_CONTENT_LENGTH))) {
        uint64_t length = 0;
        reading->lengths++;
        /* libmicrohttpd has refused what is no number. */
        reading->framing.length =
            str_parse_u64(text, SIZE_MAX, &length) ? (size_t)length : SIZE_MAX;
    } else if (str_eq_nocase(str_from(name), STR(MHD_HTTP_HEADER_TRANSFER_ENCODING))) {
        reading->codings++;
        reading->framing.chunked = true;
        reading->bad_coding = reading->bad_coding || !str_eq_nocase(text, STR("chunked"));
    } else if (str_eq_nocase(str_from(name), STR(MHD_HTTP_HEADER_EXPECT))) {
        reading->framing.continues = true;
    }
    return MHD_YES;
}

status framing_read(struct MHD_Connection *connection, const char *version,
                    struct framing *ret_framing, struct error *err)
{
    struct reading reading = {0};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, read_header, &reading);
    const char *fault = NULL;
    if (reading.bad_name) {
        fault = "the name of a header is not a token";
    } else if (reading.lengths > 1) {
        fault = "more than one Content-Length";
    } else if (reading.codings > 0 && reading.lengths > 0) {
        fault = "both Content-Length and Transfer-Encoding";
    } else if (reading.codings > 1 || reading.bad_coding) {
        fault = "a Transfer-Encoding that is not chunked";
    } else if (reading.codings > 0 && strcmp(version, MHD_HTTP_VERSION_1_1) != 0) {
        fault = "Transfer-Encoding is not part of HTTP/1.0";
    }
    if (fault != NULL) {
        return error_set(err, ERROR_INPUT, "%s", fault);
    }
    *ret_framing = reading.framing;
    return OK;
}
