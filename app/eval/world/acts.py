"""What figures do, and the pose that it puts them in at each moment."""

import math
from dataclasses import dataclass, replace
from typing import Literal

Deed = Literal[
    "stand",
    "walk left",
    "walk right",
    "jump",
    "spin",
    "wave",
    "sit",
    "bow",
    "pick up",
    "put down",
    "give",
    "take",
    "open the door",
    "come in",
    "leave",
]

DOING: dict[Deed, str] = {
    "stand": "standing still",
    "walk left": "walking to the left",
    "walk right": "walking to the right",
    "jump": "jumping",
    "spin": "spinning",
    "wave": "waving",
    "sit": "sitting",
    "bow": "bowing",
    "pick up": "picking something up",
    "put down": "putting something down",
    "give": "giving something away",
    "take": "taking something",
    "open the door": "opening the door",
    "come in": "coming in",
    "leave": "leaving",
}
"""How an answer says it."""

STEPS: tuple[Deed, ...] = ("jump", "spin", "wave", "sit", "bow")
"""What dances are made of: two of these, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One actor's deed from `start_s` to `end_s` of the scene; acts of an actor never overlap."""

    deed: Deed
    start_s: float
    end_s: float
    x0: float
    x1: float
    facing: int
    """-1 left, 1 right."""
    thing: int | None = None
    """Number of the thing that is picked up, put down or given."""
    partner: int | None = None
    """Number of the other actor of a gift."""
    dance: str | None = None
    """The dance that this deed is a step of."""

    def share(self, t: float) -> float:
        """How far the act is, 0 to 1."""
        return min(max((t - self.start_s) / max(self.end_s - self.start_s, 1e-9), 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a figure stands, in scene units and radians."""

    x: float
    facing: int = 1
    lift: float = 0.0
    turn: float = 0.0
    """About the upright axis; 0 faces the viewer a little to the side of `facing`."""
    lean: float = 0.0
    """Forward, in radians."""
    squash: float = 0.0
    """How much lower the body is, 0 to 1."""
    seated: float = 0.0
    stride: float = 0.0
    walks: float = 0.0
    raised: float = 0.0
    """The free arm, 0 hangs and 1 points up."""
    both: float = 0.0
    """The same for both arms at once."""
    sway: float = 0.0
    reach: float = 0.0
    """The carrying arm: 1 stretched out forward, -1 down to the floor."""
    blinks: bool = False


def eased(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def swell(share: float, edge: float = 0.18) -> float:
    """Up from 0, stays at 1, down to 0 again."""
    return eased(share / edge) * eased((1 - share) / edge)


def pose(act: Act, t: float) -> Pose:
    """The pose at `t` seconds of the scene."""
    share, since = act.share(t), t - act.start_s
    still = Pose(
        x=act.x0 + (act.x1 - act.x0) * share,
        facing=act.facing,
        blinks=(t * 0.37 + act.x0 * 0.013) % 1 < 0.05,
    )
    match act.deed:
        case "walk left" | "walk right" | "come in" | "leave":
            return replace(still, stride=still.x / 13, walks=1.0)
        case "jump":
            beat = abs(math.sin(since * math.pi / 0.8))
            return replace(still, lift=78 * beat, both=0.75 + 0.25 * beat, squash=0.1 - 0.1 * beat)
        case "spin":
            return replace(still, turn=since * 2 * math.pi / 1.6, both=0.38)
        case "wave":
            return replace(still, raised=swell(share, 0.12), sway=math.sin(since * 7))
        case "sit":
            return replace(still, seated=swell(share, 0.12))
        case "bow":
            return replace(still, lean=0.95 * swell(share, 0.22))
        case "pick up" | "put down":
            down = math.sin(math.pi * share)
            return replace(still, reach=-down, lean=0.5 * down, squash=0.22 * down)
        case "give" | "take" | "open the door":
            return replace(still, reach=swell(share, 0.3))
        case "stand":
            return replace(still, squash=0.015 * (1 + math.sin(t * 2.2 + act.x0)))
