#pragma once
/* The port over libcurl: HTTP/1.1, TLS 1.2 or newer, connections kept between requests. A peer that
 * is gone without a word is noticed within a minute also while nothing is sent (TCP keepalive). */
#include "fetch/fetch.h"

/* A port of its own; proxies that the environment names are not used. Returns owned. */
struct fetch fetch_curl_new(void);

/* Start the library, once; others of this folder that use it do so first. */
void fetch_curl_start(void);

/* Close its connections, and free it. A zeroed one is fine. */
void fetch_curl_free(struct fetch *fetch);
