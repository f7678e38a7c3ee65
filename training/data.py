"""Recordings by speaker: one int16 memory map at 16 kHz, and a table of clips.

The manifest is a tab-separated table with a header: `file`, `speaker`,
`start_sample`, `num_samples` (at 16 kHz) and, optionally, `source`. Files are
decoded once, in the manifest's order, and laid end to end in `audio.i16`.
"""
import csv
import hashlib
import json
import pathlib
import wave as wav
from concurrent import futures

import numpy as np

SAMPLE_RATE_HZ = 16000
NOISE_LABEL = "noise"
# Speakers of the bundled training data that no version is trained on; `held_out.py` drew them.
HELD_OUT_FILE = pathlib.Path(__file__).parent / "held-out.tsv"


PSEUDO = "~"  # `NAME~POOL` is a pseudo-speaker made of NAME's recordings


class Tape:
    """Several int16 arrays as one, laid end to end; a slice must lie within one of them."""

    def __init__(self, parts):
        self.parts = parts
        self.first = np.cumsum([0] + [len(part) for part in parts])

    def __len__(self):
        return int(self.first[-1])

    def __getitem__(self, place):
        part = int(np.searchsorted(self.first, place.start, "right")) - 1
        at = int(self.first[part])
        return self.parts[part][place.start - at:place.stop - at]


class Corpus:
    """Clips of known speakers over one flat int16 array.

    audio   (samples,) int16 at 16 kHz
    start   (clips,) first sample of each clip in `audio`
    length  (clips,) samples
    speaker (clips,) index into `speakers`
    corpus  (clips,) index into `corpora` (the file name without its number)
    """

    def __init__(self, audio, files, speakers, starts, lengths):
        self.audio = audio
        self.start = np.asarray(starts, np.int64)
        self.length = np.asarray(lengths, np.int64)
        self.speakers, self.speaker = np.unique(np.asarray(speakers), return_inverse=True)
        self.files = np.asarray(files)
        names = [corpus_name(f) for f in files]
        self.corpora, self.corpus = np.unique(np.asarray(names), return_inverse=True)
        order = np.argsort(self.speaker, kind="stable")
        cuts = np.searchsorted(self.speaker[order], np.arange(len(self.speakers) + 1))
        self.clips_of = [order[cuts[i]:cuts[i + 1]] for i in range(len(self.speakers))]

    def __len__(self):
        return len(self.start)

    def clip(self, index):
        """One clip as float32 in [-1, 1)."""
        first = self.start[index]
        return self.audio[first:first + self.length[index]].astype(np.float32) / 32768

    def corpus_of_speaker(self, speaker):
        return str(self.corpora[self.corpus[self.clips_of[speaker][0]]])


def corpus_name(file):
    """`librispeech-00.opus` -> `librispeech`."""
    stem = pathlib.Path(file).stem
    head, _, tail = stem.rpartition("-")
    return head if tail.isdigit() and head else stem


def read_manifest(path):
    with open(path, newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    if not rows:
        raise ValueError(f"{path}: the manifest has no rows")
    missing = {"file", "speaker", "start_sample", "num_samples"} - set(rows[0])
    if missing:
        raise ValueError(f"{path}: the manifest lacks the columns {sorted(missing)}")
    return rows


def decode(folder, cache):
    """Decode every file of `folder/clips.tsv` once; later calls open the cache."""
    folder, cache = pathlib.Path(folder), pathlib.Path(cache)
    manifest = folder / "clips.tsv"
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    offsets_file, audio_file = cache / "audio.json", cache / "audio.i16"
    if offsets_file.exists():
        known = json.loads(offsets_file.read_text())
        if known["manifest_sha256"] == digest:
            return np.memmap(audio_file, np.int16, "r"), known["offsets"]
    import soundfile

    cache.mkdir(parents=True, exist_ok=True)
    offsets, total = {}, 0
    names = list(dict.fromkeys(row["file"] for row in read_manifest(manifest)))
    with open(audio_file, "wb") as out, futures.ThreadPoolExecutor() as pool:
        decoded = pool.map(lambda name: soundfile.read(str(folder / name), dtype="int16"), names)
        for name, (samples, rate) in zip(names, decoded):
            if rate != SAMPLE_RATE_HZ or samples.ndim != 1:
                raise ValueError(f"{name}: expected 16000 Hz mono, received {rate} Hz {samples.shape}")
            samples.tofile(out)
            offsets[name] = total
            total += len(samples)
    offsets_file.write_text(json.dumps({"manifest_sha256": digest, "offsets": offsets}))
    return np.memmap(audio_file, np.int16, "r"), offsets


def load(folder, cache):
    """The manifest as (speech, noise), both over the same decoded audio."""
    audio, offsets = decode(folder, cache)
    rows = read_manifest(pathlib.Path(folder) / "clips.tsv")

    def corpus(wanted):
        chosen = [r for r in rows if (r["speaker"] == NOISE_LABEL) == wanted]
        if not chosen:
            return None
        return Corpus(audio, [r["file"] for r in chosen], [r["speaker"] for r in chosen],
                      [offsets[r["file"]] + int(r["start_sample"]) for r in chosen],
                      [int(r["num_samples"]) for r in chosen])

    return corpus(False), corpus(True)


def write_wav(path, samples):
    """Samples in [-1, 1] at 16 kHz, as 16 bits."""
    with wav.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes())


def split_speakers(corpus, held_out, seed=7):
    """Speakers to train on and to hold out, by corpus.

    held_out  {corpus: (speakers, least clips each)}; drawn with `seed` from the
              speakers who have enough clips. Returns two sorted index arrays.
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for name in sorted(held_out):
        count, least = held_out[name]
        able = [s for s in range(len(corpus.speakers))
                if corpus.corpus_of_speaker(s) == name and len(corpus.clips_of[s]) >= least]
        chosen.extend(rng.permutation(able)[:count].tolist())
    chosen = np.array(sorted(chosen), np.int64)
    return np.setdiff1d(np.arange(len(corpus.speakers)), chosen), chosen


def read_held_out(path=HELD_OUT_FILE):
    """The rows of a table of speakers that are never trained on, with a `speaker` column at least."""
    with open(path, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def held_out_part(corpus, part, path=HELD_OUT_FILE):
    """Sorted indices of the held-out speakers of `trials` or of the `cohort`."""
    listed = {row["speaker"] for row in read_held_out(path) if row["part"] == part}
    return np.array([s for s in split_held_out(corpus, path)[1] if str(corpus.speakers[s]) in listed], np.int64)


def split_held_out(corpus, path=HELD_OUT_FILE):
    """Sorted indices of the speakers to train on and of those held out; some must be.

    Aliases of held-out speakers are of neither.
    """
    part = {row["speaker"]: row["part"] for row in read_held_out(path)}
    parts = np.array([part.get(str(name).split(PSEUDO)[0], "") for name in corpus.speakers])
    held = np.flatnonzero(np.isin(parts, ("trials", "cohort")))
    if not len(held):
        raise ValueError(f"{path}: none of its speakers is in this data; give a list drawn from it (held_out.py)")
    return np.flatnonzero(parts == ""), held
