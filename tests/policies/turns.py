"""Changes of the specification as those of the library, and scenes at random as facts (MSG-13)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from attrs import evolve
from tests.policies.scenes import at, client_id, facts_of, staff_id
from tests.spec import messaging_spec as spec

from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.flips import Flip, Flips, Turn


class Case(NamedTuple):
    """A question about writing, as both readings see it."""

    scene: spec.Scene
    facts: WritingFacts
    now: Moment


def flip_of(change: spec.Change) -> Flip:
    """The library's word for a change of the specification."""
    match change:
        case ("policy", str(value)):
            return Flip(turn=Turn.POLICY, policy=MessagingPolicy(value))
        case ("assign", str(client), str(one)):
            return Flip(turn=Turn.ASSIGN, client_id=client_id(client), staff_id=staff_id(one))
        case ("wait_until", int(moment)):
            return Flip(turn=Turn.WAIT_UNTIL, at=at(moment))
    return Flip(turn=Turn(change[0]))


def flips_by_spec(scene: spec.Scene) -> Flips:
    """What the specification lists, in the library's words."""
    listed = spec.flips(scene, in_turn=True)
    return frozenset(frozenset(map(flip_of, changes)) for changes in listed)


def seeing(scene: spec.Scene) -> WritingFacts:
    """The facts of a scene, where whom staff may view does not hang on a roster."""
    facts = facts_of(scene)
    sees = {staff_id(one.id): spec.views_all(scene, one) for one in scene.staff}
    staff = {
        key: evolve(one, views=Reach.EVERYTHING if sees[key] else Reach.NONE)
        for key, one in facts.staff.items()
    }
    return evolve(facts, staff=staff)


def case_of(scene: spec.Scene) -> Case:
    """Both sides of one question."""
    return Case(scene, seeing(scene), at(scene.now))


def writing(seed: int, count: int) -> Iterator[Case]:
    """Questions about writing among so many scenes: who would read, answers; no answer to nothing.

    Storage finds nothing where nothing has begun, so the library is not asked.
    """
    rng = random.Random(seed)
    for _ in range(count):
        scene = spec.random_scene(rng)
        asked = scene._replace(action="reply") if scene.action == "read" else scene
        if asked.action == "start" or spec.clock_now(asked).begun:
            yield case_of(asked)
