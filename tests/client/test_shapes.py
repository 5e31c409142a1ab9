"""The types of the library say what the API answers: no key is missing, and none is made up."""

from typing import Any, get_type_hints

import marshmallow as ma
import pytest
from marshmallow import fields

from creditbank_client import comparison_shapes, course_shapes, shapes
from creditbank_plugin.api import changes, comparison_schemas, course_schemas, schemas, webhook_schemas

PAIRS: list[tuple[Any, type[ma.Schema]]] = [
    (shapes.Name, schemas.BilingualSchema),
    (shapes.WhatIsWrong, schemas.FieldErrorSchema),
    (shapes.Reason, schemas.ReasonSchema),
    (shapes.Line, schemas.LineSchema),
    (shapes.Bank, schemas.BankSchema),
    (shapes.NamedCourse, schemas.CourseSchema),
    (shapes.Outcome, schemas.OutcomeSchema),
    (shapes.Assurance, schemas.AssuranceSchema),
    (shapes.Movement, schemas.MovementSchema),
    (shapes.Record, schemas.RecordSchema),
    (shapes.Balance, schemas.BalanceSchema),
    (shapes.Me, schemas.MeSchema),
    (shapes.Learner, schemas.LearnerSchema),
    (shapes.Told, schemas.ToldSchema),
    (shapes.Decision, schemas.DecisionSchema),
    (shapes.Event, schemas.EventSchema),
    (shapes.Change, changes.ChangeSchema),
    (shapes.ChangePage, changes.ChangePageSchema),
    (shapes.Subscription, webhook_schemas.SubscriptionSchema),
    (shapes.NewSubscription, webhook_schemas.NewSubscriptionSchema),
    (course_shapes.Course, course_schemas.CourseRowSchema),
    (course_shapes.AdoptedBy, course_schemas.AdoptedBySchema),
    (course_shapes.CountsFor, course_schemas.CountsForSchema),
    (course_shapes.CourseRevision, course_schemas.CourseRevisionSchema),
    (course_shapes.CourseView, course_schemas.CourseViewSchema),
    (comparison_shapes.ComparedCourse, comparison_schemas.ComparedCourseSchema),
    (comparison_shapes.Body, comparison_schemas.BodySchema),
    (comparison_shapes.NamedGroup, comparison_schemas.NamedGroupSchema),
    (comparison_shapes.Evidence, comparison_schemas.EvidenceSchema),
    (comparison_shapes.ComparisonSummary, comparison_schemas.ComparisonSummarySchema),
    (comparison_shapes.Step, comparison_schemas.StepSchema),
    (comparison_shapes.Rating, comparison_schemas.RatingSchema),
    (comparison_shapes.Comment, comparison_schemas.CommentSchema),
    (comparison_shapes.Comparison, comparison_schemas.ComparisonSchema),
]
TYPES = {schema: shape for shape, schema in PAIRS}
PLAIN = {fields.Boolean: bool, fields.Integer: int, fields.Float: float, fields.Dict: dict[str, Any]}


def type_of(field: Any) -> Any:
    found: Any
    if isinstance(field, fields.Nested):
        found = TYPES[type(field.schema)]
        found = list[found] if field.many else found
    elif isinstance(field, fields.List):
        found = list[type_of(field.inner)]  # type: ignore[misc]
    elif type(field) is fields.Raw:
        return Any
    else:
        found = PLAIN.get(type(field), str)
    return found | None if field.allow_none else found


@pytest.mark.parametrize(("shape", "schema"), PAIRS, ids=lambda value: value.__name__)
def test_a_type_is_that_of_its_schema(shape: Any, schema: type[ma.Schema]) -> None:
    declared: dict[str, Any] = schema._declared_fields  # type: ignore[assignment]
    assert get_type_hints(shape) == {name: type_of(field) for name, field in declared.items()}
    assert shape.__required_keys__ == {name for name, field in declared.items() if field.required}
