"""The Watch page: the picture in the middle, everything else at its edge."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from engine.facts import Overlay, SourceSpec
from engine.media import Frame, Image
from engine.messages import (
    CorrectConcept,
    GalleryChanged,
    Heard,
    Interrupt,
    Judge,
    ModelChanged,
    RetryModel,
    WhichOne,
)
from ui.controls import button, column, row, rule, tool
from ui.motion import is_reduced
from ui.pictures import Moment
from ui.surroundings import Surroundings
from ui.watch.caption import Caption
from ui.watch.conversation import Conversation
from ui.watch.introduced import Pointed
from ui.watch.model_note import ModelNote
from ui.watch.names_note import NamesNote
from ui.watch.preview import Preview
from ui.watch.registration import Registration
from ui.watch.sources import SourcePicker
from ui.watch.status import StatusLight, status
from ui.watch.timeline import Timeline
from ui.watch.voice import Voice
from ui.watch.welcome import Welcome
from ui.wording import clock, day, stream

PULL_MS = 25
"""Often enough that no picture of a source of 30 a second is missed."""
STATUS_MS = 100


class WatchPage(QWidget):
    """Puts preview, conversation and timeline together."""

    painted = Signal()
    """A picture has been shown."""
    models_wanted = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self._bridge, self._watching = around.bridge, around.watching
        self._moment: Moment | None = None
        colours, icons = around.colours, around.icons
        self.setProperty("role", "page")
        self.preview = Preview(colours)
        self.preview.show_unknown = around.preferences.show_unknown
        self.preview.painted.connect(self.painted)
        self.preview.judged.connect(self._judge)
        self.caption = Caption(self.preview, lambda: is_reduced(around.preferences))
        self.preview.resized.connect(self._place)
        self.preview.dismissed.connect(self.back_to_live)
        self.registration = Registration(self._bridge, self.preview, colours)
        self.registration.ended.connect(self._resume_live)
        self.registration.learned.connect(self._learned)
        self.conversation = self._conversation()
        self.voice = self._voice()
        self.timeline = Timeline(self._bridge, around.pictures, colours)
        self.timeline.chosen.connect(self.show_moment)
        self.timeline.live.connect(self.back_to_live)
        self.picker = SourcePicker(self._bridge, self._watching, icons, self)
        self.names_note = NamesNote()
        self.names_note.models_wanted.connect(self.models_wanted)
        self.model_note = ModelNote(icons)
        self.model_note.retry_wanted.connect(lambda: self._bridge.send(RetryModel()))
        self._bridge.model_changed.connect(self._abilities)
        self.light = StatusLight()
        self.light.dress(colours)
        self.pause = tool(icons, "pause", "Pause", self.toggle_pause)
        self.remember = button(" Remember", self.remember_now, "", "Remember (R)")
        icons.put(self.remember, "remember")
        self.remember.setToolTip("Remember who or what is in the picture (R)")
        self.live_chip = button("Back to live", self.back_to_live, "chip")
        self.live_chip.setParent(self.preview)
        icons.put(self.live_chip, "live", "accent")
        self.live_chip.hide()
        self.again_chip = button("Watch again", self._watching.again, "chip")
        self.again_chip.setParent(self.preview)
        self.again_chip.hide()
        self.welcome = Welcome(self.preview, icons)
        self.welcome.file_wanted.connect(self.picker.open_file)
        self.welcome.source_wanted.connect(self.picker.showMenu)
        self._build()
        self._start()

    def _build(self) -> None:
        top = row(self.picker, self.light, self.pause, self.remember)
        top.setContentsMargins(12, 8, 12, 8)
        top.setStretch(1, 1)
        left = QWidget()
        inner = column(spacing=0)
        left.setLayout(inner)
        inner.addLayout(top)
        inner.addWidget(self.names_note)
        inner.addWidget(self.model_note)
        inner.addWidget(self.preview, 1)
        inner.addWidget(rule())
        inner.addWidget(self.timeline)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.conversation)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setChildrenCollapsible(False)
        self.conversation.setMinimumWidth(280)
        self.splitter.setSizes([880, 340])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def _start(self) -> None:
        self._watching.changed.connect(self._refresh)
        self.conversation.thinking_changed.connect(self._refresh_light)
        self._bridge.gallery_changed.connect(self._gallery)
        for interval, act in ((PULL_MS, self._pull), (STATUS_MS, self._refresh_light)):
            timer = QTimer(self, interval=interval)
            timer.setTimerType(Qt.TimerType.PreciseTimer)
            timer.timeout.connect(act)
            timer.start()
        QShortcut(QKeySequence(Qt.Key.Key_R), self).activated.connect(self.remember_now)
        QShortcut(QKeySequence("Ctrl+P"), self).activated.connect(self.toggle_pause)
        self._refresh()

    def toggle_pause(self) -> None:
        """Stop or go on looking."""
        self.registration.cancel()
        self.caption.clear()
        self._watching.set_paused(not self._watching.paused)

    def remember_now(self) -> None:
        """Freeze the picture and ask what to remember in it."""
        shown = self._watching.selected
        if self.registration.active or shown is None or shown.newest is None:
            return
        if self._watching.paused:
            return
        self.back_to_live()
        self.caption.clear()
        self.registration.begin(shown.newest)

    def _conversation(self) -> Conversation:
        made = Conversation(
            self._bridge, self._around.pictures, self._around.icons, self._watching.recorded
        )
        made.shown.connect(self.show_moment)
        made.caption.connect(self.caption.say)
        made.running_caption.connect(self.caption.run)
        made.models_wanted.connect(self.models_wanted)
        made.pointed = self._pointed
        made.which.connect(self._ask_which)
        made.introduced.connect(self.registration.cancel)
        return made

    def _ask_which(self, which: WhichOne) -> None:
        self.back_to_live()
        self.caption.clear()
        self.registration.ask(which)

    def _pointed(self) -> Pointed:
        """What a name that is typed now may mean."""
        frame, box = self.registration.shown
        if frame is not None:
            return Pointed(frame=frame, box=box)
        if self._moment is not None or self._watching.selected is None:
            return Pointed()
        return Pointed(frame=self._watching.selected.newest, point=self.preview.pointed)

    def _voice(self) -> Voice:
        voice = Voice(self._bridge, self._around.icons, self._around.preferences)
        voice.heard.connect(self._told)
        self.conversation.add_voice(voice, voice.mute, voice.talk)
        return voice

    def _told(self, heard: Heard) -> None:
        """Do what was said to Nacre, as if it had been typed or pressed."""
        text = heard.utterance.text
        match heard.deed:
            case "":
                return
            case "ask" if heard.utterance.addressed == "name" and not heard.confirm:
                self.conversation.ask(text, aloud=True)
            case "ask" | "stand" if not heard.confirm:
                self.conversation.submit(text, aloud=True)
            case "ask" | "stand":
                self.conversation.spoken(heard, lambda: self.conversation.submit(text))
            case "hush":
                self.conversation.spoken(heard, lambda: self._bridge.send(Interrupt()))
            case "remember":
                self.conversation.spoken(heard, lambda: self._remember_as(heard.name))
            case "pause" | "resume":
                wanted = heard.deed == "pause"
                self.conversation.spoken(heard, lambda: self._pause(wanted))

    def _remember_as(self, name: str) -> None:
        self.remember_now()
        if self.registration.active:
            self.registration.suggest(name)
        else:
            self.conversation.say("There is no picture to remember anything in.")

    def _pause(self, wanted: bool) -> None:
        if self._watching.paused != wanted:
            self.toggle_pause()

    def show_moment(self, moment: Moment) -> None:
        """Show the kept picture of a moment until the user goes back to live."""
        self.registration.cancel()
        self._moment = moment
        self.timeline.show_moment(moment)

        def came(image: Image | None) -> None:
            if self._moment == moment:
                self._show_still(moment, image)

        self._around.pictures.full(moment, self, came)

    def back_to_live(self) -> None:
        """Show the newest picture again."""
        if self._moment is None:
            if not self.timeline.follows:
                self.timeline.follow()
            return
        self._moment = None
        self.timeline.follow()
        self._resume_live()

    def refresh_settings(self) -> None:
        self.preview.show_unknown = self._around.preferences.show_unknown
        self.preview.update()

    def _show_still(self, moment: Moment, image: Image | None) -> None:
        self.preview.veil(False)
        self.preview.message = "No picture of this moment is kept."
        self.preview.show_tracked(None)
        self.preview.show_image(image)
        time = f"{day(moment.at)}, {clock(moment.at, seconds=True)}"
        if self._watching.recorded(moment.run):
            time = f"{stream(moment.pts)} in the recording"
        shown = self._watching.selected
        back = "Back to live" if shown and shown.state not in (None, "ended") else "Back"
        self.live_chip.setText(f" {time} · {back}")
        self.live_chip.setAccessibleName(f"Showing {time}. {back}")
        self.live_chip.show()
        self._place()
        self._refresh()

    def _resume_live(self) -> None:
        self.live_chip.hide()
        shown = self._watching.selected
        self.preview.show_image(shown.newest.image if shown and shown.newest else None)
        self._refresh()

    def _pull(self) -> None:
        frame: Frame | None = self._watching.pull()
        if self.registration.active or self._moment is not None or not self.isVisible():
            return
        shown = self._watching.selected
        if frame is not None:
            self.preview.show_frame(frame)
        self.preview.show_tracked(shown.tracked if shown else None)

    def _refresh(self) -> None:
        shown, paused = self._watching.selected, self._watching.paused
        self.timeline.prefer = shown.run if shown else None
        self._around.icons.put(self.pause, "play" if paused else "pause")
        words = "Go on watching (Ctrl+P)" if paused else "Pause (Ctrl+P)"
        self.pause.setToolTip(words)
        self.pause.setAccessibleName(words.split(" (", maxsplit=1)[0])
        self.pause.setEnabled(shown is not None and shown.state != "ended")
        self.remember.setEnabled(shown is not None and not paused)
        live = self._moment is None and not self.registration.active
        self.preview.veil(paused and live)
        if live:
            newest = shown.newest if shown else None
            self.preview.message = _waiting(shown.spec if shown else None)
            self.preview.show_image(newest.image if newest else None)
        self.welcome.setVisible(shown is None and live)
        over = shown is not None and shown.state == "ended" and shown.spec.kind != "camera"
        self.again_chip.setVisible(over and live)
        self.timeline.grows = self._watching.looks
        self._place()
        self._refresh_light()

    def _refresh_light(self) -> None:
        now = status(
            self._watching.selected,
            self._watching.age(),
            paused=self._watching.paused,
            thinking=self.conversation.thinking,
        )
        self.light.show_status(now)

    def _abilities(self, event: ModelChanged) -> None:
        self.names_note.show_features(event.features)
        self.model_note.show_status(event.model)

    def _gallery(self, event: GalleryChanged) -> None:
        concepts = [entry.concept for entry in event.entries]
        self.names_note.show_demo(any(concept.demo for concept in concepts))
        self.conversation.know({c.id: c.name for c in concepts})
        self.timeline.concept_colours = {c.id: c.colour for c in concepts}
        self.timeline.lent_names = {c.id: c.name for c in concepts if c.demo}
        self.timeline.update()

    def _judge(self, overlay: Overlay, right: bool) -> None:
        shown = self._watching.selected
        if shown is None or overlay.concept is None:
            return
        judged = Judge(run=shown.run, track=overlay.track, right=right)
        command = CorrectConcept(concept=overlay.concept, correction=judged)
        said = "Thank you, I know now." if right else f"Not {overlay.name}. I will remember that."
        self._bridge.request(command, self, lambda _: self.caption.say(said))

    def _learned(self, name: str) -> None:
        self.caption.say(f"I know {name} from now on.")
        self.preview.setFocus()

    def _place(self) -> None:
        self.caption.place()
        self.live_chip.adjustSize()
        self.live_chip.move((self.preview.width() - self.live_chip.width()) // 2, 12)
        self.live_chip.raise_()
        self.again_chip.adjustSize()
        self.again_chip.move((self.preview.width() - self.again_chip.width()) // 2, 12)
        self.again_chip.raise_()
        self.welcome.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._moment is None and not self.registration.active:
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()


def _waiting(spec: SourceSpec | None) -> str:
    return f"Waiting for the first picture of {spec.label} …" if spec else ""
