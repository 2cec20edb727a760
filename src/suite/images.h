#pragma once
/* The images of a suite as evidence. Private to suite/. */
#include "evaluate/script.h"
#include "oci/image.h"
#include "json/diagnostic.h"
#include "json/fields.h"

/* Make a script of `docs`, a list of struct suite_image_doc; what is wrong with them goes to
 * `list`. Lives in the arena. */
void suite_images(struct arena *arena, const struct field_list *docs, struct diagnostics *list,
                  struct script *ret_script);
