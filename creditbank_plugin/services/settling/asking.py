"""Ask the plugins about a batch, before anything is locked."""

from collections.abc import Sequence
from dataclasses import dataclass

from creditbank_hooks import CourseCompleted, CreditWeight, EvidenceVerdict, LearnerIdentity, Rule
from creditbank_plugin.rules import catalogue
from creditbank_plugin.rules.authority import Comparison
from creditbank_plugin.services.plugins import PluginUnavailable, every_answer, first_answer
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.context import Context, Told


@dataclass(frozen=True)
class Answers:
    """What the plugins said of one message; ``comparison_id`` is the rule they were asked about, if any."""

    identity: LearnerIdentity | None
    comparison_id: str | None = None
    verdicts: Sequence[EvidenceVerdict] = ()
    weights: Sequence[CreditWeight] = ()
    outcomes: Sequence[str] = ()
    unavailable: str | None = None


def ask(runtime: Runtime, context: Context, letters: Sequence[Told]) -> dict[str, Answers]:
    """Ask about every message; a plugin that fails makes its answer ``unavailable``, never an exception."""
    return {told.row.id: _about(runtime, context, told) for told in letters}


def _about(runtime: Runtime, context: Context, told: Told) -> Answers:
    plugins = runtime.plugins
    try:
        identity = first_answer(plugins, "resolve_learner", learner=told.learner)
    except PluginUnavailable as gone:
        return Answers(None, unavailable=str(gone))
    completion = told.tiding
    if not isinstance(completion, CourseCompleted):
        return Answers(identity)
    course = context.find_course(told).course
    comparison = context.authority(told, course).comparison if course is not None else None
    if course is None or comparison is None:
        return Answers(identity)
    rule = rule_of(course, comparison)
    try:
        verdicts = every_answer(plugins, "check_evidence", completion=completion, rule=rule)
        weights = every_answer(plugins, "weigh_credit", completion=completion, rule=rule, credits=comparison.credits)
        outcomes = first_answer(plugins, "map_outcomes", completion=completion, rule=rule, outcomes=comparison.outcomes)
    except PluginUnavailable as gone:
        return Answers(identity, comparison.id, unavailable=str(gone))
    approved = set(comparison.outcomes)
    chosen = tuple(item for item in (outcomes or ()) if item in approved)
    return Answers(identity, comparison.id, tuple(verdicts), tuple(weights), chosen)


def rule_of(course: catalogue.CourseKey, comparison: Comparison) -> Rule:
    """Return a comparison as the plain value that plugins see."""
    return Rule(
        comparison_id=comparison.id,
        course_owner=course.owner,
        course_code=course.code,
        course_version=course.version,
        scheme=comparison.scheme,
        credits=comparison.credits,
        conditions=dict(comparison.conditions),
    )
