"""Taking uploads in: streamed to the disk where they will stay, refused early where they are too much."""

import tempfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from notyet.exchange.files import incoming
from notyet.workspaces.access import Permission

MOST_FILES = 50


class ImportUploads(FileUploadHandler):
    """Writes each file into the home folder. What cannot be taken is read past and said in ``request.upload_refused``.

    Only somebody who may import gets that far; everybody else's bytes are dropped unread.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._out: IO[bytes] | None = None
        self._bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a file for what is coming, or stop where nothing may come."""
        super().new_file(*args, **kwargs)
        actor = getattr(self.request, "actor", None)
        if actor is None or not actor.may(Permission.IMPORT):
            self._refuse("you may not import")
        self._out = tempfile.NamedTemporaryFile(dir=incoming(), prefix="upload-", delete=False)  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write it down."""
        self._bytes += len(raw_data)
        if self._bytes > settings.NOTYET_UPLOAD_LIMIT:
            megabytes = settings.NOTYET_UPLOAD_LIMIT // 2**20
            self._refuse(f"the files are larger than the {megabytes:,} MB that this server takes on a page")
        assert self._out is not None  # noqa: S101 - opened by new_file
        try:
            self._out.write(raw_data)
        except OSError as error:
            self._refuse(f"the files cannot be kept: {error.strerror}")

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """The file, whole."""
        if self._out is None:
            return None
        self._out.flush()
        made, self._out = self._out, None
        return UploadedFile(made, self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        """The browser went away."""
        self._drop()

    def _refuse(self, why: str) -> None:
        self._drop()
        self.request.upload_refused = why  # type: ignore[union-attr]
        raise StopUpload(connection_reset=False)

    def _drop(self) -> None:
        if self._out is not None:
            self._out.close()
            Path(self._out.name).unlink(missing_ok=True)
            self._out = None
