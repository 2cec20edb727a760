"""Help pages, look-up and usage errors."""
import json
import os
import pty
import re
import subprocess

import pytest

from program import BINARY

PROMISED = {"serve", "check", "review", "explain", "policy lint", "policy schema", "parse", "image resolve",
            "version", "help"}


def commands():
    """The commands that the overview lists, each with its summary."""
    page = subprocess.run([BINARY, "help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return dict(re.findall(r"^  ([a-z]+(?: [a-z-]+)?)(?: +|\n {17})(\S.*)$", page, re.M))


COMMANDS = commands()
GROUP = " and ".join(f'"{command}"' for command in COMMANDS if command.startswith("policy "))


@pytest.mark.parametrize("command", COMMANDS)
def test_page(run, command):
    words = command.split()
    page = run(*words, "--help", code=0)
    assert page.err == ""
    lines = page.out.splitlines()
    assert lines[0] == f"pratique {command} - {COMMANDS[command]}"
    assert lines[2].startswith(f"usage: pratique {command}")
    for section in ("Exit status:", "Examples:"):
        assert section in lines
    assert run("help", *words, code=0).out == page.out
    assert run(*words, "--nonsense", code=2).out == ""


def test_overview(run):
    page = run("--help", code=0)
    assert PROMISED <= set(COMMANDS)
    assert run("help", code=0).out == page.out
    assert run("-h", code=0).out == page.out
    without = run(code=2)
    assert (without.out, without.err) == ("", page.out)


def test_group(run):
    page = run("policy", "--help", code=0)
    assert run("help", "policy", code=0).out == page.out
    for command in ("policy lint", "policy schema"):
        assert f"  {command}" in page.out


@pytest.mark.parametrize("words, message", [
    (["chekc"], 'pratique: unknown command "chekc"; did you mean "check"?'),
    (["Check"], 'pratique: unknown command "Check"; did you mean "check"?'),
    (["frobnicate"], "pratique: unknown command \"frobnicate\"; 'pratique help' lists them"),
    (["policy"], f'pratique: "policy" is not complete: there is {GROUP}'),
    (["manifests"], 'pratique: "manifests" is not complete: there is "manifests image-policy-webhook" and '
     '"manifests static-webhooks" and "manifests static-pod"'),
    (["manifests", "static-prod"], 'pratique: unknown command "manifests static-prod": there is "manifests '
     'image-policy-webhook" and "manifests static-webhooks" and "manifests static-pod"'),
    (["policy", "lnt"], f'pratique: unknown command "policy lnt": there is {GROUP}'),
    (["\x1b[2J"], "pratique: unknown command \"?[2J\"; 'pratique help' lists them"),
    (["check", "--polcy", "x"], "pratique check: unknown option --polcy; did you mean --policy?"),
    (["check", "--policy", "policy.yaml"], "pratique check: FILE... is missing"),
    (["check", "x.yaml"], "pratique check: no policy to decide by: give --policy or --config"),
    (["check", "--output", "yaml", "x"], 'pratique check: --output "yaml": it takes text or json '
     'or sarif or junit or github'),
    (["check", "--default", "alow", "x"],
     'pratique check: --default "alow": it takes allow or deny; did you mean "allow"?'),
    (["check", "-p", "-", "-"], "pratique check: standard input (-) can be read once only"),
    (["check", "-p", "-", "-p", "-", "x"],
     "pratique check: standard input (-) can be read once only"),
    (["review", "-p", "-"], "pratique review: standard input (-) can be read once only"),
    (["review", "-p", "policy.yaml", "a", "b"],
     'pratique review: "b" is one too many: it takes [FILE]'),
    (["explain", "-p", "policy.yaml"], "pratique explain: IMAGE is missing"),
    (["explain", "-p", "policy.yaml", "--operation", "create", "nginx"],
     'pratique explain: --operation "create": it takes CREATE or UPDATE or DELETE or CONNECT; '
     'did you mean "CREATE"?'),
    (["policy", "lint"], "pratique policy lint: PATH... is missing"),
    (["policy", "schema", "x"],
     'pratique policy schema: "x" is not expected: it takes options only'),
    (["serve"], "pratique serve: --config is missing: it names the configuration file"),
    (["parse", "-x"],
     "pratique parse: unknown option -x; if it is meant as an operand, put -- before it"),
    (["help", "nothing-like-it"],
     "pratique help: unknown command \"nothing-like-it\"; 'pratique help' lists them"),
])
def test_usage_error(run, words, message):
    result = run(*words, code=2)
    assert result.out == ""
    assert result.err.splitlines()[0] == message


def test_usage_error_shows_the_way(run):
    lines = run("check", "--nonsense", code=2).err.splitlines()
    assert lines[1:] == ["usage: pratique check [options] FILE...", "'pratique help check' tells more"]


def test_version(run):
    text = run("version", code=0).out
    assert re.fullmatch(r"pratique \d+\.\d+\.\d+\n", text)
    assert run("--version", code=0).out == run("-V", code=0).out == text
    found = json.loads(run("version", "-o", "json", code=0).out)
    assert found == {"name": "pratique", "version": text.split()[1]}


def test_output_that_cannot_be_written(run):
    with open("/dev/full", "wb") as full:
        process = subprocess.run([BINARY, "help"], stdout=full, stderr=subprocess.PIPE)
    assert process.returncode == 3
    assert process.stderr == b"pratique help: cannot write the output: No space left on device\n"


def test_closed_output():
    process = subprocess.run(["sh", "-c", f"'{BINARY}' version >&-"], stderr=subprocess.PIPE)
    assert process.returncode == 3 and b"cannot write the output" in process.stderr


def in_a_terminal(*words, **environment):
    """Standard output of the program when it is a terminal."""
    leader, follower = pty.openpty()
    environment = {"TERM": "xterm", **environment}
    process = subprocess.Popen([BINARY, *words], stdout=follower, stdin=subprocess.DEVNULL,
                               env={**os.environ, **environment})
    os.close(follower)
    text = b""
    try:
        while data := os.read(leader, 4096):
            text += data
    except OSError:
        pass  # how a terminal tells its end
    os.close(leader)
    process.wait(timeout=60)
    return text


def test_colors(run):
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    os.environ.pop("NO_COLOR", None)
    try:
        assert b"\x1b[1mnginx\x1b[0m" in in_a_terminal("parse", "nginx")
        assert b"\x1b" not in in_a_terminal("parse", "nginx", NO_COLOR="1")
        assert b"\x1b" not in in_a_terminal("parse", "nginx", TERM="dumb")
        assert b"\x1b" not in in_a_terminal("parse", "-o", "json", "nginx")
        assert "\x1b" not in run("parse", "nginx").out
    finally:
        os.environ.update(environment)
