"""What Nacre can be told by voice, as a JSGF grammar (W3C Note, 2000) over the concepts' names."""

from collections.abc import Sequence

ADDRESS = "hey nacre"
"""The wake phrase."""

HUSH = ("hush",)

_RULES = """\
<address> = hey nacre;
<who> = {who};
<someone> = somebody | anybody | someone | anyone | something | anything;
<any> = <who> | <someone>;
<deed> = <ask> | <stand> | <change> | remember this [as <named>] | hush | be quiet | stop talking
       | pause | stop watching | stop listening | go on watching | go on | resume;
<ask> = what is <any> doing | what are you doing | where is <any> | where was <any>
      | where did <any> go | when did <any> [last] <move> | when was <any> [last] here
      | is <any> here | was <any> here | who is here | who was here | who came in | who left
      | what do you see | what did you see | what did you hear | what was said
      | what happened [today | yesterday | in the last hour]
      | how often did <any> <move> | how many times did <any> <move>
      | how long was <any> here | how often was <any> here
      | what is on the screen | what did the screen say;
<move> = come in | come back | leave | go out;
<stand> = tell me when <any> <does>;
<change> = stop telling me (about <any> | when <any> <does>) | only when <any> is alone
         | arm it | cancel that | never mind;
<does> = appears | comes in | leaves | comes back | is here | is gone;
<named> = {who} | {common};
"""

COMMON = (
    "mum", "mom", "dad", "grandma", "grandpa", "my wife", "my husband", "my cat", "my dog",
    "my keys", "my phone", "my mug", "my cup", "my glasses", "my wallet", "my bag", "my book",
    "the baby", "me",
)  # fmt: skip
"""What people call those whom they have not shown yet; any other new name is typed."""


def words(rules: str) -> set[str]:
    """The words of a grammar that have to have a pronunciation."""
    marks = "<>[]|;=()"
    bare = "".join(" " if c in marks else c for c in _without_names(rules))
    return set(bare.split())


def _without_names(rules: str) -> str:
    """Without the names of the rules."""
    out, inside = "", False
    for c in rules:
        inside = (inside or c == "<") and c != ">"
        out += "" if inside or c == ">" else c
    return out


def commands(names: Sequence[str]) -> str:
    """The grammar. `names` are spelt in words that have a pronunciation."""
    who = " | ".join(dict.fromkeys(names)) or "it"
    rules = _RULES.format(who=who, common=" | ".join(COMMON))
    return f"#JSGF V1.0;\ngrammar nacre;\npublic <said> = [<address>] <deed>;\n{rules}"


def body(names: Sequence[str]) -> str:
    """Only the rules, to read the words off."""
    return _RULES.format(who=" | ".join(names), common=" | ".join(COMMON))
