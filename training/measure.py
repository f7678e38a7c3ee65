"""EERs of exported weights, on speakers that they were not trained on.

    python measure.py export ../models --out measured.json

Sets: the held-out speakers of the training data by corpus, the sets of `--dev`, and `librispeech` and `speechocean` of
`--audio`. One window a recording, the loudest, or the whole recording (full); all pairs; cosine. Conditions:

  clean        both as they are
  noise        both with a noise clip at 10 dB
  one noisy    one as it is, the other with a noise clip at 10 dB
  one by phone one as it is, the other in the telephone band through mu-law

Noise is added to the whole recording, and the window is that of the clean one, so that all hear the same words.
speechocean's held-out speakers are also measured apart, children and adults, by pitch: their ages are not published.
Prints one JSON line a system.
"""
import argparse
import json
import pathlib

import numpy as np
import torch

import data
import evaluate
import export
import teacher as teachers

LENGTHS = {"1.5 s": 24000, "4 s": 64000, "full": None}
NOISE_DB = 10
CHILD_HZ = 235  # median pitch from which on a speaker of speechocean is taken for a child


def teacher_embed(teacher):
    def embed(waves):
        with torch.no_grad():
            return np.concatenate([teacher(torch.from_numpy(np.ascontiguousarray(wave))[None]).numpy() for wave in waves])
    return embed


def held_out_sets(corpus, speakers, most_recordings):
    """By corpus, and speechocean's children and adults apart."""
    found = {f"held out, {name}": value for name, value in
             evaluate.by_corpus(corpus, speakers, most_recordings=most_recordings).items()}
    pitch = {row["speaker"]: float(row["pitch_hz"]) for row in data.read_held_out()}
    waves, names = found.get("held out, speechocean", ([], []))
    for title, wanted in (("children", True), ("adults", False)):
        rows = [at for at, name in enumerate(names) if (pitch[name] >= CHILD_HZ) == wanted]
        if rows:
            found[f"held out, speechocean, {title}"] = [waves[at] for at in rows], [names[at] for at in rows]
    return found


def score(vectors, speakers, others=None):
    genuine, impostor = evaluate.pair_scores(vectors, speakers, others)
    rate, threshold = evaluate.eer(genuine, impostor)
    return {"eer": round(100 * rate, 2), "threshold": round(threshold, 3),
            "genuine": len(genuine), "impostor": len(impostor)}


def conditions(embed, waves, noises, samples):
    """{condition: (vectors, vectors of the others or None)} of windows of `samples`."""
    def windows(heard):
        return embed([evaluate.loudest(wave, samples, other) for wave, other in zip(waves, heard)])

    clean = windows(waves)
    found = {"": (clean, None)}
    if noises:
        noisy = windows([evaluate.add_noise(w, noises[i % len(noises)], NOISE_DB) for i, w in enumerate(waves)])
        found[f", noise {NOISE_DB} dB"] = noisy, None
        found[f", one in noise {NOISE_DB} dB"] = clean, noisy
    found[", one by telephone"] = clean, windows([evaluate.telephone(w) for w in waves])
    return found


def table(embed, sets, noises, lengths=tuple(LENGTHS)):
    """{condition: {set: {"eer": %, "genuine": n, "impostor": n}}}; `mixed` pools the sets of `MIXED`."""
    result = {}
    for name in lengths:
        heard = {label: conditions(embed, waves, noises, LENGTHS[name]) for label, (waves, _) in sets.items()}
        for condition in next(iter(heard.values())):
            row = {label: score(*of_set(heard[label][condition], sets[label][1])) for label in sets}
            pooled = [label for label in MIXED if label in sets]
            if len(pooled) == len(MIXED):
                vectors, others = zip(*(heard[label][condition] for label in pooled))
                people = [who for label in pooled for who in sets[label][1]]
                row["mixed"] = score(np.concatenate(vectors), people,
                                     None if others[0] is None else np.concatenate(others))
            result[name + condition] = row
    return result


MIXED = ("librispeech", "speechocean")


def of_set(vectors, speakers):
    return vectors[0], speakers, vectors[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help="folders of model.safetensors + config.json, or checkpoints")
    parser.add_argument("--audio", default="../../shared/audio", help="holds one folder a set, and noise/")
    parser.add_argument("--sets", default=",".join(MIXED))
    parser.add_argument("--dev", default="../../shared/audio-dev", help="every folder of it is a set")
    parser.add_argument("--teacher", help="weights that `teacher.py` downloaded, measured beside the models")
    parser.add_argument("--lengths", default="1.5 s,4 s")
    parser.add_argument("--recordings", type=int, default=6, help="at most so many of a held-out speaker")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--out", help="write all results to this JSON file too")
    args = parser.parse_args()
    torch.set_num_threads(1)
    audio = pathlib.Path(args.audio)
    corpus, _ = data.load(args.data, args.cache)
    sets = held_out_sets(corpus, data.split_held_out(corpus)[1], args.recordings)
    sets.update({folder.name: evaluate.read_folder(folder) for folder in sorted(pathlib.Path(args.dev).glob("*/"))})
    sets.update({name: evaluate.read_folder(audio / name) for name in args.sets.split(",") if name})
    noises = [evaluate.read(f) for f in sorted((audio / "noise").glob("*.flac"))]
    systems = {folder: (lambda net: lambda waves: evaluate.embed(net, waves))(export.load_checkpoint(folder))
               for folder in args.models}
    if args.teacher:
        systems["teacher"] = teacher_embed(teachers.Teacher(args.teacher).eval())
    results = {}
    for name, embed in systems.items():
        results[name] = table(embed, sets, noises, args.lengths.split(","))
        print(json.dumps({"system": name, **results[name]}), flush=True)
    if args.out:
        pathlib.Path(args.out).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
