"""A practice's own rules about writing: they can only narrow, and an error in one denies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from attrs import field, frozen

from clientportal.domain.moments import Moment
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, Kind, deny

EXTRA_RULE_FAILED: Final = deny("extra_rule_failed", "conversation", "MSG-1")

#: What a rule says of an attempt to write: why it is denied, or None. *facts* have no
#: conversation where one is about to be started.
Judge: TypeAlias = Callable[[WritingFacts, Moment], Decision | None]


@frozen(kw_only=True)
class ExtraRule:
    """One rule of a practice's own, such as office hours, called by its *name*.

    *judge* gives a denial with its reason, or None; what it allows changes nothing. It is asked
    whenever the policy allows somebody to write or start, so it must be pure and fast.
    """

    name: str
    judge: Judge = field(repr=False)


#: All of a practice's own rules, in the order in which they are asked.
Rules: TypeAlias = Sequence[ExtraRule]


def narrowed(decision: Decision, facts: WritingFacts, now: Moment, rules: Rules) -> Decision:
    """*decision*, unless it allows and one of *rules* denies; the first that denies is heard."""
    if not decision:
        return decision
    for rule in rules:
        denied = _judged(rule, facts, now)
        if denied is not None:
            return denied
    return decision


def _judged(rule: ExtraRule, facts: WritingFacts, now: Moment) -> Decision | None:
    """What *rule* denies; whatever goes wrong in it, or hides what is there, denies as well."""
    try:
        return _denial_in(rule.judge(facts, now))
    except Exception:  # noqa: BLE001 - a foreign rule may raise anything, and must not open a door
        return EXTRA_RULE_FAILED


def _denial_in(said: object) -> Decision | None:
    if said is None:
        return None
    if not isinstance(said, Decision) or said.reason.kind is Kind.HIDDEN:
        return EXTRA_RULE_FAILED
    return None if said else said


def failing(name: str) -> ExtraRule:
    """The rule that stands for one which could not be had: it denies."""

    def judge(_: WritingFacts, __: Moment) -> Decision | None:
        return EXTRA_RULE_FAILED

    return ExtraRule(name=name, judge=judge)
