"""What the tests of `pratique policy convert` share."""
import json
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", HERE.parents[1] / "build/pratique")).absolute()


@pytest.fixture
def pratique(tmp_path):
    """Run the program in a folder of its own."""

    def run(*arguments, stdin=""):
        return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                              cwd=tmp_path)

    run.folder = tmp_path
    return run


@pytest.fixture
def convert(pratique):
    """Convert a text; the policies, the notes and the exit status. The result must be free of errors."""

    def run(source):
        process = pratique("policy", "convert", "--output", "json", "-", stdin=source)
        assert process.returncode in (0, 1), process.stderr
        answer = json.loads(process.stdout)
        assert (process.returncode == 1) == bool(answer["notes"])
        (pratique.folder / "policies.yaml").write_text("---\n".join(answer["policies"]))
        lint = pratique("policy", "lint", "policies.yaml")
        assert lint.returncode == 0, lint.stdout + "".join(answer["policies"])
        return answer

    return run


@pytest.fixture
def judge(pratique):
    """Whether what `convert` wrote admits objects, one verdict for each."""

    def run(objects):
        text = "".join(json.dumps(one) + "\n---\n" for one in objects)
        process = pratique("check", "--policy", "policies.yaml", "--output", "json", "-", stdin=text)
        assert process.returncode in (0, 1, 3), process.stderr
        return [result["allowed"] for result in json.loads(process.stdout)["results"]]

    return run
