"""Write JSON files as C strings, each without spaces that mean nothing.
usage: embed.py OUTPUT.c NAME FILE [NAME FILE ...]"""
import json
import pathlib
import sys

parts = ['#include "verify/trust.h"\n']
for name, path in zip(sys.argv[2::2], sys.argv[3::2]):
    text = json.dumps(json.loads(pathlib.Path(path).read_text()), separators=(",", ":"))
    assert text.isascii() and "\\" not in text
    lines = [text[i:i + 90].replace('"', '\\"') for i in range(0, len(text), 90)]
    body = " \\\n".join(f'    "{line}"' for line in lines)
    parts.append(f"#define TEXT_{name} \\\n{body}\n\nconst struct str {name} = {{TEXT_{name}, sizeof(TEXT_{name}) - 1}};\n")
pathlib.Path(sys.argv[1]).write_text("\n".join(parts))
