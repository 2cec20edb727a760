#pragma once
/* Inside oci/: to whom a token is asked for, with what, and where credentials may go. Pure. */
#include "oci/flow.h"

/* Whether the operator says that the host of `url` may be asked over plain HTTP. */
bool flow_is_plain(const struct flow_rules *rules, const struct url *url);

/* Read whom `challenge` names into flow->token, and whether the credentials may go there into
 * flow->withheld. Errors: UPSTREAM (no URL, or one that may not be asked). */
MUST status flow_token_target(struct flow *flow, const struct challenge *challenge,
                              struct error *err);

/* The request for flow->token with the current credential, or without. Errors: LIMIT. */
MUST status flow_token_request(const struct flow *flow, struct flow_request *ret_request,
                               struct error *err);

/* "Basic …". Lives in the arena; secret. */
struct str flow_basic(struct arena *arena, const struct flow_credential *credential);
