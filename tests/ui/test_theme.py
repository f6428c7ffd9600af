import re
from pathlib import Path

import pytest

from tests.ui.test_icons import ICONS
from ui.theme import DARK, LIGHT, Colours, choose, contrast, style_sheet
from ui.watch.overlays import ink_on

TEXT = ("text", "muted", "accent", "second", "warning", "danger")


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_is_legible(colours: Colours) -> None:
    for name in TEXT:
        for ground in ("surface", "raised", "inset"):
            value = contrast(getattr(colours, name), getattr(colours, ground))
            assert value >= 4.5, (name, ground, value)
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_danger, colours.danger) >= 4.5


def test_names_are_legible_on_every_colour() -> None:
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            for blue in range(0, 256, 51):
                colour = f"#{red:02x}{green:02x}{blue:02x}"
                assert contrast(ink_on(colour), colour) >= 4.2, colour


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_every_token_of_the_sheet_is_filled(colours: Colours) -> None:
    sheet = style_sheet(colours, ICONS)
    assert re.findall(r"@\w+", sheet) == []
    for url in re.findall(r'url\("([^"]+)"\)', sheet):
        assert Path(url).is_file(), url


def test_dark_unless_light_is_wanted(qapp: object) -> None:
    assert choose("light") is LIGHT
    assert choose("dark") is DARK
    assert choose("system") in (DARK, LIGHT)
