"""Sets the manual as a PDF from the same pages that Help shows: ``python tools/manual.py OUT.pdf``.

Pages are read by markdown-it, which the program has through rich, and put into typst's words; what stands in them is
text to typst, never markup.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from cn_planner import paths
from cn_planner.export.pdf import font_folders
from cn_planner.export.typeset import typeset
from cn_planner.session.manual import manual_pages
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_DAY = dt.date(2026, 11, 29)
_HEAD = """
#set document(title: "CN Planner: the manual")
#set page(paper: "a4", margin: (x: 26mm, y: 24mm), numbering: "1")
#set text(font: ("Noto Sans",), size: 11pt, lang: "en")
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 1): it => { pagebreak(weak: true); it; v(4pt) }
#show raw.where(block: true): it => block(fill: luma(245), inset: 6pt, radius: 3pt, width: 100%, text(size: 0.9em, it))
#set table(stroke: (y: 0.5pt + luma(200)), inset: (x: 4pt, y: 3.5pt))
#align(center + horizon)[#text(size: 24pt, weight: 600)[CN Planner] \\ #v(4pt) The manual \\ #VERSION]
#pagebreak()
#outline(title: "Pages", depth: 1)
"""


def quoted(words: str) -> str:
    """Return words as a string of typst's code."""
    return json.dumps(words, ensure_ascii=False)


def inline(tokens: Sequence[Token]) -> str:
    """Return what stands in a line as typst's markup: every word by `#"..."`."""
    out = ""
    for one in tokens:
        if one.type == "text":
            out += f"#{quoted(one.content)};"
        elif one.type in {"softbreak", "hardbreak"}:
            out += " "
        elif one.type == "code_inline":
            out += f"#raw({quoted(one.content)});"
        elif one.type == "image":
            out += f"#image({quoted(str(one.attrs['src']))}, {_PICTURE});"
        else:
            # A page is named by its file: in print it stands in the list of pages.
            out += {"strong_open": "#strong[", "em_open": "#emph[", "link_open": "#underline["}.get(one.type, "]")
    return out


_PICTURE = 'width: 100%, height: 95mm, fit: "contain"'
_OPEN = {
    "bullet_list_open": "#list(", "ordered_list_open": "#enum(", "list_item_open": "[",
    "th_open": "strong[", "td_open": "[",
}  # fmt: skip
_CLOSE = {
    "bullet_list_close": ")\n", "ordered_list_close": ")\n", "list_item_close": "],", "th_close": "],",
    "td_close": "],", "table_close": ")\n", "paragraph_close": "\n\n", "heading_close": "]\n",
}  # fmt: skip


def page(text: str) -> str:
    """Return a page of Markdown in typst's words."""
    out = ""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for at, one in enumerate(tokens):
        if one.type == "inline":
            out += inline(one.children or ())
        elif one.type == "heading_open":
            out += f"#heading(level: {one.tag[1]})["
        elif one.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "thead_close")
            columns = sum(token.type == "th_open" for token in tokens[at:end])
            out += f"#table(columns: (auto, {', '.join(['1fr'] * (columns - 1))}), "
        elif one.type in {"code_block", "fence"}:
            out += f"#raw(block: true, {quoted(one.content.rstrip())})\n\n"
        else:
            out += _OPEN.get(one.type, "") + _CLOSE.get(one.type, "")
    return out


def main(out: Path) -> None:
    """Write the manual."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(paths.manual() / "pictures", folder / "pictures")
        head = _HEAD.replace("#VERSION", f"#{quoted(__version__)}")
        body = "\n".join(page(one.text) for one in manual_pages())
        (folder / "manual.typ").write_text(head + body, encoding="utf-8")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(typeset(folder, "manual.typ", _DAY, font_folders()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
