"""How Sphinx makes a site of the Markdown files: `make docs`.

The source directory is the root of the project, so that the pages' relative links lead to the same files here, in a
clone and in a repository's web view.
"""

import re

import sphinx.application

project = "fastcors"
copyright = "2026 The fastcors authors"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "benchmarks/*.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = [".*", "build", "dist", "node_modules"]

nitpicky = True
# The anchors that a repository's web view gives headings, for those that link to them.
myst_heading_anchors = 3

html_theme = "furo"
html_title = "fastcors"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def add_contents(app: sphinx.application.Sphinx, name: str, content: list[str]) -> None:
    """Give the index a table of contents: what it links to, in that order. A reader of the file has the links."""
    if name != root_doc:
        return
    for caption, listed in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", content[0], re.MULTILINE):
        pages = re.findall(r"^- \[(.+?)\]\((\S+)\.md\)", listed, re.MULTILINE)
        entries = "\n".join(f"{title} <{page}>" for title, page in pages)
        if pages:
            content[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def setup(app: sphinx.application.Sphinx) -> None:
    app.connect("source-read", add_contents)
