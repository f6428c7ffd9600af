"""The binding of Qt itself: PySide6 6.12 drops references under Python 3.11, until it aborts."""

import sys

from PySide6.QtCore import QObject, Signal

CALLS = 500


class Bell(QObject):
    rung = Signal()


def test_calls_into_qt_keep_the_reference_counts(qapp: object) -> None:
    bell = Bell()

    def call() -> None:
        bell.rung.emit()
        bell.setParent(None)

    call()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert all(abs(b - a) < CALLS // 2 for a, b in zip(before, after, strict=True))
