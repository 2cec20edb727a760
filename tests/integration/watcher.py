"""The program of watcher.c as a process, and what it has said."""
import json
import subprocess
import threading
import time

from pratique_server import BINARY, ROOT, SECONDS, wait_until


def program():
    """Tests are built with sanitizers, whatever the binary under test is."""
    made = [folder / "tests/watcher" for folder in (BINARY.parent, ROOT / "build-asan")]
    found = [path for path in made if path.exists()]
    assert found, "the program that is driven is not built: make watcher"
    return found[0]


class Watcher:
    def __init__(self, kubeconfig, path, *more, errors=None):
        self.events, self.objects, self.listing, self.errors = [], {}, None, errors
        with open(errors, "wb") as log:
            self.process = subprocess.Popen([program(), kubeconfig, path, *more], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        """Keeps what a caller would keep: `objects`, by namespace and name."""
        for line in self.process.stdout:
            event = json.loads(line)
            key = event.get("namespace"), event.get("name")
            if event["event"] == "relist":
                self.listing = set()
            elif event["event"] == "put":
                self.objects[key] = event
                if self.listing is not None:
                    self.listing.add(key)
            elif event["event"] == "drop":
                self.objects.pop(key, None)
            elif event["event"] == "synced":
                self.objects = {key: made for key, made in self.objects.items() if key in self.listing}
                self.listing = None
            self.events.append(event)

    def said(self, *kinds):
        return [event for event in list(self.events) if event["event"] in kinds]

    def wait_said(self, kind, n=1, **members):
        """The n-th event of a kind with these members."""
        def found():
            return [event for event in self.said(kind) if members.items() <= event.items()][n - 1:]
        return wait_until(found, f"{kind} {members}")[0]

    def state(self):
        n = len(self.said("state"))
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return wait_until(lambda: self.said("state")[n:], "the state")[0]

    def holds(self, **versions):
        """Exactly these objects, by name, at these versions."""
        return {name: made["version"] for (_, name), made in list(self.objects.items())} == versions

    def wait_holds(self, **versions):
        wait_until(lambda: self.holds(**versions), f"{versions}, not {self.objects}")

    def stop(self):
        """End it; returns the seconds that it took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(timeout=SECONDS)
        took = time.monotonic() - began
        self.reader.join()
        self.process.stdout.close()
        assert code == 0, self.errors.read_text()
        return took
