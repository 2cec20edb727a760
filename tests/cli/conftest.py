"""What the tests of the command line share."""
import os
import pathlib
import subprocess

import pytest

from program import BINARY

GOLDEN = pathlib.Path(__file__).parent / "golden"

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com, "docker.io/library/*"]
    - name: no-latest
      deny: ["**:latest"]
"""


def pytest_addoption(parser):
    try:
        parser.addoption("--update", action="store_true", help="write golden files")
    except ValueError:
        pass  # the cases have it already


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout.decode("utf-8", "surrogateescape")
        self.err = process.stderr.decode("utf-8", "surrogateescape")


@pytest.fixture
def run(tmp_path):
    """Run the program in a folder of its own, which holds policy.yaml."""
    (tmp_path / "policy.yaml").write_text(POLICY)

    def run(*arguments, stdin="", code=None, **environment):
        stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
        process = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, timeout=60,
                                 cwd=tmp_path, env={**os.environ, **environment})
        result = Result(process)
        if code is not None:
            assert result.code == code, f"{result.code}: {result.out}{result.err}"
        return result

    run.folder = tmp_path
    run.write = lambda name, text: write(tmp_path / name, text)
    return run


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.name


@pytest.fixture
def golden(request):
    """Compare a text with the golden file of this name."""

    def compare(name, text):
        path = GOLDEN / name
        if request.config.getoption("--update", False):
            path.write_text(text)
        assert path.exists(), f"{path} is missing: write it with --update"
        assert text == path.read_text()

    return compare
