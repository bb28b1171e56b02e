"""Taking one e-mail in: into memory, and no more than an e-mail can be."""

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from notyet.workspaces.access import Permission

MOST_BYTES = 25 * 2**20
"""What most mail servers carry at most."""


class MailUploads(FileUploadHandler):
    """Keeps a file in memory. What is too large is read past and said in ``request.upload_refused``."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a place for what is coming, or stop where nothing may come."""
        super().new_file(*args, **kwargs)
        actor = getattr(self.request, "actor", None)
        if actor is None or not actor.may(Permission.WORK_DEALS):
            self._refuse("you may not work on deals")
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep it."""
        if start + len(raw_data) > MOST_BYTES:
            self._refuse(f"the file is larger than {MOST_BYTES // 2**20} MB; paste the text of the e-mail instead")
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """The file, whole."""
        self._file.seek(0)
        return UploadedFile(self._file, self.file_name, self.content_type, file_size)

    def _refuse(self, why: str) -> None:
        self.request.upload_refused = why  # type: ignore[union-attr]
        raise StopUpload(connection_reset=False)


def takes_mail(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose files are e-mails. Its form is checked for forgery as ever, once its handler is in place."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        request.upload_handlers = [MailUploads(request)]
        return checked(request, *args, **more)

    return taking
