"""The sentences that the evaluation of the voice says, and how what was heard is compared."""

import re
from collections.abc import Sequence

from engine.messages import Deed

NAMES = ("Momo", "Mia", "Grandma")
VOICES = ("slt", "rms", "awb")
"""Of flite."""
HELD_OUT = "kal16"
"""One more, on which nothing was chosen."""

COMMANDS: tuple[tuple[str, Deed], ...] = (
    ("who is here", "ask"),
    ("who was here", "ask"),
    ("is anybody here", "ask"),
    ("where is momo", "ask"),
    ("what is momo doing", "ask"),
    ("what are you doing", "ask"),
    ("when did momo last leave", "ask"),
    ("when was momo last here", "ask"),
    ("how often did momo come in", "ask"),
    ("how long was momo here", "ask"),
    ("what happened today", "ask"),
    ("what happened yesterday", "ask"),
    ("what happened in the last hour", "ask"),
    ("what is on the screen", "ask"),
    ("what did you hear", "ask"),
    ("what was said", "ask"),
    ("tell me when momo comes in", "stand"),
    ("tell me when somebody leaves", "stand"),
    ("remember this as grandma", "remember"),
    ("remember this", "remember"),
    ("pause", "pause"),
    ("go on watching", "resume"),
    ("stop talking", "hush"),
    ("hush", "hush"),
)

OTHERS = (
    "the train to berlin leaves at nine",
    "i had pasta for lunch with my sister",
    "please close the window before you go to bed",
    "the weather will be sunny tomorrow morning",
    "he said that the meeting was moved to friday",
    "did you buy milk and bread",
    "this is a test of the radio",
    "i think we should paint the kitchen blue",
    "she plays the piano very well",
    "what a lovely garden you have",
    "can you pass me the salt",
    "the children are at school",
    "we went to the mountains last summer",
    "my computer is very slow today",
    "he is always late for dinner",
    "thank you very much",
    "good morning everybody",
    "a baker makes bread at night",
    "hey maker of cakes what is for dessert",
    "they acre after acre sold the land",
)
"""Said to nobody."""


def errors(said: str, heard: str) -> int:
    """How many words were put in, left out or taken for others (Levenshtein), whatever their case
    and the points between them."""
    return distance(said.split(), re.findall(r"[\w']+", heard.lower()))


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
