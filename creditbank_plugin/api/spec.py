"""The OpenAPI document, made by flask-smorest without letting it take over the host."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from creditbank_plugin import __version__
from creditbank_plugin.api import (
    answer_headers,
    case_document,
    checkpoint_document,
    problem_answers,
    security_document,
    token_document,
    xapi_document,
)
from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.api.event_schemas import DATA, CloudEventSchema
from creditbank_plugin.api.paging import LARGEST_PAGE, USUAL_PAGE
from creditbank_plugin.api.schemas import ProblemSchema

CONFIG_PREFIX = "CREDITBANK_"  # flask-smorest's own way to live beside a host's flask-smorest
_ABOUT = """\
รับผลการเรียนจบรายวิชาและอ่านหน่วยกิตที่เทียบกับกรอบคุณวุฒิแห่งชาติ  ขอโทเคนด้วย client credentials (HTTP Basic)
หรือโดยความยินยอมของผู้เรียน (authorization code)
ข้อผิดพลาดทุกข้อเป็น problem+json ภาษาไทย หรืออังกฤษตาม Accept-Language

Send course completions, and read the credits tied to outcomes of the National Qualifications Framework.
Get a token by client credentials (HTTP Basic), or with a learner's consent (authorization code).
Every error is problem+json, Thai or English by Accept-Language.
"""


_TAGS = (
    ("events", "ส่งและติดตามเหตุการณ์ – send and follow events"),
    ("learners", "ผู้เรียนและหน่วยกิต – learners and their credits"),
    ("me", "ผู้เรียนเจ้าของโทเคน – the learner whose token it is"),
    ("records", "ระเบียนหน่วยกิต – credit records"),
    ("frameworks", "กรอบมาตรฐานและผลลัพธ์การเรียนรู้ – frameworks and their outcomes"),
    ("courses", "ทะเบียนรายวิชา – the catalogue of courses"),
    ("suggestions", "ข้อเสนอแนะผลลัพธ์การเรียนรู้ – suggested outcomes"),
    ("comparisons", "การเทียบรายวิชา ตั้งแต่ร่างจนสิ้นสุด – comparisons, from the draft to the end"),
    ("working groups", "คณะทำงานที่เทียบรายวิชา – the working groups that compare"),
    ("adoptions", "คำสั่งรับรองใช้ของธนาคารหน่วยกิต – orders of banks that adopt comparisons"),
    ("reviews", "หน่วยกิตที่รอพิจารณา – credit that waits for a person's decision"),
    ("changes", "สิ่งที่เปลี่ยนแปลง ตามลำดับ – what changed, in order"),
    ("webhooks", "การแจ้งไปยังระบบอื่น – webhooks"),
    ("reports", "รายงานความก้าวหน้าของจังหวัด – the progress of provinces, in numbers"),
)


class QuietApi(Api):  # type: ignore[misc]
    """flask-smorest's Api, without its error handlers, its pages and its commands: those belong to the host."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave the host's error pages alone; our blueprint has its own."""

    def _register_doc_blueprint(self) -> None:
        """Serve the document ourselves."""

    def _init_spec(self, **options: Any) -> None:
        """Make the document; the command ``flask openapi`` stays the host's, if it has one."""
        before = self._app.cli.commands.get("openapi")
        super()._init_spec(**options)
        if before is None:
            self._app.cli.commands.pop("openapi", None)
        else:
            self._app.cli.commands["openapi"] = before


def make_spec(app: Flask, prefix: str) -> QuietApi:
    """Return the Api that documents the routes mounted below ``prefix``.

    It is made when somebody asks for the document: describing every route takes longer than the rest of attaching.
    """
    api = QuietApi(
        app,
        config_prefix=CONFIG_PREFIX,
        spec_kwargs={
            "title": "Credit bank – ธนาคารหน่วยกิต",
            "version": __version__,
            "openapi_version": "3.0.3",
            "info": {"description": _ABOUT, "license": {"name": "Apache-2.0"}},
        },
    )
    for name, scheme in security_document.schemes(prefix).items():
        api.spec.components.security_scheme(name, scheme)
    api.spec.components.security_scheme(xapi_document.BASIC, xapi_document.BASIC_SCHEME)
    answer_headers.add_to(api.spec)
    problem_answers.add_to(api.spec, prefix)
    for name, shape in DATA.items():
        api.spec.components.schema(name, schema=shape)
    api.spec.components.schema("CloudEvent", schema=CloudEventSchema)
    written_by_hand = {
        **token_document.SCHEMAS,
        **xapi_document.SCHEMAS,
        **checkpoint_document.SCHEMAS,
        **case_document.SCHEMAS,
    }
    for name, written in written_by_hand.items():
        api.spec.components.schema(name, written)
    api.spec.components.parameter(
        "cursor",
        "query",
        {
            "name": "cursor",
            "description": "the value of `next` of the page before",
            "allowEmptyValue": True,
            "schema": {"type": "string"},
        },
    )
    api.spec.components.parameter(
        "limit",
        "query",
        {
            "name": "limit",
            "allowEmptyValue": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
        },
    )
    api.spec.tag(token_document.TAG)
    for tag, about in _TAGS:
        api.spec.tag({"name": tag, "description": about})
    api.spec.tag(xapi_document.TAG)
    api.spec.tag(checkpoint_document.TAG)
    api.spec.tag(case_document.TAG)
    blp.register_views_in_doc(api, app, api.spec, name=blp.name, parameters=None)
    return api
