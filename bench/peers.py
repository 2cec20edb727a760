"""The command lines that are compared: how each is asked, and what it says of which object."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

import load

POLICIES = load.ROOT / "bench/peers"
RULES = ("registries", "no-latest", "digest")


class Peer:
    """`most`: objects that it can be asked about in a time that is worth waiting for."""

    def __init__(self, name, program, version, most=10**9):
        self.name, self.program, self.version, self.most = name, program, version, most

    def command(self, target):
        """As a person would ask."""
        raise NotImplementedError

    def machine_command(self, target):
        """The same, for a machine to read."""
        raise NotImplementedError

    def read(self, answer):
        """Pairs of what is denied: an object and a rule; and how many objects were judged, if that is told."""
        raise NotImplementedError

    def verdicts(self, target):
        done = subprocess.run(self.machine_command(target), capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"bench: {self.name} failed: {done.stderr[-2000:]}")
        return self.read(done.stdout)


class Pratique(Peer):
    def command(self, target):
        return [self.program, "check", "--policy", POLICIES / "pratique.yaml", target]

    def machine_command(self, target):
        return self.command(target) + ["--output", "json"]

    def read(self, answer):
        results = json.loads(answer)["results"]
        if any(one["problem"] for one in results):
            sys.exit("bench: pratique could not judge an object")
        return {(one["name"], violation["rule"]) for one in results for image in one["images"]
                for violation in image["violations"]}, len(results)


class Kyverno(Peer):
    def __init__(self, name, program, version, policy, **options):
        super().__init__(name, program, version, **options)
        self.policy = POLICIES / policy

    def command(self, target):
        return [self.program, "apply", self.policy, "--resource", target]

    def machine_command(self, target):
        return self.command(target) + ["--policy-report", "--output-format", "json"]

    def read(self, answer):
        report = json.JSONDecoder().raw_decode(answer[answer.index('{"kind"'):])[0]
        results = report["results"]
        if {one["result"] for one in results} - {"pass", "fail"}:
            sys.exit(f"bench: {self.name} could not judge an object: {report['summary']}")
        denied, objects = set(), set()
        for one in results:
            rule = re.sub("^autogen-(cronjob-)?", "", one.get("rule", ""))
            rule = rule if rule in RULES else one["policy"]
            objects.add(one["resources"][0]["name"])
            if one["result"] == "fail":
                denied.add((one["resources"][0]["name"], rule))
        return denied, len(objects)


class Conftest(Peer):
    def command(self, target):
        return [self.program, "test", "--policy", POLICIES / "conftest", target]

    def machine_command(self, target):
        return self.command(target) + ["--output", "json"]

    def read(self, answer):
        found = [failure["metadata"] for file in json.loads(answer) for failure in file.get("failures", [])]
        return {(one["object"], one["rule"]) for one in found}, None


def part(name):
    """The folder with the programs of a real part; builds it the first time."""
    done = subprocess.run([load.ROOT / "scripts/parts", name], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {name} could not be built")
    return pathlib.Path(done.stdout.strip())


def pinned_version(name, module):
    """What the part's go.mod says, for programs that do not know it themselves."""
    text = (load.ROOT / "tests/e2e/parts" / name / "go.mod").read_text()
    return re.search(rf"\b{re.escape(module)} (v\S+)", text).group(1)


def start(pratique, kyverno, conftest):
    """All peers; the programs are built where no path is given."""
    kyverno = shutil.which(kyverno) if kyverno else part("kyverno") / "kubectl-kyverno"
    conftest = shutil.which(conftest) if conftest else part("conftest") / "conftest"
    version = subprocess.run([pratique, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    of_kyverno = pinned_version("kyverno", "github.com/kyverno/kyverno")
    of_conftest = pinned_version("conftest", "github.com/open-policy-agent/conftest")
    return [
        Pratique("pratique", pratique, version),
        Kyverno("kyverno, ClusterPolicy", kyverno, of_kyverno, "kyverno.yaml"),
        Kyverno("kyverno, ValidatingPolicy", kyverno, of_kyverno, "kyverno-cel.yaml", most=100),
        Conftest("conftest", conftest, of_conftest),
    ]
