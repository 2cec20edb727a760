"""Standard streams and files at their worst: full, closed, gone, directories, nothing, anything."""
import json
import subprocess

import pytest

from program import BINARY

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
       "spec": {"containers": [{"name": "c", "image": "registry.example.com/app:1"}]}}
REVIEW = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
    "uid": "1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"}, "name": "web",
    "namespace": "shop", "operation": "CREATE", "userInfo": {"username": "alice"}, "object": POD}}

WRITERS = [["parse", "nginx"], ["parse", "-o", "json", "nginx"],
           ["review", "-p", "policy.yaml", "review.json"], ["check", "-p", "policy.yaml", "pod.json"],
           ["check", "-p", "policy.yaml", "-o", "json", "pod.json"],
           ["explain", "-p", "policy.yaml", "nginx:1"], ["policy", "lint", "policy.yaml"],
           ["policy", "schema"], ["policy", "schema", "--reference"], ["version"], ["help"],
           ["check", "--help"]]
READERS = [["parse"], ["review", "-p", "policy.yaml"], ["review", "-p", "policy.yaml", "-"],
           ["check", "-p", "policy.yaml", "-"], ["policy", "lint", "-"]]


def name_of(words):
    return " ".join(words)


def command(words):
    return " ".join(words[:2] if words[0] == "policy" else words[:1])


@pytest.fixture
def folder(run):
    run.write("pod.json", json.dumps(POD))
    run.write("review.json", json.dumps(REVIEW))
    return run.folder


def shell(folder, text, *words, **more):
    """The program with its streams as the shell is told: "$@" stands for it."""
    return subprocess.run(["sh", "-c", text, "sh", BINARY, *words], cwd=folder, timeout=60,
                          stderr=subprocess.PIPE, **more)


@pytest.mark.parametrize("words", WRITERS, ids=name_of)
@pytest.mark.parametrize("to, reason", [(">/dev/full", "No space left on device"),
                                        (">&-", "Bad file descriptor")])
def test_output_that_cannot_be_written(folder, words, to, reason):
    """What nobody can read is no answer, and above all no admission."""
    name = "help" if words == ["help"] else command(words)
    process = shell(folder, f'"$@" {to}', *words)
    assert process.stderr.decode() == f"pratique {name}: cannot write the output: {reason}\n"
    assert process.returncode == 3


@pytest.mark.parametrize("words, line", [
    (["review", "-p", "policy.yaml"], json.dumps(REVIEW)), (["parse"], "nginx")], ids=str)
def test_a_reader_that_goes(folder, words, line):
    """The input never ends; the output is closed after a line."""
    source = subprocess.Popen(["yes", line], stdout=subprocess.PIPE)
    process = subprocess.Popen([BINARY, *words], cwd=folder, stdin=source.stdout,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    source.stdout.close()
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 3
    told = process.stderr.read().decode()
    process.stderr.close()
    source.wait(timeout=60)
    assert told == f"pratique {words[0]}: cannot write the output: Broken pipe\n"


@pytest.mark.parametrize("words", READERS, ids=name_of)
@pytest.mark.parametrize("stream, reason", [("<&-", "cannot read: Bad file descriptor"),
                                            ("< .", "s a directory")])
def test_input_that_cannot_be_read(folder, words, stream, reason):
    process = shell(folder, f'"$@" {stream}', *words, stdout=subprocess.PIPE)
    assert process.returncode == 3
    assert reason in (process.stdout + process.stderr).decode()


def test_all_streams_closed(folder):
    process = shell(folder, '"$@" <&- >&- 2>&-', "review", "-p", "policy.yaml", "review.json")
    assert process.returncode == 3


@pytest.mark.parametrize("words, code, told", [
    (["parse"], 0, ""),
    (["review", "-p", "policy.yaml"], 3, "pratique review: standard input: empty\n"),
    (["check", "-p", "policy.yaml", "-"], 3, "pratique check: there is no object in the input\n"),
    (["policy", "lint", "-"], 1, ""),
    (["explain", "-p", "-", "nginx"], 2,
     "-: error: no policy is here; give one document of kind ClusterImagePolicy at least\n"
     "pratique explain: the policies have 1 error\n"),
], ids=str)
def test_nothing(run, words, code, told):
    assert run(*words, code=code).err == told


NOISE = bytes(range(256)) * 8


@pytest.mark.parametrize("words, code", [
    (["parse"], 1), (["parse", "-o", "json"], 1), (["review", "-p", "policy.yaml"], 3),
    (["check", "-p", "policy.yaml", "-"], 3), (["policy", "lint", "-"], 1)], ids=str)
def test_anything(run, words, code):
    """Bytes of every value: an answer, and none that could steer a terminal."""
    result = run(*words, stdin=NOISE, code=code)
    for character in map(chr, (*range(10), *range(11, 32), 127)):
        assert character not in result.out + result.err


@pytest.mark.parametrize("words, code", [
    (["parse"], 1), (["review", "-p", "policy.yaml"], 3), (["check", "-p", "policy.yaml", "-"], 3),
    (["policy", "lint", "-"], 1)], ids=str)
def test_a_line_of_a_mebibyte(run, words, code):
    result = run(*words, stdin="x" * 1024 * 1024 + "\n", code=code)
    assert result.out or result.err


@pytest.mark.parametrize("words, code, told", [
    (["review", "-p", "policy.yaml", "{}"], 3, "{}: cannot read: "),
    (["check", "-p", "policy.yaml", "{}"], 3, "{}: not judged: cannot read: "),
    (["check", "-p", "{}", "pod.json"], 2, "{}: cannot read: "),
    (["policy", "lint", "{}"], 3, "{}: cannot read: "),
], ids=str)
def test_a_file_that_fails_while_it_is_read(folder, run, words, code, told):
    """Of one that may not be opened, root would read all the same; this fails for anyone."""
    path = "/proc/self/mem"
    result = run(*(word.format(path) for word in words), code=code)
    assert told.format(path) + "Input/output error" in result.out + result.err


@pytest.mark.parametrize("words, code", [
    (["review", "-p", "policy.yaml", "{}"], 3), (["check", "-p", "policy.yaml", "{}"], 3),
    (["check", "-p", "{}", "pod.json"], 2), (["policy", "lint", "{}"], 3)], ids=str)
@pytest.mark.parametrize("path, reason", [("missing.json", "No such file or directory"),
                                          ("pod.json/x", "Not a directory"),
                                          ("loop", "Too many levels of symbolic links"),
                                          ("x" * 300, "File name too long")], ids=lambda text: text[:12])
def test_files_that_cannot_be_opened(folder, run, words, code, path, reason):
    (folder / "loop").symlink_to("loop")
    result = run(*(word.format(path) for word in words), code=code)
    assert f"{path}: " in result.out + result.err and reason in result.out + result.err
