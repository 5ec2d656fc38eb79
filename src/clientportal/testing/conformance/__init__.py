"""What an adapter must pass: one class to subclass and one fixture to write for each port."""

from __future__ import annotations
