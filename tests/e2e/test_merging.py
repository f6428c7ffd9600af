"""Cards of the gallery merged with a real mouse."""

from pathlib import Path

import numpy as np

from tests.e2e.window_desktop import Desktop
from tests.e2e.window_driving import Driven
from tests.fakes.program import Program


def test_a_card_is_dragged_on_another_merged_and_taken_back(
    nacre: Program, desktop: Desktop, real_data: Path
) -> None:
    for name, thing in (("Blue", "can"), ("Green", "clock")):
        photo = sorted((real_data / "things" / thing).glob("*.jpg"))[0]
        nacre.do("concepts", "add", name, "--kind", "thing", "--image", photo)
    with Driven(nacre, desktop) as window:
        window.wait("Status: watching.*")
        window.key("ctrl+2")
        start = window.wait("Blue: Thing .*").place
        end = window.wait("Green: Thing .*").place
        x, y = start.x + start.w // 2, start.y + start.h // 2
        desktop.press("mousemove", x, y, "mousedown", 1)
        to_x, to_y = end.x + end.w // 2, end.y + end.h // 2
        for step in np.linspace(0.1, 1, 10):
            there = round(x + step * (to_x - x)), round(y + step * (to_y - y))
            desktop.press("mousemove", *there, "sleep", 0.05)
        desktop.look("merging-1-held")
        desktop.press("mouseup", 1)
        window.wait("Merge .Blue. into .Green.[?]", "dialog")
        desktop.look("merging-2-asked")
        window.click("Merge", "push button")
        window.gone("Blue: Thing .*")
        window.wait("Green: Thing · 2 views.*")
        assert names(nacre) == {"Green": 2}
        window.click("Undo: .*", "push button")
        window.wait("Blue: Thing · 1 view.*")
        assert names(nacre) == {"Blue": 1, "Green": 1}
        window.close()


def names(nacre: Program) -> dict[str, int]:
    found = nacre.do("concepts", "list", "--json").json
    return {one["name"]: one["views"] for one in found}
