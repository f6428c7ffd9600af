from pathlib import Path

import pytest

from engine.sources.wholeness import is_cut_off

EBML = bytes.fromhex("1a45dfa3 84 01020304 18538067")
FTYP = bytes.fromhex("00000010") + b"ftypisom" + bytes(4)


@pytest.mark.parametrize(
    ("content", "cut_off"),
    [
        (b"", False),
        (b"Dear Mum, this is no video.", False),
        (FTYP, False),
        (FTYP + (16).to_bytes(4, "big") + b"mdat" + bytes(8), False),
        (FTYP + (16).to_bytes(4, "big") + b"mdat" + bytes(7), True),
        (FTYP + bytes(4) + b"mdat" + bytes(7), False),
        (FTYP + b"\0\0\0\1mdat" + (20).to_bytes(8, "big") + bytes(4), False),
        (FTYP + b"\0\0\0\1mdat" + (2**40).to_bytes(8, "big") + bytes(4), True),
        (EBML + b"\x84" + bytes(4), False),
        (EBML + b"\x84" + bytes(3), True),
        (EBML + b"\x40\x04" + bytes(4), False),
        (EBML + b"\x40\x05" + bytes(4), True),
        (EBML + b"\x01" + b"\xff" * 7 + bytes(4), False),
        (EBML, False),
        (EBML[:5], False),
        (b"RIFF" + (4).to_bytes(4, "little") + b"AVI ", False),
        (b"RIFF" + (5).to_bytes(4, "little") + b"AVI ", True),
    ],
)
def test_the_container_tells(tmp_path: Path, content: bytes, cut_off: bool) -> None:
    path = tmp_path / "video"
    path.write_bytes(content)
    assert is_cut_off(path) is cut_off


def test_real_videos_are_whole_and_their_halves_are_not(real_data: Path, tmp_path: Path) -> None:
    for name in ("scenes/one_by_one_person.mp4", "people/asl_bird.mkv"):
        assert not is_cut_off(real_data / name)
        whole = (real_data / name).read_bytes()
        half = tmp_path / Path(name).name
        half.write_bytes(whole[: len(whole) // 2])
        assert is_cut_off(half)
