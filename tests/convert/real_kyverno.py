"""Kyverno's own command line, asked what its policies say of objects."""
import json
import subprocess

import yaml

MARK = '{"kind"'


def apply(program, folder, policies, objects, groups=()):
    """Judge objects, whose names all differ, as if somebody of `groups` made them. Returns, by policy and object,
    the set of what its rules came to: pass, fail, warn (it failed, but is not enforced), error, skip. What no rule
    is about is left out; so is a policy that Kyverno refuses."""
    policies = list(policies)
    (folder / "policies.yaml").write_text(yaml.safe_dump_all(policies, sort_keys=False))
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects, sort_keys=False))
    (folder / "user.yaml").write_text(yaml.safe_dump({
        "apiVersion": "cli.kyverno.io/v1alpha1", "kind": "UserInfo", "metadata": {"name": "user"},
        "userInfo": {"username": "somebody", "groups": list(groups)}}))
    command = [program, "apply", folder / "policies.yaml", "--resource", folder / "objects.yaml",
               "--userinfo", folder / "user.yaml", "--policy-report", "--output-format", "json"]
    if not any(policy["apiVersion"].startswith("policies.") for policy in policies):
        command.append("--audit-warn")  # of policies in CEL, it calls warnings what they deny as well
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    found = {}
    for one in reports(done.stdout):
        for result in one.get("results") or []:
            key = result["policy"].split("/")[-1], result["resources"][0]["name"]
            found.setdefault(key, set()).add(result["result"])
    return found


def reports(text):
    """One for each namespace and policy, among other lines."""
    at = text.find(MARK)
    while at >= 0:
        one, end = json.JSONDecoder().raw_decode(text, at)
        yield one
        at = text.find(MARK, end)


def verdict(results):
    """Whether admission would admit what came to these results; "error" where a rule could not be judged."""
    return "deny" if "fail" in results else "error" if "error" in results else "allow"
