"""names.c as it is preloaded into a program: names of the internet lead to servers of the tests."""
import os
import subprocess

import registries
from shim import sanitizer


def lead(folder, ports):
    """The environment for it. `ports`: the port on this machine, by "HOST:PORT"."""
    library = folder / "names.so"
    if not library.exists():
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
                        registries.ROOT / "tests/registry/names.c"], check=True)
    return {"LD_PRELOAD": " ".join([*sanitizer(), str(library)]),
            "PRATIQUE_NAMES": ",".join(f"{name}={port}" for name, port in ports.items())}
