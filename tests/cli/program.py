"""Where the program under test is."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()
