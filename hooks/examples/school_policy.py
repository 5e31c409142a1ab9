"""A school's own policy: what it asks for beyond the comparison, and when it gives less.

Register it with ``app.extensions["creditbank"].register(SchoolPolicy(...))``, or as an installed package with the entry
point ``creditbank.plugins``.  The numbers belong to the school: each is a parameter, and each verdict names its order.
"""

from decimal import Decimal

from creditbank_hooks import CourseCompleted, CreditWeight, EvidenceVerdict, Rule, hookimpl


class SchoolPolicy:
    """Asks for attendance, and gives less for a repeated attempt."""

    def __init__(self, order: str, attendance: Decimal, repeated_percent: int) -> None:
        """``order`` is the school's order; ``attendance`` percent are asked for; repeats earn ``repeated_percent``."""
        self.order, self.attendance, self.repeated_percent = order, attendance, repeated_percent

    @hookimpl
    def check_evidence(self, completion: CourseCompleted, rule: Rule) -> EvidenceVerdict | None:
        """Wait while nobody has said how much was attended; refuse when it was too little."""
        if rule.scheme != "basic":
            return None
        if completion.attendance is None:
            return EvidenceVerdict(
                accepted=False,
                rule="school_attendance",
                source=self.order,
                code="evidence_missing",
                th="สถานศึกษายังไม่ได้แจ้งเวลาเรียน",
                en="The school has not told the attendance yet.",
            )
        enough = completion.attendance >= self.attendance
        return EvidenceVerdict(
            accepted=enough,
            rule="school_attendance",
            source=self.order,
            code="" if enough else "attendance_below",
            th=f"สถานศึกษากำหนดเวลาเรียนอย่างน้อยร้อยละ {self.attendance} ผู้เรียนมี {completion.attendance}",
            en=f"The school asks for {self.attendance} percent of attendance; the learner has {completion.attendance}.",
            inputs={"attendance": str(completion.attendance), "minimum": str(self.attendance)},
        )

    @hookimpl
    def weigh_credit(self, completion: CourseCompleted, credits: int) -> CreditWeight | None:
        """Give part of the credit for a second and later attempt; hundredths are rounded down."""
        if completion.attempt == 1:
            return None
        return CreditWeight(
            credits=credits * self.repeated_percent // 100,
            rule="school_repeated_attempt",
            source=self.order,
            th=f"เรียนซ้ำครั้งที่ {completion.attempt} ได้ร้อยละ {self.repeated_percent}",
            en=f"Attempt {completion.attempt} earns {self.repeated_percent} percent.",
        )
