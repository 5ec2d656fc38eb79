"""The `clientportal` command: try it, set it up, import a client list, look under the hood."""

from clientportal.cli.commands import main

__all__ = ["main"]
