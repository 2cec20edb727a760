"""The program under test, asked for digests: what it says, how long it takes, how much memory."""
import atexit
import collections
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

from registries import BINARY, ROOT

Outcome = collections.namedtuple("Outcome", "code digest error seconds peak text")  # peak: kilobytes

# Freed memory is kept for a while by ASan, which is not the program's.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "ASAN_OPTIONS": "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")}


@functools.cache
def measure():
    """The program that runs another and tells what it took; of a process that Python makes, Linux would count Python's."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="measure-"))
    atexit.register(shutil.rmtree, folder)
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-o", folder / "measure",
                    ROOT / "bench/measure.c"], check=True)
    return folder / "measure"


def run(*arguments, program=BINARY, patience=60, stdout=None, **environment):
    """`environment` is more of it. Returns the exit code, what it wrote, seconds and peak memory; killed after `patience` seconds."""
    with tempfile.TemporaryFile("w+") as out, tempfile.NamedTemporaryFile("r") as told:
        command = [measure(), told.name, "env", *(f"{name}={value}" for name, value in environment.items()), program, *arguments]
        process = subprocess.Popen(list(map(str, command)), stdout=stdout or out, stderr=out, stdin=subprocess.DEVNULL,
                                   start_new_session=True, env=ENVIRONMENT)
        timer = threading.Timer(patience, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        process.wait()
        timer.cancel()
        out.seek(0)
        text = out.read()
        assert process.returncode == 0, f"not over after {patience} s: {arguments}: {text}"
        wall, _, peak, code = map(int, told.read().split())
        return code, text, wall / 1e9, peak


def resolve(reference, *options, timeout="30s", patience=60):
    code, text, seconds, peak = run("image", "resolve", "--output", "json", "--timeout", timeout, *options, reference,
                                    patience=patience)
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    assert answer and answer["input"] == reference and set(answer) == {"input", "reference", "digest", "mediaType", "error"}, text
    assert code == (0 if answer["error"] is None else 1), text
    assert (answer["digest"] is None) == (answer["error"] is not None), text
    return Outcome(code, answer["digest"], answer["error"], seconds, peak, text)
