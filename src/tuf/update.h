#pragma once
/* Inside tuf/: the workflow from root to targets. Each takes what came for the stage of its name
 * and goes on; errors as of tuf_take. */
#include "tuf/client.h"

/* Read the kept root, and ask for the next. Spec: TUF 5.2. */
MUST status tuf_load_root(struct tuf *tuf, struct tuf_move *ret_move, struct error *err);

/* Spec: TUF 5.3, 5.4, 5.5, 5.6. */
MUST status tuf_take_root(struct tuf *tuf, const struct tuf_answer *answer,
                          struct tuf_move *ret_move, struct error *err);
MUST status tuf_take_timestamp(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                               struct error *err);
MUST status tuf_take_snapshot(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                              struct error *err);
MUST status tuf_take_targets(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                             struct error *err);
