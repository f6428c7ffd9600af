# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Steps for matrices. Needs torch, which the group `train` brings."""

from copy import deepcopy

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (make sync SET=train)")

from models.demo import muon, precision  # noqa: E402
from models.demo.muon import Muon, orthogonalized  # noqa: E402

RATE, DECAY = 1e-2, 0.1


@pytest.mark.parametrize("shape", [(24, 24), (24, 64), (64, 24)])
def test_singular_values_come_close_to_one(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalized(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.5


def test_steps_are_those_of_torch_s_own_and_go_on_from_what_that_has_kept() -> None:
    """Theirs are in bfloat16, of which 8 bits are kept."""
    torch.manual_seed(0)
    own, theirs = (torch.nn.Parameter(torch.ones(24, 64)) for _ in range(2))
    steps = Muon([{"params": [own]}], lr=RATE, weight_decay=DECAY)
    other = torch.optim.Muon([theirs], lr=RATE, weight_decay=DECAY, adjust_lr_fn="match_rms_adamw")

    def step() -> None:
        own.grad = torch.randn(24, 64)
        theirs.grad = own.grad.clone()
        steps.step()
        other.step()
        moved = float((theirs.detach() - 1).abs().max())
        assert torch.allclose(own, theirs, atol=0.05 * moved)
        assert torch.allclose(own.mean(), theirs.mean(), atol=0.1 * RATE * DECAY)

    for _ in range(3):
        step()
    steps = Muon([{"params": [own]}], lr=RATE, weight_decay=DECAY)
    kept = deepcopy(other.state_dict()["state"])
    steps.load_state_dict({**steps.state_dict(), "state": kept})
    step()


def test_the_filters_of_a_convolution_are_the_rows_of_a_matrix() -> None:
    torch.manual_seed(0)
    flat = torch.nn.Parameter(torch.randn(24, 72))
    filters = torch.nn.Parameter(flat.detach().reshape(24, 8, 3, 3).clone())
    slope = torch.randn(24, 72)
    flat.grad, filters.grad = slope, slope.reshape(24, 8, 3, 3).clone()
    Muon([{"params": [flat, filters]}], lr=RATE, weight_decay=DECAY).step()
    assert torch.equal(filters.flatten(1), flat)


def test_a_processor_without_half_precision_is_not_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "_seconds", lambda kind: 1.0 + (kind == torch.bfloat16))
    precision.halves.cache_clear()
    asked: list[object] = []
    product = torch.addmm

    def watched(*given: object, **more: object) -> object:
        asked.append(given[0].dtype)  # type: ignore[attr-defined]
        return product(*given, **more)

    monkeypatch.setattr(muon.torch, "addmm", watched)
    orthogonalized(torch.randn(24, 24))
    precision.halves.cache_clear()
    assert set(asked) == {torch.float32}
