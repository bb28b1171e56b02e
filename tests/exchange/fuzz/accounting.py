"""What must hold of any file, however broken: its rows are told, or a sentence why not."""

from pathlib import Path

import pyarrow as pa

from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.plan import open_files
from notyet.exchange.sources import find_files


def accounted_for(path: Path) -> None:
    """Read all of a file as an import would: every column of a batch is as long as its lines say."""
    try:
        found = find_files([path], path.parent / "unpacked")
    except ImportFailed as error:
        assert path.name in str(error)
        return
    opened, wrong = open_files(found.files)
    assert opened or wrong or found.passed_over
    assert all(str(error) for error in wrong.values())
    for one in opened:
        lines: list[int] = []
        try:
            for batch in one.rows.batches():
                assert batch.header == one.rows.header
                assert {len(column) for column in batch.columns} <= {batch.size}
                assert all(column.type == pa.string() for column in batch.columns)
                lines += batch.lines.tolist()
        except FileRefused as error:
            assert str(error)
        assert lines == sorted(set(lines))
