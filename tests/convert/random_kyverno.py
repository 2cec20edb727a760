"""Random policies of Kyverno about images, and objects to judge by them."""
from references import IMAGES

GLOBS = ["ghcr.io/*", "ghcr.io/acme/*", "*:latest", "*:*", "*@*", "*/nginx:*", "docker.io/*", "ghcr.io/*/app:1.?", "nginx*",
         "*.io/*", "ghcr.io/acme/app:1.0", "*", "ghcr.io/acme/app", "ghcr.io/acme*", "?*", "*/acme/*", "nginx", "*:1.0",
         "*:1*", "library/*", "ghcr.io/acme/app@sha256:*", "docker.io/library/nginx:*", "*sha256*", "ghcr.io/????/*", ""]
LISTS = ["containers", "initContainers", "ephemeralContainers"]
REGISTRIES = ["ghcr.io", "docker.io", "*.io", "gh*", "index.docker.io", "quay.io", "*", "evil.com"]
NAMES = ["app", "nginx", "*p", "deep", "acme", "library"]
TAGS = ["latest", "1.0", "1*", "", "*", "1.?"]
OPERATORS = ["Equals", "NotEquals", "Equal", "NotEqual", "In", "NotIn", "AnyIn", "AllIn", "AnyNotIn", "AllNotIn"]
FIELDS = {"registry": REGISTRIES, "name": NAMES, "tag": TAGS, "digest": ["", "*"], "path": ["acme/app", "acme/*"]}
NOT_DELETED = {"key": "{{ request.operation }}", "operator": "NotEquals", "value": "DELETE"}


def one_of(chance, *weighted):
    return chance.choices([item for item, _ in weighted], [weight for _, weight in weighted])[0]


def text(chance):
    def term():
        return chance.choice(["", "", "", "!", "! "]) + chance.choice(GLOBS)
    terms = [[term() for _ in range(chance.choice([1, 1, 1, 2]))] for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    return chance.choice([" | ", "|"]).join(" & ".join(one) for one in terms)


def container(chance, value):
    key = one_of(chance, ("image", 8), ("=(image)", 1), ("(image)", 1), ("X(image)", .3))
    extra = one_of(chance, ({}, 8), ({"name": "?*"}, 1), ({"(name)": "ok"}, .7))
    return {key: value, **extra}


def pattern(chance):
    value = text(chance)
    lists = one_of(chance, (LISTS, 5), (LISTS[:1], 1), (LISTS[:2], 1))
    optional = one_of(chance, ("=(%s)", 6), ("^(%s)", .5), ("%s", .5), ("(%s)", .3))
    spec = {}
    for name in lists:
        key = name if name == "containers" else optional % name
        spec[key] = [container(chance, value if chance.random() < .9 else text(chance))]
    return {"spec": spec}


def value_of(chance, values):
    picked = [chance.choice(values) for _ in range(chance.choice([1, 1, 2, 3]))]
    return picked[0] if len(picked) == 1 and chance.random() < .6 else picked


def condition(chance, element):
    if element and chance.random() < .7:
        key, values = "{{ element.image }}", GLOBS
    else:
        field = chance.choice(list(FIELDS))
        places = chance.choice(["containers", "[containers, initContainers, ephemeralContainers][]", "containers"])
        tail = "[]" if places.startswith("[") else ""
        key, values = "{{ images.%s.*.%s%s }}" % (places, field, tail), FIELDS[field]
        if chance.random() < .2:
            key, values = "{{ request.object.spec.containers[].image }}", GLOBS
    return {"key": key, "operator": chance.choice(OPERATORS), "value": value_of(chance, values)}


def conditions(chance, element):
    found = {}
    for key in one_of(chance, (["any"], 4), (["all"], 4), (["any", "all"], 1)):
        found[key] = [condition(chance, element) for _ in range(chance.choice([1, 1, 2, 3]))]
    if element and "all" in found and chance.random() < .1:
        found["all"].insert(0, NOT_DELETED)
    return found


def validate(chance):
    kind = one_of(chance, ("pattern", 4), ("anyPattern", 1), ("foreach", 4), ("deny", 3))
    if kind == "pattern":
        return {"pattern": pattern(chance)}
    if kind == "anyPattern":
        return {"anyPattern": [pattern(chance) for _ in range(2)]}
    if kind == "deny":
        return {"deny": {"conditions": conditions(chance, False)}}
    whole = "request.object.spec.[containers, initContainers, ephemeralContainers][]"
    lists = one_of(chance, ([whole], 3), ([f"request.object.spec.{name}" for name in LISTS], 2),
                   (["request.object.spec.containers"], 1))
    demand = {"pattern": container(chance, text(chance))} if chance.random() < .5 else {
        "deny": {"conditions": conditions(chance, True)}}
    if chance.random() < .15:
        demand["preconditions"] = conditions(chance, True)
    return {"foreach": [{"list": one, **demand} for one in lists]}


def resources(chance):
    found = {"kinds": one_of(chance, (["Pod"], 8), (["Pod", "Deployment"], 1), (["Deployment"], .5), (["apps/v1/Deployment"], .3),
                             (["v1/Pod"], .5), (["*"], .3))}
    if chance.random() < .25:
        found["namespaces"] = chance.choice([["prod"], ["prod*"], ["default", "prod"], ["?rod"]])
    if chance.random() < .1:
        found["selector"] = {"matchLabels": {"team": chance.choice(["shop", "*"])}}
    if chance.random() < .07:
        found["names"] = ["case-1*"]
    return {"resources": found}


def policy(chance, name):
    rules = []
    for number in range(chance.choice([1, 1, 1, 2])):
        rule = {"name": f"rule-{number}", "match": {one_of(chance, ("any", 5), ("all", 2)): [
            resources(chance) for _ in range(chance.choice([1, 1, 1, 2]))]}}
        if chance.random() < .2:
            rule["exclude"] = {chance.choice(["any", "all"]): [resources(chance)]}
        if chance.random() < .1:
            rule["preconditions"] = {"all": [NOT_DELETED]}
        rules.append({**rule, "validate": {"message": "denied", **validate(chance)}})
    spec = {"background": False, "validationFailureAction": one_of(chance, ("Enforce", 9), ("Audit", 1)), "rules": rules}
    if chance.random() < .15:
        spec["validationFailureActionOverrides"] = [
            {"action": chance.choice(["Enforce", "Audit"]), "namespaces": chance.choice([["prod"], ["prod*"], ["default"]])}]
    metadata = {"name": name}
    if chance.random() < .15:
        metadata["annotations"] = {"pod-policies.kyverno.io/autogen-controllers": chance.choice(["none", "Deployment", "Job,CronJob"])}
    return {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": metadata, "spec": spec}


LITERALS = ["ghcr.io/", "ghcr.io", "ghcr.io/acme/", ":latest", ":1.0", "@sha256:", "docker.io/", "nginx", "acme", ":", "@", "app", "/",
            "evil.com/", "ghcr.io/acme/app", "ghcr.io/acme/app:1.0", "library/nginx"]
REGEXES = [r"^ghcr\\.io/.*$", r"^ghcr.io/", r"^(ghcr\\.io|docker\\.io)/.+$", r":latest$", r"^ghcr\\.io/acme/[a-z]+", r".*@sha256:.*",
           r"^ghcr\\.io/acme/app:1\\.0$", r"^(nginx|acme/nginx):", r"ghcr"]


def predicate(chance, element, depth=0):
    kind = one_of(chance, ("call", 6), ("and", 2), ("or", 3), ("not", 2), ("in", 1), ("equals", 1))
    if kind in ("and", "or") and depth < 2:
        sign = " && " if kind == "and" else " || "
        found = sign.join(predicate(chance, element, depth + 1) for _ in range(2))
        return found if chance.random() < .3 else f"({found})"
    if kind == "not" and depth < 3:
        return f"!({predicate(chance, element, depth + 1)})"
    if kind == "in":
        return "%s in [%s]" % (element, ", ".join(f"'{chance.choice(LITERALS)}'" for _ in range(2)))
    if kind == "equals":
        return f"{element} {chance.choice(['==', '!='])} '{chance.choice(LITERALS)}'"
    if chance.random() < .2:
        return f"{element}.matches('{chance.choice(REGEXES)}')"
    return f"{element}.{chance.choice(['startsWith', 'endsWith', 'contains', 'startsWith'])}('{chance.choice(LITERALS)}')"


def cel_policy(chance, name):
    lists = ["object.spec.containers", "object.spec.?initContainers.orValue([])", "object.spec.?ephemeralContainers.orValue([])"]
    element = "c.image"
    expressions = []
    for _ in range(chance.choice([1, 1, 2])):
        whole = one_of(chance, ("variables.all", 3), (lists[0], 2), ("(" + " + ".join(lists) + ")", 1))
        body = predicate(chance, element)
        expressions.append(f"{whole}.all(c, {body})" if chance.random() < .8 else f"!{whole}.exists(c, {body})")
    spec = {"validationActions": [one_of(chance, ("Deny", 9), ("Audit", 1))],
            "variables": [{"name": "all", "expression": " + ".join(lists)}],
            "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
                                                    "resources": ["pods"]}]},
            "validations": [{"message": "denied", "expression": one} for one in expressions]}
    if chance.random() < .2:
        spec["autogen"] = {"podControllers": {"controllers": chance.choice([["deployments"], ["jobs"], []])}}
    return {"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "metadata": {"name": name}, "spec": spec}


CONTEXTS = ["pod", "pod", "pod in prod", "beside another", "before another", "deployment", "deployment in prod-db", "init", "labelled"]


def make_object(image, context, number):
    one = {"name": "c", "image": image}
    other = {"name": "ok", "image": "ghcr.io/acme/app:1.0"}
    spec = {"containers": {"beside another": [other, one], "before another": [one, other], "init": [other]}.get(context, [one])}
    if context == "init":
        spec["initContainers"] = [one]
    namespace = context.partition(" in ")[2] or "default"
    metadata = {"name": f"case-{number}", "namespace": namespace}
    if context == "labelled":
        metadata["labels"] = {"team": "shop"}
    if context.startswith("deployment"):
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                "spec": {"template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def cases():
    """Triples: what is asked (an image in a context), its object. Every image stands in some contexts."""
    found = []
    groups = {}
    for image, spelling in IMAGES:
        groups.setdefault(image, []).append(spelling)
    for number, (image, spellings) in enumerate(groups.items()):
        for context in (CONTEXTS[number % len(CONTEXTS)], CONTEXTS[(number * 4 + 1) % len(CONTEXTS)]):
            for spelling in spellings:
                found.append(((image, context), make_object(spelling, context, len(found))))
    return found
