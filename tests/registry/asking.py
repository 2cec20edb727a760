"""The program under test, asked for digests: what it says, how long it takes, how much memory."""
import collections
import json
import os
import subprocess
import tempfile
import threading
import time

from registries import BINARY

Outcome = collections.namedtuple("Outcome", "code digest error seconds peak text")  # peak: kilobytes

# Freed memory is kept for a while by ASan, which is not the program's.
ENVIRONMENT = {"PATH": os.environ["PATH"], "ASAN_OPTIONS": "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")}


def run(*arguments, patience=60, stdout=None, **environment):
    """Returns the exit code, what it wrote, seconds and peak memory; killed after `patience` seconds."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.monotonic()
        process = subprocess.Popen(list(map(str, (BINARY, *arguments))), stdout=stdout or out, stderr=out, stdin=subprocess.DEVNULL,
                                   env={**ENVIRONMENT, "HOME": "/nonexistent", **environment})
        timer = threading.Timer(patience, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return process.returncode, out.read(), seconds, usage.ru_maxrss


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
