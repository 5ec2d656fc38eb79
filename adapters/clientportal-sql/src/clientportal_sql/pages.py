"""Pages by key: where one begins, and how long it is. Nothing is skipped, and nothing counted."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.moments import Moment, microseconds
from clientportal_sql.joins import ONE, ZERO, bound
from clientportal_sql.tables import WHOLE

#: The key of the last row seen: a moment, and the id that tells rows of one moment apart.
SEEN_LAST: Final[Any] = sa.tuple_(bound("after_at", WHOLE), bound("after_id", sa.Text))


def key(at: Any, id: Any) -> Any:  # noqa: A002 - the word of the domain
    """The columns by which rows are paged, to compare with `SEEN_LAST`."""
    return sa.tuple_(at, id)


def page(rows: Any) -> Any:
    """As many of *rows*, a select in order, as are asked for."""
    return rows.limit(bound("limit", WHOLE)).offset(ZERO)


def first(rows: Any) -> Any:
    """The first of *rows*, a select in order."""
    return rows.limit(ONE).offset(ZERO)


def begin(after: tuple[Moment, str] | None, start: int) -> dict[str, Any]:
    """Past the row whose key is *after*; without one, from *start* on."""
    if after is None:
        return {"after_at": start, "after_id": ""}
    return {"after_at": microseconds(after[0]), "after_id": after[1]}
