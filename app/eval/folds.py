"""Which subjects are left out together, where something is taught on some and tried on others."""

import random
from collections.abc import Sequence

FOLDS = 3
FOLD_SEED = 20261127


def folds(subjects: Sequence[str]) -> dict[str, int]:
    """Which fold tries a subject, by a fixed seed."""
    order = sorted(subjects)
    random.Random(FOLD_SEED).shuffle(order)
    return {subject: n % FOLDS for n, subject in enumerate(order)}
