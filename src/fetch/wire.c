#include "fetch/wire.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fetch/curl.h"

enum { ADDRESS_MAX = 300 };

struct wire {
    CURL *curl;
    curl_socket_t socket;
    char problem[CURL_ERROR_SIZE];
};

#define SET(option, value) ENSURE(curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static long left_ms(int64_t deadline)
{
    int64_t left = (deadline - clock_monotonic()) / NS_PER_MS;
    return left < 1 ? 1 : (long)left;
}

static void set_place(CURL *curl, const struct wire_place *place)
{
    char url[ADDRESS_MAX + sizeof "https://"];
    snprintf(url, sizeof url, "%s://%.*s", place->plain ? "http" : "https",
             STR_ARG(place->address));
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a name that is still looked for is not waited for */
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (place->ca.n > 0) {
        struct curl_blob blob = {(void *)(uintptr_t)place->ca.p, place->ca.n, CURL_BLOB_COPY};
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, NULL);
        SET(CURLOPT_CAINFO_BLOB, &blob);
    }
}

status wire_open(const struct wire_place *place, int64_t deadline, struct wire **ret_wire,
                 struct error *err)
{
    if (place->address.n > ADDRESS_MAX) {
        return error_set(err, ERROR_UPSTREAM, "the address is longer than %d bytes", ADDRESS_MAX);
    }
    fetch_curl_start();
    struct wire *wire = calloc(1, sizeof *wire);
    ENSURE(wire != NULL);
    CURL *curl = wire->curl = curl_easy_init();
    ENSURE(curl != NULL);
    set_place(curl, place);
    SET(CURLOPT_ERRORBUFFER, wire->problem);
    SET(CURLOPT_CONNECTTIMEOUT_MS, left_ms(deadline));
    SET(CURLOPT_TIMEOUT_MS, left_ms(deadline));
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &wire->socket);
    }
    if (code != CURLE_OK) {
        error_fill(err, code == CURLE_OPERATION_TIMEDOUT ? ERROR_TIMEOUT : ERROR_UPSTREAM, "%s",
                   wire->problem[0] != '\0' ? wire->problem : curl_easy_strerror(code));
        wire_close(wire);
        return FAILED;
    }
    *ret_wire = wire;
    return OK;
}

void wire_close(struct wire *wire)
{
    if (wire != NULL) {
        curl_easy_cleanup(wire->curl);
        free(wire);
    }
}

/* Wait until the socket may be read or written. */
static status wait_for(const struct wire *wire, short events, int64_t deadline, struct error *err)
{
    struct pollfd one = {.fd = wire->socket, .events = events};
    int n = clock_monotonic() < deadline ? poll(&one, 1, (int)left_ms(deadline)) : 0;
    if (n == 0) {
        return error_set(err, ERROR_TIMEOUT, "no answer in time");
    }
    return n > 0 || errno == EINTR ? OK : error_set(err, ERROR_UPSTREAM, "poll: %m");
}

static status broken(CURLcode code, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM, "%s", curl_easy_strerror(code));
}

status wire_send(struct wire *wire, struct str bytes, int64_t deadline, struct error *err)
{
    while (bytes.n > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(wire->curl, bytes.p, bytes.n, &sent);
        if (code == CURLE_AGAIN) {
            TRY(wait_for(wire, POLLOUT, deadline, err));
        } else if (code != CURLE_OK) {
            return broken(code, err);
        }
        bytes = str_sub(bytes, sent, bytes.n);
    }
    return OK;
}

status wire_receive(struct wire *wire, char *room, size_t size, int64_t deadline, size_t *ret_n,
                    struct error *err)
{
    for (;;) {
        size_t n = 0;
        CURLcode code = curl_easy_recv(wire->curl, room, size, &n);
        if (code == CURLE_OK && n > 0) {
            *ret_n = n;
            return OK;
        }
        if (code == CURLE_OK) {
            return error_set(err, ERROR_UPSTREAM, "the connection was closed");
        }
        if (code != CURLE_AGAIN) {
            return broken(code, err);
        }
        TRY(wait_for(wire, POLLIN, deadline, err));
    }
}
