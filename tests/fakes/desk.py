"""A desk that settles every request from a script."""

from engine.errors import EngineError
from engine.messages import Command, Event, Failed
from tests.fakes.assistant import FakeArchive, FakeAssistant


class FakeDesk(FakeAssistant):
    """`app.office.Desk` over `FakeAssistant`: `answers` says what comes of each command."""

    def __init__(self, archive: FakeArchive | None = None) -> None:
        super().__init__(archive)
        self.reloaded = 0
        self.renewal: tuple[int, tuple[str, ...]] = (0, ())

    def request(self, command: Command, timeout_s: float = 60.0) -> Event:
        settled: list[Event] = []
        ref = getattr(command, "ref", "")
        end = self.subscribe(
            lambda event: settled.append(event) if getattr(event, "ref", "") == ref else None
        )
        try:
            self.send(command)
        finally:
            end()
        if not settled:
            raise TimeoutError
        if isinstance(settled[0], Failed):
            raise EngineError(settled[0].reason)
        return settled[0]

    def reload(self) -> None:
        self.reloaded += 1

    def await_model(self, timeout_s: float) -> None:
        """There is none."""
