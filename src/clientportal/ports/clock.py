"""The clock port: what tells the time, read once per command and per delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present moment: aware, in UTC."""
