"""The conversation: what was asked, answered and remarked, and the line to type in."""

import re
from collections.abc import Callable
from time import time_ns

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.facts import Alert
from engine.messages import (
    AddAlert,
    AlertDrafted,
    AlertsChanged,
    AnswerExtended,
    AnswerFinished,
    AnswerStarted,
    ArmAlert,
    Ask,
    Event,
    Failed,
    Forgotten,
    GalleryChanged,
    Heard,
    Interrupt,
    NamesLearned,
    RateAlert,
    Remarked,
    RemoveAlert,
    Say,
    UndoCorrection,
    WhichOne,
    Withdrawn,
)
from ui.bridge import Bridge
from ui.controls import column, label, row, rule, scrolling, tool
from ui.icons import Icons
from ui.notices import notice
from ui.pictures import Moment, Pictures
from ui.watch.introduced import Pointed, asked, learned
from ui.watch.message import Message
from ui.wording import by_hand, cannot_be_said, condition, patience

MOST_MESSAGES = 300
STANDING = "tell me when"
ORDERLY = re.compile(
    r"(?:no|nope|yes|yep|ok|okay|right|fine|only|but|and only|i mean|i meant|rather|instead|at most"
    r"|arm it|never ?mind|stop|don'?t|do not|cancel|remove|delete|drop|forget (?:it|the|that)|pause"
    r"|mute|resume|unpause|unmute|until|for|call|name|label|remember|save|learn|keep|meet"
    r"|(?:this|that|these|those|it|he|she|they)(?:'s|’s| is| are)|(?:his|her|its) name"
    r"|(?:this|that) [\w-]+ is|.+ is (?:also|sometimes) (?:called|known|named)"
    r"|(?:hey |ok |okay )?nacre)\b",
    re.I,
)
"""How a word about an alert or a name begins; the engine takes it for a question where it is
none."""


class Line(QLineEdit):
    """Enter sends, Esc stops."""

    stopped = Signal()

    def keyPressEvent(self, arg__1: QKeyEvent) -> None:
        if arg__1.key() == Qt.Key.Key_Escape:
            self.stopped.emit()
            return
        super().keyPressEvent(arg__1)


class Conversation(QFrame):
    """Sends questions and standing requests; shows everything that is said."""

    shown = Signal(Moment)
    caption = Signal(str, bool)
    running_caption = Signal(str)
    """Of an answer that still grows."""
    models_wanted = Signal()
    thinking_changed = Signal(bool)
    introduced = Signal()
    """Something was given a name."""
    which = Signal(WhichOne)
    """It must be shown which one was given a name."""

    def __init__(
        self,
        bridge: Bridge,
        pictures: Pictures,
        icons: Icons,
        recorded: Callable[[str], bool],
    ) -> None:
        super().__init__()
        self._bridge, self._pictures, self._recorded = bridge, pictures, recorded
        self._icons = icons
        self._names: dict[str, str] = {}
        self._open: dict[str, Message] = {}
        self._chooses = False
        """The next sentence may say which one was meant."""
        self._named: dict[str, Message] = {}
        """What was said of names that the ear has not taken in yet."""
        self.pointed: Callable[[], Pointed] = Pointed
        """What is shown and pointed at now."""
        self.messages: list[Message] = []
        self.setProperty("role", "side")
        self.setAccessibleName("Conversation")
        self.line = Line()
        self.line.setPlaceholderText("Ask or say …")
        self.line.setAccessibleName("Ask or say something")
        self.line.returnPressed.connect(self._submit)
        self.line.stopped.connect(self.interrupt)
        self._send = tool(icons, "send", "Send", self._submit, role="")
        self._stop = tool(icons, "stop", "Stop (Esc)", self.interrupt, role="")
        self._stop.hide()
        self._build()
        bridge.answer_started.connect(self._answer_started)
        bridge.answer_extended.connect(self._answer_extended)
        bridge.remarked.connect(self._remarked)
        bridge.withdrawn.connect(self._withdrawn)
        bridge.forgotten.connect(self._forgotten)
        bridge.names_learned.connect(self._learned)

    def _build(self) -> None:
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(16, 12, 16, 12)
        self._list.setSpacing(16)
        self._hint = label(
            "Ask about what was seen: “When did Momo last come in?”\n\n"
            "Say what to look out for: “Tell me when somebody appears.”\n\n"
            "Or who is there: “This is my mum, she has short grey hair.”",
            "muted",
            wrap=True,
        )
        self._list.addWidget(self._hint)
        self._list.addStretch(1)
        self._scroll = scrolling(inside, "Conversation so far")
        self._bar = self._scroll.verticalScrollBar()
        self._bar.rangeChanged.connect(self._to_end)
        head = row(16, label("Conversation", "heading"), None)
        head.setContentsMargins(0, 12, 16, 12)
        self._entry = row(self.line, self._send, self._stop)
        self._entry.setContentsMargins(12, 12, 12, 12)
        layout = column(spacing=0)
        self.setLayout(layout)
        layout.addLayout(head)
        layout.addWidget(rule())
        layout.addWidget(self._scroll, 1)
        layout.addWidget(rule())
        layout.addLayout(self._entry)

    @property
    def thinking(self) -> bool:
        return bool(self._open)

    def know(self, names: dict[str, str]) -> None:
        """Names of the concepts by id, for the wording of standing requests."""
        self._names = names

    def add_voice(self, strip: QWidget, *keys: QToolButton) -> None:
        """The keys stand beside the line, and what the microphone does below it."""
        for key in keys:
            self._entry.addWidget(key)
        strip.setContentsMargins(12, 0, 12, 8)
        whole = self.layout()
        if whole is not None:
            whole.addWidget(strip)

    def spoken(self, event: Heard, act: Callable[[], object]) -> None:
        """What was said to Nacre, which is not a question: done at once, or after a press."""
        asked = self._add(Message("You, spoken", time_ns()))
        asked.say(event.utterance.text)
        if not event.confirm:
            act()
            return
        reply = self._add(Message("Nacre", time_ns()))
        reply.say("I heard this after “hey Nacre”, where a video can say it too.", "muted")
        reply.add_action("Do it", act)

    def submit(self, text: str, *, aloud: bool = False) -> None:
        """Ask, or stand a request when the text begins "tell me when"."""
        text = " ".join(text.split())
        if not text:
            return
        chooses, self._chooses = self._chooses, False
        if text.lower().startswith(STANDING):
            self._put(text, AddAlert(text=text, armed=False), self._stood, aloud=aloud)
        elif chooses or ORDERLY.match(text):
            shown = self.pointed()
            say = Say(text=text, frame=shown.frame, box=shown.box, point=shown.point, aloud=aloud)
            self._put(text, say, self._told, aloud=aloud)
        else:
            self.ask(text, aloud=aloud)

    def ask(self, text: str, *, aloud: bool = False) -> None:
        """A question, whatever it sounds like: it changes nothing."""
        self._put(text, Ask(text=text, aloud=aloud), self._answered, aloud=aloud)

    def _put(
        self,
        text: str,
        command: AddAlert | Say | Ask,
        done: Callable[[Event], None],
        *,
        aloud: bool,
    ) -> None:
        asked = self._add(Message("You, spoken" if aloud else "You", time_ns()))
        asked.say(text)
        reply = self._add(Message("Nacre", time_ns()))
        reply.say("Looking it up …", "muted")
        reply.ref = command.ref
        self._open[command.ref] = reply
        self._bridge.request(command, self, done, self._failed)
        self._thought()

    def interrupt(self) -> None:
        """The user turned to something else: what is still open is dropped."""
        if not self._open:
            self.line.clear()
            return
        self._bridge.send(Interrupt())
        for ref, reply in self._open.items():
            self._bridge.drop(ref)
            if reply.growing:
                reply.add_help("Stopped.")
            else:
                reply.say("Stopped.", "muted")
        self._open.clear()
        self.running_caption.emit("")
        self._thought()

    def say(self, text: str, role: str = "muted") -> None:
        """Something the window itself has to tell."""
        self._add(Message("Nacre", time_ns())).say(text, role)

    def _submit(self) -> None:
        text = self.line.text()
        self.line.clear()
        self.submit(text)

    def _add(self, message: Message) -> Message:
        self._hint.hide()
        message.shown.connect(self.shown)
        self.messages.append(message)
        self._list.insertWidget(self._list.count() - 1, message)
        while len(self.messages) > MOST_MESSAGES:
            self._drop(self.messages[0])
        return message

    def _drop(self, message: Message) -> None:
        self.messages.remove(message)
        self._named = {name: one for name, one in self._named.items() if one is not message}
        message.hide()
        message.deleteLater()
        self._hint.setVisible(not self.messages)

    def _thought(self) -> None:
        self._stop.setVisible(self.thinking)
        self._send.setVisible(not self.thinking)
        self.thinking_changed.emit(self.thinking)

    def _answer_started(self, event: AnswerStarted) -> None:
        reply = self._open.get(event.ref)
        if reply is not None:
            reply.say("Looking at it …", "muted")

    def _answer_extended(self, event: AnswerExtended) -> None:
        reply = self._open.get(event.ref)
        if reply is not None:
            reply.extend(event.text)
            self.running_caption.emit(reply.growing)

    def _answered(self, event: Event) -> None:
        if not isinstance(event, AnswerFinished):
            return
        answer = event.answer
        reply = self._open.pop(answer.ref, None)
        self._thought()
        if reply is None:
            return
        found = bool(answer.evidence) or answer.confidence > 0
        reply.say(answer.text or answer.help, "" if found else "muted")
        if answer.help and answer.text:
            reply.add_help(by_hand(answer.help))
            if "model" in answer.help.lower():
                reply.add_action("Open Models", self.models_wanted.emit)
        reply.add_evidence(answer.evidence, self._pictures, self._recorded)
        self.caption.emit(answer.text, False)

    def _told(self, event: Event) -> None:
        """A name, a word about an alert, or a question after all."""
        if isinstance(event, AnswerFinished):
            self._answered(event)
        elif isinstance(event, GalleryChanged | WhichOne):
            self._introduced(event)
        else:
            self._stood(event)

    def _introduced(self, event: GalleryChanged | WhichOne) -> None:
        reply = self._open.pop(event.ref, None)
        self._thought()
        if reply is None:
            return
        if isinstance(event, WhichOne):
            reply.say(asked(event))
            self._chooses = True
            self.which.emit(event)
            return
        reply.say(learned(event))
        named = next((e.concept.name for e in event.entries if e.concept.id == event.concept), "")
        self._named[named] = reply
        if event.change is not None:
            change = event.change.id
            reply.add_action("Undo", lambda: self._undo(reply, change))
        self.introduced.emit()
        self.caption.emit(learned(event), False)

    def _learned(self, event: NamesLearned) -> None:
        """Of a name that was given here and cannot be heard, that is said here."""
        for name in set(event.unspoken) & self._named.keys():
            self._named[name].add_help(cannot_be_said([name]))
        self._named.clear()

    def _undo(self, reply: Message, change: str) -> None:
        def done(_: Event) -> None:
            reply.say(f"{reply.text.text()} Undone.", "muted")

        def failed(failed: Failed) -> None:
            reply.add_help(failed.reason)

        self._bridge.request(UndoCorrection(change=change), self, done, failed)

    def _stood(self, event: Event) -> None:
        reply = self._open.pop(getattr(event, "ref", ""), None)
        self._thought()
        if reply is None:
            return
        if isinstance(event, AlertDrafted):
            self._show_card(reply, event.alert)
            return
        if not isinstance(event, AlertsChanged):
            return
        alert = next((a for a in event.alerts if a.id == event.alert), None)
        if alert is None:
            reply.say("Done. The Alerts page shows them all.")
            return
        what = self._condition(alert)
        reply.say("It is paused." if alert.paused else f"I will tell you {what}.")
        reply.add_help(patience(alert))

    def _show_card(self, reply: Message, alert: Alert) -> None:
        """How it was understood; nothing is armed before the user says so."""
        reply.say(f"I would tell you {self._condition(alert)}.")
        reply.add_help(f"{patience(alert)}. Correct it (“no, only …”), or:")
        reply.add_action("Arm it", lambda: self._press(ArmAlert(alert=alert.id)))
        reply.add_action("Drop it", lambda: self._press(RemoveAlert(alert=alert.id)))

    def _press(self, command: ArmAlert | RemoveAlert) -> None:
        reply = self._add(Message("Nacre", time_ns()))
        reply.ref = command.ref
        self._open[command.ref] = reply
        self._bridge.request(command, self, self._stood, self._failed)
        self._thought()

    def _condition(self, alert: Alert) -> str:
        wanted = alert.condition
        name, other = (self._names.get(one or "", "it") for one in (wanted.concept, wanted.other))
        what = condition(wanted, name, other)
        return f"{what[0].lower()}{what[1:]}"

    def _failed(self, failed: Failed) -> None:
        reply = self._open.pop(failed.ref, None)
        self._thought()
        if reply is not None:
            reply.say(notice(failed).text, "muted")
            if reply.growing:
                self.running_caption.emit("")

    def _remarked(self, event: Remarked) -> None:
        remark = event.remark
        sign = QLabel()
        self._icons.put_drawing(sign, "diamond", "second", 14)
        message = self._add(Message("Remark", remark.at, sign=sign))
        message.say(remark.text)
        message.add_evidence(remark.evidence, self._pictures, self._recorded)
        if remark.alert:
            message.add_action("Not this", lambda: self.not_this(remark.alert))
            message.add_action("Good to know", lambda: self._rate(remark.alert, up=True))
        self.caption.emit(remark.text, True)

    def not_this(self, alert: str) -> None:
        """A remark of this alert was not wanted."""
        self._rate(alert, up=False)

    def _rate(self, alert: str, *, up: bool) -> None:
        self._bridge.request(RateAlert(alert=alert, up=up), self, None, self._failed)

    def _withdrawn(self, event: Withdrawn) -> None:
        for message in reversed(self.messages):
            if event.said in (message.ref, message.text.text()):
                message.withdraw(event.reason)
                return

    def _to_end(self, _low: int, high: int) -> None:
        self._bar.setValue(high)

    def _forgotten(self, event: Forgotten) -> None:
        """What is said may quote what was forgotten, so it goes as well."""
        growing = [reply for reply in self._open.values() if reply.growing]
        if growing:
            self.running_caption.emit("")
        for message in [m for m in self.messages if m.touches(event.scope) or m in growing]:
            self._drop(message)
