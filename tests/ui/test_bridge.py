from threading import Thread, current_thread, main_thread

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from engine.errors import StoreError
from engine.messages import AlertsChanged, Ask, Failed, RemoveAlert
from tests.fakes.assistant import FakeAssistant
from ui.bridge import Bridge


def test_events_of_the_engine_thread_arrive_on_the_gui_thread(qtbot: QtBot) -> None:
    assistant = FakeAssistant()
    bridge = Bridge(assistant)
    seen: list[object] = []
    bridge.alerts_changed.connect(lambda event: seen.append((event, current_thread())))
    event = AlertsChanged(alerts=())
    thread = Thread(target=assistant.emit, args=(event,))
    thread.start()
    thread.join()
    assert seen == []
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(event, main_thread())]
    bridge.close()


def test_a_request_is_settled_by_the_event_with_its_ref(qtbot: QtBot) -> None:
    assistant = FakeAssistant()
    bridge = Bridge(assistant)
    settled: list[object] = []
    command = RemoveAlert(alert="a")
    bridge.request(command, bridge, settled.append)
    assistant.emit(AlertsChanged(alerts=(), ref="other"))
    assistant.emit(AlertsChanged(alerts=(), ref=command.ref))
    qtbot.waitUntil(lambda: bool(settled))
    assert [e.ref for e in settled] == [command.ref]
    bridge.close()


def test_a_failure_goes_to_who_asked_and_otherwise_to_everybody(qtbot: QtBot) -> None:
    assistant = FakeAssistant()
    bridge = Bridge(assistant)
    mine: list[Failed] = []
    everybody: list[Failed] = []
    bridge.failed.connect(everybody.append)
    ask = Ask(text="?")
    bridge.request(ask, bridge, failed=mine.append)
    assistant.emit(Failed(reason="No.", kind="StoreError", ref=ask.ref))
    assistant.emit(Failed(reason="Again.", kind="StoreError", ref=ask.ref))
    qtbot.waitUntil(lambda: bool(everybody))
    assert [f.reason for f in mine] == ["No."]
    assert [f.reason for f in everybody] == ["Again."]
    bridge.close()


def test_nobody_is_called_after_the_owner_went(qtbot: QtBot) -> None:
    assistant = FakeAssistant()
    bridge = Bridge(assistant)
    owner = QObject()
    called: list[object] = []
    everybody: list[Failed] = []
    bridge.failed.connect(everybody.append)
    ask = Ask(text="?")
    bridge.request(ask, owner, called.append, called.append)
    owner.deleteLater()
    qtbot.wait(10)
    del owner
    assistant.emit(Failed(reason="No.", kind="StoreError", ref=ask.ref))
    qtbot.waitUntil(lambda: bool(everybody))
    assert called == []
    bridge.close()


def test_reads_run_elsewhere_and_come_back_here(qtbot: QtBot) -> None:
    bridge = Bridge(FakeAssistant())
    came: list[object] = []
    bridge.read(current_thread, bridge, lambda worker: came.append((worker, current_thread())))
    qtbot.waitUntil(lambda: bool(came))
    worker, receiver = came[0]
    assert worker is not main_thread()
    assert receiver is main_thread()
    bridge.close()


def test_a_failed_read_says_why(qtbot: QtBot) -> None:
    bridge = Bridge(FakeAssistant())
    reasons: list[str] = []

    def fails() -> None:
        raise StoreError("The disk is full. Nothing was lost. Make room.")

    bridge.read(fails, bridge, lambda _: None, reasons.append)
    qtbot.waitUntil(lambda: bool(reasons))
    assert reasons == ["The disk is full. Nothing was lost. Make room."]
    bridge.close()


def test_closing_ends_the_subscription() -> None:
    assistant = FakeAssistant()
    bridge = Bridge(assistant)
    assert assistant.subscribed == 1
    bridge.close()
    assert assistant.subscribed == 0
