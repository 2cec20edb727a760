"""fault.c as it is preloaded into a server: calls that fail, and a clock that can be put forward."""
import mmap
import os
import struct
import subprocess

import pytest

from pratique_server import BINARY, ROOT

LAYOUT = struct.Struct("=32siiIi")

# TSan's runtime stands between the program and the shim, and makes this call itself.
THREAD_SANITIZER_KEEPS = {"fstat64"}


def sanitizer():
    """The runtime of a sanitizer must be loaded before anything else."""
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    return [line.split()[2] for line in linked.splitlines() if "libasan" in line or "libtsan" in line]


class Shim:
    """The preloaded library and the control block that it shares with us."""

    def __init__(self, folder):
        library = folder / "fault.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra",
                        "-Werror", "-o", library, ROOT / "tests/integration/fault.c"], check=True)
        path = folder / "control"
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.environment = {"PRATIQUE_FAULT": str(path),
                            "LD_PRELOAD": " ".join([*sanitizer(), str(library)])}

    def arm(self, call, at, number):
        """Make the `at`-th call of this name fail with this errno."""
        if call in THREAD_SANITIZER_KEEPS and "libtsan" in self.environment["LD_PRELOAD"]:
            pytest.skip(f"{call} does not reach the shim under TSan")
        # The name last: it is what makes the rest count.
        self.memory[32:LAYOUT.size] = LAYOUT.pack(b"", at, number, 0, 0)[32:]
        self.memory[0:32] = call.encode().ljust(32, b"\0")

    def disarm(self):
        self.memory[0:1] = b"\0"

    @property
    def fired(self):
        return LAYOUT.unpack(self.memory[:LAYOUT.size])[3] != 0

    def set_clock(self, seconds):
        """The monotonic clock is so many seconds ahead."""
        self.ahead = seconds
        self.memory[LAYOUT.size - 4:LAYOUT.size] = struct.pack("=i", seconds)
