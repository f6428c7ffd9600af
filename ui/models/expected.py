"""What to expect of a model on this computer, in words."""

from engine.ports.shelf import Fit, Fitness, Outlook
from ui.wording import count, duration

BADGES: dict[Fitness, tuple[str, str]] = {
    "runs well": ("Runs well", "badge-good"),
    "runs slowly": ("Runs slowly", "badge-slow"),
    "not known": ("Speed not known", "badge"),
    "does not fit": ("Does not fit", "badge-bad"),
}
"""The words, and the role that gives them their colour."""


def pace(frames_per_s: float) -> str:
    """How fast a model sees."""
    if not frames_per_s:
        return "how fast it sees is not known"
    if frames_per_s >= 10:
        return f"about {frames_per_s:.0f} frames a second"
    if frames_per_s >= 1:
        return f"about {frames_per_s:.1f} frames a second"
    return f"a frame in about {_length(1 / frames_per_s)}"


def _length(s: float) -> str:
    """A length of time as closely as it can be known beforehand."""
    if s < 0.1:
        return "less than 0.1 s"
    return f"{s:.1f} s" if s < 10 else duration(round(s))


def expected(fit: Fit, *, measured: bool) -> str:
    """The figures of one model."""
    if fit.reason:
        return fit.reason
    words = [pace(fit.frames_per_s), f"first word after {_length(fit.first_token_s)}"]
    words.append(f"{fit.needs_bytes / 1e9:.1f} GB of memory")
    if not measured:
        words.append("reckoned, not measured")
    text = " · ".join(words)
    return text[:1].upper() + text[1:]


def summary(outlook: Outlook, demos: frozenset[str]) -> str:
    """Which models run well here. `demos` know the drawn world alone, and do not count."""
    fits = [fit for fit in outlook.fits if fit.model not in demos]
    well = [fit.title for fit in fits if fit.fitness == "runs well"]
    if well:
        more = f" and {count(len(well) - 1, 'other')}" if len(well) > 1 else ""
        return f"Of the language models, {well[0]}{more} should run well here."
    slowly = [fit.title for fit in fits if fit.fitness == "runs slowly"]
    if slowly:
        return f"No language model runs well here; {slowly[0]} is the quickest."
    return "No language model of the list fits on this computer."
