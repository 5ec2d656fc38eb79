"""How Sphinx builds these pages; nothing is fetched from anywhere."""

from __future__ import annotations

project = "clientportal"
copyright = "the authors of clientportal"  # noqa: A001 - Sphinx's word
release = "0.1.0"

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "alabaster"
html_theme_options = {"description": "The engine of a practice's client portal."}
html_show_sourcelink = False
html_permalinks_icon = "#"
