"""Targets from two networks at once: the teacher, and a student that it taught.

They err on different crops, so their mean tells people apart better than either:

    python together.py ../models     # EERs of both and of their mean, on speakers held out
"""
import argparse
import json
import pathlib

import numpy as np
import torch
from torch.nn.functional import normalize

import calibrate
import data
import evaluate
from export import load_exported
from frontend import FrontEnd
from teacher import WINDOW_FRAMES, Teacher, Whitening, corpus_means, window_starts


class Together(torch.nn.Module):
    """What both say of a crop, heard clean: the target for the same crop in noise and rooms."""

    def __init__(self, teacher, peer, cache, corpus, train_speakers, bf16):
        super().__init__()
        self.teacher, self.peer, self.front_end = Teacher(teacher).eval(), load_exported(peer), FrontEnd()
        self.bf16 = bf16
        raw = np.load(pathlib.Path(cache) / "teacher_100.npy")
        usable = np.isin(corpus.speaker, train_speakers)
        whiten = Whitening.fit(raw[usable], corpus.speaker[usable])
        for name, value in (("mean", whiten.mean), ("project", whiten.project), ("corpus_of_clip", corpus.corpus),
                            ("centre", corpus_means(whiten(raw), corpus, usable))):
            self.register_buffer(name, torch.from_numpy(value))

    @torch.no_grad()
    def hear(self, waves, clips):
        """(batch, 256) unit vectors of the teacher, whitened and centred by corpus, and of the student."""
        mel, feats = self.teacher.features(waves), self.front_end(waves)
        windows = [mel[:, at:at + WINDOW_FRAMES] for at in window_starts(mel.shape[1], WINDOW_FRAMES)]
        kind = waves.device.type
        # CUDA's autocast runs an LSTM in float16, which mel powers without a logarithm do not fit
        with torch.autocast(kind, torch.bfloat16, enabled=self.bf16 and kind == "cpu"):
            heard = normalize(sum(self.teacher.embed_frames(window).float() for window in windows))
        with torch.autocast(kind, torch.bfloat16, enabled=self.bf16):
            peer = self.peer(feats).float()
        white = normalize((heard - self.mean) @ self.project)
        corpora = self.corpus_of_clip[torch.as_tensor(clips, device=waves.device)]
        return normalize(white - self.centre[corpora]), normalize(peer)

    def forward(self, waves, clips, of_clips, known):
        """(batch, 256) unit targets of clean waves; `of_clips` are the clips' own, added where `known`."""
        heard, peer = self.hear(waves, clips)
        return normalize(heard + peer + known[:, None] * of_clips)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", help="folder of exported weights")
    parser.add_argument("--teacher", default="../../shared/train/teacher/ge2e-weights.bin")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    speech, _ = data.load(args.data, args.cache)
    train_speakers, _ = data.split_speakers(speech, data.HELD_OUT)
    both = Together(args.teacher, args.peer, args.cache, speech, train_speakers, bf16=False)
    by_corpus = {}
    for speaker in calibrate.calibration_speakers(speech):
        for clip in speech.clips_of[speaker]:
            if speech.length[clip] >= calibrate.WINDOW:
                by_corpus.setdefault(speech.corpus_of_speaker(speaker), []).append(clip)
    for name, clips in by_corpus.items():
        crops = torch.from_numpy(np.stack([evaluate.loudest(speech.clip(c), calibrate.WINDOW) for c in clips]))
        heard, peer = (x.numpy() for x in both.hear(crops, np.array(clips)))
        mean = heard + peer
        mean /= np.linalg.norm(mean, axis=1, keepdims=True)
        people = speech.speaker[clips]
        figures = {who: round(100 * evaluate.eer(*evaluate.pair_scores(x, people))[0], 2)
                   for who, x in (("teacher", heard), ("student", peer), ("mean", mean))}
        print(json.dumps({"corpus": name, "clips": len(clips), **figures}), flush=True)


if __name__ == "__main__":
    main()
