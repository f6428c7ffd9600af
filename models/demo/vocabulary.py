"""The vocabulary of the demo model: how its texts become numbers. Needs `tokenizers`, no torch."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from app.eval.world.prompts import question_text
from models.demo.drilling import Drill

SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<fake_token_around_image>",
    "<global-img>",
    "<image>",
    "<row_1_col_1>",
)


def tokenizer_of(
    words: dict[str, int] | None = None, merges: list[tuple[str, str]] | None = None
) -> Tokenizer:
    """Byte-level BPE that splits words as llama.cpp's `smollm` does: each digit by itself. Without
    `words` it is to be trained."""
    bpe = models.BPE() if words is None else models.BPE(vocab=words, merges=merges or [])
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # pyright: ignore[reportAttributeAccessIssue]
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    if words is not None:
        tokenizer.add_special_tokens(list(SPECIALS))  # pyright: ignore[reportUnknownMemberType]
    return tokenizer


def train_vocabulary(texts: Sequence[str], size: int) -> Tokenizer:
    """A vocabulary of `size` tokens."""
    tokenizer = tokenizer_of()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["\n\n"] * 1000 + list(texts), trainer)
    return tokenizer


def texts(seed: int, count: int) -> list[str]:
    """Prompts of the training split without their pictures."""
    chance = random.Random(seed)
    nothing = np.zeros((8, 8, 3), np.uint8)
    maker = Drill(chance, "train", lambda _scene, _t: nothing, 8)
    found: list[str] = []
    for n in range(count):
        prompt = maker.prompt(("last-4", "ours")[n % 2])
        found += [part for part in prompt.parts if isinstance(part, str)]
        for asked in prompt.asked:
            found += question_text(asked, chance, choices=n % 4 == 0)
    return [text for text in found if text]


def vocabulary(folder: Path, size: int) -> Tokenizer:
    """The vocabulary in `folder`, made there if there is none."""
    path = folder / "vocabulary.json"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".part-{os.getpid()}-{path.name}")
        train_vocabulary(texts(0, 400), size).save(str(part))
        os.replace(part, path)  # Another process may make the same one meanwhile.
    return Tokenizer.from_file(str(path))
