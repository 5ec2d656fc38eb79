"""Values of this library as JSON, and back: the only package that knows cattrs.

What is read comes from outside: strict types, no unknown field, all problems at once with their
paths, and never another error than `MalformedError`. What is written holds no secret.
"""

from clientportal.serialization.converter import event_of, make_converter, structure, wire_of
from clientportal.serialization.wire import EVENTS, WIRE_NAMES, encode, loads

__all__ = [
    "EVENTS",
    "WIRE_NAMES",
    "encode",
    "event_of",
    "loads",
    "make_converter",
    "structure",
    "wire_of",
]
