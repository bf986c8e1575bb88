"""The pages' own style sheet, made to reach screens only: every selector begins with the screen it is for."""

from __future__ import annotations

import re

from reports.protocol_document.screens import PLAIN
from trial.pages.assets import asset

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ELEMENT = re.compile(rf"(?<![\w.#:-])({'|'.join(sorted(PLAIN, key=len, reverse=True))})(?![\w-])")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_DISABLED = """
.seen-page { padding: 0; }
.seen-page .as-main { padding-block: 1.5rem; margin-inline: 0; max-width: none; }
.seen-page .as-footer, .seen-page .as-header { max-width: none; }
.seen-page .as-footer { padding-block: 0 1rem; }
.seen-page .s-option, .seen-page .as-button, .seen-page .s-button { cursor: default; }
.seen-page input:disabled, .seen-page select:disabled, .seen-page textarea:disabled { opacity: 1; color: inherit; }
.seen-page textarea.s-tall { min-height: 7rem; }
.seen-page [role="heading"] { font-weight: 700; }
.seen-page .as-a, .seen-mail .as-a { text-decoration: underline; }
.seen-page .as-a.s-button, .seen-mail .as-a.s-button { text-decoration: none; }
.seen-page p, .seen-mail p { max-width: none; }
.seen-mail { background: #f3f1ec; color: #22262b; }
.seen-mail td { text-align: start; white-space: normal; }
.seen-mail td, .seen-page td { position: static; background: none; min-width: 0; }
.seen-mail tbody, .seen-page tbody, .seen-page thead, .seen-page dl { border: 0; }
@media (max-width: 480px) {
  .seen-mail .s-margin { padding: 0 !important; }
  .seen-mail .s-paper { border-radius: 0 !important; }
}
@media print { .seen-page .s-button, .seen-page .as-button { display: inline-flex; } }
"""


def screen_style() -> str:
    """The style sheet of the pages for `.seen-page`, and the few lines that pages in a document need."""
    return scoped(asset("style.css").content.decode(), ".seen-page") + _DISABLED


def scoped(sheet: str, within: str) -> str:
    """A style sheet whose rules hold inside `within` alone."""
    return "".join(_rules(_COMMENT.sub("", sheet), within))


def _rules(sheet: str, within: str) -> list[str]:
    found, at = [], 0
    while (start := sheet.find("{", at)) >= 0:
        end = _closing(sheet, start)
        head, body = sheet[at:start].strip(), sheet[start + 1 : end]
        if head.startswith("@media"):
            found.append(f"{head} {{ {''.join(_rules(body, within))} }}\n")
        elif not head.startswith("@"):
            found.append(f"{', '.join(_selectors(head, within))} {{{body}}}\n")
        at = end + 1
    return found


def _closing(sheet: str, start: int) -> int:
    depth = 0
    for place in range(start, len(sheet)):
        depth += {"{": 1, "}": -1}.get(sheet[place], 0)
        if depth == 0:
            return place
    return len(sheet)


def _selectors(head: str, within: str) -> list[str]:
    """Each selector of a rule, with the screen before it; the page's root and body are the screen itself."""
    return [_selector(one.strip(), within) for one in re.split(r",(?![^()]*\))", head) if one.strip()]


def _selector(one: str, within: str) -> str:
    if one in (":root", "html", "body"):
        return within
    return within + " " + _ELEMENT.sub(r".as-\1", _CLASS.sub(r".s-\1", one))
