"""A PulseAudio server of its own for a test or an evaluation, with a room that the microphone hears
and a loudspeaker that it does not; flite speaks into the room."""

import os
import subprocess
import wave
from io import BufferedReader
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import cast

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError

RATE = 16_000
START_S = 20.0
ESPEAK = "espeak-ng"


class SoundServer:
    """Runs from `start` to `close`; may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_SERVER": f"unix:{folder}/pulse/native",
            "HOME": str(folder),
        }

    def start(self) -> None:
        modules = (
            "module-native-protocol-unix auth-anonymous=1",
            "module-null-sink sink_name=room rate=48000",
            "module-null-sink sink_name=loudspeaker rate=48000",
            "module-remap-source master=room.monitor source_name=microphone",
        )
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no"]
        command += ["--exit-idle-time=-1"]
        for module in modules:
            command += ["-L", module]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        pause, until = Event(), monotonic() + START_S
        while self._control("info").returncode != 0:
            if monotonic() > until:
                raise EngineError("The sound server does not answer.")
            pause.wait(0.02)
        self._control("set-default-sink", "loudspeaker")
        self._control("set-default-source", "microphone")

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    close = kill

    def plug_in(self, name: str) -> tuple[str, ...]:
        """One more microphone, which hears what is played into the sink of its name; its parts."""
        source = f"master={name}.monitor source_name={name}-microphone"
        called = f"source_properties=device.description={name}"
        sink = self._control("load-module", "module-null-sink", f"sink_name={name}", "rate=48000")
        made = self._control("load-module", "module-remap-source", *source.split(), called)
        return tuple(one.stdout.decode().strip() for one in (made, sink))

    def pull_out(self, parts: tuple[str, ...]) -> None:
        for part in parts:
            self._control("unload-module", part)

    def play(self, sound: Path, into: str = "room") -> None:
        """Play a file into the room, to its end."""
        subprocess.run(
            ["paplay", f"--device={into}", str(sound)],
            env={**os.environ, **self.environment},
            check=True,
            timeout=60,
        )

    def speak(self, text: str, voice: str = "slt") -> None:
        """Say it into the room."""
        self.play(spoken(text, self._folder / "speech.wav", voice))

    def _control(self, *what: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            ["pactl", *what],
            env={**os.environ, **self.environment},
            capture_output=True,
            check=False,
            timeout=10,
        )


class SinkRecorder:
    """Takes down what is played into a sink: 16 kHz, one channel."""

    def __init__(self, server: SoundServer, sink: str = "loudspeaker") -> None:
        command = ["parec", f"--device={sink}.monitor", f"--rate={RATE}", "--channels=1"]
        command += ["--format=s16le", "--latency-msec=20"]
        self._process = subprocess.Popen(
            command, env={**os.environ, **server.environment}, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._stdout = cast(BufferedReader, self._process.stdout)
        self._data = bytearray()
        self._came: list[tuple[float, int]] = []
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def samples(self) -> npt.NDArray[np.int16]:
        whole = len(self._data) // 2 * 2
        return np.frombuffer(bytes(self._data[:whole]), np.int16)

    def moment(self, sample: int) -> float:
        """When this sample came out, by the monotonic clock, in seconds: by the piece that brought
        it, some 20 ms late, as those of every other recorder are."""
        before = 0
        for at, count in self._came:
            if sample < count:
                return at - (count - max(sample, before)) / RATE
            before = count
        return monotonic()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join(5)
        self._stdout.close()

    def _read(self) -> None:
        while piece := self._stdout.read1(4096):
            self._data += piece
            self._came.append((monotonic(), len(self._data) // 2))


def spoken(text: str, into: Path, voice: str = "slt") -> Path:
    """The words as a sound file, by a voice of flite, or by `ESPEAK`."""
    command = ["flite", "-voice", voice, "-t", text, "-o", str(into)]
    if voice == ESPEAK:
        command = [ESPEAK, "-v", "en-us", "-w", str(into), "--", text]
    subprocess.run(command, check=True, timeout=60)
    return into


def written(samples: npt.NDArray[np.int16], into: Path) -> Path:
    """16 kHz samples as a sound file."""
    with wave.open(str(into), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return into


def samples_of(sound: Path) -> npt.NDArray[np.int16]:
    """A sound file as 16 kHz samples."""
    with wave.open(str(sound)) as file:
        rate = file.getframerate()
        whole = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        frames = whole.reshape(-1, file.getnchannels())
    # The first channel; of another rate the nearest samples, which is enough for speech.
    count = len(frames) * RATE // rate
    at = np.linspace(0, len(frames) - 1, count).astype(np.int64)
    return frames[at, 0]
