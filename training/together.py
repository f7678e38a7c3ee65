"""Targets from two networks at once: the teacher, and a student that it taught.

They err on different crops, so their mean tells people apart better than either.
"""
import numpy as np
import torch
from torch.nn.functional import normalize

from export import load_exported
from frontend import FrontEnd
from teacher import WINDOW_FRAMES, Teacher, Whitening, corpus_means, window_starts


class Together(torch.nn.Module):
    """What both say of a crop, heard clean: the target for the same crop in noise and rooms."""

    def __init__(self, teacher, peer, raw, corpus, train_speakers, bf16):
        """`peer` is a folder of exported weights or None; raw (clips, 256) the teacher's embeddings."""
        super().__init__()
        self.teacher, self.front_end = Teacher(teacher).eval(), FrontEnd()
        self.peer = load_exported(peer) if peer else None
        self.bf16 = bf16
        usable = np.isin(corpus.speaker, train_speakers)
        whiten = Whitening.fit(raw[usable], corpus.speaker[usable])
        for name, value in (("mean", whiten.mean), ("project", whiten.project), ("corpus_of_clip", corpus.corpus),
                            ("centre", corpus_means(whiten(raw), corpus, usable))):
            self.register_buffer(name, torch.from_numpy(value))

    @torch.no_grad()
    def hear(self, waves, clips):
        """(batch, 256) unit vectors of the teacher, whitened and centred by corpus, and of the student, 0 without one."""
        mel = self.teacher.features(waves)
        windows = [mel[:, at:at + WINDOW_FRAMES] for at in window_starts(mel.shape[1], WINDOW_FRAMES)]
        kind = waves.device.type
        # CUDA's autocast runs an LSTM in float16, which mel powers without a logarithm do not fit
        with torch.autocast(kind, torch.bfloat16, enabled=self.bf16 and kind == "cpu"):
            heard = normalize(sum(self.teacher.embed_frames(window).float() for window in windows))
        peer = torch.zeros_like(heard)
        if self.peer is not None:
            with torch.autocast(kind, torch.bfloat16, enabled=self.bf16):
                peer = self.peer(self.front_end(waves)).float()
        white = normalize((heard - self.mean) @ self.project)
        corpora = self.corpus_of_clip[torch.as_tensor(clips, device=waves.device)]
        return normalize(white - self.centre[corpora]), normalize(peer)

    def forward(self, waves, clips, of_clips, known):
        """(batch, 256) unit targets of clean waves; `of_clips` are the clips' own, added where `known`."""
        heard, peer = self.hear(waves, clips)
        return normalize(heard + peer + known[:, None] * of_clips)
