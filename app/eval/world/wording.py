"""The wordings of questions. Each belongs to one split, so that a test asks in words of its own.

`{who}` stands for a figure, `{name}` for a taught name, `{traits}` for a description, `{deed}` for
a deed as in `jumping`, `{when}` for a time mark, `{dance}` for a taught action.
"""

from .traits import Split

Wordings = dict[Split, tuple[str, ...]]

QUESTIONS: dict[str, Wordings] = {
    "colour": {
        "train": ("What colour is {who}?", "Which colour does {who} have?", "{who}: what colour?"),
        "dev": ("Which colour is {who}?",),
        "test": ("What colour does {who} have?",),
    },
    "shape": {
        "train": ("What shape is {who}?", "Which shape does {who} have?", "{who}: what shape?"),
        "dev": ("Which shape is {who}?",),
        "test": ("What shape does {who} have?",),
    },
    "hat": {
        "train": ("What is {who} wearing?", "What does {who} have on?", "Which hat is {who} in?"),
        "dev": ("What hat does {who} have on?",),
        "test": ("Which hat is {who} wearing?",),
    },
    "pattern": {
        "train": ("What pattern does {who} have?", "Which pattern is {who}?", "{who}: pattern?"),
        "dev": ("What pattern is {who}?",),
        "test": ("Which pattern does {who} have?",),
    },
    "size": {
        "train": ("Is {who} big or small?", "What size is {who}?", "How big is {who}?"),
        "dev": ("Which size is {who}?",),
        "test": ("Is {who} small or big?",),
    },
    "action": {
        "train": (
            "What is {who} doing?",
            "What is {who} doing now?",
            "Now, what does {who} do?",
            "{who}: doing what?",
        ),
        "dev": ("What does {who} do now?",),
        "test": ("What is it that {who} is doing now?",),
    },
    "doing": {
        "train": ("Is {who} {deed}?", "Is {who} {deed} now?", "Now, is {who} {deed}?"),
        "dev": ("Is it so that {who} is {deed}?",),
        "test": ("Is {who} now {deed}?",),
    },
    "holding": {
        "train": (
            "What is {who} holding?",
            "What does {who} have in the hand?",
            "What does {who} hold?",
        ),
        "dev": ("What does {who} hold now?",),
        "test": ("What is {who} holding in the hand?",),
    },
    "count": {
        "train": (
            "How many figures are there?",
            "How many figures are here?",
            "How many figures do you see?",
        ),
        "dev": ("How many figures do you see now?",),
        "test": ("How many figures are here now?",),
    },
    "count like": {
        "train": ("How many {traits} figures are there?", "How many figures are {traits}?"),
        "dev": ("How many {traits} figures are here?",),
        "test": ("How many figures here are {traits}?",),
    },
    "presence": {
        "train": ("Is there {traits}?", "Is {traits} here?", "Now, is there {traits}?"),
        "dev": ("Is {traits} here now?",),
        "test": ("Is there {traits} here?",),
    },
    "name": {
        "train": ("Is {name} here?", "Is {name} there?", "Now, is {name} here?"),
        "dev": ("Is {name} there now?",),
        "test": ("Is {name} here now?",),
    },
    "who": {
        "train": ("Who is {deed}?", "Who is {deed} now?", "Now, who is {deed}?"),
        "dev": ("Who is it that is {deed}?",),
        "test": ("Who is now {deed}?",),
    },
    "dance": {
        "train": ("Is that the {dance}?", "Is this the {dance}?", "Now, is that the {dance}?"),
        "dev": ("Is this now the {dance}?",),
        "test": ("Is that now the {dance}?",),
    },
    "room": {
        "train": ("Where is this?", "Which room is this?", "What room is it?"),
        "dev": ("Which room is it?",),
        "test": ("What room is this?",),
    },
    "board": {
        "train": (
            "What is on the board?",
            "Which word is on the board?",
            "What is it on the board?",
        ),
        "dev": ("Which word is it on the board?",),
        "test": ("What word is on the board?",),
    },
    "door": {
        "train": ("Is the door open?", "Is the door open now?", "Now, is the door open?"),
        "dev": ("Is it so that the door is open?",),
        "test": ("Is the door now open?",),
    },
    "portrait": {
        "train": ("What does {who} look like?", "Describe {who}.", "{who}: what look?"),
        "dev": ("How does {who} look?",),
        "test": ("What does {who} look like now?",),
    },
    "called": {
        "train": ("Who is {who}?", "What is the name of {who}?", "{who}: which name?"),
        "dev": ("Which name does {who} have?",),
        "test": ("What name does {who} have?",),
    },
    "account": {
        "train": ("Tell all about {who}.", "{who}: what look, what deed?"),
        "dev": ("Tell what {who} looks like and does.",),
        "test": ("All about {who}?",),
    },
    "scene": {
        "train": ("What do you see?", "Describe what you see.", "Who is here?"),
        "dev": ("What do you see now?",),
        "test": ("Describe what you see now.",),
    },
    "past action": {
        "train": ("What was {who} doing then, at {when}?", "At {when}, what was {who} doing?"),
        "dev": ("What was it that {who} was doing at {when}?",),
        "test": ("What was {who} doing at {when}?",),
    },
    "past room": {
        "train": ("Where was {who} at {when}?", "At {when}, where was {who}?"),
        "dev": ("Which room was {who} in at {when}?",),
        "test": ("Where was {who} then, at {when}?",),
    },
    "past holding": {
        "train": ("What was {who} holding at {when}?", "At {when}, what was {who} holding?"),
        "dev": ("What was in the hand of {who} at {when}?",),
        "test": ("What was {who} holding then, at {when}?",),
    },
}

UNSEEN = "I have not seen that."
FAMILIES: dict[str, str] = {
    "colour": "look",
    "shape": "look",
    "hat": "look",
    "pattern": "look",
    "size": "look",
    "action": "action",
    "doing": "action",
    "count": "count",
    "count like": "count",
    "presence": "presence",
    "name": "presence",
}
"""The metric that a kind of question counts for; every other kind is its own."""


def family(kind: str) -> str:
    return FAMILIES.get(kind, kind)


def clock(seconds: float) -> str:
    """A time mark such as `2:05`."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def seconds(mark: str) -> int:
    """The whole seconds of a time mark."""
    minutes, rest = mark.split(":")
    return int(minutes) * 60 + int(rest)
