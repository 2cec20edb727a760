#pragma once
/* Real connections to the server of server.py, and what the tests of the port over libcurl share.
 */
#include "base/clock.h"
#include "fetch/curl.h"
#include "test.h"

#define SECONDS (60 * NS_PER_S) /* for what should take none */

extern unsigned modern, old, elsewhere, plain; /* ports */
extern struct arena arena;
extern struct fetch fetch;
extern struct fetch_answer answer;
extern struct error err;

/* Of a group of tests. */
int start_server(void **state);
int end_server(void **state);

/* A file that server.py wrote. */
struct str file(const char *name);

struct fetch_request to(unsigned port, const char *path);

/* Send, to `answer` or `err`. */
bool sends(const struct fetch_request *request);
void assert_refused(const struct fetch_request *request, enum error_kind kind, const char *wanted);

/* The body has this in it. */
void assert_body(const char *wanted);
