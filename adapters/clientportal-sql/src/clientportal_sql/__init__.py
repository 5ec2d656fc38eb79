"""Storage for `clientportal` in SQL: SQLite, through SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clientportal.ports.hookspecs import Adapter, hookimpl
from clientportal.ports.storage import AsyncStorage, Storage

if TYPE_CHECKING:
    from clientportal_sql.storage import AsyncSqlStorage, SqlStorage


def from_settings(settings: Mapping[str, Any]) -> SqlStorage:
    """The storage that the setting ``url`` names, such as ``sqlite:///riverside.db``.

    Raises `ConfigurationError` where the setting is missing or wrong.
    """
    from clientportal_sql.storage import SqlStorage  # lazily: it brings SQLAlchemy

    return SqlStorage.from_settings(settings)


def async_from_settings(settings: Mapping[str, Any]) -> AsyncSqlStorage:
    """As `from_settings`, in the other colour."""
    from clientportal_sql.storage import AsyncSqlStorage  # lazily: it brings SQLAlchemy

    return AsyncSqlStorage.from_settings(settings)


@hookimpl
def clientportal_adapters() -> list[Adapter[Any]]:
    """The storage called ``sqlite``, in both colours."""
    return [
        Adapter(Storage, "sqlite", from_settings),
        Adapter(AsyncStorage, "sqlite", async_from_settings),
    ]
