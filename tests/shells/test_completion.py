"""Completion in real shells: what a person is offered at the cursor."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import time

import pytest

BINARY = os.environ.get("PRATIQUE_BINARY", "build/pratique")

WANTED = [
    # what is typed, what is offered among others, what is not
    ("pratique che", {"check"}, {"parse"}),
    ("pratique policy ", {"lint", "schema"}, {"check", "static-pod"}),
    ("pratique man", {"manifests", "manual"}, {"check"}),
    ("pratique manifests ", {"image-policy-webhook", "static-webhooks", "static-pod"}, {"lint"}),
    ("pratique manifests static-webhooks --failure-policy ", {"Fail", "Ignore"}, {"lint"}),
    ("pratique manifests static-pod --he", {"--help", "--health-port"}, {"--out"}),
    ("pratique check --out", {"--output"}, {"--policy"}),
    ("pratique check --output ", {"text", "json"}, {"lint"}),
    ("pratique test -o ", {"junit", "json", "text"}, {"--update"}),
    ("pratique policy schema --of ", {"policy", "server", "test"}, set()),
    ("pratique completion ", {"bash", "zsh", "fish"}, {"check"}),
    ("pratique check --policy Make", {"Makefile"}, {"check"}),
    ("pratique check Make", {"Makefile"}, {"check"}),
]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        script = subprocess.run([BINARY, "completion", shell], capture_output=True, text=True, check=True)
        (folder / shell).write_text(script.stdout)
    (folder / "Makefile").write_text("")
    (folder / "bin").mkdir()
    (folder / "bin/pratique").symlink_to(pathlib.Path(BINARY).resolve())
    return folder


def need(shell):
    assert shutil.which(shell), f"{shell} is not installed: scripts/setup --test"


def offered_by_bash(folder, line):
    words = line.split(" ")
    program = f"""
        source {folder}/bash
        COMP_WORDS=({' '.join(repr(word) for word in words)})
        COMP_CWORD={len(words) - 1}
        _pratique
        [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    out = subprocess.run(["bash", "-c", program], capture_output=True, text=True, cwd=folder)
    assert out.stderr == ""
    return set(out.stdout.split())


def offered_by_fish(folder, line):
    program = f"source {folder}/fish; complete -C '{line}'"
    out = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True, cwd=folder,
                         env={**os.environ, "HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}"})
    assert out.stderr == ""
    return {entry.split("\t")[0] for entry in out.stdout.splitlines()}


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, words, folder, env):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, env)
        self.pid, self.seen = pid, ""

    def send(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, mark, seconds=60):
        """What came up to `mark`, which is taken too."""
        end = time.monotonic() + seconds
        while mark not in self.seen:
            left = end - time.monotonic()
            assert left > 0, f"{mark!r} did not come: {self.seen!r}"
            if select.select([self.fd], [], [], left)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        before, self.seen = self.seen.split(mark, 1)
        return before

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def offered_by_zsh(folder, line):
    env = {**os.environ, "TERM": "dumb", "HOME": str(folder), "ZDOTDIR": str(folder), "COLUMNS": "200",
           "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    terminal = Terminal(["zsh", "-f", "-i"], folder, env)
    try:
        terminal.send("stty cols 200; PS1='READ''Y>'; autoload -Uz compinit; compinit -u -D; "
                      f"source {folder}/zsh; zstyle ':completion:*' list-prompt ''; LISTMAX=0; "
                      "bindkey '^X' list-choices; bindkey '^Y' kill-whole-line; echo LOAD''ED\n")
        terminal.read_until("LOADED")
        terminal.read_until("READY>")
        terminal.send(line + "\x18\x19echo DO''NE\n")
        return set(terminal.read_until("DONE").split())
    finally:
        terminal.close()


@pytest.mark.parametrize("line, offered, not_offered", WANTED)
def test_bash(scripts, line, offered, not_offered):
    need("bash")
    got = offered_by_bash(scripts, line)
    assert offered <= got and not got & not_offered


@pytest.mark.parametrize("line, offered, not_offered", WANTED)
def test_fish(scripts, line, offered, not_offered):
    need("fish")
    got = offered_by_fish(scripts, line)
    assert offered <= got and not got & not_offered


@pytest.mark.parametrize("line, offered, not_offered", WANTED)
def test_zsh(scripts, line, offered, not_offered):
    need("zsh")
    got = offered_by_zsh(scripts, line)
    assert offered <= got and not got & not_offered - set(line.split())  # it echoes the line


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_parse(scripts, shell):
    out = subprocess.run([shell, "-n", scripts / shell], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
