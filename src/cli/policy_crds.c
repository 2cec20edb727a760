/* `pratique policy crds`: policies as custom resources, for the API server. */
#include "base/buf.h"
#include "base/limits.h"
#include "cli/options.h"
#include "policy/crd.h"

static int run(struct invocation *invocation)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_FILE);
    policy_crds(&buf);
    ENSURE(!buf_overflowed(&buf));
    struct str text = buf_str(&buf);
    fwrite(text.p, 1, text.n, invocation->out);
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {OPTION_END};

const struct command command_policy_crds = {
    .name = "policy crds",
    .summary = "print the CustomResourceDefinitions of policies",
    .operands = "",
    .options = OPTIONS,
    .about = "Prints the CustomResourceDefinitions of ClusterImagePolicy, ImagePolicy and\n"
             "ImagePolicyException, made from the table that reads the files. The chart\n"
             "brings them too, but helm never upgrades what it finds: this does.",
    .exits = "0  printed",
    .examples = "pratique policy crds | kubectl apply --server-side -f -",
    .run = run,
};
