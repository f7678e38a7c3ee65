"""EER of exported weights on folders of recordings: one folder a speaker.

    python measure.py export ../../shared/models --audio ../../shared/audio --teacher ../../shared/train/teacher/ge2e-weights.bin

One window a recording (the loudest), all pairs, cosine; `mixed` pools the sets. With
noise: each recording whole, plus a noise clip at 10 dB, before the window is chosen
(on the clean signal, so that both see the same words). With --held-out, also clean windows
of 1.5 s of the training data's held-out speakers. Prints one JSON line a system.
"""
import argparse
import json
import pathlib

import numpy as np
import torch

import calibrate
import data
import evaluate
import export
import teacher as teachers

LENGTHS = {"1.5 s": 24000, "4 s": 64000, "full": None}


def read(path):
    import soundfile
    wave, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate != 16000:
        raise ValueError(f"{path}: expected 16000 Hz, received {rate}")
    return wave.mean(1)


def recordings(folder):
    """(waves, speakers) of a folder of folders, in name order."""
    files = sorted(f for f in pathlib.Path(folder).glob("*/*") if f.suffix in (".flac", ".wav", ".ogg", ".opus"))
    if not files:
        raise ValueError(f"{folder}: no recordings in folders of speakers")
    return [read(f) for f in files], [f"{pathlib.Path(folder).name}/{f.parent.name}" for f in files]


def add_noise(wave, noise, decibels):
    noise = np.tile(noise, len(wave) // len(noise) + 1)[:len(wave)]
    gain = np.sqrt((wave ** 2).mean() / max(1e-10, (noise ** 2).mean()) / 10 ** (decibels / 10))
    mixed = wave + gain * noise
    return (mixed / max(1.0, np.abs(mixed).max())).astype(np.float32)


def teacher_embed(teacher):
    def embed(waves):
        out = []
        with torch.no_grad():
            for wave in waves:
                least = teachers.WINDOW_FRAMES * teachers.SHIFT_SAMPLES
                if len(wave) < least:
                    wave = np.tile(wave, least // len(wave) + 1)[:least]
                mel = teacher.features(torch.from_numpy(np.ascontiguousarray(wave))[None])[0]
                parts = [mel[s:s + teachers.WINDOW_FRAMES] for s in teachers.window_starts(len(mel), 80)]
                mean = teacher.embed_frames(torch.stack(parts)).mean(0)
                out.append((mean / mean.norm()).numpy())
        return np.stack(out)
    return embed


def table(embed, sets, noises, lengths=tuple(LENGTHS), decibels=10):
    """{condition: {set: {"eer": %, "genuine": n, "impostor": n}}}"""
    result = {}
    for noisy in (False, True) if noises else (False,):
        for name in lengths:
            row, pool, people, samples = {}, [], [], LENGTHS[name]
            for label, (waves, speakers) in sets.items():
                heard = [add_noise(w, noises[i % len(noises)], decibels) if noisy else None
                         for i, w in enumerate(waves)]
                vectors = embed([evaluate.loudest(w, samples, h) for w, h in zip(waves, heard)])
                pool.append(vectors)
                people.extend(speakers)
                row[label] = score(vectors, speakers)
            if len(sets) > 1:
                row["mixed"] = score(np.concatenate(pool), people)
            result[name + (f", noise {decibels} dB" if noisy else "")] = row
    return result


def held_out_table(embed, groups):
    """As `table`, of held-out speakers by group."""
    windows = LENGTHS["1.5 s"]
    return {"held out, 1.5 s": {group: score(embed([evaluate.loudest(w, windows) for w in waves]), speakers)
                                for group, (waves, speakers) in groups.items()}}


def score(vectors, speakers):
    genuine, impostor = evaluate.pair_scores(vectors, speakers)
    rate, threshold = evaluate.eer(genuine, impostor)
    return {"eer": round(100 * rate, 2), "threshold": round(threshold, 3),
            "genuine": len(genuine), "impostor": len(impostor)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help="folders of model.safetensors + config.json")
    parser.add_argument("--audio", default="../../shared/audio", help="holds one folder a set, and noise/")
    parser.add_argument("--sets", default="librispeech,speechocean")
    parser.add_argument("--teacher", help="ge2e-weights.bin, measured beside the models")
    parser.add_argument("--lengths", default=",".join(LENGTHS))
    parser.add_argument("--held-out", action="store_true", help="measure the speakers held out of --data too")
    parser.add_argument("--data", default="../../shared/train")
    parser.add_argument("--cache", default="runs/cache")
    parser.add_argument("--out", help="write all results to this JSON file too")
    args = parser.parse_args()
    torch.set_num_threads(1)
    audio = pathlib.Path(args.audio)
    sets = {name: recordings(audio / name) for name in args.sets.split(",")}
    noises = [read(f) for f in sorted((audio / "noise").glob("*.flac"))]
    systems = {folder: (lambda net: lambda waves: evaluate.embed(net, waves))(export.load_exported(folder))
               for folder in args.models}
    if args.teacher:
        systems["teacher"] = teacher_embed(teachers.Teacher(args.teacher).eval())
    groups = {}
    if args.held_out:
        speech, _ = data.load(args.data, args.cache)
        groups = evaluate.validation_set(speech, calibrate.calibration_speakers(speech), most_clips=6)
    results = {}
    for name, embed in systems.items():
        results[name] = table(embed, sets, noises, args.lengths.split(","))
        if groups:
            results[name].update(held_out_table(embed, groups))
        print(json.dumps({"system": name, **results[name]}), flush=True)
    if args.out:
        pathlib.Path(args.out).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
