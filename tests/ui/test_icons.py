from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton

from ui.icons import Icons
from ui.preferences import Preferences
from ui.rail import PAGES
from ui.theme import DARK, LIGHT, Colours

ICONS = Preferences().assets / "icons"


def colours() -> Colours:
    return Colours(**{n: getattr(DARK, n) for n in Colours.__dataclass_fields__})


def strongest(icons: Icons, name: str, colour: str) -> QColor:
    image = icons.pixmap(name, colour, scale=2.0).toImage()
    points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(points, key=lambda c: c.alpha())


@pytest.mark.parametrize("name", sorted(f.stem for f in ICONS.glob("*.svg")))
def test_every_drawing_draws_something(qapp: object, name: str) -> None:
    assert strongest(Icons(ICONS, colours()), name, "#112233").alpha() > 200


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_drawing(page: str) -> None:
    assert (ICONS / f"{page.lower()}.svg").is_file()


def test_a_drawing_takes_the_colour_asked_for(qapp: object) -> None:
    found = strongest(Icons(ICONS, colours()), "stop", "#112233")
    assert (found.red(), found.green(), found.blue()) == (0x11, 0x22, 0x33)


def test_a_button_changes_its_icon_with_the_theme(qtbot: object) -> None:
    mine = colours()
    icons = Icons(ICONS, mine)
    button = QToolButton()
    icons.put(button, "stop")
    before = button.icon().pixmap(20, 20).toImage()
    mine.become(LIGHT)
    icons.dress()
    assert button.icon().pixmap(20, 20).toImage() != before


def test_a_missing_folder_leaves_buttons_blank(qapp: object, tmp_path: Path) -> None:
    assert not Icons(tmp_path, colours()).pixmap("stop", "#112233").isNull()
