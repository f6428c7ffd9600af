"""Language models in the hands of a person: the real program, llama.cpp in its own process, a real
measurement and a real keyboard. The weights are random; what they say means nothing."""

from pathlib import Path

from engine.inference.random_vlm import TINY, write_pair
from tests.e2e.window_desktop import Desktop
from tests.e2e.window_driving import Driven
from tests.fakes.chat_server import chat_server
from tests.fakes.program import Program

MEASURED_S = 180.0
"""Ten seconds on a machine that does nothing else."""


def take_in(program: Program, folder: Path) -> None:
    """Two small models of one's own: Eye and Ear."""
    for name, kind in (("Eye", "smol"), ("Ear", "qwen2")):
        made = folder / name
        made.mkdir()
        files = write_pair(made, TINY[kind])
        program.do("models", "import", "--unlisted", *files, "--name", name)


def test_a_model_is_measured_and_chosen_and_tells_on_what_it_runs(
    bare: Program, desktop: Desktop, tmp_path: Path
) -> None:
    take_in(bare, tmp_path)
    with Driven(bare, desktop) as window:
        window.wait("Status: watching.*")
        window.key("ctrl+5")
        window.wait("Of the language models, .*|No language model .*", "label", MEASURED_S)
        window.wait(".* cores .* on CPU, measured", "label")
        desktop.look("language-1-measured")
        window.wait("SmolVLM2 256M.*, missing, (runs|does not fit).*")
        # Nacre's own choice, the larger one, is in use by then.
        window.wait("Ear, in use, speed not known", limit_s=MEASURED_S)
        window.tab_to("Use Eye", "push button")
        window.key("space")
        window.wait("Eye, in use, speed not known", limit_s=MEASURED_S)
        window.wait("Eye is asked, as you chose. It runs on CPU.", "label")
        desktop.look("language-2-in-use")
        told = bare.do("doctor", "--json").json
        assert (told["model"]["id"], told["model"]["backend"]) == ("eye", "CPU")
        (questions,) = (one for one in told["findings"] if one["name"] == "open questions")
        assert questions["text"] == "Eye is in use, on CPU."
        window.close()
    assert 'vision_model = "eye"' in (bare.data / "settings.toml").read_text()


def test_a_server_is_named_asked_and_forgotten(bare: Program, desktop: Desktop) -> None:
    with chat_server() as server, Driven(bare, desktop) as window:
        window.wait("Status: watching.*")
        window.key("ctrl+6")
        window.tab_to("Address of the model server", "text")
        window.type("nowhere", enter=False)
        window.key("Tab")
        window.type("eye")
        window.wait("The address of a model server begins with http.*", "label")
        window.key("shift+Tab", "ctrl+a")
        window.type(server.address)
        window.wait("Saved. It is asked from now on.", "label")
        window.wait(f"eye on {server.address} is asked.", "label")
        desktop.look("language-3-server")
        window.key("ctrl+1")
        window.say("why is the cat on the table?")
        window.wait("The cat sleeps..*", "label")
        asked = server.asked[-1]["messages"][-1]["content"]
        assert any(part["type"] == "image_url" for part in asked)
        window.key("ctrl+6")
        window.tab_to("Forget the server", "push button")
        window.key("space")
        window.wait("Forgotten, and its key.*", "label")
        window.wait("No server is asked: nothing leaves this computer.", "label")
        window.close()
    assert 'model_server = ""' in (bare.data / "settings.toml").read_text()
