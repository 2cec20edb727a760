#include "cluster/resources.h"

#define GROUP "/apis/pratique.dev/v1alpha1"

const struct cluster_resource cluster_resources[CLUSTER_WATCHES] = {
    [CLUSTER_WIDE] = {"ClusterImagePolicy", GROUP "/clusterimagepolicies", "clusterimagepolicies"},
    [CLUSTER_LOCAL] = {"ImagePolicy", GROUP "/imagepolicies", "imagepolicies"},
    [CLUSTER_EXCEPTIONS] = {"ImagePolicyException", GROUP "/imagepolicyexceptions",
                            "imagepolicyexceptions"},
    [CLUSTER_NAMESPACES] = {"Namespace", "/api/v1/namespaces", "namespaces"},
};

static const struct cluster_resource *find(struct str kind)
{
    for (size_t i = 0; i < CLUSTER_WATCHES; i++) {
        if (str_eq(kind, str_from(cluster_resources[i].kind))) {
            return &cluster_resources[i];
        }
    }
    fatal("a kind that is not watched");
}

struct str resource_path(struct arena *arena, struct str kind, struct str namespace,
                         struct str name)
{
    const char *plural = find(kind)->name;
    return namespace.n > 0 ? arena_printf(arena, GROUP "/namespaces/%.*s/%s/%.*s",
                                          STR_ARG(namespace), plural, STR_ARG(name))
                           : arena_printf(arena, GROUP "/%s/%.*s", plural, STR_ARG(name));
}
