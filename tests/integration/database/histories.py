"""Histories of revisions of a test's own making."""

from pathlib import Path

from shared.database.migrate import Schema
from tests.integration.database.made import unique
from tests.support.notebook import NOTEBOOK

INDEX = 'build_index("first_by_n", "ON first (n)")'

REVISION = """
from pathlib import Path
from shared.database.migrate import build_index, run_sql

revision, down_revision = {revision!r}, {before!r}

def upgrade():
    {act}
"""
RUN = 'run_sql(Path(__file__).with_suffix(".sql"))'


def a_schema(folder: Path, *files: str) -> Schema:
    """One revision per SQL text, or index to be built; the landmark is a table ``first``."""
    versions = folder / unique("versions")
    (versions / "versions").mkdir(parents=True)
    (versions / "env.py").write_text((NOTEBOOK.folder / "env.py").read_text())
    before = None
    for number, sql in enumerate(files, start=1):
        revision, act = f"{number:04}", sql if sql == INDEX else RUN
        (versions / "versions" / f"{revision}.py").write_text(
            REVISION.format(revision=revision, before=before, act=act)
        )
        (versions / "versions" / f"{revision}.sql").write_text(sql)
        before = revision
    return Schema("broken", versions, landmark="first")
