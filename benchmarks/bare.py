"""``benchmarks.bare:serve``: what a route can do at best: insert one row and commit, or read one or 50 and write JSON."""

import gc
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, Text, func, select

from creditbank_plugin.storage.session import open_engine, reading, writing

DATABASE = "BENCHMARK_BARE_DATABASE"
ROWS = 50
TABLE = Table(
    "bare",
    MetaData(),
    Column("id", String(36), primary_key=True),
    Column("learner", String(60), index=True),
    Column("body", Text),
)


SAME = Table("same", TABLE.metadata, Column("place", Integer, primary_key=True), Column("record", JSON))


def prepare(url: str, same: Sequence[Mapping[str, Any]] = ()) -> str:
    """Make the tables and the rows that are read, ``same`` for ``/same``; return the key of one."""
    engine = open_engine(url)
    TABLE.metadata.create_all(engine)
    body = json.dumps({"text": "x" * 1500})
    with writing(engine) as connection:
        if not connection.scalar(select(func.count()).select_from(TABLE)):
            rows = [{"id": str(uuid4()), "learner": "L0", "body": body} for _ in range(ROWS)]
            connection.execute(TABLE.insert(), rows)
        if same:
            connection.execute(SAME.insert(), [{"record": each} for each in same])
        key = str(connection.scalar(select(TABLE.c.id).limit(1)))
    engine.dispose()
    return key


def serve() -> Flask:
    """Return the bare application on the database that the environment names."""
    app, engine = Flask("bare"), open_engine(os.environ[DATABASE])

    @app.post("/events")
    def insert() -> tuple[dict[str, str], int]:
        event = request.get_json(force=True)
        row = {"id": str(uuid4()), "learner": event["data"]["learner"]["id"], "body": request.get_data(as_text=True)}
        with writing(engine) as connection:
            connection.execute(TABLE.insert(), row)
        return {"id": row["id"]}, 202

    @app.get("/records")
    def read() -> Response:
        with reading(engine) as connection:
            rows = connection.execute(select(TABLE).where(TABLE.c.learner == "L0").limit(ROWS))
            return jsonify([dict(row._mapping) for row in rows])

    @app.get("/records/<key>")
    def read_one(key: str) -> Response:
        with reading(engine) as connection:
            row = connection.execute(select(TABLE.c.id, TABLE.c.learner).where(TABLE.c.id == key)).one()
            return jsonify(dict(row._mapping))

    @app.get("/same")
    def read_same() -> Response:
        with reading(engine) as connection:
            return jsonify(items=connection.scalars(select(SAME.c.record).order_by(SAME.c.place)).all())

    gc.freeze()  # as `creditbank_plugin.standalone` does
    return app
