#pragma once
/* Inside tuf/: targets, and the delegations that lead to them; errors as of tuf_take.
 * Spec: TUF 5.6.7, 5.7. */
#include "tuf/client.h"

/* Begin to look for the target `path`. */
MUST status tuf_search_start(struct tuf *tuf, struct str path, struct tuf_move *ret_move,
                             struct error *err);

/* Take the file of a role that was asked for; the bytes of the target. */
MUST status tuf_take_delegated(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                               struct error *err);
MUST status tuf_take_target(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                            struct error *err);

/* End the search, if there is one, and free what it holds. */
void tuf_search_end(struct tuf *tuf);
