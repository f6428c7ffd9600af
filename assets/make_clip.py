"""Draws the bundled clip, 32 seconds of the drawn world; its script is `app.eval.world.showcase`.

    PYTHONPATH=. .venv/bin/python assets/make_clip.py [--out assets/demo.mp4]

The same script draws the same pictures. Encoded as H.264 by `ffmpeg` where that is installed (the
clip in the repository is), else as VP9 by OpenCV, in a larger file.
"""

import argparse
from pathlib import Path

from app.eval.world.showcase import Showcase
from app.eval.world.video import write_scene


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--out", type=Path, default=Path(__file__).with_name("demo.mp4"))
    out: Path = arguments.parse_args().out
    write_scene(Showcase().plan(), out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
