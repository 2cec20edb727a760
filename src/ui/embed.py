"""Write a stylesheet as a C string, without comments and spaces that mean nothing.
usage: embed.py STYLE.css OUTPUT.c"""
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text()
text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
lines = [line.strip() for line in text.splitlines() if line.strip()]
assert "<" not in text, "it would end the element"
body = "\n".join('    "%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
pathlib.Path(sys.argv[2]).write_text(
    '#include "ui/ui.h"\n\n#define TEXT \\\n' + body.replace("\n", " \\\n") +
    "\n\nconst struct str ui_style = {TEXT, sizeof(TEXT) - 1};\n")
