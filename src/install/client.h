#pragma once
/* What two kinds of files share. Inside install/. */
#include "install/install.h"

/* Whether the API server shows a certificate. */
bool client_given(const struct install_client *client);

/* Write a certificate or key as member `name`, or as `name`-data if it is embedded. */
void client_pem(struct yaml *yaml, const char *name, const struct install_pem *pem);

/* Write member `users` of a kubeconfig with one user, of this name. */
void client_users(struct yaml *yaml, struct str name, const struct install_client *client);

/* Write a text member that is a path below `folder`. */
void client_path(struct yaml *yaml, const char *name, struct str folder, const char *file);

/* Begin a document with its apiVersion and kind. */
void client_document(struct yaml *yaml, const char *version, const char *kind);
