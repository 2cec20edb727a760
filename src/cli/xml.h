#pragma once
/* Text in XML. */
#include "base/buf.h"

/* Append text for an element or an attribute in double quotes. What XML 1.0 has no character for,
 * and invalid UTF-8, becomes U+FFFD; a tab and the ends of lines are written by their numbers,
 * which readers keep. */
void xml_add(struct buf *buf, struct str text);
