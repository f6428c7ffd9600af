"""placeholder"""

from engine.facts import ScreenText
from engine.media import Frame
from engine.ports import TextReader


class TextFollower:
    def __init__(self, reader: TextReader, run: str, *, live: bool) -> None:
        pass

    def look(self, frame: Frame) -> tuple[tuple[ScreenText, bool], ...]:
        return ()

    def close(self) -> tuple[tuple[ScreenText, bool], ...]:
        return ()
