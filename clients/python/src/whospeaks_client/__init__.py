"""Client of the whospeaks service: who is speaking, now.

``WhoSpeaks`` is where to start. Events are in ``whospeaks_client.events``, answers of the HTTP interface in
``whospeaks_client.replies``, messages and states of a connection in ``whospeaks_client.messages``.
"""

from ._audio import AudioFile
from ._options import Token
from ._pcm import Sound
from .client import WhoSpeaks
from .errors import ErrorCode, RequestError, WhoSpeaksError
from .events import StreamEvent
from .messages import Notice, Status
from .recordings import Recordings
from .speakers import Speakers
from .stream import Stream

__all__ = [
    "AudioFile",
    "ErrorCode",
    "Notice",
    "Recordings",
    "RequestError",
    "Sound",
    "Speakers",
    "Status",
    "Stream",
    "StreamEvent",
    "Token",
    "WhoSpeaks",
    "WhoSpeaksError",
]
