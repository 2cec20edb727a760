#pragma once
/* Label selectors as Kubernetes has them. Private to policy/.
 * Spec: apimachinery meta/v1 LabelSelector; validation as ValidateLabelSelector. */
#include "policy/compile.h"
#include "policy/match.h"

/* Compile a selector and report what Kubernetes would refuse. NULL for one that is empty, which
 * selects everything. Lives in the set. */
const struct policy_selector *policy_selector_compile(struct compile *compile,
                                                      const struct policy_selector_doc *doc);

/* Whether the labels of an object satisfy the selector. */
enum policy_answer policy_selector_match(const struct policy_selector *selector,
                                         yyjson_val *labels);

/* The same for the labels of a namespace of which they may be unknown (`known` false). Even then
 * the label kubernetes.io/metadata.name is known, which the API server keeps equal to the name. */
enum policy_answer policy_selector_match_namespace(const struct policy_selector *selector,
                                                   bool known, yyjson_val *labels, struct str name);
