"""Messages between the processes survive the way, and nothing else is taken for one."""

import json
import random

import numpy as np
import pytest

from engine.inference import protocol, wire


def sent(message: object) -> bytes:
    return b"".join(wire.encode(message))


def rows(count: int = 3) -> protocol.Rows:
    return protocol.Rows(
        rows=np.arange(count * 4, dtype=np.float16).reshape(count, 4),
        positions=np.ones((count, 3), np.int32),
        advance=count,
        before=(7,),
        after=(8, 9),
        causal=True,
    )


def test_an_order_arrives_as_it_was_sent() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)[:, ::-1]
    order = protocol.Ask(
        id=3,
        question="Who came? \ud83d",
        notes=("[12:00] a cat",),
        pictures=(
            protocol.Shown(key="a", mark="[11:59]", image=image),
            protocol.Shown(key="b", encoded=rows()),
        ),
        said=(1, 2),
    )
    arrived = protocol.order(sent(order))
    assert isinstance(arrived, protocol.Ask)
    assert arrived.question == "Who came? ?"  # half a character is none
    assert (arrived.notes, arrived.said) == (order.notes, (1, 2))
    first, second = arrived.pictures
    assert first.image is not None
    assert np.array_equal(first.image, image)
    assert second.encoded is not None
    assert np.array_equal(second.encoded.rows, rows().rows)
    assert second.encoded.positions is not None
    assert second.encoded.positions.dtype == np.int32


def test_a_report_is_no_order_and_an_order_is_no_report() -> None:
    with pytest.raises(wire.WireError):
        protocol.order(sent(protocol.Beat(count=1)))
    with pytest.raises(wire.WireError):
        protocol.report(sent(protocol.Stop(id=1)))


def test_what_is_cut_off_anywhere_is_refused() -> None:
    data = sent(protocol.Encoding(key="a", encoded=rows()))
    for length in range(len(data)):
        with pytest.raises(wire.WireError):
            protocol.report(data[:length])
    with pytest.raises(wire.WireError):
        protocol.report(data + b"\0")


def test_damaged_bytes_are_refused_or_read_as_another_report() -> None:
    chance = random.Random(1)
    data = sent(protocol.Encoding(key="a", encoded=rows()))
    refused = 0
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        try:
            protocol.report(bytes(damaged))
        except wire.WireError:
            refused += 1
    assert refused > 1000


@pytest.mark.parametrize(
    "header",
    [
        ["Beat", {"count": -1}, []],
        ["Beat", {"count": 1e400}, []],
        ["Beat", {"count": 1, "working": "x"}, []],
        ["Said", {"id": 1, "text": "x" * (2 << 20), "tokens": [], "probability": 1.0}, []],
        ["Said", {"id": 1, "text": "x", "tokens": [], "probability": 7.0}, []],
        ["Weighed", {"id": 1, "perplexity": 0.0}, []],
        ["Judged", {"id": 1, "probabilities": [[0.5, "y"]]}, []],
        ["os.system", {"command": "true"}, []],
        ["Beat", {"count": 1}, [["O", [1]]]],
        ["Beat", {"count": 1}, [["<f4", [1 << 40, 1 << 40]]]],
        ["Beat", {"count": 1}, [["<f4", [-1]]]],
        ["Beat", {"count": 1}, [["|u1", [0]]] * 1000],
        [[["Beat"]], 1],
        {},
        "Beat",
    ],
)
def test_senseless_headers_are_refused(header: object) -> None:
    text = json.dumps(header).encode()
    with pytest.raises(wire.WireError):
        protocol.report(len(text).to_bytes(4, "little") + text)


def test_deep_nesting_is_refused() -> None:
    text = b"[" * 100_000
    with pytest.raises(wire.WireError):
        protocol.report(len(text).to_bytes(4, "little") + text)


def test_an_array_of_another_shape_is_refused() -> None:
    data = sent(protocol.Encoding(key="a", encoded=rows()))
    with pytest.raises(wire.WireError):
        protocol.report(data.replace(b"[3,4]", b"[12] "))
