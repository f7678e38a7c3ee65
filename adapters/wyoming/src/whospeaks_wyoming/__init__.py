"""Who is speaking, over the Wyoming protocol."""

from .handler import SpeakerHandler, Upstream

__all__ = ["SpeakerHandler", "Upstream"]
