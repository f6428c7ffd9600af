import pytest

from engine.hearing.pronunciation import arpabet, letters_to_sound, words_of


def test_ipa_becomes_phones_of_the_dictionary() -> None:
    assert arpabet("moʊtʃi") == "M OW CH IY"
    assert arpabet("d͡ʒʌd͡ʒ") == "JH AH JH"


@pytest.mark.parametrize(
    ("name", "words"),
    [("Zoë", ("zoe",)), ("Mary-Ann O’Neil", ("mary", "ann", "o'neil")), ("李雷", ("李雷",))],
)
def test_a_name_is_looked_up_without_accents(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_a_name_that_no_dictionary_has_gets_a_pronunciation() -> None:
    assert letters_to_sound("mochi").split()[0] == "M"
    assert letters_to_sound("tchoupi").split()[0] == "CH"


@pytest.mark.parametrize("word", ["李雷", "3000", "x", "zzz", "b2b"])
def test_what_cannot_be_spoken_gets_none(word: str) -> None:
    assert letters_to_sound(word) == ""
