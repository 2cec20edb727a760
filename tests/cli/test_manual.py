"""pratique manual: pages that man renders without a warning, one for each command."""
import subprocess

import pytest
from program import BINARY, ROOT

COMMANDS = subprocess.run([BINARY, "manual"], capture_output=True, text=True, check=True).stdout


def command_names():
    lines = COMMANDS[:COMMANDS.index(".SH EXIT STATUS")].splitlines()
    return [line[3:-3] for i, line in enumerate(lines)
            if line.startswith("\\fB") and lines[i - 1] == ".TP"]


def render(page, width=80):
    process = subprocess.run(["man", "-l", "--warnings=w", "-E", "UTF-8", "-"], input=page,
                             capture_output=True, text=True, timeout=60,
                             env={"MANWIDTH": str(width), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                                  "MAN_KEEP_FORMATTING": ""})
    assert process.returncode == 0 and process.stderr == "", process.stderr
    return process.stdout


def test_there_are_commands():
    assert {"check", "test", "replay", "policy fmt", "policy diff", "manual"} <= set(command_names())


@pytest.mark.parametrize("command", ["", *command_names()])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_renders(run, command, width):
    page = run("manual", *command.split(), code=0).out
    text = render(page, width)
    assert "PRATIQUE" in text.splitlines()[0].upper()
    assert all(section in text for section in ("NAME", "SYNOPSIS", "EXIT STATUS"))


@pytest.mark.parametrize("command", command_names())
def test_says_what_the_help_says(run, command):
    """Every option and every word of the description and the examples."""
    text = render(run("manual", *command.split(), code=0).out, 1000)
    help_page = run(*command.split(), "--help", code=0).out
    squeezed = " ".join(text.split())
    for word in help_page.split():
        if word.startswith("--") or word.startswith("'pratique"):
            assert word.rstrip(",;.") in squeezed, word
    examples = help_page[help_page.index("Examples:\n") + 10:] if "Examples:" in help_page else ""
    for line in examples.splitlines():
        assert " ".join(line.split()) in squeezed


def test_installed(tmp_path):
    """`make install` writes a page for every command, and scripts for three shells."""
    subprocess.run([ROOT / "scripts/install-pages", BINARY, tmp_path], check=True)
    pages = {path.name for path in (tmp_path / "man/man1").iterdir()}
    names = {name.replace("\\-", "-").replace(" ", "-") for name in command_names()}
    assert pages == {"pratique.1"} | {f"pratique-{name}.1" for name in names}
    assert all(path.stat().st_size > 500 for path in tmp_path.rglob("*") if path.is_file())


def test_unknown(run):
    result = run("manual", "chekc", code=2)
    assert result.out == "" and 'did you mean "check"' in result.err
