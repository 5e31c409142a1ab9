"""``python -m benchmarks.served ours|bare URL FOLDER PORT``: one process that serves, for measuring from outside.

``bare`` is what a route can do at best: insert one row and commit, or read 50 rows and write them as JSON.
"""

import json
import sys
from pathlib import Path
from uuid import uuid4

from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, MetaData, String, Table, Text, func, select

from creditbank_plugin.storage.session import open_engine, reading, writing

THREADS = 8
ROWS = 50


def bare(url: str) -> Flask:
    """Return the bare application on an empty database."""
    app, engine = Flask("bare"), open_engine(url)
    table = Table(
        "bare",
        MetaData(),
        Column("id", String(36), primary_key=True),
        Column("learner", String(60), index=True),
        Column("body", Text),
    )
    table.metadata.create_all(engine)
    with writing(engine) as connection:
        if not connection.scalar(select(func.count()).select_from(table)):
            body = json.dumps({"text": "x" * 1500})
            rows = [{"id": str(uuid4()), "learner": "L0", "body": body} for _ in range(ROWS)]
            connection.execute(table.insert(), rows)

    @app.post("/events")
    def insert() -> tuple[dict[str, str], int]:
        event = request.get_json(force=True)
        row = {"id": str(uuid4()), "learner": event["data"]["learner"]["id"], "body": request.get_data(as_text=True)}
        with writing(engine) as connection:
            connection.execute(table.insert(), row)
        return {"id": row["id"]}, 202

    @app.get("/records")
    def read() -> Response:
        with reading(engine) as connection:
            rows = connection.execute(select(table).where(table.c.learner == "L0").limit(ROWS))
            return app.json.response([dict(row._mapping) for row in rows])

    return app


def ours(url: str, folder: Path) -> Flask:
    """Return a host with the module attached to a furnished database."""
    app = Flask("ours")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        SECRET_KEY="a benchmark",  # noqa: S106 - nothing to protect
        CREDITBANK_DATA=str(folder),
        CREDITBANK_ISSUER="https://lms.example",
    )
    SQLAlchemy(app)
    from creditbank_plugin.plugin import load

    load(app)
    return app


def main() -> None:
    """Serve until a signal comes."""
    import logging

    from waitress import serve

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    kind, url, folder, port = sys.argv[1:]
    app = bare(url) if kind == "bare" else ours(url, Path(folder))
    import gc

    gc.collect()
    gc.freeze()
    serve(app, host="127.0.0.1", port=int(port), threads=THREADS, _quiet=True)


if __name__ == "__main__":
    main()
