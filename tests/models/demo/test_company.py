# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Learning side by side. Needs torch, which the group `train` brings."""

import multiprocessing
import signal
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (make sync SET=train)")

from models.demo.company import Company, together  # noqa: E402
from tests.fakes.waiting import wait_for  # noqa: E402


def test_a_company_goes_on_from_the_mean(tmp_path: Path) -> None:
    """Each of two takes a step of its own; who wants to end ends both."""
    together(2, _takes_part, folder=tmp_path)
    ends = [torch.load(tmp_path / f"{place}.pt") for place in range(2)]
    assert torch.equal(ends[0], ends[1])
    assert torch.equal(ends[0], torch.full((2, 3), 0.5))
    kept = torch.nn.Parameter(torch.ones(2))
    assert not Company().meet([kept], False)
    assert Company().meet([kept], True)


def _takes_part(company: Company, *, folder: Path) -> None:
    weights = torch.nn.Parameter(torch.full((2, 3), float(company.place)))
    assert company.meet([weights], company.place == 1)
    torch.save(weights.detach(), folder / f"{company.place}.pt")


def test_learners_end_and_keep_what_they_learned_when_who_began_them_is_killed(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    begun = context.Process(target=_begin, args=(tmp_path,))
    begun.start()
    wait_for(lambda: len(list(tmp_path.glob("*.on"))) == 2, limit_s=60)
    begun.kill()
    begun.join()
    wait_for(lambda: len(list(tmp_path.glob("*.kept"))) == 2, limit_s=60)


def _begin(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # As a shell starts what runs in the background.
    together(2, _goes_on, folder=folder)


def _goes_on(company: Company, *, folder: Path) -> None:
    weights = torch.nn.Parameter(torch.ones(2))
    ends = time.monotonic() + 120
    while not company.meet([weights], time.monotonic() > ends):
        (folder / f"{company.place}.on").touch()
    if time.monotonic() > ends:
        return
    (folder / f"{company.place}.kept").touch()
