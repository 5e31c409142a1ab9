"""Our own answers to the questions of the side door, so that the contract is always exercised."""

from collections.abc import Sequence

from creditbank_hooks import CourseCompleted, EvidenceVerdict, Learner, LearnerIdentity, Rule, hookimpl
from creditbank_plugin.rules.conditions import findings
from creditbank_plugin.rules.reasons import REASONS


class CorePolicy:
    """The conditions of the comparison, and the plain identity of a learner."""

    @hookimpl(trylast=True)
    def resolve_learner(self, learner: Learner) -> LearnerIdentity:
        """Take the learner for who the host says."""
        return LearnerIdentity(issuer=learner.issuer, id=learner.id)

    @hookimpl(trylast=True)
    def map_outcomes(self, completion: CourseCompleted, rule: Rule, outcomes: Sequence[str]) -> Sequence[str]:
        """Grant every outcome that the comparison approved."""
        return outcomes

    @hookimpl
    def check_evidence(self, completion: CourseCompleted, rule: Rule) -> EvidenceVerdict | None:
        """Refuse at the first condition of the comparison that is not met; say which were looked at otherwise.

        A condition that is failed for good goes before one whose evidence is missing: nobody shall wait in vain.
        """
        looked = list(findings(completion, rule.conditions, f"comparison:{rule.comparison_id}"))
        missed = sorted((each for each in looked if each.code), key=lambda each: REASONS[each.code].state != "withheld")
        if not looked:
            return EvidenceVerdict(
                accepted=True,
                rule="completion_suffices",
                source=f"comparison:{rule.comparison_id}",
                th="ผลการเทียบนี้ขอเพียงการเรียนจบรายวิชา",
                en="This comparison asks for the completion only.",
                code="",
            )
        finding = missed[0] if missed else looked[0]
        shown = missed[:1] or looked
        return EvidenceVerdict(
            accepted=not missed,
            rule="+".join(each.rule for each in shown),
            source=finding.source,
            th=" ".join(each.th for each in shown),
            en=" ".join(each.en for each in shown),
            code=finding.code,
            inputs={key: value for each in shown for key, value in each.inputs.items()},
        )
