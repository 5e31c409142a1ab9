"""The way of a comparison until it is law: which act leads where, who may do it, and what the procedure asks for.

``draft → proposed → under_judgement → approved | returned | rejected``; what was approved ends as ``superseded`` or
``withdrawn``; what was returned is edited and proposed again, as a new round.  What stands here is all there is: no other
order of acts leads to ``approved``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.terms import Terms

__all__ = ["ACTS", "LAW", "OPEN", "ROLES", "STATES", "Act", "Member", "Sitting", "Standing", "Terms", "begins", "may"]

#: The states in words, Thai and English.
STATE_WORDS = {
    "draft": ("ร่าง", "draft"),
    "proposed": ("เสนอแล้ว", "proposed"),
    "under_judgement": ("กำลังพิจารณา", "under judgement"),
    "approved": ("อนุมัติแล้ว", "approved"),
    "returned": ("ส่งกลับแก้ไข", "returned"),
    "rejected": ("ไม่อนุมัติ", "rejected"),
    "superseded": ("มีฉบับใหม่แทน", "superseded"),
    "withdrawn": ("เพิกถอนหรือถอนแล้ว", "withdrawn"),
}
STATES = tuple(STATE_WORDS)
#: What is law or was, and everybody may read; what somebody still works on.
LAW, OPEN = ("approved", "superseded", "withdrawn"), ("draft", "proposed", "under_judgement", "returned")
ROLES = ("member", "rater", "chair", "secretary")
PROCEDURES = ("raters_and_chair", "meeting")
DECISIONS = ("approve", "return", "reject")


@dataclass(frozen=True)
class Act:
    """What may be done: from which states, to which (None: it stays), by members in which roles.

    ``own`` says whether an author of the proposal may do it: ``may``, ``never`` or ``must`` (nobody but an author, or the
    secretary, who keeps the papers).
    """

    name: str
    starts: tuple[str, ...]
    leads: str | None
    roles: tuple[str, ...]
    own: str = "may"


ACTS = {
    act.name: act
    for act in (
        Act("edit", ("draft", "returned"), None, ROLES),
        Act("propose", ("draft", "returned"), "proposed", ROLES),
        Act("judge", ("proposed",), "under_judgement", ("chair", "secretary", "rater"), own="never"),
        Act("rate", ("under_judgement",), None, ("rater",), own="never"),
        Act("approve", ("under_judgement",), "approved", ("chair",), own="never"),
        Act("return", ("under_judgement",), "returned", ("chair",), own="never"),
        Act("reject", ("under_judgement",), "rejected", ("chair",), own="never"),
        Act("withdraw", ("approved",), "withdrawn", ("chair",)),
        Act("take_back", OPEN, "withdrawn", ROLES, own="must"),
    )
}


@dataclass(frozen=True)
class Member:
    """A term of somebody in a group: in one role, from a day on until another, both included."""

    actor: str
    role: str
    since: date
    until: date | None = None

    def on(self, day: date) -> bool:
        """Tell whether the term covers ``day``."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Sitting:
    """A meeting of the group as its minutes tell it, and what it resolved."""

    held_on: date
    present: frozenset[str]
    quorum: int
    minutes: str
    resolution: str


@dataclass(frozen=True)
class Standing:
    """What these rules look at of a proposal and its group.

    ``authors`` are all who entered, edited or proposed it; ``rated`` those who have rated in this round; ``raters`` is how
    many ratings the procedure needs.
    """

    state: str
    authors: frozenset[str]
    rated: frozenset[str]
    procedure: str
    raters: int
    quorum: int
    proposed_on: date | None = None
    comment_until: date | None = None


def begins(act: str, state: str) -> tuple[str, ...]:
    """Return the acts that ``act`` is made of: to rate or decide what was only proposed is to begin its judgement."""
    return ("judge", act) if state == "proposed" and act in ("rate", *DECISIONS) else (act,)


def may(
    act: str, standing: Standing, actor: str, members: Sequence[Member], day: date, *, sitting: Sitting | None = None
) -> str:
    """Return the role in which ``actor`` may do ``act`` on ``day``; `Refused` says by its code why not.

    ``not_a_member``, ``term_over``, ``own_proposal``, ``own_rating``, ``not_your_role`` (403); ``wrong_state``,
    ``comment_round_open``, ``already_rated``, ``ratings_missing``, ``no_quorum`` (409).
    """
    rule = ACTS[act]
    roles = roles_of(actor, members, day)
    if rule.own == "never" and actor in standing.authors:
        raise _no(
            "own_proposal",
            "ผู้จัดทำหรือแก้ไขข้อเสนอจะประเมินหรือตัดสินข้อเสนอนั้นเองไม่ได้",
            "Nobody judges a proposal they had a hand in.",
        )
    mine = sorted(roles & set(rule.roles), key=_weight)
    if rule.own == "must" and actor not in standing.authors and "secretary" not in roles:
        raise _no("not_your_role", "เฉพาะผู้จัดทำข้อเสนอหรือเลขานุการเท่านั้น", "Only an author or the secretary may do this.")
    if not mine:
        raise _no("not_your_role", "หน้าที่ของท่านในคณะทำงานทำรายการนี้ไม่ได้", "Your role in the group does not allow this.")
    start = standing.state
    for each in begins(act, start):
        if start not in ACTS[each].starts:
            raise wrong_state(standing.state)
        start = ACTS[each].leads or start
    if "judge" in begins(act, standing.state):
        _after_comments(standing, day)
    if act == "rate" and actor in standing.rated:
        raise _not_now("already_rated", "ท่านประเมินรอบนี้แล้ว", "You have rated in this round already.")
    if act in DECISIONS and actor in standing.rated:
        raise _no("own_rating", "ผู้ประเมินในรอบนี้จะเป็นผู้ตัดสินด้วยไม่ได้", "A rater of this round does not decide as well.")
    if act == "approve":
        _procedure(standing, members, day, sitting)
    return mine[0]


def roles_of(actor: str, members: Iterable[Member], day: date) -> set[str]:
    """Return the roles of somebody on a day; `Refused` ``not_a_member``, or ``term_over`` for who has none on that day."""
    terms = [each for each in members if each.actor == actor]
    if not terms:
        raise _no("not_a_member", "ท่านไม่ได้อยู่ในคณะทำงานนี้", "You are not a member of this group.")
    roles = {each.role for each in terms if each.on(day)}
    if not roles:
        raise _no("term_over", "วันนี้อยู่นอกวาระการดำรงตำแหน่งของท่าน", "Your term does not cover this day.")
    return roles


def wrong_state(state: str) -> Refused:
    """Return the refusal of an act that does not belong to the state."""
    th, en = STATE_WORDS[state]
    return _not_now(
        "wrong_state", f"ทำรายการนี้ไม่ได้ในสถานะปัจจุบัน “{th}”", f"This cannot be done in its present state, “{en}”."
    )


def comments_until(day: date, days: int) -> date | None:
    """Return the last day on which the public may comment on what is proposed on ``day``; None for no such round."""
    return day + timedelta(days=days) if days > 0 else None


def _after_comments(standing: Standing, day: date) -> None:
    if standing.comment_until is not None and day <= standing.comment_until:
        raise _not_now(
            "comment_round_open",
            f"ยังอยู่ในช่วงรับฟังความเห็นสาธารณะ ถึงวันที่ {thai.date_th(standing.comment_until)}",
            f"The public may comment until {thai.date_en(standing.comment_until)}.",
        )


def _procedure(standing: Standing, members: Sequence[Member], day: date, sitting: Sitting | None) -> None:
    """Let pass what has gone through the group's procedure."""
    if standing.procedure == "raters_and_chair":
        have, need = len(standing.rated), standing.raters
        if have < need:
            raise _not_now(
                "ratings_missing", f"มีผลประเมิน {have} จาก {need} ฉบับที่ต้องมี", f"{have} of {need} ratings are there."
            )
        return
    if sitting is None:
        raise _not_now("no_quorum", "ต้องมีมติที่ประชุมของคณะทำงาน", "A resolution of a meeting is needed.")
    counted = present(sitting, standing, members)
    need = max(sitting.quorum, standing.quorum)
    if len(counted) < need:
        raise _not_now(
            "no_quorum",
            f"ผู้เข้าประชุมที่มีสิทธิ {len(counted)} คน ไม่ครบองค์ประชุม {need} คน",
            f"{len(counted)} members who may judge were present; {need} are needed.",
        )
    in_time = (standing.proposed_on is None or standing.proposed_on <= sitting.held_on) and sitting.held_on <= day
    if not in_time:
        raise _not_now(
            "no_quorum",
            "การประชุมต้องอยู่หลังวันที่เสนอและไม่เกินวันนี้",
            "The meeting must lie after the proposal, and before now.",
        )
    if standing.comment_until is not None and sitting.held_on <= standing.comment_until:
        _after_comments(standing, sitting.held_on)
    if not sitting.resolution.strip() or not sitting.minutes.strip():
        raise Refused(
            "resolution_missing",
            "ต้องมีข้อความมติและรายงานการประชุม",
            "The resolution and its minutes are missing.",
            field="resolution",
        )


def present(sitting: Sitting, standing: Standing, members: Sequence[Member]) -> set[str]:
    """Return who counts for the quorum: members on the day of the meeting who had no hand in the proposal."""
    in_term = {each.actor for each in members if each.on(sitting.held_on)}
    return (set(sitting.present) & in_term) - standing.authors


def _weight(role: str) -> int:
    """Order roles so that somebody with several acts in the weightiest."""
    return ("chair", "secretary", "rater", "member").index(role)


def _no(code: str, th: str, en: str) -> Refused:
    return Refused(code, th, en, status=403)


def _not_now(code: str, th: str, en: str) -> Refused:
    return Refused(code, th, en, status=409)
