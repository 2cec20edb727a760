#include "test.h"

/* What is wrong with policies, in the words in which it is reported: every line of every case. */

#define PASS "rules: [{name: r, deny: ['**:never']}]"
#define FOR  "until: 2026-12-31T00:00:00Z, reason: x"

struct check_case {
    const char *text;
    const char *printed; /* all diagnostics; a text without an error loads */
};

static const struct check_case RULES[] = {
    {POLICY("p", "rules: [{name: r, allow: [a.io], deny: [b.io]}]"),
     "p.yaml:5:41: error: spec.rules[0]: a rule is of one kind, and this one has both allow and "
     "deny; make two rules of it\n"},
    {POLICY("p", "rules: [{name: r, tag: {semver: '1'}, require: [tag]}]"),
     "p.yaml:5:46: error: spec.rules[0]: a rule is of one kind, and this one has both tag and "
     "require; make two rules of it\n"},
    {POLICY("p", "rules: [{name: r, allow: [a.io], tag: {}}]"),
     "p.yaml:5:16: error: spec.rules[0]: a rule is of one kind, and this one has both allow and "
     "tag; make two rules of it\n"},
    {POLICY("p", "rules: [{name: r}]"), "p.yaml:5:16: error: spec.rules[0]: the rule demands "
                                        "nothing; give it allow, deny, tag, require or image\n"},
    {POLICY("p", "rules: [{name: r, message: help}]"),
     "p.yaml:5:16: error: spec.rules[0]: the rule demands nothing; give it allow, deny, tag, "
     "require or image\n"},
    {POLICY("p", "rules: [{allow: [a.io]}]"),
     "p.yaml:5:16: error: spec.rules[0]: \"name\" is required\n"},
    {POLICY("p", "rules: [{name: R_1, allow: [a.io]}]"),
     "p.yaml:5:17: error: spec.rules[0].name: \"R_1\" is no name of a rule, which consists of "
     "lower-case letters, digits and inner \"-\"\n"},
    {POLICY("p", "rules: [{name: r, allow: []}]"),
     "p.yaml:5:26: error: spec.rules[0].allow: must not be empty\n"},
    {POLICY("p", "rules: [{name: r, allow: null}]"),
     "p.yaml:5:26: error: spec.rules[0].allow: must be a list of strings, found null; give it a "
     "value or leave it out\n"},
    {POLICY("p", "rules: [{name: r, allow: a.io}]"),
     "p.yaml:5:26: error: spec.rules[0].allow: must be a list of strings, found a string; write "
     "[\"a.io\"]\n"},
    {POLICY("p", "rules: [{name: r, allow: [7]}]"),
     "p.yaml:5:34: error: spec.rules[0].allow[0]: must be a string, found a number; quote it, as "
     "in \"1.10\"\n"},
    {POLICY("p", "rules: [{name: r, tag: {}}]"),
     "p.yaml:5:16: error: spec.rules[0]: tag demands nothing; give it semver or pattern\n"},
    {POLICY("p", "rules: [{name: r, tag: {semver: '>>1'}}]"),
     "p.yaml:5:32: error: spec.rules[0].tag.semver: version range \">>1\": \">>\" is no operator: "
     "=, !=, >, >=, <, <=, ^ or ~\n"},
    {POLICY("p", "rules: [{name: r, tag: {pattern: 'a(b'}}]"),
     "p.yaml:5:32: error: spec.rules[0].tag.pattern: the regular expression is wrong: missing "
     "closing parenthesis at character 4\n"},
    {POLICY("p", "rules: [{name: r, require: [digests]}]"),
     "p.yaml:5:36: error: spec.rules[0].require[0]: must be one of \"digest\", \"tag\", "
     "\"fullyQualified\", found \"digests\" (did you mean \"digest\"?)\n"},
    {POLICY("p", "rules: [{name: r, require: [digest, checksum]}]"),
     "p.yaml:5:44: error: spec.rules[0].require[1]: must be one of \"digest\", \"tag\", "
     "\"fullyQualified\", found \"checksum\"\n"},
    {POLICY("p", "rules: [{name: r, allow: ['!a.io']}]"),
     "p.yaml:5:34: error: spec.rules[0].allow[0]: \"!\" excludes in the lists of images, "
     "namespaces, kinds and users only; here, list what is meant\n"},
    {POLICY("p", "rules: [{name: r, deny: ['*']}]"),
     "p.yaml:5:33: error: spec.rules[0].deny[0]: pattern \"*\": \"*\" stays inside one segment: "
     "write \"**\" for any image\n"},
    {POLICY("p", "rules: [{name: r, deny: ['https://a.io/b']}]"),
     "p.yaml:5:33: error: spec.rules[0].deny[0]: pattern \"https://a.io/b\": `https://` is not "
     "part of a reference\n"},
    {POLICY("p", "rules: [{name: r, alow: [a.io]}]"),
     "p.yaml:5:26: error: spec.rules[0].alow: unknown field \"alow\" (did you mean \"allow\"?)\n"},
    {POLICY("p", "rules: [{name: r, allow: [a.io]}, {name: r, deny: [b.io]}]"),
     "p.yaml:5:43: error: spec.rules[1].name: the name \"r\" stands twice; spec.rules[0] has the "
     "first\n"},
    {POLICY("p", "rules: []"), "p.yaml:5:8: error: spec.rules: must not be empty\n"},
    {POLICY("p", "rules: null"), "p.yaml:5:8: error: spec.rules: must be a list of objects, found "
                                 "null; give it a value or leave it out\n"},
    {POLICY("p", "rules: [null]"), "p.yaml:5:16: error: spec.rules[0]: must be an object, found "
                                   "null; give it a value or leave it out\n"},
};

static const struct check_case RESERVED[] = {
    {POLICY("p", "rules: [{name: r, signature: {threshold: 1}}]"),
     "p.yaml:5:26: error: spec.rules[0].signature: \"signature\" is not part of this version of "
     "pratique\n"},
    {POLICY("p", "rules: [{name: r, vulnerability: {max: {critical: 0}}}]"),
     "p.yaml:5:26: error: spec.rules[0].vulnerability: \"vulnerability\" is not part of this "
     "version of pratique\n"},
    {POLICY("p", "rules: [{name: r, attestation: {}}]"),
     "p.yaml:5:26: error: spec.rules[0].attestation: \"attestation\" is not part of this version "
     "of pratique\n"},
};

#define IMAGE(fields) "rules: [{name: r, image: {" fields "}}]"

#define PINS "mutate: {resolveDigest: true}, staleWhileUnreachable: "

static const struct check_case EVIDENCE[] = {
    {POLICY("p", "rules: [{name: r, deny: [a.io], onError: warn}]"),
     "p.yaml:5:40: error: spec.rules[0].onError: a rule of kind deny looks at the reference alone, "
     "for which nobody is asked; onError is for rules that look at the image\n"},
    {POLICY("p", "rules: [{name: r, deny: [a.io]}], staleWhileUnreachable: 1h"),
     "p.yaml:5:42: error: spec.staleWhileUnreachable: no registry is asked by this policy; "
     "staleWhileUnreachable is for those with mutate.resolveDigest or a rule that looks at the "
     "image\n"},
    {POLICY("p", PINS "0s"), "p.yaml:5:39: error: spec.staleWhileUnreachable: no digest is so "
                             "young; write a time such as \"12h\"\n"},
    {POLICY("p", PINS "soon"), "p.yaml:5:39: error: spec.staleWhileUnreachable: \"soon\" is not a "
                               "duration; write one such as "
                               "\"10s\", \"1m30s\" or \"7d\"\n"},
    {POLICY("p", PINS "''"), "p.yaml:5:39: error: spec.staleWhileUnreachable: must not be empty\n"},
    {POLICY("p", PINS "7d1ns"),
     "p.yaml:5:39: error: spec.staleWhileUnreachable: digests are kept for 7 days at most\n"},
    {POLICY("p", PINS "7d"), ""},
    {POLICY("p", "rules: [{name: r, image: {maxLayers: 1}}], staleWhileUnreachable: 1h"), ""},
    {POLICY("p", "rules: [{name: r, onError: warn}]"),
     "p.yaml:5:16: error: spec.rules[0]: the rule demands nothing; give it allow, deny, tag, "
     "require or image\n"},
    {POLICY("p", IMAGE("")), "p.yaml:5:16: error: spec.rules[0]: image demands nothing; give it "
                             "maxAge, platforms or another "
                             "of its fields\n"},
    {POLICY("p", IMAGE("maxAge: 0s")),
     "p.yaml:5:34: error: spec.rules[0].image.maxAge: no image is so young; write one such as "
     "\"90d\"\n"},
    {POLICY("p", IMAGE("maxAge: soon")), "p.yaml:5:34: error: spec.rules[0].image.maxAge: \"soon\" "
                                         "is not a duration; write one such as "
                                         "\"10s\", \"1m30s\" or \"7d\"\n"},
    {POLICY("p", IMAGE("maxSize: 500MB")),
     "p.yaml:5:34: error: spec.rules[0].image.maxSize: \"500MB\" is no size; write one such as "
     "\"500Mi\" or \"2G\"\n"},
    {POLICY("p", IMAGE("maxLayers: 0")), "p.yaml:5:34: error: spec.rules[0].image.maxLayers: must "
                                         "be a whole number from 1 to 1024, found 0\n"},
    {POLICY("p", IMAGE("maxLayers: 1025")), "p.yaml:5:34: error: spec.rules[0].image.maxLayers: "
                                            "must be a whole number from 1 to 1024, found 1025\n"},
    {POLICY("p", IMAGE("platforms: [linux]")),
     "p.yaml:5:46: error: spec.rules[0].image.platforms[0]: \"linux\" is no platform; write one "
     "such as linux/amd64 or linux/arm/v7\n"},
    {POLICY("p", IMAGE("ports: ['0']")),
     "p.yaml:5:42: error: spec.rules[0].image.ports[0]: \"0\" is no port; write one such as "
     "\"443\", \"8000-8999\" or \"53/udp\"\n"},
    {POLICY("p", IMAGE("ports: ['80-79']")),
     "p.yaml:5:42: error: spec.rules[0].image.ports[0]: \"80-79\" is no port; write one such as "
     "\"443\", \"8000-8999\" or \"53/udp\"\n"},
    {POLICY("p", IMAGE("ports: ['80/icmp']")),
     "p.yaml:5:42: error: spec.rules[0].image.ports[0]: \"80/icmp\" is no port; write one such as "
     "\"443\", \"8000-8999\" or \"53/udp\"\n"},
    {POLICY("p", IMAGE("ports: ['65536']")),
     "p.yaml:5:42: error: spec.rules[0].image.ports[0]: \"65536\" is no port; write one such as "
     "\"443\", \"8000-8999\" or \"53/udp\"\n"},
    {POLICY("p", IMAGE("base: [{digest: 'sha256:12'}]")),
     "p.yaml:5:42: error: spec.rules[0].image.base[0].digest: \"sha256:12\" has the wrong length: "
     "sha256 has 64 hex digits, sha384 96, sha512 128\n"},
    {POLICY("p", IMAGE("base: [{layers: ['x']}]")),
     "p.yaml:5:51: error: spec.rules[0].image.base[0].layers[0]: \"x\" is malformed: an algorithm, "
     "\":\" and lower-case hex digits are expected\n"},
    {POLICY("p", IMAGE("base: [{name: '*'}]")),
     "p.yaml:5:42: error: spec.rules[0].image.base[0].name: pattern \"*\": \"*\" stays inside one "
     "segment: write \"**\" for any image\n"},
    {POLICY("p", IMAGE("base: [{}]")), "p.yaml:5:34: error: spec.rules[0]: a base in image.base is "
                                       "every image; give it name, digest or layers\n"},
    {POLICY("p", IMAGE("labels: {required: ['=x']}")),
     "p.yaml:5:54: error: spec.rules[0].image.labels.required[0]: a key is missing; write KEY or "
     "KEY=VALUE\n"},
    {POLICY("p", IMAGE("labels: {required: [team], forbidden: [stage, 'te*']}")),
     "p.yaml:5:80: error: spec.rules[0].image.labels.forbidden[1]: contradiction: no image passes, "
     "for \"team\" is required\n"},
    {POLICY("p", IMAGE("user: {byName: true}")),
     "p.yaml:5:16: error: spec.rules[0]: image.user demands nothing; give it notRoot: true\n"},
    {POLICY("p", IMAGE("user: {}")),
     "p.yaml:5:16: error: spec.rules[0]: image.user demands nothing; give it notRoot: true\n"},
    {POLICY("p", IMAGE("entrypoint: []")),
     "p.yaml:5:34: error: spec.rules[0].image.entrypoint: must not be empty\n"},
    {POLICY("p", "rules: [{name: r, image: {maxLayers: 1}, deny: [a.io]}]"),
     "p.yaml:5:16: error: spec.rules[0]: a rule is of one kind, and this one has both deny and "
     "image; make two rules of it\n"},
    {POLICY("p", "rules: [{name: r, onError: warn, image: {maxLayers: 1}}]"), ""},
    {POLICY("p", "rules: [{name: r, onError: ignore, image: {maxLayers: 1}}]"),
     "p.yaml:5:26: error: spec.rules[0].onError: must be one of \"fail\", \"warn\", found "
     "\"ignore\"\n"},
    {POLICY("p", "mutate: {resolveDigest: false}"),
     "p.yaml:5:1: error: spec: the policy does nothing; give it rules, mutate.rewrite or "
     "mutate.resolveDigest\n"},
    {POLICY("p", "mutate: {resolveDigest: 'yes'}"),
     "p.yaml:5:17: error: spec.mutate.resolveDigest: must be true or false, found a string; write "
     "it without quotes\n"},
    {POLICY("p", "mutate: {resolveDigest: true}")
         EXCEPTION("e", "policies: [p], rules: [resolveDigest], until: "
                        "2030-01-01T00:00:00Z, reason: r"),
     ""},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], rules: [resolveDigest], until: "
                                      "2030-01-01T00:00:00Z, reason: r"),
     "p.yaml:10:31: warning: spec.rules[0]: none of the policies has a rule \"resolveDigest\"\n"},
};

static const struct check_case DOCUMENTS[] = {
    {"",
     "p.yaml: error: no policy is here; give one document of kind ClusterImagePolicy at least\n"},
    {"---\n---\n",
     "p.yaml: error: no policy is here; give one document of kind ClusterImagePolicy at least\n"},
    {"- a\n", "p.yaml:1:1: error: a policy is an object with apiVersion, kind, metadata and spec, "
              "and its kind is ClusterImagePolicy, ImagePolicy or ImagePolicyException; this is a "
              "list with nothing for a kind\n"},
    {"7\n", "p.yaml:1:1: error: a policy is an object with apiVersion, kind, metadata and spec, "
            "and its kind is ClusterImagePolicy, ImagePolicy or ImagePolicyException; this is a "
            "number with nothing for a kind\n"},
    {"kind: ClusterImagePolicy\n", "p.yaml:1:1: error: \"apiVersion\" is required\n"
                                   "p.yaml:1:1: error: \"metadata\" is required\n"
                                   "p.yaml:1:1: error: \"spec\" is required\n"},
    {"kind: null\n", "p.yaml:1:1: error: a policy is an object with apiVersion, kind, metadata and "
                     "spec, and its kind is ClusterImagePolicy, ImagePolicy or "
                     "ImagePolicyException; this is an object with null for a kind\n"},
    {"apiVersion: v1\nkind: Pod\n",
     "p.yaml:2:1: error: kind: \"Pod\" is no kind of this language; it has ClusterImagePolicy, "
     "ImagePolicy and ImagePolicyException\n"},
    {"apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolcy\n",
     "p.yaml:2:1: error: kind: \"ClusterImagePolcy\" is no kind of this language; it has "
     "ClusterImagePolicy, ImagePolicy and ImagePolicyException (did you mean "
     "\"ClusterImagePolicy\"?)\n"},
    {"apiVersion: pratique.dev/v1\nkind: ClusterImagePolicy\nmetadata: {name: p}\n"
     "spec: {" PASS "}\n",
     "p.yaml:1:1: error: apiVersion: must be \"pratique.dev/v1alpha1\", found "
     "\"pratique.dev/v1\"\n"},
    {"a: [\n", "p.yaml:2:1: error: did not find expected node content\n"},
    {"a: 1\na: 2\n", "p.yaml:2:1: error: the key \"a\" stands twice, first at line 1, column 1\n"},
    {POLICY("p", ""), "p.yaml:5:1: error: spec: the policy does nothing; give it rules, "
                      "mutate.rewrite or mutate.resolveDigest\n"},
    {POLICY("p", PASS ", modes: warn"),
     "p.yaml:5:48: error: spec.modes: unknown field \"modes\" (did you mean \"mode\"?)\n"},
    {POLICY("p", PASS ", mode: warning"), "p.yaml:5:48: error: spec.mode: must be one of "
                                          "\"enforce\", \"warn\", \"audit\", found \"warning\"\n"},
    {POLICY("p", PASS ", mode: null"), "p.yaml:5:48: error: spec.mode: must be a string, found "
                                       "null; give it a value or leave it out\n"},
    {POLICY("p", PASS ", match: null"), "p.yaml:5:48: error: spec.match: must be an object, found "
                                        "null; give it a value or leave it out\n"},
    {POLICY("Base_line", PASS),
     "p.yaml:4:12: error: metadata.name: \"Base_line\" is no name of a Kubernetes object, which "
     "consists of lower-case letters, digits, \".\" and inner \"-\"\n"},
    {POLICY("''", PASS), "p.yaml:4:12: error: metadata.name: must not be empty\n"},
    {POLICY("p, namespace: shop", PASS),
     "p.yaml:4:21: error: metadata.namespace: a document of kind ClusterImagePolicy belongs to the "
     "whole cluster and has no namespace; the namespaces it is for are listed in spec\n"},
    {POLICY("p, nam: shop", PASS),
     "p.yaml:4:21: error: metadata.nam: unknown field \"nam\" (did you mean \"name\"?)\n"},
    {POLICY("p, labels: {a: b}, annotations: {c: 7}, uid: x", PASS), ""},
    {DOCUMENT("ImagePolicy", "name: p", PASS),
     "p.yaml:4:1: error: metadata: \"namespace\" is required\n"},
    {NAMESPACED("p", "Shop", PASS),
     "p.yaml:4:21: error: metadata.namespace: \"Shop\" is no name of a namespace\n"},
    {NAMESPACED("p", "shop", PASS ", match: {namespaces: [shop]}"),
     "p.yaml:5:56: error: spec.match.namespaces: an ImagePolicy applies to its own namespace "
     "alone; remove this, or make it a ClusterImagePolicy\n"},
    {NAMESPACED("p", "shop", PASS ", accept: [shortName]"),
     "p.yaml:5:48: error: spec.accept: an ImagePolicy can only tighten; a ClusterImagePolicy may "
     "accept this\n"},
    {POLICY("p", PASS) POLICY("q", PASS) POLICY("p", PASS),
     "p.yaml:14:12: error: metadata.name: ClusterImagePolicy \"p\" stands twice; the first is at "
     "p.yaml:4:12\n"},
    {POLICY("p", PASS) NAMESPACED("p", "a", PASS) NAMESPACED("p", "b", PASS), ""},
    {NAMESPACED("p", "a", PASS) NAMESPACED("p", "a", PASS),
     "p.yaml:9:12: error: metadata.name: ImagePolicy \"p\" stands twice; the first is at "
     "p.yaml:4:12\n"},
    {EXCEPTION("e", "policies: ['*'], " FOR),
     "p.yaml: error: no policy is here; give one document of kind ClusterImagePolicy at least\n"
     "p.yaml:5:19: warning: spec.policies[0]: no policy is named \"*\"\n"},
    {POLICY("p", PASS ", accept: [shortNames]"),
     "p.yaml:5:57: error: spec.accept[0]: must be one of \"shortName\", \"upperCaseHost\", "
     "\"imageID\", found \"shortNames\" (did you mean \"shortName\"?)\n"},
};

static const struct check_case MATCH[] = {
    {POLICY("p", PASS ", match: {namespaces: []}"),
     "p.yaml:5:56: error: spec.match.namespaces: must not be empty\n"},
    {POLICY("p", PASS ", match: {namespaces: [shop, '!shop']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: unreachable: \"!shop\" excludes all of it\n"},
    {POLICY("p", PASS ", match: {namespaces: ['!*']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: this excludes everything\n"},
    {POLICY("p", PASS ", match: {namespaces: ['*', '!*']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: unreachable: \"!*\" excludes all of it\n"},
    {POLICY("p", PASS ", match: {namespaces: ['sh*', shop]}"),
     "p.yaml:5:76: warning: spec.match.namespaces[1]: redundant: \"sh*\" means all of it "
     "already\n"},
    {POLICY("p", PASS ", match: {namespaces: ['Shop']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: \"Shop\" can match no namespace, whose name "
     "consists of lower-case letters, digits and \"-\"; \"*\" is the one wildcard\n"},
    {POLICY("p", PASS ", match: {namespaces: ['']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: a name of a namespace is missing; \"*\" stands "
     "for all\n"},
    {POLICY("p", PASS ", match: {namespaces: ['!']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: a name of a namespace is missing; \"*\" stands "
     "for all\n"},
    {POLICY("p", PASS ", match: {namespaces: ['sh?p']}"),
     "p.yaml:5:69: error: spec.match.namespaces[0]: \"sh?p\" can match no namespace, whose name "
     "consists of lower-case letters, digits and \"-\"; \"*\" is the one wildcard\n"},
    {POLICY("p", PASS ", match: {kinds: [pod]}"),
     "p.yaml:5:64: error: spec.match.kinds[0]: unreachable: kinds begin with a capital letter (did "
     "you mean \"Pod\"?)\n"},
    {POLICY("p", PASS ", match: {kinds: ['!deployment']}"),
     "p.yaml:5:64: error: spec.match.kinds[0]: unreachable: kinds begin with a capital letter (did "
     "you mean \"!Deployment\"?)\n"},
    {POLICY("p", PASS ", match: {kinds: [apps/Deployment]}"),
     "p.yaml:5:64: error: spec.match.kinds[0]: \"apps/Deployment\" can match no kind, whose name "
     "consists of letters and digits; \"*\" is the one wildcard\n"},
    {POLICY("p", PASS ", match: {operations: [create]}"),
     "p.yaml:5:69: error: spec.match.operations[0]: must be one of \"CREATE\", \"UPDATE\", found "
     "\"create\" (did you mean \"CREATE\"?)\n"},
    {POLICY("p", PASS ", match: {operations: [DELETE]}"),
     "p.yaml:5:69: error: spec.match.operations[0]: must be one of \"CREATE\", \"UPDATE\", found "
     "\"DELETE\"\n"},
    {POLICY("p", PASS ", match: {users: [\"a\\tb\"]}"),
     "p.yaml:5:64: error: spec.match.users[0]: \"a?b\" can match no user, whose name consists of "
     "printable characters; \"*\" is the one wildcard\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchLabels: {'-a': b}}}"),
     "p.yaml:5:87: error: spec.match.objectSelector.matchLabels[\"-a\"]: \"-a\" is no label key; "
     "it is a name of at most 63 letters, digits, \"-\", \"_\" and \".\", with a domain and \"/\" "
     "before it if need be\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchLabels: {a: 'b c'}}}"),
     "p.yaml:5:87: error: spec.match.objectSelector.matchLabels.a: \"b c\" is no label value; it "
     "is at most 63 letters, digits, \"-\", \"_\" and \".\", or empty\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchLabels: {a: 7}}}"),
     "p.yaml:5:87: error: spec.match.objectSelector.matchLabels.a: must be a string, found a "
     "number; quote it, as in \"1.10\"\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchExpressions: [{key: a, operator: In}]}}"),
     "p.yaml:5:101: error: spec.match.objectSelector.matchExpressions[0].operator: In needs "
     "values\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchExpressions: [{key: a, operator: Exists, "
                      "values: [b]}]}}"),
     "p.yaml:5:101: error: spec.match.objectSelector.matchExpressions[0].operator: Exists takes no "
     "values\n"},
    {POLICY("p", PASS ", match: {objectSelector: {matchExpressions: [{key: a, operator: in, "
                      "values: [b]}]}}"),
     "p.yaml:5:101: error: spec.match.objectSelector.matchExpressions[0].operator: must be one of "
     "\"In\", \"NotIn\", \"Exists\", \"DoesNotExist\", found \"in\" (did you mean \"In\"?)\n"},
    {POLICY("p", PASS ", match: {namespaceSelector: {matchLables: {a: b}}}"),
     "p.yaml:5:76: error: spec.match.namespaceSelector.matchLables: unknown field \"matchLables\" "
     "(did you mean \"matchLabels\"?)\n"},
};

static const struct check_case IMAGES[] = {
    {POLICY("p", "images: [ghcr.io, '!ghcr.io'], " PASS),
     "p.yaml:5:17: error: spec.images[0]: unreachable: \"!ghcr.io\" excludes all of it\n"},
    {POLICY("p", "images: ['ghcr.io/a/**', '!ghcr.io'], " PASS),
     "p.yaml:5:17: error: spec.images[0]: unreachable: \"!ghcr.io\" excludes all of it\n"},
    {POLICY("p", "images: ['!**'], " PASS),
     "p.yaml:5:17: error: spec.images[0]: this excludes every image\n"
     "p.yaml:5:50: error: spec.rules[0].deny[0]: unreachable: it matches no image that the policy "
     "applies to, which spec.images says\n"},
    {POLICY("p", "images: [ghcr.io, 'ghcr.io/a/**'], " PASS),
     "p.yaml:5:26: warning: spec.images[1]: redundant: \"ghcr.io\" means all of it already\n"},
    {POLICY("p", "images: ['**', '!ghcr.io', '!ghcr.io/a/**'], " PASS),
     "p.yaml:5:35: warning: spec.images[2]: redundant: \"!ghcr.io\" means all of it already\n"},
    {POLICY("p", "images: [ghcr.io, ghcr.io], " PASS),
     "p.yaml:5:26: warning: spec.images[1]: redundant: \"ghcr.io\" means all of it already\n"},
    {POLICY("p", "images: [ghcr.io], rules: [{name: r, allow: [quay.io]}]"),
     "p.yaml:5:53: error: spec.rules[0].allow[0]: unreachable: it matches no image that the policy "
     "applies to, which spec.images says\n"},
    {POLICY("p", "images: ['**', '!quay.io'], rules: [{name: r, allow: ['quay.io/a']}]"),
     "p.yaml:5:62: error: spec.rules[0].allow[0]: unreachable: it matches no image that the policy "
     "applies to, which spec.images says\n"},
    {POLICY("p", "images: ['!'], " PASS),
     "p.yaml:5:17: error: spec.images[0]: pattern \"\": empty: write \"**\" for every image\n"},
};

static const struct check_case CONTRADICTIONS[] = {
    {POLICY("p", "rules: [{name: a, allow: [a.io]}, {name: b, allow: [b.io]}]"),
     "p.yaml:5:42: error: spec.rules[1]: contradiction: no image can pass both rule b and rule a, "
     "which allow nothing in common\n"},
    {POLICY("p", "rules: [{name: a, allow: ['a.io/x/**']}, {name: b, deny: [a.io]}]"),
     "p.yaml:5:49: error: spec.rules[1]: contradiction: no image can pass both rule b and rule a, "
     "which allows only what the first denies\n"},
    {POLICY("p", "rules: [{name: a, allow: [a.io, b.io]}, {name: b, deny: ['**']}]"),
     "p.yaml:5:48: error: spec.rules[1]: contradiction: no image can pass both rule b and rule a, "
     "which allows only what the first denies\n"},
    {POLICY("p", "rules: [{name: a, deny: ['**:*']}, {name: b, require: [tag]}]"),
     "p.yaml:5:16: error: spec.rules[0]: contradiction: no image can pass both rule a and rule b, "
     "which demands a tag where the first denies every tag\n"},
    {POLICY("p", "rules: [{name: a, deny: ['**:*']}, {name: b, tag: {semver: '1'}}]"),
     "p.yaml:5:16: error: spec.rules[0]: contradiction: no image can pass both rule a and rule b, "
     "which demands a tag where the first denies every tag\n"},
    {POLICY("p", "rules: [{name: a, deny: ['**@*']}, {name: b, require: [digest]}]"),
     "p.yaml:5:16: error: spec.rules[0]: contradiction: no image can pass both rule a and rule b, "
     "which demands a digest where the first denies every digest\n"},
    {POLICY("p", "rules: [{name: a, tag: {semver: '>2 <1'}}]"),
     "p.yaml:5:32: error: spec.rules[0].tag.semver: unreachable: no version is in the range \">2 "
     "<1\"\n"},
    /* none: some image passes */
    {POLICY("p", "rules: [{name: a, allow: [a.io]}, {name: b, allow: ['**:1']}]"), ""},
    {POLICY("p", "rules: [{name: a, allow: [a.io]}, {name: b, deny: ['a.io/x/**']}]"), ""},
    {POLICY("p", "rules: [{name: a, deny: ['**']}]"), ""},
    /* lists that say the same twice */
    {POLICY("p", "rules: [{name: a, allow: [a.io, 'a.io/x/**']}]"),
     "p.yaml:5:40: warning: spec.rules[0].allow[1]: redundant: \"a.io\" means all of it already\n"},
    {POLICY("p", "rules: [{name: a, deny: ['**:latest', 'a.io/x:latest']}]"),
     "p.yaml:5:46: warning: spec.rules[0].deny[1]: redundant: \"**:latest\" means all of it "
     "already\n"},
};

static const struct check_case REWRITES[] = {
    {POLICY("p", "mutate: {rewrite: []}"),
     "p.yaml:5:17: error: spec.mutate.rewrite: must not be empty\n"},
    {POLICY("p", "mutate: {}"), "p.yaml:5:1: error: spec: the policy does nothing; give it rules, "
                                "mutate.rewrite or mutate.resolveDigest\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io}]}"),
     "p.yaml:5:27: error: spec.mutate.rewrite[0]: \"to\" is required\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io, to: b.io/x}]}"),
     "p.yaml:5:28: error: spec.mutate.rewrite[0].from: \"a.io\" and \"b.io/x\" differ in shape: "
     "both are one repository, or both are all below a registry or path\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io, to: a.io}]}"),
     "p.yaml:5:28: error: spec.mutate.rewrite[0].from: \"a.io\" is already within \"a.io\": "
     "nothing would be rewritten\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io, to: b.io}, {from: 'a.io/x/**', to: c.io}]}"),
     "p.yaml:5:52: error: spec.mutate.rewrite[1].from: unreachable: \"a.io\" before it rewrites "
     "all of it\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io, to: b.io}, {from: b.io, to: c.io}]}"),
     "p.yaml:5:40: error: spec.mutate.rewrite[0].to: a chain: what this writes, \"b.io\" would "
     "rewrite again; an image is rewritten once, so write the last place here\n"},
    {POLICY("p", PASS ", mutate: {rewrite: [{from: a.io, to: b.io}]}")
         POLICY("q", "mutate: {rewrite: [{from: b.io, to: c.io}]}"),
     "p.yaml:5:68: warning: spec.mutate.rewrite: a chain: what this writes, policy q would rewrite "
     "again; an image is rewritten once, so this is where it stays\n"},
    {POLICY("p", "mutate: {rewrite: [{from: a.io, to: b.io}]}")
         NAMESPACED("q", "shop", "mutate: {rewrite: [{from: b.io, to: c.io}]}"),
     "p.yaml:5:28: warning: spec.mutate.rewrite: a chain: what this writes, policy q would rewrite "
     "again; an image is rewritten once, so this is where it stays\n"},
    {POLICY("p", "mutate: {rewrite: [{from: b.io, to: c.io}]}")
         NAMESPACED("q", "shop", "mutate: {rewrite: [{from: a.io, to: b.io}]}"),
     ""},
    {NAMESPACED("p", "debug", "mutate: {rewrite: [{from: a.io, to: b.io}]}")
         NAMESPACED("q", "shop", "mutate: {rewrite: [{from: b.io, to: c.io}]}"),
     ""},
};

static const struct check_case EXCEPTIONS[] = {
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], rules: [r], " FOR), ""},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], reason: x"),
     "p.yaml:10:1: error: spec: \"until\" is required\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: 2026-12-31T00:00:00Z"),
     "p.yaml:10:1: error: spec: \"reason\" is required\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: 2026-12-31T00:00:00Z, reason: ''"),
     "p.yaml:10:52: error: spec.reason: must not be empty\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: tomorrow, reason: x"),
     "p.yaml:10:23: error: spec.until: \"tomorrow\" is not a date and time; write one such as "
     "2026-12-31T00:00:00Z\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: 2026-02-30T00:00:00Z, reason: x"),
     "p.yaml:10:23: error: spec.until: \"2026-02-30T00:00:00Z\" is not a date and time; write one "
     "such as 2026-12-31T00:00:00Z\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: null, reason: x"),
     "p.yaml:10:1: error: spec: \"until\" is required, found null\n"},
    {POLICY("p", PASS) EXCEPTION("e", FOR), "p.yaml:10:1: error: spec: \"policies\" is required\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [], " FOR),
     "p.yaml:10:8: error: spec.policies: must not be empty\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: ['!p'], " FOR),
     "p.yaml:10:19: error: spec.policies[0]: an exception names the policies that it is for, and "
     "this list only excludes\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p, q, 'r*'], " FOR),
     "p.yaml:10:22: warning: spec.policies[1]: no policy is named \"q\"\n"
     "p.yaml:10:25: warning: spec.policies[2]: no policy is named \"r*\"\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: ['*'], rules: [r, s], " FOR),
     "p.yaml:10:36: warning: spec.rules[1]: none of the policies has a rule \"s\"\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: 2026-06-01T00:00:00Z, reason: x"),
     "p.yaml:10:23: warning: spec.until: the exception has ended and excuses nothing any more; "
     "remove it\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], until: 2026-06-01T00:00:01Z, reason: x"), ""},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], namespaces: [a, '!a'], " FOR),
     "p.yaml:10:36: error: spec.namespaces[0]: unreachable: \"!a\" excludes all of it\n"},
    {POLICY("p", PASS) EXCEPTION("e, namespace: shop", "policies: [p], " FOR),
     "p.yaml:9:21: error: metadata.namespace: a document of kind ImagePolicyException belongs to "
     "the whole cluster and has no namespace; the namespaces it is for are listed in spec\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], images: ['Nginx'], " FOR),
     "p.yaml:10:32: error: spec.images[0]: pattern \"Nginx\": \"Nginx\" has upper case: repository "
     "names are lower case\n"},
    {POLICY("p", PASS) EXCEPTION("e", "policies: [p], " FOR) EXCEPTION("e", "policies: [p], " FOR),
     "p.yaml:14:12: error: metadata.name: ImagePolicyException \"e\" stands twice; the first is at "
     "p.yaml:9:12\n"},
};

static const struct check_case MODES[] = {
    {POLICY("p", "mode: audit, " PASS),
     "p.yaml:4:12: warning: spec.mode: a policy of mode audit covers every image: one that no "
     "other policy covers is admitted, whatever its rules say\n"},
    {POLICY("p", "mode: warn, images: ['**'], " PASS),
     "p.yaml:4:12: warning: spec.mode: a policy of mode warn covers every image: one that no other "
     "policy covers is admitted, whatever its rules say\n"},
    {POLICY("p", "mode: warn, images: [a.io], " PASS), ""},
    {POLICY("p", "mode: warn, " PASS) POLICY("q", PASS), ""},
    {POLICY("p", "mode: warn, " PASS) POLICY("q", "match: {kinds: [Pod]}, " PASS),
     "p.yaml:4:12: warning: spec.mode: a policy of mode warn covers every image: one that no other "
     "policy covers is admitted, whatever its rules say\n"},
    {NAMESPACED("p", "shop", "mode: warn, " PASS), ""},
    /* one without a name is told with a place all the same */
    {"apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {}\nspec: {mode: "
     "warn, " PASS "}\n",
     "p.yaml:1:1: warning: spec.mode: a policy of mode warn covers every image: one that no other "
     "policy covers is admitted, whatever its rules say\n"
     "p.yaml:3:1: error: metadata: \"name\" is required\n"},
};

/* All that is wrong is told at once, in the order of the text. */
static const struct check_case ALL_AT_ONCE[] = {
    {"apiVersion: pratique.dev/v1alpha1\n"
     "kind: ClusterImagePolicy\n"
     "metadata: {name: Base}\n"
     "spec:\n"
     "  mode: enforced\n"
     "  match:\n"
     "    namespaces: [shop, '!shop']\n"
     "    kinds: [pod]\n"
     "  images: ['ghcr.io:99999']\n"
     "  rules:\n"
     "    - name: a\n"
     "      alow: [x]\n"
     "    - name: a\n"
     "      deny: ['**:latest', '*']\n"
     "    - name: b\n"
     "      tag: {pattern: '('}\n"
     "    - name: c\n"
     "      signature: {}\n"
     "  extra: 1\n"
     "---\n"
     "apiVersion: pratique.dev/v1alpha1\n"
     "kind: ImagePolicyExceptions\n"
     "---\n"
     "apiVersion: pratique.dev/v1alpha1\n"
     "kind: ImagePolicyException\n"
     "metadata: {name: e}\n"
     "spec: {policies: [nobody], until: never}\n",
     "p.yaml:3:12: error: metadata.name: \"Base\" is no name of a Kubernetes object, which "
     "consists of lower-case letters, digits, \".\" and inner \"-\"\n"
     "p.yaml:5:3: error: spec.mode: must be one of \"enforce\", \"warn\", \"audit\", found "
     "\"enforced\" (did you mean \"enforce\"?)\n"
     "p.yaml:7:18: error: spec.match.namespaces[0]: unreachable: \"!shop\" excludes all of it\n"
     "p.yaml:8:13: error: spec.match.kinds[0]: unreachable: kinds begin with a capital letter (did "
     "you mean \"Pod\"?)\n"
     "p.yaml:9:12: error: spec.images[0]: pattern \"ghcr.io:99999\": port \"99999\": a number from "
     "1 to 65535, or \"*\" for any or none\n"
     "p.yaml:12:7: error: spec.rules[0].alow: unknown field \"alow\" (did you mean \"allow\"?)\n"
     "p.yaml:13:7: error: spec.rules[1].name: the name \"a\" stands twice; spec.rules[0] has the "
     "first\n"
     "p.yaml:14:27: error: spec.rules[1].deny[1]: pattern \"*\": \"*\" stays inside one segment: "
     "write \"**\" for any image\n"
     "p.yaml:16:13: error: spec.rules[2].tag.pattern: the regular expression is wrong: missing "
     "closing parenthesis at character 2\n"
     "p.yaml:18:7: error: spec.rules[3].signature: \"signature\" is not part of this version of "
     "pratique\n"
     "p.yaml:19:3: error: spec.extra: unknown field \"extra\"\n"
     "p.yaml:22:1: error: kind: \"ImagePolicyExceptions\" is no kind of this language; it has "
     "ClusterImagePolicy, ImagePolicy and ImagePolicyException (did you mean "
     "\"ImagePolicyException\"?)\n"
     "p.yaml:27:1: error: spec: \"reason\" is required\n"
     "p.yaml:27:19: warning: spec.policies[0]: no policy is named \"nobody\"\n"
     "p.yaml:27:28: error: spec.until: \"never\" is not a date and time; write one such as "
     "2026-12-31T00:00:00Z\n"},
};

static void run(const struct check_case *cases, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        bool loaded = false;
        char *printed = diagnose(cases[i].text, &loaded);
        if (strcmp(printed, cases[i].printed) != 0 ||
            loaded != (strstr(cases[i].printed, ": error: ") == NULL)) {
            fprintf(stderr, "case %zu:\n%sis  %s%s\nnot %s\n", i, cases[i].text,
                    loaded ? "(loaded) " : "", printed, cases[i].printed);
            wrong++;
        }
        free(printed);
    }
    assert_int_equal(wrong, 0);
}

#define RUN(name, cases)                                                                           \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        run(cases, COUNT(cases));                                                                  \
    }

RUN(rules, RULES)
RUN(reserved, RESERVED)
RUN(evidence, EVIDENCE)
RUN(documents, DOCUMENTS)
RUN(match, MATCH)
RUN(images, IMAGES)
RUN(contradictions, CONTRADICTIONS)
RUN(rewrites, REWRITES)
RUN(exceptions, EXCEPTIONS)
RUN(modes, MODES)
RUN(all_at_once, ALL_AT_ONCE)

int check_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),          cmocka_unit_test(reserved),
        cmocka_unit_test(evidence),       cmocka_unit_test(documents),
        cmocka_unit_test(match),          cmocka_unit_test(images),
        cmocka_unit_test(contradictions), cmocka_unit_test(rewrites),
        cmocka_unit_test(exceptions),     cmocka_unit_test(modes),
        cmocka_unit_test(all_at_once),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
