"""The same recording gives the same lines, however often and however fast it is watched."""

from pathlib import Path

from tests.fakes.program import Program

QUESTIONS = (
    *("--ask", "who is here now?", "--at", "30"),
    *("--ask", "how many times did somebody appear?", "--at", "50"),
    *("--ask", "when did somebody last appear?"),
)
ANSWERED_AT = (30, 50)


def test_twice_watched_is_byte_for_byte_the_same(nacre: Program, visits_video: Path) -> None:
    nacre.do("alerts", "add", "tell me when somebody appears")
    command = ("watch", visits_video, "--until", "60", *QUESTIONS, "--json")
    first, second = nacre.do(*command), nacre.do(*command)
    assert first.out == second.out
    events = [line["event"] for line in first.lines]
    assert events.count("sighted") == 3
    assert events.count("answered") == 3
    assert events.count("remarked") == 3
    answers = [line for line in first.lines if line["event"] == "answered"]
    assert tuple(int(line["t"]) for line in answers[:2]) == ANSWERED_AT
    assert all(line["evidence"] for line in answers)
    assert not any("at" in line for line in first.lines), "no wall clock without --realtime"


def test_other_work_on_the_machine_changes_nothing(nacre: Program, real_data: Path) -> None:
    clips = [real_data / "people" / f"asl_{sign}.mkv" for sign in ("bird", "again", "milk")]
    alone = nacre.do("watch", clips[0], "--json").lines
    # Three at once on the same cores: the one that is compared is slower now.
    lines = nacre.do("watch", *clips, "--json").lines
    of_one = [line for line in lines if line.get("source") == "asl_bird.mkv"]
    without = [{k: v for k, v in line.items() if k != "source"} for line in of_one]
    assert without == alone
