"""Choose the speakers that no version is trained on, once: `python held_out.py` writes `held-out.tsv`.

Every version from 6 on holds out the same speakers, so the list is committed and this program is here to say
how it was drawn, and to draw one for other data. From each corpus come `QUOTA` speakers with at least so many
clips; those that versions 1 to 5 held out (`EARLIER`) come first. Where labels are of clients and not of persons
(`BY_CLIENT`), one person may have several: who sounds like a held-out speaker to the teacher, as the two halves of
one speaker's clips do, is listed as `alias`, neither trained on nor measured. So run `precompute.py` first. `pitch_hz` is the median pitch of a speaker's
clips: where no age is published, it is what children are told from adults by.
"""
import argparse
import csv
import pathlib

import numpy as np

import data
import material

COLUMNS = ("speaker", "corpus", "part", "clips", "seconds", "pitch_hz")
# {corpus: (speakers, least clips each)}. Most LibriSpeech speakers of the training data have one utterance of 10 s
# and more, which halves into two recordings; Speech Commands has words of a second, which are joined.
QUOTA = {"commonvoice": (210, 2), "commonvoice-fa": (10, 4), "dspspeech": (8, 4), "librispeech": (42, 1),
         "speechcommands": (200, 6), "speechocean": (45, 4)}
EARLIER = {"commonvoice": (60, 4), "commonvoice-fa": (6, 4), "dspspeech": (6, 4), "librispeech": (2, 20),
           "speechocean": (25, 4)}
# Share of a corpus's speakers whose windows make the cohort of AS-norm. The others make the trials that thresholds
# and calibration are fitted to, since nobody may be measured against a cohort that they are in.
COHORT = 0.4
BY_CLIENT = ("commonvoice", "commonvoice-fa", "speechcommands")
# Cosine of the teacher's centred, whitened means, with the teacher that versions 1 to 6 began with (GE2E). Readers of LibriSpeech,
# who are persons, reach 0.68 with another.
ALIKE = 0.72
PITCH_HZ = (70, 450)
FRAME, HOP = 640, 320
VOICED = 0.5  # of the autocorrelation at lag 0


def frame_pitches(wave):
    """Pitch in Hz of the loud voiced frames of `wave`: the first peak of the autocorrelation near its highest."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, FRAME)[::HOP] if len(wave) >= FRAME else np.zeros((0, FRAME))
    energy = (frames ** 2).sum(1)
    frames = frames[energy > 0.1 * np.quantile(energy, 0.9)] if len(frames) else frames
    spectrum = np.fft.rfft(frames * np.hanning(FRAME), 2 * FRAME)
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(FRAME), 2 * FRAME)) ** 2)[:FRAME]
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:, :FRAME] / (window + 1e-3 * window[0])
    correlation = correlation / np.maximum(correlation[:, :1], 1e-9)
    short, long = (int(data.SAMPLE_RATE_HZ / hz) for hz in PITCH_HZ[::-1])
    lags = correlation[:, short:long]
    # An octave below scores nearly as high: the shortest lag within 10 % of the best is the period.
    near = lags > 0.9 * lags.max(1, keepdims=True)
    return data.SAMPLE_RATE_HZ / (short + near.argmax(1)[lags.max(1) > VOICED])


def median_pitch(corpus, speaker, most_clips=8):
    """Hz, over the first clips of a speaker; 0 where nothing is voiced."""
    pitches = np.concatenate([frame_pitches(corpus.clip(clip)) for clip in corpus.clips_of[speaker][:most_clips]])
    return float(np.median(pitches)) if len(pitches) else 0.0


def choose(corpus, quota, earlier, seed=7):
    """{index of a speaker to hold out: `trials` or `cohort`}; those held out earlier are of the trials."""
    chosen = {}
    _, before = data.split_speakers(corpus, earlier, seed)
    rng = np.random.default_rng([seed, 6])
    for name in sorted(quota):
        count, least = quota[name]
        able = [s for s in range(len(corpus.speakers))
                if corpus.corpus_of_speaker(s) == name and len(corpus.clips_of[s]) >= least and s not in before]
        own = [s for s in before if corpus.corpus_of_speaker(s) == name]
        new = rng.permutation(able)[:max(0, count - len(own))].tolist()
        for_cohort = set(new[:int(COHORT * count)])
        chosen.update({int(s): "cohort" if s in for_cohort else "trials" for s in own + new})
    return dict(sorted(chosen.items()))


def aliases(corpus, raw, chosen):
    """Speakers who may be the same person as one of `chosen`: those not chosen, and of two chosen ones the second.

    raw  (clips, d) the teacher's embeddings
    """
    others = np.setdiff1d(np.arange(len(corpus.speakers)), list(chosen))
    mean = material.speaker_means(raw, corpus, others)
    found = set()
    for name in BY_CLIENT:
        own = [s for s in range(len(corpus.speakers)) if corpus.corpus_of_speaker(s) == name]
        for speaker in (s for s in own if s in chosen):
            alike = [own[at] for at in np.flatnonzero(mean[own] @ mean[speaker] >= ALIKE)]
            found.update(s for s in alike if s not in chosen or (s > speaker and speaker not in found))
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--out", default=str(data.HELD_OUT_FILE))
    args = parser.parse_args()
    corpus, _ = data.load(args.data, args.cache)
    raw = np.load(pathlib.Path(args.cache) / material.TEACHER)
    chosen = choose(corpus, QUOTA, EARLIER)
    chosen.update({speaker: "alias" for speaker in aliases(corpus, raw, chosen)})
    with open(pathlib.Path(args.out), "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        for speaker, part in sorted(chosen.items()):
            clips = corpus.clips_of[speaker]
            table.writerow([corpus.speakers[speaker], corpus.corpus_of_speaker(speaker), part, len(clips),
                            round(corpus.length[clips].sum() / data.SAMPLE_RATE_HZ, 1),
                            round(median_pitch(corpus, speaker))])


if __name__ == "__main__":
    main()
