"""Links to a board: one module a medium, named after the scheme of its URLs.

A module offers `open_link(url, options) -> Link` and `find_boards(options) -> list[Sighting]`.
A new medium is one new module here, and nothing else changes.
"""
