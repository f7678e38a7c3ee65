"""Who is speaking, in a Pipecat pipeline."""

from .processor import SpeakerFrame, SpeakerProcessor

__all__ = ["SpeakerFrame", "SpeakerProcessor"]
