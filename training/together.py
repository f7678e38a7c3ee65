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


class Together:
    """What both say of a crop, heard clean: the target for the same crop in noise and rooms."""

    def __init__(self, teacher, peer, cache, corpus, train_speakers, bf16):
        self.teacher, self.peer = Teacher(teacher).eval(), load_exported(peer)
        self.front_end, self.corpus, self.bf16 = FrontEnd(), corpus, bf16
        raw = np.load(pathlib.Path(cache) / "teacher_100.npy")
        usable = np.isin(corpus.speaker, train_speakers)
        self.whiten = Whitening.fit(raw[usable], corpus.speaker[usable])
        self.centre = corpus_means(self.whiten(raw), corpus, usable)

    @torch.no_grad()
    def hear(self, waves, clips):
        """(batch, 256) unit vectors of the teacher, whitened and centred by corpus, and of the student."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            mel = self.teacher.features(waves)
            windows = [mel[:, at:at + WINDOW_FRAMES] for at in window_starts(mel.shape[1], WINDOW_FRAMES)]
            heard = normalize(sum(self.teacher.embed_frames(window).float() for window in windows))
            peer = self.peer(self.front_end(waves)).float()
        white = torch.from_numpy(self.whiten(heard.numpy()) - self.centre[self.corpus.corpus[clips]]).float()
        return normalize(white), normalize(peer)

    def __call__(self, waves, clips, of_clips, known):
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
