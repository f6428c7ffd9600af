"""A back-test: an alert run over what is remembered, as if it had been armed then."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.decision.alerts import Alerts, Firing
from engine.decision.manners import Manners
from engine.decision.wording import sentence
from engine.effects import Rehearse
from engine.errors import ModelError
from engine.facts import Alert, Evidence, Remark, ScreenText, Sighting, Utterance, Watched
from engine.media import Span, nanoseconds
from engine.ports.memory import Archive, ClipEntry
from engine.prompts import Picture, Probe, Verdict
from engine.reports import Rehearsed

Probing = Callable[[Sequence[Probe]], tuple[Verdict, ...]]

CLIPS_AT_MOST = 240
"""Of a free sentence the newest clips are judged, since each takes the model a moment."""
PICTURES = 3
NO_MODEL = "This is judged by a vision-language model, and there is none. Nothing was tried."
WAS_IT = (
    "The user wants to know when this happened: “{words}”. Do the pictures show it? "
    "Answer yes or no."
)


def rehearse(
    effect: Rehearse, archive: Archive, manners: Manners, probe: Probing | None
) -> Rehearsed:
    """Run it over the memory within the wall time of the effect."""
    stretches = [one for one in archive.watched() if _within(one, effect.at)]
    watched_s = sum(one.span.seconds for one in stretches)
    alert = replace(effect.alert, paused=False, expires_at=None)
    why_not = ""
    remarks: list[Remark] = []
    if alert.condition.event == "judged":
        if probe is None:
            why_not = NO_MODEL
        else:
            remarks = _judged(alert, archive, effect.at, probe)
            if len(archive.clips(at=effect.at)) > CLIPS_AT_MOST:
                why_not = f"Only the newest {CLIPS_AT_MOST} clips were looked at."
    else:
        remarks = _replayed(alert, archive, effect.at, manners, stretches)
    return Rehearsed(
        ref=effect.ref,
        alert=effect.alert,
        remarks=tuple(remarks),
        watched_s=watched_s,
        why_not=why_not,
    )


def _within(watched: Watched, at: Span | None) -> bool:
    return at is None or watched.at.overlaps(at)


# --- what was stored --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happened in a run at `pts`; in this order."""

    at: int
    order: int
    pts: int
    run: str
    what: Sighting | ScreenText | Utterance | None
    gone: bool = False


def _replayed(
    alert: Alert,
    archive: Archive,
    at: Span | None,
    manners: Manners,
    stretches: Sequence[Watched],
) -> list[Remark]:
    alerts = Alerts((alert,), archive.concepts(), manners)
    for stretch in stretches:
        alerts.watch(stretch.run, label=stretch.label, live=not stretch.recorded)
    events = sorted(
        [
            *_sightings(archive.sightings(at=at)),
            *_texts(archive.texts(at=at)),
            *_heard(archive.utterances(at=at)),
            *_silences(alert, stretches),
        ],
        key=lambda event: (event.at, event.order),
    )
    waits = nanoseconds(max(alert.dwell_s, manners.settle_s) + 0.1)
    ends = {one.run: one.span.end for one in stretches}
    return [
        Remark(
            alert=alert.id,
            text=one.text,
            evidence=one.evidence,
            run=one.run,
            pts=one.pts,
            at=one.at,
        )
        for one in _fired(alerts, events, waits, ends)
    ]


def _fired(
    alerts: Alerts, events: Iterable[_Event], waits: int, ends: Mapping[str, int]
) -> Iterator[Firing]:
    """What fires at each event, and so long after it; nothing after the end of a run."""
    due: list[tuple[int, str, int]] = []
    for event in events:
        while due and due[0][0] <= event.at:
            when, run, pts = due.pop(0)
            yield from alerts.on_tick(run, pts, when)
        yield from _taken(alerts, event)
        due.append((event.at + waits, event.run, event.pts + waits))
    for when, run, pts in due:
        if pts <= ends.get(run, 0):
            yield from alerts.on_tick(run, pts, when)


def _taken(alerts: Alerts, event: _Event) -> list[Firing]:
    match event.what:
        case Sighting(kind="action"):
            return alerts.on_done(event.what)
        case Sighting(phase="began"):
            return alerts.on_sighted(event.what)
        case Sighting():
            return alerts.on_left(event.what)
        case ScreenText():
            return alerts.on_text(event.what, gone=event.gone)
        case Utterance():
            said = event.what
            return alerts.on_heard(said.text, run=event.run, span=said.span, at=event.at)
        case None:
            return alerts.on_tick(event.run, event.pts, event.at)


def _sightings(stored: Sequence[Sighting]) -> list[_Event]:
    # A nameless visit that went on under a name ended there, and nobody left.
    named = {
        (one.run, one.track, one.span.start)
        for one in stored
        if one.phase == "began" and one.concept is not None
    }
    return [
        _Event(one.at, 1, one.span.end, one.run, one)
        for one in stored
        if one.phase == "began"
        or one.concept is not None
        or (one.run, one.track, one.span.start) not in named
    ]


def _texts(stored: Sequence[ScreenText]) -> list[_Event]:
    """Each line comes once and goes once; it was stored when it came and when it was gone."""
    longest: dict[tuple[str, int, str], ScreenText] = {}
    for one in stored:
        key = one.run, one.span.start, one.text
        if key not in longest or one.span.end > longest[key].span.end:
            longest[key] = one
    events: list[_Event] = []
    for one in longest.values():
        start, lasted = one.span.start, one.span.end - one.span.start
        came = replace(one, span=Span(start=start, end=start), at=one.at - lasted)
        events.append(_Event(came.at, 2, start, one.run, came))
        events.append(_Event(one.at, 0, one.span.end, one.run, one, gone=True))
    return events


def _heard(stored: Sequence[Utterance]) -> Iterable[_Event]:
    """What was said to nobody in particular; what was said to Nacre told of nothing."""
    for one in stored:
        if not one.addressed:
            yield _Event(one.at, 1, one.span.end, one.run, one)


def _silences(alert: Alert, stretches: Sequence[Watched]) -> Iterable[_Event]:
    """Of silence nothing was stored: the time between is gone through in steps."""
    if alert.condition.event != "nothing":
        return
    step = nanoseconds(max(alert.condition.after_s / 20, 0.5))
    for one in stretches:
        for passed in range(0, one.span.end - one.span.start + 1, step):
            yield _Event(one.at.start + passed, 3, one.span.start + passed, one.run, None)


# --- what the model is asked --------------------------------------------------------------------


def _judged(alert: Alert, archive: Archive, at: Span | None, probe: Probing) -> list[Remark]:
    remarks: list[Remark] = []
    held: dict[str, bool] = {}
    labels = {one.run: one.label for one in archive.watched()}
    for clip in archive.clips(at=at)[-CLIPS_AT_MOST:]:
        pictures = _pictures(clip, archive)
        if not pictures:
            continue
        question = WAS_IT.format(words=alert.condition.words)
        try:
            (verdict,) = probe([Probe(question=question, pictures=pictures, window=False)])
        except ModelError:
            break
        right = verdict.yes >= alert.threshold
        if right and not held.get(clip.run, False):
            remarks.append(
                Remark(
                    alert=alert.id,
                    text=sentence(alert.condition.words),
                    evidence=(
                        Evidence(
                            run=clip.run,
                            span=clip.span,
                            at=clip.at,
                            kind="clip",
                            label=labels.get(clip.run, ""),
                        ),
                    ),
                    run=clip.run,
                    pts=clip.span.start,
                    at=clip.at.start,
                )
            )
        held[clip.run] = right
    return remarks


def _pictures(clip: ClipEntry, archive: Archive) -> tuple[Picture, ...]:
    found = ((pts, archive.picture(clip.run, pts)) for pts in clip.key_frames[:PICTURES])
    return tuple(
        Picture(image=image, mark=f"[{pts // 60_000_000_000}:{pts // 1_000_000_000 % 60:02}]")
        for pts, image in found
        if image is not None
    )
