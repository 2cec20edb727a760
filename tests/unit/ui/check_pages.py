"""Fill every text of every page with hostile bytes, read the page as a browser does (html5lib follows the HTML
standard), and compare: nothing of the markup has changed, and each text is there to be read, whole.
usage: check_pages.py WRITE_PAGES"""
import re
import subprocess
import sys
import urllib.parse
import warnings

import html5lib

warnings.simplefilter("ignore", html5lib.constants.DataLossWarning)

PROGRAM = sys.argv[1]
# Each page, and how many texts are to be read on it. A list has but a part of a decision; a decision has neither the
# filters that it was come to by, nor the cause of a violation that has a policy, nor the mode of one that is excused.
SHOWN = {"decisions": 30, "decision": 40, "policies": 23, "replica": 10, "failed": 11, "refusal": 3, "off": 2, "empty": 2}
PAGES = list(SHOWN)
ELEMENTS = set("html head meta title link style body a header nav ul ol li p span main h1 h2 form div label input select "
               "option button table caption thead tbody tr th td time b bdi code pre dl dt dd section footer wbr".split())
ATTRIBUTES = set("lang charset name content rel href class aria-label aria-current aria-labelledby role id method action "
                 "type for maxlength autocomplete autocapitalize spellcheck placeholder value selected scope title "
                 "datetime data-label".split())
# Attributes whose value may hold text from elsewhere.
FREE = {"value", "href"}

# Texts, and what a person reads in their place.
HOSTILE = {
    b"<script>alert(1)</script>": None,
    b"</title></style><script>alert(1)</script>": None,
    b"\"><img src=x onerror=alert(1)>": None,
    b"' onmouseover='alert(1)": None,
    b"javascript:alert(1)": None,
    b"&lt;b&gt; &amp;amp; &#60; &quot": None,
    b"--><!--<![CDATA[ ]]>": None,
    b"{{constructor}} ${7*7} `x`": None,
    "\u0645\u0631\u062d\u0628\u0627 <b>".encode(): None,
    b"\x1b[31mred\x1b]0;title\x07": "\u241b[31mred\u241b]0;title\u2407",
    b"a\0b\r\n\tc\x7f": "a\u2400b\u240d\u240a\u2409c\u2421",
    b"\xff\xfe<\xc0\xbc": "⟨xFF⟩⟨xFE⟩<⟨xC0⟩⟨xBC⟩",
    "\u202egnp.exe\u2066\u200b\ufeff\u0085\ufffe".encode(): "⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+0085⟩⟨U+FFFE⟩",
    "a\u0300\u0301\u0302\u0303\u0304".encode(): "a\u0300\u0301\u0302⟨U+0303⟩⟨U+0304⟩",
}


def write(page, text):
    out = subprocess.run([PROGRAM, str(PAGES.index(page)), text.hex()], check=True, capture_output=True).stdout
    count, _, html = out.partition(b"\n")
    return int(count), html.decode()  # strict: it is UTF-8


def read(html):
    """The tree; everything that the standard calls an error is one."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return parser.parse(html)


def skeleton(tree):
    """All markup, without the values that may hold text, and the places where a line may end."""
    return [(node.tag, sorted((name, value) for name, value in node.attrib.items() if name not in FREE)) for node in tree.iter() if node.tag != "wbr"]


def check_markup(tree):
    for node in tree.iter():
        assert node.tag in ELEMENTS, node.tag
        assert set(node.attrib) <= ATTRIBUTES, node.attrib
        href = node.attrib.get("href", "/ui")
        assert re.match(r"(/ui(/(policies|replica|decision/\d+))?(\?|$)|#main$|data:)", href), href
        assert href.startswith("data:") is (node.tag == "link"), href
    for table in tree.iter("table"):
        assert len({len(row) for row in table.iter("tr")}) == 1, "rows of one table have as many cells"
        assert [cell.attrib["scope"] for cell in table.iter("th")] and all("scope" in cell.attrib for cell in table.iter("th"))
    ids = [node.attrib["id"] for node in tree.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids)), ids
    for node in tree.iter():
        for name in ("for", "aria-labelledby"):
            assert name not in node.attrib or node.attrib[name] in ids, node.attrib


def texts(tree):
    """What is to be read: text of the page, values of fields, queries of links."""
    yield from tree.itertext()
    for node in tree.iter():
        yield node.attrib.get("value", "")
    body = tree.find("body")
    for node in body.iter("bdi"):
        yield "".join(node.itertext())


def check_links(tree, text):
    """A link asks for exactly what the text was, byte by byte."""
    asked = 0
    for node in tree.iter("a"):
        query = urllib.parse.urlsplit(node.attrib["href"]).query
        for pair in filter(None, query.split("&")):
            value = urllib.parse.unquote_to_bytes(pair.partition("=")[2])
            if b"#" in value:
                assert re.fullmatch(re.escape(text) + rb"#\d+#", value, re.S), (value, text)
                asked += 1
    return asked


def main():
    links = 0
    for page in PAGES:
        count, html = write(page, b"plain")
        plain = read(html)
        check_markup(plain)
        shown = {number for text in texts(plain) for number in map(int, re.findall(r"plain#(\d+)#", text))}
        for text, seen in HOSTILE.items():
            seen = seen or text.decode()
            number, html = write(page, text)
            tree = read(html)
            assert number == count
            assert skeleton(tree) == skeleton(plain), (page, text)
            check_markup(tree)
            found = {n for one in texts(tree) for n in map(int, re.findall(re.escape(seen) + r"#(\d+)#", one))}
            assert found == shown, (page, text, sorted(shown - found))
            links += check_links(tree, text)
        print(f"{page}: {count} texts, {len(shown)} shown, {len(HOSTILE)} ways")
        assert len(shown) == SHOWN[page], (page, sorted(set(range(1, count + 1)) - shown))
    assert links > 100, links


if __name__ == "__main__":
    main()
