"""Which windows are hidden, and how much of them is painted over."""

import pytest

from engine.media import Box
from engine.sources.windows import Exclusions, Window, hidden_ids, visible_parts


def window(
    number: int = 1,
    title: str = "",
    app: str = "editor",
    box: tuple[int, int, int, int] = (0, 0, 100, 100),
    *,
    pid: int | None = 50,
    parent: int | None = None,
    popup: bool = False,
    see_through: bool = False,
) -> Window:
    return Window(
        id=number,
        title=title,
        applications=(app,),
        pid=pid,
        box=Box(*box),
        opaque=() if see_through else (Box(*box),),
        parent=parent,
        popup=popup,
    )


@pytest.mark.parametrize(
    ("title", "app"),
    [
        ("Passwords.kdbx - KeePassXC", "keepassxc"),
        ("", "org.keepassxc.KeePassXC"),
        ("Vault", "Bitwarden"),
        ("New Tab - Google Chrome (Incognito)", "google-chrome"),
        ("Bank — Mozilla Firefox Private Browsing", "firefox"),
        ("Bank — Mozilla Firefox (Private Browsing)", "firefox"),
        ("Bank - [InPrivate] - Microsoft Edge", "microsoft-edge"),
        ("Bank – Privater Modus – Mozilla Firefox", "firefox"),
        ("", "Tor Browser"),
        ("Enter passphrase", "pinentry-gtk-2"),
        ("Conversation", "Nacre"),
    ],
)
def test_private_things_are_hidden_from_the_start(title: str, app: str) -> None:
    assert Exclusions().hides(window(title=title, app=app))


@pytest.mark.parametrize(
    ("title", "app"),
    [
        ("Inbox", "thunderbird"),
        ("", ""),
        ("Private lessons — Mozilla Firefox", "firefox"),
        ("How nacre forms in shells", "firefox"),
        ("key passages", "okular"),
    ],
)
def test_other_windows_are_not(title: str, app: str) -> None:
    assert not Exclusions().hides(window(title=title, app=app))


def test_the_list_is_the_users_own_but_nacre_is_always_on_it() -> None:
    mine = Exclusions(applications=("diary", ""), titles=("Salary",), own_pids=frozenset({7}))
    assert mine.hides(window(app="DiaryApp"))
    assert mine.hides(window(title="my salary 2025"))
    assert mine.hides(window(pid=7))
    assert mine.hides(window(app="nacre"))
    assert not mine.hides(window(app="keepassxc"))
    assert not mine.hides(window())


def test_dialogs_menus_and_tooltips_go_with_their_window() -> None:
    windows = [
        window(1, app="firefox", pid=9, popup=True),
        window(2, "Save as", app="firefox", pid=8, parent=3),
        window(3, "Bank (Private Browsing)", app="firefox", pid=9),
        window(4, "News", app="firefox", pid=9),
        window(5, app="editor", pid=10, popup=True),
    ]
    assert hidden_ids(windows, Exclusions()) == {1, 2, 3}


def test_what_an_opaque_window_covers_need_not_be_painted() -> None:
    secret = window(2, box=(0, 0, 100, 100))
    left_half = window(1, box=(-10, -10, 60, 200))
    assert visible_parts([left_half, secret], frozenset({2})) == (Box(50, 0, 50, 100),)
    whole = window(1, box=(0, 0, 100, 100))
    assert visible_parts([whole, secret], frozenset({2})) == ()
    assert visible_parts([secret, whole], frozenset({2})) == (Box(0, 0, 100, 100),)


def test_what_might_shine_through_covers_nothing() -> None:
    secret, glass = window(2), window(1, see_through=True)
    assert visible_parts([glass, secret], frozenset({2})) == (secret.box,)


def test_every_pixel_outside_the_cover_is_painted() -> None:
    secret = window(9, box=(10, 10, 40, 30))
    covers = [window(1, box=(20, 15, 10, 10)), window(2, box=(35, 0, 10, 100))]
    parts = visible_parts([*covers, secret], frozenset({9}))
    for x in range(60):
        for y in range(50):
            dot = Box(x, y, 1, 1)
            wanted = dot.intersection(secret.box) and not any(
                dot.intersection(cover.box) for cover in covers
            )
            assert bool(wanted) == any(dot.intersection(part) for part in parts)
