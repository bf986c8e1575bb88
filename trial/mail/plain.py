"""The text part of a mail: the same words as its HTML, for readers without styles and for those who prefer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from trial.pages.message import FooterLinks, Tokens


def plain_text(body: Tokens, *, footer_links: FooterLinks = (), marked: str | None = None) -> str:
    """Paragraphs apart by a blank line, addresses beside their labels, lines ended by a single newline."""
    parts = [marked] if marked else []
    parts += _blocks(SyntaxTreeNode(body).children)
    if footer_links:
        parts.append("\n".join(f"{label}: {address}" for label, address in footer_links))
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        if node.type == "heading":
            heading = _inline(node)
            yield f"{heading}\n{('=' if node.tag == 'h1' else '-') * min(len(heading), 60)}"
        elif node.type in ("bullet_list", "ordered_list"):
            yield _list(node)
        elif node.type == "blockquote":
            yield _indented("\n\n".join(_blocks(node.children)), "> ", "> ")
        elif node.type in ("code_block", "fence"):
            yield _indented(node.content.rstrip("\n"), "    ", "    ")
        elif node.type == "hr":
            yield "-" * 20
        else:
            yield _inline(node)


def _list(node: SyntaxTreeNode) -> str:
    tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    items = []
    for place, item in enumerate(node.children, start=int(node.attrs.get("start", 1))):
        bullet = "- " if node.type == "bullet_list" else f"{place}. "
        inner = ("\n" if tight else "\n\n").join(_blocks(item.children))
        items.append(_indented(inner, bullet, " " * len(bullet)))
    return ("\n" if tight else "\n\n").join(items)


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(((first if place == 0 else rest) + line).rstrip() for place, line in enumerate(lines))


def _inline(node: SyntaxTreeNode) -> str:
    inline = node.children[0].token if node.children else None
    return _words(inline.children or []) if inline else ""


def _words(children: Sequence[Token]) -> str:
    said: list[str] = []
    href, start = "", 0
    for child in children:
        if child.type == "link_open":
            href, start = str(child.attrs.get("href", "")), len(said)
        elif child.type == "link_close":
            said[start:] = [_link("".join(said[start:]), href, is_button="address" in child.meta)]
        elif child.type in ("softbreak", "hardbreak"):
            said.append(" " if child.type == "softbreak" else "\n")
        else:
            said.append(child.content)
    return "".join(said)


def _link(label: str, href: str, *, is_button: bool) -> str:
    if href.removeprefix("mailto:") == label:
        return label
    return f"{label}:\n{href}" if is_button else f"{label} <{href}>"
