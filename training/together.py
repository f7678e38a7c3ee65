"""The teacher on crops as they are drawn, where it is fast enough to be asked of each."""
import numpy as np
import torch
from torch.nn.functional import normalize, pad

from material import DIM
from teacher import Teacher
from whitening import Whitening, corpus_means


class Together(torch.nn.Module):
    """What the teacher says of a crop, heard clean: the target for the same crop in noise and rooms."""

    def __init__(self, teacher, raw, corpus, train_speakers, bf16):
        """raw (clips, d) the teacher's embeddings of whole clips, which whiten and centre it."""
        super().__init__()
        self.teacher, self.bf16 = Teacher(teacher).eval(), bf16
        usable = np.isin(corpus.speaker, train_speakers)
        whiten = Whitening.fit(raw[usable], corpus.speaker[usable])
        for name, value in (("mean", whiten.mean), ("project", whiten.project), ("corpus_of_clip", corpus.corpus),
                            ("centre", corpus_means(whiten(raw), corpus, usable))):
            self.register_buffer(name, torch.from_numpy(value))

    @torch.no_grad()
    def forward(self, waves, clips, of_clips, known):
        """(batch, DIM) unit targets of clean waves; `of_clips` are the clips' own, added where `known`."""
        with torch.autocast(waves.device.type, torch.bfloat16, enabled=self.bf16):
            heard = self.teacher(waves).float()
        white = normalize((heard - self.mean) @ self.project)
        centred = normalize(white - self.centre[self.corpus_of_clip[torch.as_tensor(clips, device=waves.device)]])
        return normalize(pad(centred, (0, DIM - centred.shape[1])) + known[:, None] * of_clips)
