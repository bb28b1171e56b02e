"""Finding the files of an import: folders, zip archives, single files, compressed or not."""

import gzip
import io
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.guards import GuardedStream

Form = Literal["csv", "parquet", "xlsx", "xes"]

MAX_FILES = 1_000
MAX_UNPACKED = 64 * 2**30
MAX_RATIO = 400
"""How many bytes one compressed byte may become: real tables stay below 50, a bomb is near 1,000."""

ENDINGS = ".csv, .tsv, .txt (or these as .gz), .parquet, .xlsx, .xes or .xes.gz"
_OTHER_BOOKS = (".xls", ".xlsb", ".ods", ".numbers")
_SUFFIXES: dict[str, Form] = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".txt": "csv", ".txt.gz": "csv",
    ".parquet": "parquet", ".pq": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xes": "xes", ".xes.gz": "xes",
}  # fmt: skip


@dataclass(frozen=True)
class InputFile:
    """One readable file. ``name`` is what people know it by; ``folder`` the source folder it lies in.

    ``stamp`` is its size and the time of its last change when it was found, where these are to stay.
    """

    name: str
    path: Path
    form: Form
    compressed: bool = False
    folder: str = ""
    stamp: tuple[int, int] | None = None

    @property
    def stem(self) -> str:
        """The file's name without folders and endings, in small letters: ``deals``."""
        return PurePosixPath(self.name).name.split(".", 1)[0].lower()

    def open(self, *, lines: bool = True) -> IO[bytes]:
        """The content, decompressed, guarded against compression bombs and (unless not ``lines``) endless lines."""
        if self.compressed:
            raw: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(self.path, "rb"))
            allowed = max(self.path.stat().st_size * MAX_RATIO, 64 * 2**20)
        else:
            raw, allowed = self.path.open("rb"), MAX_UNPACKED
        return io.BufferedReader(GuardedStream(raw, self.name, allowed, lines=lines), 1 << 20)

    def check_unchanged(self) -> None:
        """Raises ``ImportFailed`` where the file has been written to since it was found: half of it was read."""
        if self.stamp is None:
            return
        try:
            now = _stamp(self.path)
        except OSError as error:
            raise ImportFailed(f"{self.name} went away while it was read: {error.strerror or error}") from error
        if now != self.stamp:
            raise ImportFailed(f"{self.name} was written to while it was read; wait until it is whole and try again")


def _stamp(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_size, seen.st_mtime_ns


@dataclass(frozen=True)
class PassedOver:
    """A file that was not read as a table, and why."""

    file: str
    why: str


@dataclass(frozen=True)
class Found:
    """What the given paths hold."""

    files: tuple[InputFile, ...]
    passed_over: tuple[PassedOver, ...]


def form_of(name: str) -> tuple[Form, bool] | None:
    """How a file of that name is read, and whether it is gzipped; ``None`` where its ending is none of ours."""
    lower = name.lower()
    for suffix, form in _SUFFIXES.items():
        if lower.endswith(suffix):
            return form, suffix.endswith(".gz")
    return None


def find_files(paths: Iterable[Path], scratch: Path) -> Found:
    """All tables below the given folders, archives and files, in a steady order.

    Archives are unpacked into ``scratch``. Raises ``ImportFailed`` where a path is not there or an
    archive cannot be trusted.
    """
    files: dict[Path, InputFile] = {}
    passed: list[PassedOver] = []
    for number, path in enumerate(paths):
        for found in _look(path, scratch / f"zip{number}"):
            if isinstance(found, PassedOver):
                passed.append(found)
            else:
                files.setdefault(found.path.resolve(), found)
    if len(files) > MAX_FILES:
        raise ImportFailed(f"{len(files)} files are more than the {MAX_FILES} that one import reads")
    return Found(tuple(files.values()), tuple(passed))


def _look(path: Path, unpacked: Path) -> list[InputFile | PassedOver]:
    if not path.exists():
        raise ImportFailed(f"{path} is not there")
    try:
        if path.is_dir():
            return _folder(path)
        if path.suffix.lower() == ".zip":
            _unpack(path, unpacked)
            return _folder(unpacked)
        return [_single(path)]
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read: {error.strerror or error}") from error


def _folder(root: Path) -> list[InputFile | PassedOver]:
    found: list[InputFile | PassedOver] = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or any(part.startswith((".", "__MACOSX")) for part in Path(name).parts):
            continue
        form = form_of(name)
        if form is None:
            found.append(PassedOver(name, _why_not(name)))
        else:
            folder = PurePosixPath(name).parent.as_posix()
            found.append(InputFile(name, path, form[0], form[1], "" if folder == "." else folder, _stamp(path)))
    return found


def _why_not(name: str) -> str:
    if name.lower().endswith(_OTHER_BOOKS):
        return "a spreadsheet of a kind that is not read; save it as .xlsx or its table as CSV"
    return f"its ending is none of {ENDINGS}"


def _single(path: Path) -> InputFile:
    known = form_of(path.name)
    if known is not None:
        return InputFile(path.name, path, *known, stamp=_stamp(path))
    with path.open("rb") as handle:
        start = handle.read(4)
    if start == b"PK\x03\x04" and zipfile.is_zipfile(path):
        return InputFile(path.name, path, "xlsx", stamp=_stamp(path))
    if path.name.lower().endswith(_OTHER_BOOKS) or start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise ImportFailed(f"{path.name}: {_why_not('.xls')}")
    if start == b"PAR1":
        return InputFile(path.name, path, "parquet", stamp=_stamp(path))
    return InputFile(path.name, path, "csv", start[:2] == b"\x1f\x8b", stamp=_stamp(path))


def _unpack(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            _trust(archive.name, members)
            for member in members:
                if form_of(member.filename) or "." in PurePosixPath(member.filename).name:
                    _extract(opened, member, target)
    except FileRefused as error:
        raise ImportFailed(f"{archive.name}: {error}") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise ImportFailed(f"{archive.name} is not a zip archive that can be read: {error}") from error


def _trust(name: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_FILES:
        raise ImportFailed(f"{name} holds {len(members)} files; at most {MAX_FILES} are read")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise ImportFailed(f"{name} would unpack to more than {MAX_UNPACKED >> 30} GiB")
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in (parts.parts[0] if parts.parts else ""):
            raise ImportFailed(f"{name} holds {member.filename!r}, which points outside the archive")
        if member.file_size > max(member.compress_size * MAX_RATIO, 64 * 2**20):
            raise ImportFailed(f"{name}: {member.filename} unpacks to too many bytes to be a table")


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    path = target / PurePosixPath(member.filename.replace("\\", "/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, path.open("wb") as out:
        # A member's declared size may lie; what comes out of it is counted again.
        guarded = io.BufferedReader(GuardedStream(source, member.filename, member.file_size, lines=False), 1 << 20)
        shutil.copyfileobj(guarded, out, 1 << 20)
