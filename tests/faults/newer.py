"""The command line of a later version of this program: ``python newer.py MIGRATIONS COMMAND…``; see `make`."""

import shutil
import sys
from pathlib import Path

from creditbank_plugin.cli.main import main
from creditbank_plugin.storage import upgrade
from tests.house.tree import ROOT

REVISION = "creditbank_9000"
_TEXT = '''"""What a later version may add: a table, and a column in a table that is in use."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_9000"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("creditbank_later", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("creditbank_queue", sa.Column("later", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("creditbank_queue", "later")
    op.drop_table("creditbank_later")
'''


def make(folder: Path) -> Path:
    """Write the migrations of the later version: ours and one more, which only adds."""
    made = Path(shutil.copytree(ROOT / "migrations", folder / "later-migrations"))
    (made / "versions" / "9000_later.py").write_text(_TEXT.format(before=upgrade.head()))
    return made


if __name__ == "__main__":
    migrations = Path(sys.argv[1])
    upgrade.resource_dir = lambda _: migrations
    sys.exit(main(sys.argv[2:]))
