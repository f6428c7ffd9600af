"""Seconds of a video file, as an action is taught from them."""

from contextlib import closing
from pathlib import Path

from app.clock import SystemClock
from engine.errors import ConceptError
from engine.facts import MotionClip
from engine.media import Grey, nanoseconds
from engine.perception.acting import LONGEST_S, SHORTEST_S, step_of
from engine.perception.flow import small_grey
from engine.sources.recording import RecordingSource


def clip_of_file(path: Path, start_s: float, end_s: float) -> MotionClip:
    """The pictures between two moments of a file.

    Raises:
        ConceptError: the span is too short or too long, or the file ends before it.
        EngineError: the file cannot be read.
    """
    if not SHORTEST_S <= end_s - start_s <= LONGEST_S:
        raise ConceptError(
            f"From {start_s:g} s to {end_s:g} s is no span of 1 to 10 seconds. "
            "Nothing was changed. Choose the seconds in which the action is done once."
        )
    start, end = nanoseconds(start_s), nanoseconds(end_s)
    times: list[int] = []
    pictures: list[Grey] = []
    with closing(RecordingSource(path, "", SystemClock())) as source:
        while True:
            try:
                frame = source.read()
            except EOFError:
                break
            if frame is None or frame.pts < start:
                continue
            if frame.pts > end:
                break
            if not times or step_of(frame.pts) > step_of(times[-1]):
                times.append(frame.pts)
                pictures.append(small_grey(frame.image))
    if not times or times[-1] < end - nanoseconds(1.0):
        raise ConceptError(
            f"“{path.name}” ends before {end_s:g} s. Nothing was changed. Choose an earlier span."
        )
    return MotionClip(times=tuple(times), pictures=tuple(pictures))
