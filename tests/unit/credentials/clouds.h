#pragma once
/* Clouds whose endpoints are a process of clouds.py, for the tests of all of them. */
#include "test.h"

#include "credentials/clouds.h"

#define SUBJECT "eyJ.platform+/=&token" /* what the platform puts into the file "token" */
#define ROLE    "arn:aws:iam::123456789012:role/"
#define SEOUL   "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
#define OREGON  "123456789012.dkr.ecr.us-west-2.amazonaws.com"
#define NOBODY  "00000000-0000-0000-0000-000000000000"

extern struct arena cloud_arena;
extern struct str cloud_endpoint; /* "http://127.0.0.1:PORT" */

/* Start and end the process, in a folder of the test's; as cmocka's set-up and tear-down. */
int start_clouds(void **state);
int end_clouds(void **state);

/* Stop it for a while: it accepts nothing; and let it go on. */
void stop_clouds(void);
void continue_clouds(void);

/* For cloud_options.say: every host may be asked over plain HTTP. */
void say_plain(const void *said, struct str url, struct cloud_way *ret_way);

/* Amazon's by a role of this name; Google's by its metadata server, or by a file with this audience
 * and what stands behind it; Azure's by this application. What they may do: clouds.py. */
struct cloud *amazon_as(const char *role);
struct cloud *google_metadata_server(void);
struct cloud *google_as(const char *audience, const char *more);
struct cloud *microsoft_as(const char *client);

#define FROM_FILE ",\"credential_source\":{\"file\":\"token\"}"

/* FROM_FILE, and the account that it may act as. */
const char *acting_as(const char *account);

/* "user/password (source)", or "!" if there is an error, which holds no secret. Overwritten by the
 * next call. */
const char *cloud_tries(const struct cloud *cloud, const char *registry);
const char *cloud_tries_until(const struct cloud *cloud, const char *registry, int64_t deadline);

/* How often the service was asked. */
unsigned count_asked(const char *service);

/* Check that the last error is SOURCE: HOST:PORT: PROBLEM. */
void assert_refusal(const char *source, const char *problem);
