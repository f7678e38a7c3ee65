"""Two networks on the very same windows of speakers that neither was trained on: are the first one's EERs better?

    python compare.py candidate ../models --docs CHANGELOG.md

Sets: every folder of `--dev`, and `librispeech` and `speechocean` of `--audio`, of which children and adults also apart, by pitch:
their ages are not published. One window a recording, the loudest; all pairs; cosine; the conditions of `measure.py`. In brackets
is what 95 of a hundred draws of as many speakers of a set give, the same draws for both networks: a difference whose bracket holds
0 may be chance. Not for the held-out speakers of the training data: older versions were trained on them.
"""
import argparse
import functools
import pathlib

import numpy as np
import torch

import evaluate
import export
import held_out
import measure

DRAWS = 1000
LENGTHS = ("1.5 s", "4 s")


class Trials:
    """All pairs of recordings: scores in order, whose they are, and which are of one speaker."""

    def __init__(self, embeddings, speakers, others=None):
        """embeddings (n, d) unit rows; speakers (n,) labels; `others` (n, d), where a pair's second recording is heard otherwise."""
        _, who = np.unique(np.asarray(speakers), return_inverse=True)
        first, second = np.triu_indices(len(who), 1)
        scores = (embeddings @ (embeddings if others is None else others).T)[first, second]
        order = np.argsort(scores, kind="stable")
        self.first, self.second = who[first][order], who[second][order]
        self.same = self.first == self.second
        self.people = int(who.max()) + 1

    def rate(self, times=None):
        """EER in [0, 1]; `times` (people,) says how often each speaker was drawn. Two draws of one speaker make no pair."""
        if times is None:
            times = np.ones(self.people)
        own = np.where(self.same, times[self.first], 0.0)
        other = np.where(self.same, 0.0, times[self.first] * times[self.second])
        miss = np.concatenate([[0], np.cumsum(own)]) / own.sum()
        alarm = 1 - np.concatenate([[0], np.cumsum(other)]) / other.sum()
        at = int(np.argmin(np.abs(miss - alarm)))
        return (miss[at] + alarm[at]) / 2


def bracket(draws):
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def compare(trials, other, draws=DRAWS, seed=5):
    """{"rate", "other", "less": (value, low, high)} in percent: of `trials`, of `other`, and the first less the second."""
    rng = np.random.default_rng(seed)
    times = [np.bincount(rng.integers(0, trials.people, trials.people), minlength=trials.people) for _ in range(draws)]
    # Of few speakers, a draw may be one alone: no pair of two.
    times = [t for t in times if (t > 0).sum() > 1]
    ours, theirs = (np.array([100 * t.rate(drawn) for drawn in times]) for t in (trials, other))
    rate, base = 100 * trials.rate(), 100 * other.rate()
    return {"rate": (rate, *bracket(ours)), "other": (base, *bracket(theirs)), "less": (rate - base, *bracket(ours - theirs))}


def by_pitch(waves, speakers):
    """{"children": rows, "adults": rows} by the median pitch of what each speaker says."""
    found = {"children": [], "adults": []}
    for who in dict.fromkeys(speakers):
        own = [at for at, name in enumerate(speakers) if name == who]
        pitches = np.concatenate([held_out.frame_pitches(waves[at]) for at in own])
        found["children" if np.median(pitches) >= measure.CHILD_HZ else "adults"] += own
    return found


def read_sets(audio, dev):
    """{set: (waves, speakers)}"""
    found = {folder.name: evaluate.read_folder(folder) for folder in sorted(pathlib.Path(dev).glob("*/"))}
    found.update({name: evaluate.read_folder(pathlib.Path(audio) / name) for name in measure.MIXED})
    waves, speakers = found["speechocean"]
    for name, rows in by_pitch(waves, speakers).items():
        if rows:
            found[f"speechocean, {name}"] = [waves[at] for at in rows], [speakers[at] for at in rows]
    return found


def clean(embed, waves, samples):
    """As `measure.conditions`, of speech as it is alone."""
    return {"": (embed([evaluate.loudest(wave, samples) for wave in waves]), None)}


def table(nets, sets, noises=None, lengths=LENGTHS, draws=DRAWS):
    """Rows of (condition, set, speakers, (pairs of one, of two), what `compare` gives) of two networks; of clean speech without `noises`."""
    rows = []
    for length in lengths:
        samples = measure.LENGTHS[length]
        for name, (waves, speakers) in sets.items():
            heard = []
            for net in nets:
                embed = functools.partial(evaluate.embed, net)
                heard.append(measure.conditions(embed, waves, noises, samples) if noises else clean(embed, waves, samples))
            for condition in heard[0]:
                ours, theirs = (Trials(one[condition][0], speakers, one[condition][1]) for one in heard)
                pairs = int(ours.same.sum()), int((~ours.same).sum())
                rows.append((length + condition, name, ours.people, pairs, compare(ours, theirs, draws)))
    return sorted(rows, key=lambda row: "," in row[0])  # clean speech first


def markdown(rows, names):
    def cell(value, low, high, sign=""):
        return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"

    lines = [f"| condition | set: speakers | pairs of one, of two | {names[0]}, % | {names[1]}, % | difference |",
             "|---|---|---|---|---|---|"]
    for condition, name, people, (same, different), got in rows:
        lines.append(f"| {condition} | {name}: {people} | {same:,}, {different:,} | {cell(*got['rate'])} | {cell(*got['other'])} | "
                     f"{cell(*got['less'], sign='+')} |")
    return "\n".join(lines)


def is_part(name):
    """`speechocean, children` is of `speechocean` already."""
    return "," in name


def summary(rows):
    """Of each condition: the mean over the sets of the difference, and how many sets the first network is better on."""
    lines = ["| condition | sets | mean difference, points | better on | worse on |", "|---|---|---|---|---|"]
    for condition in dict.fromkeys(row[0] for row in rows):
        less = [got["less"][0] for at, name, _, _, got in rows if at == condition and not is_part(name)]
        better, worse = (sum(sign * value > 0 for value in less) for sign in (-1, 1))
        lines.append(f"| {condition} | {len(less)} | {np.mean(less):+.1f} | {better} | {worse} |")
    return "\n".join(lines)


def write_between(path, text):
    """Replace what stands between the two marks in `path`."""
    path = pathlib.Path(path)
    begin, end = "<!-- compare -->", "<!-- end of compare -->"
    before, mark, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not mark or not closed:
        raise ValueError(f"{path}: expected the lines {begin} and {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("candidate", help="a folder of model.safetensors + config.json, or a checkpoint")
    parser.add_argument("other", help="what it is compared with, as well")
    parser.add_argument("--audio", default="../../shared/audio", help="holds librispeech/, speechocean/ and noise/")
    parser.add_argument("--dev", default="../../shared/audio-dev", help="every folder of it is a set")
    parser.add_argument("--clean", action="store_true", help="speech as it is alone: neither noise nor telephone")
    parser.add_argument("--docs", help="write the summary and the rows of clean speech between the marks of this page too")
    args = parser.parse_args()
    torch.set_num_threads(1)
    nets = [export.load_checkpoint(path) for path in (args.candidate, args.other)]
    noises = [evaluate.read(file) for file in sorted((pathlib.Path(args.audio) / "noise").glob("*.flac"))]
    rows = table(nets, read_sets(args.audio, args.dev), None if args.clean else noises)
    names, short = (args.candidate, args.other), summary(rows)
    print(f"{short}\n\n{markdown(rows, names)}")
    if args.docs:
        write_between(args.docs, f"{short}\n\n{markdown([row for row in rows if ',' not in row[0]], names)}")


if __name__ == "__main__":
    main()
