"""What was found, as plain JSON values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.facts import (
    Alert,
    Answer,
    Evidence,
    GalleryChange,
    GalleryEntry,
    MemoryStats,
    Passage,
)
from engine.media import NANOSECONDS, seconds
from engine.messages import Backtested, WhichOne


def iso(at: int) -> str:
    """Wall time in nanoseconds as local ISO 8601 with offset, to the millisecond."""
    moment = datetime.fromtimestamp(at // NANOSECONDS).astimezone()
    moment = moment.replace(microsecond=at % NANOSECONDS // 1_000_000 * 1000)
    return moment.isoformat(timespec="milliseconds")


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """`from` and `to` are seconds of the stream, `at` the same in wall time."""
    return {
        "from": seconds(evidence.span.start),
        "to": seconds(evidence.span.end),
        "kind": evidence.kind,
        "source": evidence.label,
        "at": [iso(evidence.at.start), iso(evidence.at.end)],
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = {
        "question": answer.question,
        "text": answer.text,
        "evidence": [evidence_json(one) for one in answer.evidence],
        "confidence": round(answer.confidence, 3),
    }
    if answer.help:
        said["help"] = answer.help
    if answer.first_token_s is not None:
        said["first_token_s"] = answer.first_token_s
    return said


def concept_json(entry: GalleryEntry) -> dict[str, Any]:
    concept = entry.concept
    return {
        "id": concept.id,
        "name": concept.name,
        "kind": concept.kind,
        "aliases": list(concept.aliases),
        "description": concept.description,
        "is_me": concept.is_me,
        "views": entry.positives,
        "not_views": entry.negatives,
        "last_named": None if entry.seen is None else round(entry.seen, 3),
    }


def which_json(which: WhichOne) -> dict[str, Any]:
    """What could be meant, from left to right."""
    return {
        "name": which.teaching.name,
        "offered": [{"kind": one.kind, "box": list(one.box)} for one in which.proposals],
    }


def hour(minutes: int) -> str:
    """Minutes of the day as `22:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def change_json(change: GalleryChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind,
        "text": change.words,
        "sightings": change.retold,
        "at": iso(change.at),
    }


def alert_json(alert: Alert, names: Mapping[str, str]) -> dict[str, Any]:
    condition = alert.condition
    said: dict[str, Any] = {"id": alert.id, "text": alert.text, "event": condition.event}
    if condition.event in ("reads", "hears", "judged"):
        said["words"] = condition.words
    elif condition.concept is not None:
        said["concept"] = names.get(condition.concept)
    else:
        said["subject"] = condition.subject
    if condition.other is not None:
        said["other"] = names.get(condition.other)
    if condition.count:
        said["count"] = condition.count
    if condition.after_s:
        said["after_s"] = condition.after_s
    said["alone"] = condition.alone
    said["judged_by"] = condition.judged_by
    said["sources"] = list(alert.sources)
    said["quiet_hours"] = None if alert.quiet is None else [hour(m) for m in alert.quiet]
    said["told_by"] = list(alert.ways)
    said["paused"] = alert.paused
    said["threshold"] = alert.threshold
    said["thumbs"] = ["up" if thumb else "down" for thumb in alert.thumbs]
    last = alert.last
    said["last"] = (
        None if last is None else {"at": iso(last.at), "fired": last.fired, "why": last.why}
    )
    said["dwell_s"] = alert.dwell_s
    said["cooldown_s"] = alert.cooldown_s
    said["created_at"] = iso(alert.created_at)
    said["expires_at"] = None if alert.expires_at is None else iso(alert.expires_at)
    return said


def backtest_json(tried: Backtested, alert: dict[str, Any]) -> dict[str, Any]:
    """When an alert would have spoken."""
    said: dict[str, Any] = {
        "alert": alert,
        "count": len(tried.remarks),
        "watched_s": round(tried.watched_s, 3),
        "remarks": [
            {
                "text": remark.text,
                "t": seconds(remark.pts),
                "at": iso(remark.at),
                "run": remark.run,
                "evidence": [evidence_json(one) for one in remark.evidence],
            }
            for remark in tried.remarks
        ],
    }
    if tried.why_not:
        said["why_not"] = tried.why_not
    return said


def passage_json(passage: Passage) -> dict[str, Any]:
    return {
        "text": passage.text,
        "kind": passage.kind,
        "source": passage.label,
        "from": seconds(passage.span.start),
        "to": seconds(passage.span.end),
        "at": [iso(passage.at.start), iso(passage.at.end)],
        "score": round(passage.score, 3),
    }


def stats_json(stats: MemoryStats) -> dict[str, Any]:
    return {
        "bytes": stats.bytes,
        "facts": stats.facts,
        "clips": stats.clips,
        "concepts": stats.concepts,
        "runs": stats.runs,
        "oldest_at": None if stats.oldest_at is None else iso(stats.oldest_at),
        "newest_at": None if stats.newest_at is None else iso(stats.newest_at),
    }
