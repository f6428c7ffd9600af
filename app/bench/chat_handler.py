# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportPrivateUsage=false, reportArgumentType=false
"""The stateless chat handler of llama-cpp-python (`MTMDChatHandler`), to be measured against: in a
process of its own, since its library would be loaded a second time beside ours.

libmtmd cuts each picture of an idefics3 model into at least one slice, encoded beside the
overview. The slices are taken out here, so that the handler encodes and decodes what the live
window does, and not twice that: in its favour.
"""

import base64
import json
import multiprocessing
import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2

from engine.errors import ModelError
from engine.prompts import Picture

LIMIT_S = 1800.0


class ChatHandler:
    """One conversation, answered anew each time."""

    def __init__(
        self,
        files: tuple[Path, Path],
        system: str,
        pictures: Sequence[Picture],
        question: str,
        *,
        context: int,
        threads: int,
        gpu_layers: int,
    ) -> None:
        """Returns when the model is loaded.

        Raises:
            ModelError: the handler cannot be run.
        """
        content: list[dict[str, Any]] = []
        for one in pictures:
            coded = base64.b64encode(cv2.imencode(".png", one.image)[1].tobytes()).decode()
            url = f"data:image/png;base64,{coded}"
            content += [
                {"type": "text", "text": one.mark},
                {"type": "image_url", "image_url": {"url": url}},
            ]
        content.append({"type": "text", "text": question})
        asked = [{"role": "system", "content": system}, {"role": "user", "content": content}]
        options = {"n_ctx": context, "n_threads": threads, "n_threads_batch": threads,
                   "n_gpu_layers": gpu_layers}  # fmt: skip
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(
            target=_serve, args=(theirs, files, asked, options), daemon=True
        )
        self._process.start()
        theirs.close()
        self._told()

    def first_token_s(self) -> tuple[float, int]:
        """Seconds until the first token, and how many tokens it had to read.

        Raises:
            ModelError: it failed.
        """
        self._pipe.send_bytes(b"ask")
        took, tokens = self._told()
        return took, int(tokens)

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()

    def _told(self) -> list[float]:
        try:
            if not self._pipe.poll(LIMIT_S):
                raise ModelError("The chat handler of llama-cpp-python did not answer in time.")
            told = json.loads(self._pipe.recv_bytes())
        except EOFError:
            raise ModelError("The chat handler of llama-cpp-python crashed.") from None
        if isinstance(told, str):
            raise ModelError(f"The chat handler of llama-cpp-python failed: {told}.")
        return told


def _serve(
    pipe: Connection, files: tuple[Path, Path], asked: list[Any], options: dict[str, int]
) -> None:
    """Runs in the child."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 2)  # libmtmd writes there what it does.
    try:
        from llama_cpp import Llama
        from llama_cpp.llama_chat_format import MTMDChatHandler

        model, projector = files
        gpu = options["n_gpu_layers"] != 0
        handler = MTMDChatHandler(str(projector), verbose=False, use_gpu=gpu)
        pictures = sum(part["type"] == "image_url" for part in asked[1]["content"])
        without: Any = _WithoutSlices(handler._mtmd_cpp, pictures)
        handler._mtmd_cpp = without
        llama = Llama(str(model), chat_handler=handler, verbose=False, **options)
        # The projector is loaded with the first question.
        llama.create_chat_completion([{"role": "user", "content": "?"}], max_tokens=1)
        pipe.send_bytes(b"[]")
        while True:
            pipe.recv_bytes()
            begin = time.perf_counter()
            answer: Any = llama.create_chat_completion(asked, max_tokens=1, temperature=0.0)
            took = time.perf_counter() - begin
            pipe.send_bytes(json.dumps([took, answer["usage"]["prompt_tokens"]]).encode())
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 (the outermost handler of this process)
        pipe.send_bytes(json.dumps(f"{type(error).__name__}: {error}"[:300]).encode())


class _WithoutSlices:
    """libmtmd as the handler calls it, but of each picture only the overview, which is the last."""

    def __init__(self, library: ModuleType, pictures: int) -> None:
        self._library = library
        self._pictures = pictures
        self._kept: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def mtmd_input_chunks_size(self, chunks: Any) -> int:
        library = self._library
        count = library.mtmd_input_chunks_size(chunks)
        found = [library.mtmd_input_chunks_get(chunks, n) for n in range(count)]
        seen = [library.mtmd_input_chunk_get_type(one) != library.MTMD_INPUT_CHUNK_TYPE_TEXT
                for one in found]  # fmt: skip
        each = max(sum(seen) // self._pictures, 1)
        numbers = [sum(seen[: n + 1]) for n in range(count)]
        self._kept = [one for one, is_seen, number in zip(found, seen, numbers, strict=True)
                      if not is_seen or number % each == 0]  # fmt: skip
        return len(self._kept)

    def mtmd_input_chunks_get(self, chunks: Any, number: int) -> Any:
        del chunks
        return self._kept[number]
