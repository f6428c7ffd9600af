# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
"""llama.cpp and libmtmd behind guards: the only file that imports their library.

llama.cpp ends the process when an assertion fails, and reads out of bounds where rows are too
narrow. Every call that can is unreachable here with bad arguments: they are a `ValueError` first.
One thread owns a model; only `stop` and `progress` may be used from another.
"""

import ctypes
import hashlib
import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import get_ident
from typing import Any

import cv2
import llama_cpp
import numpy as np
import numpy.typing as npt
from llama_cpp import mtmd_cpp

from engine.errors import (
    ModelCorrupt,
    ModelCrashed,
    ModelError,
    ModelIncompatible,
    ModelOutOfMemory,
)
from engine.inference.gguf_check import check_model, check_pair
from engine.inference.native import (
    ContextFull,
    Encoded,
    GpuLost,
    LlamaConfig,
    LlamaFacts,
    Logits,
    Stopped,
    Token,
    free_threads,
)
from engine.inference.placement import Placement
from engine.media import Image, Vector

log = logging.getLogger(__name__)

_NODES_A_LOOK, _NODES_A_LOOK_ON_GPU = 1, 64
"""Between so many operations of the vision tower it is asked whether to stop. Asking waits for what
was begun: on a graphics card, where a tower takes some 30 ms, for the pipe to run empty."""
_DIGEST_BYTES = 16
_NARROWEST = 4
"""A picture is at most so many times as long as it is wide: bars are put beside a narrower one."""
_LONGEST_SIDE = 4096
_POOLED_CONTEXT = 2048
_OVERVIEW = "<global-img>"
_AROUND = ("\n\n<fake_token_around_image><global-img>", "<fake_token_around_image>")
"""What libmtmd puts around the overview of a picture that it would also cut into slices."""

_SHORT_OF_MEMORY = (
    "alloc", "out of memory", "cannot allocate memory", "resource temporarily unavailable",
)  # fmt: skip
"""In llama.cpp's words and the system's: the last is no memory for another thread."""

_errors: deque[str] = deque(maxlen=8)
_placement = Placement()
"""Of the model that is being loaded."""


@llama_cpp.llama_log_callback
def _tell(level: int, text: bytes, _: object) -> None:
    """Lines of llama.cpp, without anything that looks like a path: it names files of the user's."""
    said = text.decode(errors="replace").strip()
    _placement.hear(said)
    line = re.sub(r"\S*[/\\]\S*", "…", said)
    if level == 4:  # GGML_LOG_LEVEL_ERROR
        _errors.append(line)
    if line:
        log.debug("llama.cpp: %s", line)


llama_cpp.llama_log_set(_tell, None)
mtmd_cpp.mtmd_log_set(_tell, None)
mtmd_cpp.mtmd_helper_log_set(_tell, None)


class Llama:
    """A text model with its projector, and one context with several sequences."""

    def __init__(
        self,
        model: Path,
        projector: Path | None,
        config: LlamaConfig | None = None,
        *,
        progress: Callable[[float], bool] = lambda _: True,
    ) -> None:
        """Load both files, after they were looked at: llama.cpp trusts what they say. `progress` is
        told how far loading is, in [0, 1]; it returns False to break it off.

        Raises:
            ModelCorrupt, ModelIncompatible, ModelOutOfMemory
            Stopped: `progress` returned False.
        """
        self._config = config = config or LlamaConfig()
        self._owner = get_ident()
        self._stopping = False
        self._count = 0
        self._nodes = 0
        self._model = self._context = self._vision = self._pooled = None
        self._callbacks: list[object] = []
        _errors.clear()
        if projector is None:
            check_model(model)
        else:
            check_pair(model, projector)
        try:
            self._load(model, config, progress)
            if projector is not None:
                self._load_projector(projector, config)
        except BaseException:
            self.close()
            raise
        self.facts = self._facts(model)

    # --- loading ---------------------------------------------------------------------------------

    def _load(self, path: Path, config: LlamaConfig, progress: Callable[[float], bool]) -> None:
        llama_cpp.llama_backend_init()
        broken_off = False

        @llama_cpp.llama_progress_callback
        def loading(share: float, _: object) -> bool:
            nonlocal broken_off
            self._count += 1
            broken_off = broken_off or not progress(share)
            return not broken_off

        self._callbacks.append(loading)
        _placement.clear()
        options = llama_cpp.llama_model_default_params()
        options.n_gpu_layers = config.gpu_layers
        options.progress_callback = loading
        options.check_tensors = True  # Weights that are no numbers are refused.
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), options)
        if broken_off:
            raise Stopped
        if not self._model:
            raise _refused(path.name, "text model")
        for unfit in ("is_recurrent", "is_hybrid", "is_diffusion", "has_encoder"):
            if getattr(llama_cpp, f"llama_model_{unfit}")(self._model):
                raise ModelIncompatible(
                    f"{path.name} is a kind of model whose memory cannot be cut or forked, so it "
                    "cannot follow a stream. Nothing was changed. Choose another model."
                )
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._width = llama_cpp.llama_model_n_embd_inp(self._model)
        self._words = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._context = self._new_context(path, config.context, config.sequences)
        self._memory = llama_cpp.llama_get_memory(self._context)

    def _new_context(self, path: Path, tokens: int, sequences: int, *, pooled: bool = False) -> Any:
        config = self._config
        options = llama_cpp.llama_context_default_params()
        trained = llama_cpp.llama_model_n_ctx_train(self._model)
        options.n_ctx = min(tokens, trained) if trained > 0 else tokens
        options.n_batch = options.n_ubatch = config.batch
        options.n_seq_max, options.kv_unified = sequences, True
        options.n_threads = options.n_threads_batch = config.threads or free_threads()
        options.no_perf = True
        if not config.gpu_layers:
            options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
            options.offload_kqv = options.op_offload = False
        if pooled:
            options.embeddings, options.pooling_type = True, llama_cpp.LLAMA_POOLING_TYPE_MEAN

        @llama_cpp.ggml_abort_callback
        def working(_: object) -> bool:
            self._count += 1
            return self._stopping

        self._callbacks.append(working)
        options.abort_callback = working
        context = llama_cpp.llama_init_from_model(self._model, options)
        if not context:
            if _short_of_memory():
                raise ModelOutOfMemory(
                    f"There is not enough memory for {path.name} with {options.n_ctx} tokens. "
                    "Close other programs, or choose a smaller model."
                )
            raise _refused(path.name, "text model")
        return context

    def _load_projector(self, path: Path, config: LlamaConfig) -> None:
        step = _NODES_A_LOOK_ON_GPU if config.gpu_layers else _NODES_A_LOOK

        @llama_cpp.ggml_backend_sched_eval_callback
        def working(_tensor: object, ask: bool, _: object) -> bool:
            self._count += 1
            if not ask:
                return not self._stopping
            self._nodes += 1
            return self._nodes % step == 0

        self._callbacks.append(working)
        options = mtmd_cpp.mtmd_context_params_default()
        options.use_gpu = config.gpu_layers != 0
        options.n_threads = config.threads or free_threads()
        options.print_timings = options.warmup = False
        options.cb_eval = working
        if config.image_tokens is not None:
            options.image_min_tokens, options.image_max_tokens = config.image_tokens
        self._vision = mtmd_cpp.mtmd_init_from_file(str(path).encode(), self._model, options)
        if not self._vision:
            raise _refused(path.name, "projector")
        if not mtmd_cpp.mtmd_support_vision(self._vision):
            raise ModelIncompatible(
                f"{path.name} sees no pictures. Nothing was changed. Choose the projector that "
                "belongs to the model."
            )

    def _facts(self, path: Path) -> LlamaFacts:
        rope = llama_cpp.llama_model_rope_type(self._model)
        vision = self._vision
        return LlamaFacts(
            architecture=self._meta("general.architecture"),
            title=self._meta("general.name") or path.stem,
            parameters=llama_cpp.llama_model_n_params(self._model),
            embedding_inputs=self._width,
            vocabulary=self._words,
            context=llama_cpp.llama_n_ctx(self._context),
            trained_context=llama_cpp.llama_model_n_ctx_train(self._model),
            m_rope=rope in (llama_cpp.LLAMA_ROPE_TYPE_MROPE, llama_cpp.LLAMA_ROPE_TYPE_IMROPE),
            can_shift=bool(llama_cpp.llama_memory_can_shift(self._memory)),
            causal_images=not (vision and mtmd_cpp.mtmd_decode_use_non_causal(vision, None)),
            batch=llama_cpp.llama_n_batch(self._context),
            sequences=llama_cpp.llama_n_seq_max(self._context),
            threads=llama_cpp.llama_n_threads(self._context),
            backend=_placement.backend,
        )

    def _meta(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, 256)
        return buffer.value.decode(errors="replace") if length > 0 else ""

    @property
    def template(self) -> str | None:
        """The model's chat template, as Jinja source."""
        self._own()
        found = llama_cpp.llama_model_chat_template(self._model, None)
        return None if found is None else found.decode(errors="replace")

    # --- words -----------------------------------------------------------------------------------

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids. Only with `special` does text become control tokens: never for what was seen,
        heard or typed."""
        self._own()
        coded = text.encode(errors="replace")
        room = len(coded) + 16
        out = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, coded, len(coded), out, room, False, special
        )
        if count < 0:
            raise ValueError("the text cannot be split into tokens")
        return list(out[:count])

    @property
    def opening(self) -> tuple[int, ...]:
        """What the model was trained to find before everything; most need nothing."""
        self._own()
        wanted = llama_cpp.llama_vocab_get_add_bos(self._vocabulary)
        token: Any = llama_cpp.llama_vocab_bos(self._vocabulary)
        return (token,) if wanted and 0 <= token < self._words else ()

    def piece(self, token: int) -> bytes:
        """What a token says; it may end within a character. Control tokens say nothing."""
        self._known((token,))
        buffer = ctypes.create_string_buffer(512)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, 512, 0, False)
        return buffer.raw[: max(length, 0)]

    def is_end(self, token: int) -> bool:
        """Whether an answer ends with it."""
        self._known((token,))
        return bool(llama_cpp.llama_vocab_is_eog(self._vocabulary, token))

    def _known(self, tokens: Sequence[int]) -> None:
        self._own()
        if any(not 0 <= token < self._words for token in tokens):
            raise ValueError("a token that the vocabulary does not have")

    # --- pictures --------------------------------------------------------------------------------

    def encode(self, image: Image) -> Encoded:
        """Run the vision tower over a picture; of one that libmtmd would cut into slices, over the
        overview only.

        Raises:
            Stopped
            ModelCorrupt: what came out are not numbers.
        """
        self._own()
        if self._vision is None:
            raise ValueError("the model was loaded without a projector")
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError("a picture is height x width x 3 bytes")
        if (side := max(image.shape[:2])) > _LONGEST_SIDE:
            share = _LONGEST_SIDE / side
            smaller = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
            image = smaller.astype(np.uint8, copy=False)
        rgb = np.ascontiguousarray(_widened(image)[..., ::-1])
        data = ctypes.cast(rgb.ctypes.data, ctypes.POINTER(ctypes.c_uint8))
        bitmap = mtmd_cpp.mtmd_bitmap_init(rgb.shape[1], rgb.shape[0], data)
        chunks = mtmd_cpp.mtmd_input_chunks_init()
        try:
            marker = mtmd_cpp.mtmd_default_marker()
            prompt = mtmd_cpp.mtmd_input_text(marker, len(marker), False, True)
            bitmaps = (mtmd_cpp.mtmd_bitmap_p_ctypes * 1)(bitmap)
            vision = self._vision
            if mtmd_cpp.mtmd_tokenize(vision, chunks, ctypes.byref(prompt), bitmaps, 1):
                raise ValueError("libmtmd cannot take this picture")
            return self._encode_overview(chunks)
        finally:
            mtmd_cpp.mtmd_input_chunks_free(chunks)
            mtmd_cpp.mtmd_bitmap_free(bitmap)

    def _encode_overview(self, chunks: Any) -> Encoded:
        """(tokens before, picture, tokens after) of what libmtmd made of a picture."""
        count = mtmd_cpp.mtmd_input_chunks_size(chunks)
        all_chunks = [mtmd_cpp.mtmd_input_chunks_get(chunks, n) for n in range(count)]
        texts = [self._text_of(chunk) for chunk in all_chunks]
        pictures = [n for n, text in enumerate(texts) if text is None]
        if not pictures:
            raise ValueError("libmtmd made no picture of it")
        chosen = pictures[0]
        before = texts[chosen - 1] or () if chosen else ()
        after = texts[chosen + 1] or () if chosen + 1 < count else ()
        if len(pictures) > 1:
            overview = self.tokens(_OVERVIEW, special=True)
            if len(overview) == 1:  # idefics3: the overview is the last.
                chosen = pictures[-1]
                before, after = (tuple(self.tokens(one, special=True)) for one in _AROUND)
            else:  # The overview is the first; what follows it ends with its closing mark.
                after = after[:1]
        return self._encode_chunk(all_chunks[chosen], before, after)

    def _text_of(self, chunk: Any) -> tuple[int, ...] | None:
        if mtmd_cpp.mtmd_input_chunk_get_type(chunk) != mtmd_cpp.MTMD_INPUT_CHUNK_TYPE_TEXT:
            return None
        length = ctypes.c_size_t()
        found = mtmd_cpp.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(length))
        return tuple(found[: length.value]) if found else ()

    def _encode_chunk(self, chunk: Any, before: Sequence[int], after: Sequence[int]) -> Encoded:
        if self._stopping:
            raise Stopped
        _errors.clear()
        failed = mtmd_cpp.mtmd_encode_chunk(self._vision, chunk)
        if self._stopping:
            raise Stopped
        if failed:
            kind = ModelOutOfMemory if _short_of_memory() else ModelError
            raise kind("The picture could not be encoded. It was left out.")
        count = mtmd_cpp.mtmd_input_chunk_get_n_tokens(chunk)
        flat = mtmd_cpp.mtmd_get_output_embd(self._vision)
        rows = np.ctypeslib.as_array(flat, (count * self._width,)).reshape(count, -1).copy()
        _finite(rows)
        positions = None
        if mtmd_cpp.mtmd_decode_use_mrope(self._vision):
            image = mtmd_cpp.mtmd_input_chunk_get_tokens_image(chunk)
            where = mtmd_cpp.mtmd_image_tokens_get_decoder_pos
            placed = [where(image, 0, n) for n in range(count)]
            positions = np.array([(one.t, one.y, one.x) for one in placed], np.int32)
        return Encoded(
            rows=rows,
            positions=positions,
            advance=mtmd_cpp.mtmd_input_chunk_get_n_pos(chunk),
            before=tuple(before),
            after=tuple(after),
            causal=not mtmd_cpp.mtmd_decode_use_non_causal(self._vision, chunk),
        )

    # --- decoding --------------------------------------------------------------------------------

    def decode(self, tokens: Sequence[int], *, sequence: int, position: int) -> Logits:
        """Append tokens to a sequence; the logits after the last, shape (vocabulary,).

        Raises:
            Stopped, ContextFull: the sequence is as it was.
            ModelCorrupt: the logits are not numbers.
        """
        batch = [Token(token, position + n, sequence) for n, token in enumerate(tokens)]
        if not batch:
            raise ValueError("nothing to decode")
        batch[-1] = Token(tokens[-1], batch[-1].position, sequence, True)
        return self.decode_batch(batch)[0]

    def decode_batch(self, batch: Sequence[Token]) -> Logits:
        """Append tokens to any number of sequences; the logits of the wanted ones, in order,
        shape (n, vocabulary)."""
        self._known([one.id for one in batch])
        if not batch:
            raise ValueError("nothing to decode")
        found: list[Logits] = []
        step = self.facts.batch
        begun: dict[int, int] = {}
        for one in batch:
            self._place(one.sequence, one.position)
            begun.setdefault(one.sequence, one.position)
        self._behind(begun)
        for start in range(0, len(batch), step):
            part = batch[start : start + step]
            ids = np.array([one.id for one in part], np.int32)
            positions = np.array([one.position for one in part], np.int32)
            wanted = np.array([one.wanted for one in part], np.int8)
            self._decode(ids, positions, [one.sequence for one in part], wanted, begun)
            found += [self._logits(n) for n in np.flatnonzero(wanted)]
        return np.stack(found) if found else np.empty((0, self._words), np.float32)

    def decode_encoded(self, encoded: Encoded, *, sequence: int, position: int) -> int:
        """Append a picture's rows; the next free position."""
        self._own()
        rows, count = encoded.rows, len(encoded)
        if rows.ndim != 2 or rows.shape[1] != self._width or not count:
            raise ValueError(f"a picture's rows are n x {self._width}")
        if (encoded.positions is not None) != self.facts.m_rope:
            raise ValueError("a picture of another model")
        if encoded.positions is not None and encoded.positions.shape != (count, 3):
            raise ValueError("every row of a picture has a time, a row and a column")
        step = self.facts.batch
        if not encoded.causal and count > step:
            raise ValueError("a picture seen in both directions must fit into one batch")
        self._place(sequence, position)
        begun = {sequence: position}
        self._behind(begun)
        try:
            if not encoded.causal:
                llama_cpp.llama_set_causal_attn(self._context, False)
            for start in range(0, count, step):
                part = np.ascontiguousarray(rows[start : start + step], np.float32)
                places = _places(encoded, start, len(part), position)
                silent = np.zeros(len(part), np.int8)
                self._decode(part, places, [sequence] * len(part), silent, begun)
        finally:
            if not encoded.causal:
                llama_cpp.llama_set_causal_attn(self._context, True)
        return position + encoded.advance

    def _behind(self, begun: dict[int, int]) -> None:
        """llama.cpp refuses what does not lie behind a sequence; undoing that would cost the
        sequence what it holds there."""
        for sequence, position in begun.items():
            last = llama_cpp.llama_memory_seq_pos_max(self._memory, sequence)
            if position <= last:
                raise ValueError(f"sequence {sequence} already holds position {last}")

    def _decode(
        self,
        what: npt.NDArray[np.int32] | npt.NDArray[np.float32],
        positions: npt.NDArray[np.int32],
        sequences: Sequence[int],
        wanted: npt.NDArray[np.int8],
        begun: dict[int, int],
    ) -> None:
        """One call of llama_decode with token ids or rows; when it fails, `begun` (sequence:
        position) is undone."""
        ids = what if what.ndim == 1 else None
        rows = what if what.ndim == 2 else None
        numbers = [ctypes.c_int32(sequence) for sequence in sequences]
        pointers = (ctypes.POINTER(ctypes.c_int32) * len(numbers))(
            *(ctypes.pointer(number) for number in numbers)
        )
        counts = np.ones(len(numbers), np.int32)
        batch = llama_cpp.llama_batch(
            n_tokens=len(numbers),
            token=_pointer(ids, ctypes.c_int32),
            embd=_pointer(rows, ctypes.c_float),
            pos=_pointer(positions, ctypes.c_int32),
            n_seq_id=_pointer(counts, ctypes.c_int32),
            seq_id=ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
            logits=_pointer(wanted, ctypes.c_int8),
        )
        code = 2 if self._stopping else llama_cpp.llama_decode(self._context, batch)
        if code == 0:
            return
        for sequence, position in begun.items():
            llama_cpp.llama_memory_seq_rm(self._memory, sequence, position, -1)
        if code == 2:
            raise Stopped
        if code == 1:
            raise ContextFull
        if code == -2:
            raise ModelOutOfMemory("There is not enough memory to go on. Close other programs.")
        if code == -3 and self._config.gpu_layers:
            raise GpuLost("The graphics card gave up on the computation.")
        if code == -3:
            raise ModelCrashed("The processor gave up on the computation.")
        raise ValueError(f"llama_decode refuses the batch ({code})")

    def _logits(self, n: int) -> Logits:
        flat = llama_cpp.llama_get_logits_ith(self._context, int(n))
        return _finite(np.ctypeslib.as_array(flat, (self._words,)).copy())

    # --- sequences -------------------------------------------------------------------------------

    def span(self, sequence: int) -> tuple[int, int] | None:
        """First and last position that a sequence holds; None when it is empty."""
        self._place(sequence)
        first = llama_cpp.llama_memory_seq_pos_min(self._memory, sequence)
        last = llama_cpp.llama_memory_seq_pos_max(self._memory, sequence)
        return None if last < 0 else (first, last)

    def fork(self, source: int, target: int) -> None:
        """Make `target` what `source` is; the tokens are shared, not copied."""
        self._place(source)
        self._place(target)
        if source == target:
            raise ValueError("a sequence cannot be forked into itself")
        llama_cpp.llama_memory_seq_rm(self._memory, target, -1, -1)
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def remove(self, sequence: int, start: int = 0, end: int | None = None) -> None:
        """Take the positions from `start` up to before `end` (None: all that follow) out of a
        sequence; a gap stays."""
        self._place(sequence, start)
        if end is not None and end < start:
            raise ValueError("a stretch that ends before it starts")
        end = -1 if end is None else end
        if not llama_cpp.llama_memory_seq_rm(self._memory, sequence, start, end):
            raise ValueError("this model's memory cannot be cut there")

    def shift(self, sequence: int, start: int, end: int, by: int) -> None:
        """Move positions, where `facts.can_shift`; elsewhere it would end the process."""
        self._place(sequence, start)
        if not self.facts.can_shift:
            raise ValueError("this model's positions cannot be moved")
        if end <= start or start + by < 0:
            raise ValueError("positions cannot be moved there")
        llama_cpp.llama_memory_seq_add(self._memory, sequence, start, end, by)

    def state(self, sequence: int) -> bytes:
        """All that a sequence holds, after a checksum."""
        self._place(sequence)
        size = llama_cpp.llama_state_seq_get_size(self._context, sequence)
        out = (ctypes.c_uint8 * size)()
        length = llama_cpp.llama_state_seq_get_data(self._context, out, size, sequence)
        held = bytes(memoryview(out)[:length])
        return self._checksum(held) + held

    def restore(self, sequence: int, state: bytes) -> None:
        """Make a sequence what it was when `state` was taken of this very model."""
        self._place(sequence)
        digest, held = state[:_DIGEST_BYTES], state[_DIGEST_BYTES:]
        if not held or self._checksum(held) != digest:
            raise ValueError("a damaged state, or one of another model")
        self.remove(sequence)
        data = (ctypes.c_uint8 * len(held)).from_buffer_copy(held)
        if not llama_cpp.llama_state_seq_set_data(self._context, data, len(held), sequence):
            raise ValueError("a state of another model, or no room for it")

    def _checksum(self, held: bytes) -> bytes:
        """Of a state together with the model that it belongs to."""
        facts = self.facts
        model = f"{facts.architecture} {facts.title} {facts.parameters} {facts.embedding_inputs}"
        kind = hashlib.blake2b(model.encode(), digest_size=32).digest()
        return hashlib.blake2b(held, key=kind, digest_size=_DIGEST_BYTES).digest()

    def _place(self, sequence: int, position: int = 0) -> None:
        self._own()
        if not 0 <= sequence < self._config.sequences:
            raise ValueError(f"there is no sequence {sequence}")
        if not 0 <= position < 2**31 - 2**20:
            raise ValueError(f"there is no position {position}")

    # --- embeddings ------------------------------------------------------------------------------

    def embed(self, what: Sequence[int] | Encoded) -> Vector:
        """The mean of the last hidden states over tokens or a picture, L2-normalised; for
        retrieval. In a context of its own: the sequences stay as they are."""
        self._own()
        if self._pooled is None:
            self._pooled = self._new_context(Path("the model"), _POOLED_CONTEXT, 1, pooled=True)
        main = self._context, self._memory
        self._context, self._memory = self._pooled, llama_cpp.llama_get_memory(self._pooled)
        try:
            self.remove(0)
            if isinstance(what, Encoded):
                if len(what) > self.facts.batch:
                    raise ValueError("a picture of more tokens than fit into one batch")
                self.decode_encoded(what, sequence=0, position=0)
            else:
                ids = list(what[: self.facts.batch])
                self.decode_batch([Token(one, n, 0, True) for n, one in enumerate(ids)])
            flat = llama_cpp.llama_get_embeddings_seq(self._context, 0)
            size = llama_cpp.llama_model_n_embd(self._model)
            vector = _finite(np.ctypeslib.as_array(flat, (size,)).copy())
        finally:
            self._context, self._memory = main
        return vector / max(float(np.linalg.norm(vector)), 1e-12)

    # --- life ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Break off what is being decoded or encoded, and all that comes until `go_on`. From any
        thread."""
        self._stopping = True

    def go_on(self) -> None:
        """Work again after `stop`."""
        self._stopping = False

    @property
    def progress(self) -> int:
        """A number that rises while native code is at work. From any thread."""
        return self._count

    def close(self) -> None:
        """Give everything back; safe to call twice."""
        if self._vision:
            mtmd_cpp.mtmd_free(self._vision)
        for context in (self._pooled, self._context):
            if context:
                llama_cpp.llama_free(context)
        if self._model:
            llama_cpp.llama_model_free(self._model)
        self._vision = self._pooled = self._context = self._model = None

    def _own(self) -> None:
        if self._context is None:
            raise ValueError("the model is closed")
        if get_ident() != self._owner:
            raise ValueError("a model belongs to the thread that loaded it")


def _widened(image: Image) -> Image:
    """With black bars at both sides where it would be too narrow."""
    height, width = image.shape[:2]
    missing_width = -(-height // _NARROWEST) - width
    missing_height = -(-width // _NARROWEST) - height
    if missing_width <= 0 and missing_height <= 0:
        return image
    x, y = max(missing_width, 0), max(missing_height, 0)
    edges = (y // 2, y - y // 2, x // 2, x - x // 2)
    bars = cv2.copyMakeBorder(image, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return bars.astype(np.uint8, copy=False)


def _places(encoded: Encoded, start: int, count: int, position: int) -> npt.NDArray[np.int32]:
    """llama.cpp's positions of some rows: one each, or with M-RoPE all times, all rows, all
    columns, and zeros."""
    if encoded.positions is None:
        return np.arange(position + start, position + start + count, dtype=np.int32)
    places = np.zeros((4, count), np.int32)
    places[:3] = encoded.positions[start : start + count].T + position
    return np.ascontiguousarray(places).ravel()


def _pointer(array: npt.NDArray[Any] | None, kind: Any) -> Any:
    return None if array is None else ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))


def _finite(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if not np.isfinite(numbers).all():
        raise ModelCorrupt(
            "The model's numbers are not finite: its files are damaged or do not belong together. "
            "It is not used. Get or import it again."
        )
    return numbers


def _short_of_memory() -> bool:
    """Whether llama.cpp complained of that lately."""
    return any(sign in line.lower() for line in _errors for sign in _SHORT_OF_MEMORY)


def _refused(name: str, what: str) -> ModelCorrupt | ModelIncompatible | ModelOutOfMemory:
    lines = " ".join(_errors).lower()
    if _short_of_memory():
        return ModelOutOfMemory(
            f"There is not enough memory for {name}. Close other programs, or choose a smaller "
            "model."
        )
    if "unknown model architecture" in lines or "mismatch between text model" in lines:
        return ModelIncompatible(
            f"{name} is not a {what} that can be used here. Nothing was changed. Choose a model of "
            "the catalogue, or both files from one place."
        )
    return ModelCorrupt(
        f"{name} is not a {what} that llama.cpp can load: it is damaged, cut off or of another "
        "kind. It is not used. Get or import it again."
    )
