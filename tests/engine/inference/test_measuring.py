"""This machine, really measured; and what is said where it cannot be."""

import pytest

from engine.errors import ModelError
from engine.inference import measuring


def test_this_machine_is_measured(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("llama_cpp", reason="llama.cpp is not compiled here")
    machine, note = measuring.measure()
    assert note == ""
    assert machine.speed.measured
    assert machine.physical_cores >= 1
    assert machine.memory_bytes > machine.free_bytes > 0
    assert machine.speed.encode_flops_s > 1e8
    assert machine.speed.prefill_flops_s > 1e8
    assert machine.speed.decode_bytes_s > 1e7


def test_without_llama_cpp_it_is_reckoned_and_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measuring, "engine_libraries", lambda: None)
    machine, note = measuring.measure()
    assert not machine.speed.measured
    assert "not compiled yet" in note
    assert "number of cores" in note


def test_a_trial_that_fails_is_reckoned_and_said(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("llama_cpp", reason="llama.cpp is not compiled here")
    monkeypatch.setattr(measuring, "TIMEOUT_S", 0.0)
    machine, note = measuring.measure()
    assert not machine.speed.measured
    assert "trial run" in note


def test_a_measurement_can_be_broken_off():
    pytest.importorskip("llama_cpp", reason="llama.cpp is not compiled here")
    with pytest.raises(ModelError, match="broken off"):
        measuring.measure(lambda: True)
