"""The voices that other models are measured with: `python cohort_voices.py ../models/voices`.

Writes `voices.opus`, windows of 3 s laid end to end, two of each speaker, from two recordings; and `voices.json`, which
says of how many speakers, and where they are from. Held-out speakers come first, so that no network of this project has
heard most of them; the rest are drawn from Common Voice.
"""
import argparse
import collections
import hashlib
import json
import pathlib

import numpy as np

import data
import sampler

SPEAKERS = 300
WINDOW_SECONDS = 3
WINDOW_SAMPLES = WINDOW_SECONDS * data.SAMPLE_RATE_HZ
MOST_BYTES = 2_500_000
LEVEL = 0.05  # root mean square of each window
SEED = 1
# Corpora whose speakers have two recordings of 3 s, under CC0 or CC BY 4.0.
SOURCES = {
    "commonvoice": "Common Voice 6.1 (Mozilla), CC0",
    "commonvoice-fa": "Common Voice, Persian (Mozilla), CC0",
    "librispeech": "LibriSpeech train-clean-100 (V. Panayotov and others), CC BY 4.0",
    "speechocean": "speechocean762 (Speechocean), CC BY 4.0",
}


def loudest_window(wave):
    """The window of a recording with the most energy, as it stands; None where it is shorter."""
    if len(wave) < WINDOW_SAMPLES:
        return None
    energy = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    first = int(np.argmax(energy[WINDOW_SAMPLES:] - energy[:-WINDOW_SAMPLES]))
    return wave[first:first + WINDOW_SAMPLES]


def windows_of(speech, speaker, edges):
    """Two windows of different recordings, the longest of the speaker's, at one level; None where there are no two."""
    starts, lengths = edges
    clips = sorted(speech.clips_of[speaker], key=lambda clip: -lengths[clip])
    found = []
    for clip in clips[:2]:
        wave = speech.audio[starts[clip]:starts[clip] + lengths[clip]].astype(np.float32) / 32768
        window = loudest_window(wave)
        level = 0.0 if window is None else float(np.sqrt(np.mean(np.square(window))))
        if level < 1e-4:
            return None
        found.append(np.clip(window * (LEVEL / level), -1, 1))
    return found if len(found) == 2 else None


def chosen_speakers(speech, edges, count=SPEAKERS, seed=SEED):
    """(speaker, its two windows) of so many speakers: held-out ones, then others of Common Voice, drawn with `seed`."""
    train, held = data.split_held_out(speech)
    rng = np.random.default_rng(seed)
    others = [s for s in train if speech.corpus_of_speaker(s) == "commonvoice"]
    order = [*rng.permutation(held), *rng.permutation(others)]
    chosen = []
    for speaker in order:
        if len(chosen) == count:
            break
        if speech.corpus_of_speaker(speaker) not in SOURCES:
            continue
        pair = windows_of(speech, speaker, edges)
        if pair is not None:
            chosen.append((speaker, pair))
    # In no order of parts, so that any share of them is like the whole.
    return [chosen[i] for i in rng.permutation(len(chosen))]


def write_opus(path, samples):
    """Ogg Opus of at most MOST_BYTES: the level of compression is found by halving."""
    import soundfile

    low, high = 0.975, 0.995
    for _ in range(4):
        level = (low + high) / 2
        soundfile.write(str(path), samples, data.SAMPLE_RATE_HZ, format="OGG", subtype="OPUS", compression_level=level)
        low, high = (low, level) if path.stat().st_size <= MOST_BYTES else (level, high)
    soundfile.write(str(path), samples, data.SAMPLE_RATE_HZ, format="OGG", subtype="OPUS", compression_level=high)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    args = parser.parse_args()
    speech, _ = data.load(args.data, args.cache)
    chosen = chosen_speakers(speech, sampler.trim_edges(speech))
    folder = pathlib.Path(args.folder)
    folder.mkdir(parents=True, exist_ok=True)
    sound = folder / "voices.opus"
    write_opus(sound, np.concatenate([window for _, pair in chosen for window in pair]))
    corpora = collections.Counter(speech.corpus_of_speaker(speaker) for speaker, _ in chosen)
    (folder / "voices.json").write_text(json.dumps({
        "speakers": len(chosen),
        "windows_a_speaker": 2,
        "window_seconds": WINDOW_SECONDS,
        "sha256": hashlib.sha256(sound.read_bytes()).hexdigest(),
        "sources": [{"speakers": corpora[name], "source": SOURCES[name]} for name in sorted(corpora)],
    }, indent=2) + "\n")
    print(f"{len(chosen)} speakers, {sound.stat().st_size} bytes", dict(corpora))


if __name__ == "__main__":
    main()
