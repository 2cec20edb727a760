#pragma once
/* Which objects the webhooks are asked about. Inside install/. */
#include "install/yaml.h"

/* Write member `rules` of a webhook: every object of Kubernetes itself that runs images, and the
 * subresources by which an image can come in. */
void rules_write(struct yaml *yaml);
