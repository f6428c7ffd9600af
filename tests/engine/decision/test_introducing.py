import pytest

from engine.decision.introducing import Alias, Denial, Introduction, introduction_of
from engine.facts import Concept, ConceptKind

MOMO = Concept(id="c-momo", name="Momo", kind="pet")
TOM = Concept(id="c-tom", name="Tom", kind="person", aliases=("Tommy",))
KNOWN = (MOMO, TOM)


@pytest.mark.parametrize(
    ("said", "name", "kind", "description"),
    [
        ("This is my mum, she has short grey hair", "Mum", "person", "short grey hair"),
        ("this is my mum", "Mum", "person", ""),
        ("this is mum", "Mum", "person", ""),
        ("This is my mum with short grey hair.", "Mum", "person", "short grey hair"),
        ("this is Ada", "Ada", None, ""),
        ("This is my cat Findus", "Findus", "pet", ""),
        ("That's Findus, my cat", "Findus", "pet", ""),
        ("This is Findus the cat", "Findus", "pet", ""),
        ("this cat is Findus", "Findus", "pet", ""),
        ("this is my brother Ben. He wears glasses.", "Ben", "person", "wears glasses"),
        ("This is Ada, a tall woman with a scar", "Ada", "person", "a tall woman with a scar"),
        ("remember this mug as Blue", "Blue", "thing", ""),
        ("Please remember this as my keys", "Keys", None, ""),
        ("call this Blue", "Blue", None, ""),
        ("call this mug Blue", "Blue", "thing", ""),
        ("call him Rex", "Rex", None, ""),
        ("This is my mug, call it Blue", "Blue", "thing", ""),
        ("this mug is called Blue", "Blue", "thing", ""),
        ("her name is Ada", "Ada", None, ""),
        ("this is the living room", "Living room", "place", ""),
        ("this is our garden", "Garden", "place", ""),
        ("this is my red mug", "Red mug", "thing", ""),
        ("these are my glasses", "Glasses", "thing", ""),
        ("this is momo", "Momo", "pet", ""),
        ("this is Tommy", "Tom", "person", ""),
        ("hey Nacre, this is Dr. Grey", "Dr. Grey", None, ""),
        ("this is “Anna Maria von Stein”", "Anna Maria von Stein", None, ""),
    ],
)
def test_who_or_what_is_shown_gets_a_name(
    said: str, name: str, kind: ConceptKind | None, description: str
) -> None:
    told = introduction_of(said, KNOWN)
    assert told == Introduction(name=name, kind=kind, description=description)


def test_the_user_and_other_names() -> None:
    assert introduction_of("this is me") == Introduction(name="Me", kind="person", is_me=True)
    assert introduction_of("This is my mum, also called Maria, she has grey hair") == Introduction(
        name="Mum", kind="person", description="grey hair", aliases=("Maria",)
    )
    assert introduction_of("This is my mum. We call her Mutti.") == Introduction(
        name="Mum", kind="person", aliases=("Mutti",)
    )
    assert introduction_of("Momo is also called Fluff", KNOWN) == Alias(
        concept="c-momo", alias="Fluff"
    )


def test_who_it_is_not() -> None:
    assert introduction_of("That is not Momo", KNOWN) == Denial(concept="c-momo")
    assert introduction_of("no, that's not Momo, that's Tom", KNOWN) == Denial(
        concept="c-momo", really="c-tom"
    )
    assert introduction_of("that is not Ada", KNOWN) is None


@pytest.mark.parametrize(
    "said",
    [
        "",
        "this is nice",
        "This is a mug",
        "this is my fault",
        "that is my favourite",
        "is this Momo?",
        "this is Momo?",
        "who is this",
        "call Mum",
        "remember when Mum came in?",
        "remember to buy milk",
        "it is raining",
        "tell me when Mum appears",
        "what is this mug called",
        "this is the end",
        "Ada",
        "this is " + "very " * 80 + "long",
    ],
)
def test_whatever_names_nobody_is_left_alone(said: str) -> None:
    assert introduction_of(said, KNOWN) is None
