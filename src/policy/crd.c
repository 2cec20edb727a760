#include "policy/crd.h"

#include "policy/fields.h"
#include "json/fields.h"

enum { SCHEMA_DEPTH = 5 }; /* of openAPIV3Schema, below spec.versions[].schema */

struct column {
    const char *name, *type, *path, *doc;
    bool wide; /* shown by `kubectl get --output wide` only */
};

struct resource {
    const struct fields *fields; /* of the kind */
    const char *plural, *singular, *short_name, *scope;
    const struct column *columns; /* ends without a name */
};

#define READY "'.status.conditions[?(@.type==\"Ready\")]."

/* The columns that all kinds end with. */
#define COMMON                                                                                     \
    {"Ready", "string", READY "status'", "Whether it is in use.", false},                          \
        {"Reason", "string", READY "reason'", "Why it is in use or not.", true},                   \
        {"Age", "date", ".metadata.creationTimestamp", "Since when it exists.", false},            \
    {                                                                                              \
        0                                                                                          \
    }

static const struct column POLICY_COLUMNS[] = {
    {"Mode", "string", ".spec.mode", "What a failing rule leads to.", false},
    {"Rules", "integer", ".status.rules", "How many rules it has.", false},
    {"Judged", "integer", ".status.judged", "Images that it judged.", true},
    {"Denied", "integer", ".status.denied", "Images that it denied.", true},
    {"Warned", "integer", ".status.warned", "Images that it warned of.", true},
    COMMON,
};

static const struct column EXCEPTION_COLUMNS[] = {
    {"Until", "string", ".spec.until", "When it ends.", false},
    {"Excused", "integer", ".status.excused", "Failures that it excused.", true},
    {"Why", "string", ".spec.reason", "Why it was made.", true},
    COMMON,
};

static const struct resource RESOURCES[] = {
    {&policy_cluster_fields, "clusterimagepolicies", "clusterimagepolicy", "cimgpol", "Cluster",
     POLICY_COLUMNS},
    {&policy_namespace_fields, "imagepolicies", "imagepolicy", "imgpol", "Namespaced",
     POLICY_COLUMNS},
    {&policy_exception_fields, "imagepolicyexceptions", "imagepolicyexception", "imgpolex",
     "Cluster", EXCEPTION_COLUMNS},
};

static void add_columns(const struct column *columns, struct buf *buf)
{
    buf_add_cstr(buf, "      additionalPrinterColumns:\n");
    for (; columns->name != NULL; columns++) {
        buf_printf(buf,
                   "        - name: %s\n          type: %s\n          jsonPath: %s\n"
                   "          description: %s\n%s",
                   columns->name, columns->type, columns->path, columns->doc,
                   columns->wide ? "          priority: 1\n" : "");
    }
}

static void add_definition(const struct resource *resource, struct buf *buf)
{
    buf_printf(buf,
               "apiVersion: apiextensions.k8s.io/v1\n"
               "kind: CustomResourceDefinition\n"
               "metadata:\n"
               "  name: %s." POLICY_GROUP "\n"
               "spec:\n"
               "  group: " POLICY_GROUP "\n"
               "  scope: %s\n"
               "  names:\n"
               "    kind: %s\n"
               "    listKind: %sList\n"
               "    plural: %s\n"
               "    singular: %s\n"
               "    shortNames: [%s]\n"
               "    categories: [pratique]\n"
               "  versions:\n"
               "    - name: " POLICY_VERSION "\n"
               "      served: true\n"
               "      storage: true\n"
               "      subresources:\n"
               "        status: {}\n",
               resource->plural, resource->scope, resource->fields->name, resource->fields->name,
               resource->plural, resource->singular, resource->short_name);
    add_columns(resource->columns, buf);
    buf_add_cstr(buf, "      schema:\n        openAPIV3Schema:\n");
    fields_structural(resource->fields, SCHEMA_DEPTH, buf);
}

void policy_crds(struct buf *buf)
{
    buf_add_cstr(buf,
                 "# Made by `pratique policy crds` from the tables by which policies are read.\n");
    for (size_t i = 0; i < sizeof RESOURCES / sizeof RESOURCES[0]; i++) {
        buf_add_cstr(buf, i == 0 ? "" : "---\n");
        add_definition(&RESOURCES[i], buf);
    }
}
