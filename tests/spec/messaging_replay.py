"""Changes that would reverse an answer (MSG-13), as things that happened after all the others."""

from tests.spec.messaging_spec import ORDER, ByHand, Change, Message, Scene, Switch


def moment_after(scene: Scene, moment: int, change: Change) -> Scene:
    """The change as one more thing that happened, a moment later."""
    scene = scene._replace(now=moment)
    match change:
        case ("policy", str(value)):
            return scene._replace(policy=(*scene.policy, Switch(moment, value)))
        case ("unlock",) | ("reopen",):
            kind = {"unlock": "unlocked", "reopen": "reopened"}[str(change[0])]
            return scene._replace(by_hand=(*scene.by_hand, ByHand(moment, kind)))
        case ("staff_writes",):
            sequence = len(scene.messages) + 1
            one = Message(moment, "staff", sequence)
            return scene._replace(messages=(*scene.messages, one))
        case ("assign", str(client), str(staff)):
            return scene._replace(roster=scene.roster | {(client, staff)})
        case ("wait_until", int(end)):
            return scene._replace(now=end + 10)
    proxy = scene.proxy and scene.proxy._replace(access=True)
    return scene._replace(portal_access=True, proxy=proxy)


def after_all(scene: Scene, changes: frozenset[Change]) -> Scene:
    """The changes one after another, in the order in which pairs are made."""
    ordered = sorted(changes, key=lambda change: ORDER.index(str(change[0])))
    for step, change in enumerate(ordered, 1):
        scene = moment_after(scene, scene.now + step, change)
    return scene
