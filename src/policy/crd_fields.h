#pragma once
/* What the tables of the language say for a cluster alone: what an API server can check by itself,
 * and the status. Private to policy/.
 *
 * Each check is one of compile.c, rule.c or check*.c, in its words. None refuses what those take.
 */
#include "json/fields.h"

extern const struct field_check policy_label_checks[], policy_tag_checks[], policy_rule_checks[],
    policy_image_checks[], policy_image_user_checks[], policy_image_base_checks[],
    policy_rules_checks[], policy_spec_checks[], policy_namespace_checks[], policy_excused_checks[];

/* The status of policies, and of exceptions. Nothing is decoded by these tables. */
extern const struct fields policy_status_fields, policy_exception_status_fields;
