"""Writes a stretch of a stream as a video file, with what is true beside it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import cv2

from .camera import Camera
from .canvas import Picture
from .scene import Scene
from .stream import Shown, Stream

SIZE = (640, 480)


def write_video(stream: Stream, path: Path, *, until_s: float, fps: int = 15) -> Path:
    """Encode the stream up to `until_s`, and its truth, one line of JSON a frame, beside it.

    H.264 by `ffmpeg` where that is installed, else VP9 by OpenCV. Neither file is ever half
    written. Returns the truth's file.

    Raises:
        OSError: nothing here can encode it, or the folder cannot be written.
    """
    part = path.with_name(f".part-{path.name}")
    lines = path.with_name(f"{path.stem}.truth.jsonl")
    part_lines = path.with_name(f".part-{lines.name}")
    try:
        with part_lines.open("w", encoding="utf-8") as out:

            def pictures() -> Iterator[Picture]:
                for shown in stream.frames(until_s=until_s, fps=fps, camera=Camera(SIZE)):
                    out.write(truth_line(shown) + "\n")
                    assert shown.picture is not None
                    yield shown.picture

            encode = _by_ffmpeg if shutil.which("ffmpeg") else _by_opencv
            encode(pictures(), part, fps)
        os.replace(part, path)
        os.replace(part_lines, lines)
    finally:
        part.unlink(missing_ok=True)
        part_lines.unlink(missing_ok=True)
    return lines


def write_scene(scene: Scene, path: Path, *, fps: int = 15) -> None:
    """Encode one scene, without its truth; as `write_video` does.

    Raises:
        OSError: nothing here can encode it, or the folder cannot be written.
    """
    part, camera = path.with_name(f".part-{path.name}"), Camera(SIZE)
    try:
        encode = _by_ffmpeg if shutil.which("ffmpeg") else _by_opencv
        encode(
            (camera.frame(scene, n / fps) for n in range(round(scene.length_s * fps))), part, fps
        )
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def truth_line(shown: Shown) -> str:
    """The truth of one frame as JSON."""
    return json.dumps({"time": round(shown.at_s, 4), "scene": shown.number,
                       **asdict(shown.truth())}, separators=(",", ":"))  # fmt: skip


def _by_ffmpeg(pictures: Iterator[Picture], path: Path, fps: int) -> None:
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(fps)]
    coded = ["-c:v", "libx264", "-crf", "23", "-tune", "animation", "-pix_fmt", "yuv420p"]
    command = ["ffmpeg", "-v", "error", "-y", *raw, "-i", "-", *coded, "-g", str(5 * fps),
               "-movflags", "+faststart", "-bitexact", "-f", "mp4", str(path)]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for picture in pictures:
            process.stdin.write(picture.tobytes())
        process.stdin.close()
    if process.returncode:
        raise OSError("ffmpeg could not encode the video.")


def _by_opencv(pictures: Iterator[Picture], path: Path, fps: int) -> None:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"vp09"), fps, SIZE)
    if not writer.isOpened():
        raise OSError("Neither ffmpeg nor this OpenCV can encode the video.")
    for picture in pictures:
        writer.write(picture)
    writer.release()
