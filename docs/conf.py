"""How Sphinx makes a site of the Markdown files: `make docs`.

The source directory is the root of the project, so that the pages' relative links lead to the same files here, in a
clone and in a repository's web view.
"""

import re

import sphinx.application
from docutils import nodes

project = "fastcors"
copyright = "2026 The fastcors authors"
extensions = ["myst_parser", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "benchmarks/*.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = [".*", "build", "dist", "node_modules"]

nitpicky = True
# The anchors that a repository's web view gives headings, for those that link to them.
myst_heading_anchors = 4
# Quotes in the text are those of code and of error messages, to be searched for and copied as they are.
smartquotes = False

html_theme = "furo"
html_title = "fastcors"
html_copy_source = False
html_show_sphinx = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_theme_options = {"navigation_with_keys": True}

# Of a console the copy button takes the commands, without the prompt and the output.
copybutton_selector = "div.highlight-python pre, div.highlight-console pre, div.highlight-sh pre"
copybutton_prompt_text = "$ "
copybutton_copy_empty_lines = False

MANY_COLUMNS = 6

# What people type into the search, by the page that answers it. Without these, pages with the same words come in the
# order of the alphabet.
SOUGHT = {
    "docs/add-cors": ("preflight 401", "preflight 403", "500 no CORS headers", "500 CORS error"),
    "docs/debugging": ("blocked by CORS policy", "No 'Access-Control-Allow-Origin' header", "CORS error"),
    "docs/origin-patterns": ("wildcard subdomain", "all subdomains", "any port"),
    "docs/performance": ("requests per second", "how fast"),
    "docs/recipes": ("credentials include", "environment variable"),
    "docs/websocket-origins": ("WebSocket 403", "cross-site WebSocket hijacking"),
}


def add_contents(app: sphinx.application.Sphinx, name: str, content: list[str]) -> None:
    """Give the index a table of contents: what it links to, in that order. A reader of the file has the links."""
    if name != root_doc:
        return
    for caption, listed in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", content[0], re.MULTILINE):
        pages = re.findall(r"^- \[(.+?)\]\((\S+)\.md\)", listed, re.MULTILINE)
        entries = "\n".join(f"{title} <{page}>" for title, page in pages)
        if pages:
            content[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def add_sought(app: sphinx.application.Sphinx, name: str, content: list[str]) -> None:
    """Put what people search for into the index, from where the search ranks it before the text."""
    title, _, rest = content[0].partition("\n")
    entries = "".join(f"```{{index}} ! single: {each}\n```\n" for each in SOUGHT.get(name, ()))
    content[0] = f"{title}\n\n{entries}{rest}"


def add_cell_headings(app: sphinx.application.Sphinx, tree: nodes.document, name: str) -> None:
    """Give each cell the heading of its column, which is shown on a phone: there, each row is a card."""
    for table in tree.findall(nodes.table):
        head, *body = table.findall(nodes.row)
        headings = [cell.astext() for cell in head]
        if len(headings) >= MANY_COLUMNS:
            table["classes"].append("many-columns")
        for row in body:
            for heading, cell in zip(headings, row, strict=True):
                if not cell.astext():
                    cell.clear()
                elif heading:
                    cell.children[0].insert(0, nodes.inline("", f"{heading}: ", classes=["cell-heading"]))


def setup(app: sphinx.application.Sphinx) -> None:
    app.connect("source-read", add_contents)
    app.connect("source-read", add_sought)
    app.connect("doctree-resolved", add_cell_headings)
