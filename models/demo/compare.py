# pyright: reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false
# pyright: reportArgumentType=false
"""The exported files in llama.cpp against the network in torch, on the same prompts.

Pictures go through libmtmd, and only the overview's tokens are used, as the product does; every
question is asked on a fork of its prompt's sequence. Needs llama-cpp-python.
"""

import argparse
import ctypes
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt
import torch
from llama_cpp import mtmd_cpp

from app.eval.demo_model import REFERENCE, digest, reference_prompts
from app.eval.world.eye import Eye
from app.eval.world.prompts import SHAPES, PromptMaker
from models.demo.answering import answer_logits
from models.demo.checkpoint import FOLDER, load
from models.demo.export import PROJECTOR_FILE, TEXT_FILE
from models.demo.lessons import IGNORED, Lesson, numbered
from models.demo.network import DemoModel, Shape, prepared
from models.demo.packing import batched
from models.demo.vocabulary import vocabulary

Rows = npt.NDArray[np.float32]


class LlamaDemo:
    """The exported model through llama.cpp's own interface."""

    def __init__(self, text: Path, projector: Path, *, context: int = 4096) -> None:
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(
            str(text).encode(), llama_cpp.llama_model_default_params()
        )
        if not self._model:
            raise RuntimeError("llama.cpp refuses the text model.")
        options = llama_cpp.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_ubatch = context, context, 512
        options.n_threads = options.n_threads_batch = 1
        options.n_seq_max, options.kv_unified = 2, True
        options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(self._model, options)
        vision = mtmd_cpp.mtmd_context_params_default()
        vision.use_gpu, vision.n_threads, vision.print_timings = False, 1, False
        self._vision = mtmd_cpp.mtmd_init_from_file(str(projector).encode(), self._model, vision)
        if not self._vision:
            raise RuntimeError("libmtmd refuses the projector.")
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.words = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._width = llama_cpp.llama_model_n_embd(self._model)

    def tokens(self, text: str) -> list[int]:
        """As llama.cpp splits it, special tokens understood."""
        coded = text.encode()
        out = (llama_cpp.llama_token * (len(coded) + 8))()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, coded, len(coded), out, len(out), False, True
        )
        return list(out[:count])

    def rows(self, picture: npt.NDArray[np.uint8]) -> Rows:
        """The overview's token embeddings, tokens x width; the picture is RGB."""
        side = picture.shape[0]
        data = (ctypes.c_uint8 * picture.size).from_buffer_copy(picture.tobytes())
        bitmap = mtmd_cpp.mtmd_bitmap_init(side, side, data)
        chunks = mtmd_cpp.mtmd_input_chunks_init()
        marker = mtmd_cpp.mtmd_default_marker()
        prompt = mtmd_cpp.mtmd_input_text(marker, len(marker), False, True)
        bitmaps = (mtmd_cpp.mtmd_bitmap_p_ctypes * 1)(bitmap)
        if mtmd_cpp.mtmd_tokenize(self._vision, chunks, ctypes.byref(prompt), bitmaps, 1):
            raise RuntimeError("libmtmd could not take the picture.")
        try:
            for n in range(mtmd_cpp.mtmd_input_chunks_size(chunks)):
                chunk = mtmd_cpp.mtmd_input_chunks_get(chunks, n)
                kind = mtmd_cpp.mtmd_input_chunk_get_type(chunk)
                if kind != mtmd_cpp.MTMD_INPUT_CHUNK_TYPE_IMAGE:
                    continue
                if mtmd_cpp.mtmd_encode_chunk(self._vision, chunk):
                    raise RuntimeError("libmtmd could not encode the picture.")
                count = mtmd_cpp.mtmd_input_chunk_get_n_tokens(chunk)
                out = mtmd_cpp.mtmd_get_output_embd(self._vision)
                flat = np.ctypeslib.as_array(out, (count * self._width,))
                return flat.reshape(count, self._width).copy()
        finally:
            mtmd_cpp.mtmd_input_chunks_free(chunks)
            mtmd_cpp.mtmd_bitmap_free(bitmap)
        raise RuntimeError("libmtmd made no picture of it.")

    def clear(self) -> None:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)

    def fork(self) -> None:
        """Make sequence 1 what sequence 0 is."""
        memory = llama_cpp.llama_get_memory(self._context)
        llama_cpp.llama_memory_seq_rm(memory, 1, -1, -1)
        llama_cpp.llama_memory_seq_cp(memory, 0, 1, -1, -1)

    def decode(
        self, what: Sequence[int] | Rows, start: int, sequence: int, *, wanted: bool = False
    ) -> Rows | None:
        """Append tokens or embedding rows at positions from `start`; all logits if `wanted`."""
        given = isinstance(what, np.ndarray)
        count = len(what)
        batch = llama_cpp.llama_batch_init(count, self._width if given else 0, 1)
        try:
            batch.n_tokens = count
            for n in range(count):
                if not given:
                    batch.token[n] = int(what[n])
                batch.pos[n] = start + n
                batch.n_seq_id[n] = 1
                batch.seq_id[n][0] = sequence
                batch.logits[n] = wanted
            if given:
                ctypes.memmove(batch.embd, np.ascontiguousarray(what).ctypes.data, what.nbytes)
            code = llama_cpp.llama_decode(self._context, batch)
            if code:
                raise RuntimeError(f"llama_decode says {code}.")
        finally:
            llama_cpp.llama_batch_free(batch)
        if not wanted:
            return None
        flat = llama_cpp.llama_get_logits(self._context)
        return np.ctypeslib.as_array(flat, (count, self.words)).copy()

    def answer_logits(self, lesson: Lesson, image_id: int) -> Rows:
        """At every place whose next token is of an answer, in order: places x words."""
        self.clear()
        ids, at, shown = lesson.ids[lesson.branches == 0], 0, 0
        while at < len(ids):
            end = at
            picture = ids[at] == image_id
            while end < len(ids) and (ids[end] == image_id) == picture:
                end += 1
            if picture:
                self.decode(self.rows(lesson.pictures[shown]), at, 0)
                shown += 1
            else:
                self.decode(ids[at:end].tolist(), at, 0)
            at = end
        found: list[Rows] = []
        for n in range(1, len(lesson.kinds) + 1):
            mine = lesson.branches == n
            self.fork()
            logits = self.decode(lesson.ids[mine].tolist(), at, 1, wanted=True)
            assert logits is not None
            found.append(logits[lesson.targets[mine] != IGNORED])
        return np.concatenate(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far llama.cpp is from torch."""

    prompts: int
    logits: float
    """Largest absolute difference of a logit."""
    spread: float
    """Standard deviation of torch's logits, to set that against."""
    rows: float
    """Largest absolute difference of a picture's embedding."""
    agreement: float
    """Share of answer tokens for which both choose the same."""
    vocabulary: bool
    """Whether both split every prompt alike."""


@torch.no_grad()
def compare(folder: Path, exported: Path, *, prompts: int, seed: int = 5) -> Difference:
    model = DemoModel(Shape()).eval()
    load(folder / "model.pt", {"model": model}, "cpu")
    tokenizer = vocabulary(folder, model.shape.vocabulary)
    image_id = tokenizer.token_to_id("<image>") or 0
    llama = LlamaDemo(exported / TEXT_FILE, exported / PROJECTOR_FILE)
    chance, eye = random.Random(seed), Eye(model.shape.image)
    maker = PromptMaker(chance, "dev", lambda scene, t: eye.see(scene, t, chance), 96)
    worst, worst_row, same, total, alike = 0.0, 0.0, 0, 0, True
    seen: list[Rows] = []
    for n in range(prompts):
        prompt = maker.prompt(SHAPES[n % len(SHAPES)])
        lesson = numbered(prompt, tokenizer, chance, tokens=model.shape.tokens, choices=0.2)
        for branch in range(1, len(lesson.kinds) + 1):
            ids = lesson.ids[lesson.branches == branch].tolist()
            text = tokenizer.decode(ids, skip_special_tokens=False)
            alike = alike and llama.tokens(text) == tokenizer.encode(text).ids
        for picture in lesson.pictures[:2]:
            ours = model.vision(prepared(torch.from_numpy(picture[None])))[0].numpy()
            worst_row = max(worst_row, float(np.abs(ours - llama.rows(picture)).max()))
        ours = answer_logits(model, batched([lesson], "cpu"), image_id)[0].numpy()
        theirs = llama.answer_logits(lesson, image_id)
        worst = max(worst, float(np.abs(ours - theirs).max()))
        same += int((ours.argmax(-1) == theirs.argmax(-1)).sum())
        total += len(ours)
        seen.append(ours)
    return Difference(
        prompts=prompts,
        logits=worst,
        spread=float(np.concatenate(seen).std()),
        rows=worst_row,
        agreement=same / total,
        vocabulary=alike,
    )


@torch.no_grad()
def write_reference(folder: Path, path: Path) -> None:
    """Keep torch's logits of a few prompts, for `nacre eval demo-model` on other machines."""
    model = DemoModel(Shape()).eval()
    load(folder / "model.pt", {"model": model}, "cpu")
    tokenizer = vocabulary(folder, model.shape.vocabulary)
    image_id = tokenizer.token_to_id("<image>") or 0
    prompts, kept = reference_prompts(), list[Rows]()
    for prompt in prompts:
        lesson = numbered(
            prompt, tokenizer, random.Random(0), tokens=model.shape.tokens, choices=0.0
        )
        logits = answer_logits(model, batched([lesson], "cpu"), image_id)[0].numpy()
        owner = lesson.branches[lesson.targets != IGNORED]
        kept.append(logits[np.unique(owner, return_index=True)[1]])
    np.savez_compressed(path, logits=np.concatenate(kept), digest=digest(prompts))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, default=FOLDER)
    arguments.add_argument("--out", type=Path, default=FOLDER / "export")
    arguments.add_argument("--prompts", type=int, default=24)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    write_reference(chosen.folder, chosen.out / REFERENCE)
    print(compare(chosen.folder, chosen.out, prompts=chosen.prompts))


if __name__ == "__main__":
    main()
