"""The model card of an exported folder: every figure in it is read from what other programs wrote.

    python card.py export --settings versions/6.toml --curve runs/6/curve.tsv --measured measured.json
"""
import argparse
import collections
import csv
import json
import pathlib

import data
import settings as versions

DATA = """Public speech, about 20 hours: Common Voice (CC0), LibriSpeech train-clean-100
(CC BY 4.0; V. Panayotov, G. Chen, D. Povey, S. Khudanpur), speechocean762, its training half only (CC BY 4.0 /
Apache-2.0; J. Zhang and others), Speech Commands (CC BY 4.0; P. Warden), DSPSpeech-20 (MIT); noise from ESC-10
(CC BY; K. J. Piczak, freesound.org contributors). Most Common Voice speakers have one clip, and a client there is
not a proven person."""

WEAK = """- Trained on little data: expect far more errors than from models trained on thousands of hours.
- Children: only speechocean762's are in the data, all with one accent.
- Whispering, shouting, singing and a voice changed by illness are not in the data.
- Telephone, codecs and strongly reverberant sound were only simulated.
- Languages: many in Common Voice, but most in seconds; a person who changes language was not measured.
- Windows shorter than 1.5 s were not measured; isolated words are told apart much worse than sentences."""

USE = """Telling apart the people of a household, a meeting or a recording, where an error costs little. **Not for
authentication**, access, payment, surveillance of people who have not agreed, or evidence about who spoke: it
accepts impostors, a recording passes as the person, and errors may fall unevenly on groups of people."""


def rows(measured):
    """Markdown table: one row a condition and set, one column a system."""
    systems = list(measured)
    lines = ["| condition | set | " + " | ".join(systems) + " | trials (same / different) |",
             "|---|---|" + "---|" * (len(systems) + 1)]
    for condition, sets in measured[systems[0]].items():
        for name, cell in sets.items():
            figures = " | ".join(f"{measured[s][condition][name]['eer']:.1f} %" for s in systems)
            lines.append(f"| {condition} | {name} | {figures} | {cell['genuine']:,} / {cell['impostor']:,} |")
    return "\n".join(lines)


def two_at_once(config):
    """The section on the readout of overlap; empty where there is none."""
    found = config.get("overlap", {}).get("held_out")
    if not found:
        return ""
    return f"""## Two voices at once

A readout of the pooled statistics (`overlap.safetensors`) estimates in how much of a window two voices are heard. Of {found['windows']:,}
windows of 1.5 s, mixed from held-out speakers in rooms, noise and telephone bands, those with two voices in 40 % of them or more
against those with less than 5 %: area under the ROC {found['auc']:.3f}; {100 * found['recall_at_1_percent']:.0f} % are found where 1 % are
found falsely. Voices at once for {100 * found['mean_share']:.1f} % of the time, estimated {100 * found['mean_estimate']:.1f} %.
`training/overlap.py` fits and measures it; in conversations: `docs/accuracy.md`.
"""


def held_out_text(rows):
    """How many speakers of each corpus are never trained on, and what they are for."""
    rows = [row for row in rows if row["part"] != "alias"]
    counts = collections.Counter(row["corpus"] for row in rows)
    parts = collections.Counter(row["part"] for row in rows)
    listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return (f"{len(rows)} speakers (`training/held-out.tsv`) were never trained on: {listed}. {parts['trials']} of them make the "
            f"trials for threshold and calibration, the other {parts['cohort']} the cohort that scores are normalised with.")


def training_text(settings, curve):
    """The settings and the end of the learning curve, in words."""
    last, network, batch, loss = curve[-1], settings["network"], settings["batch"], settings["loss"]
    lengths = ", ".join(f"{seconds:g} s ({share:.0%})" for seconds, share in sorted(batch["seconds"].items()))
    return f"""{int(last['step']):,} steps, {int(last['crops']):,} crops, from random weights. Lengths of crops: {lengths}; {batch['crops']} a speaker, each
through a channel of its own; {settings['augment']['roomy']:.0%} in rooms, {settings['augment']['noisy']:.0%} with noise, music or other voices.
Losses: cosine distance to the teacher ({loss['distil']:g}), angular softmax with {loss['centres']} sub-centres a class and a margin of
{loss['margin']:g}, {loss['last_margin']:g} at the end ({loss['aam']:g}), angular prototypes ({loss['proto']:g}). The weights are an exponential average ({settings['schedule']['ema']:g}).
Blocks {network['blocks']}, {network['channels']} channels.

Learning curve, mean EER over held-out corpora and development sets, of the averaged weights:

{curve_table(curve)}"""


def curve_table(curve):
    """One row a measurement, at most 12 of them, with the means of every length."""
    means = collections.defaultdict(dict)
    for row in curve:
        if row["set"] == "mean":
            means[int(row["step"]), int(row["crops"]), row["rate"]][float(row["seconds"])] = float(row["eer_percent"])
    rows = sorted(means.items())
    rows = rows[::-(-len(rows) // 12)] + ([rows[-1]] if (len(rows) - 1) % -(-len(rows) // 12) else [])
    lengths = sorted({seconds for _, cells in rows for seconds in cells})
    lines = ["| steps | crops | rate | " + " | ".join(f"{seconds:g} s" for seconds in lengths) + " |", "|---" * (3 + len(lengths)) + "|"]
    return "\n".join(lines + [f"| {step:,} | {crops:,} | {rate} | " + " | ".join(f"{cells[s]:.1f} %" for s in lengths) + " |"
                              for (step, crops, rate), cells in rows])


def read_curve(path):
    with open(path, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def card(config, measured, training):
    threshold = config.get("calibration", {})
    return f"""# {config['name']}, version {config['version']}

A speaker-embedding network of the WeSpeaker ResNet family, trained by this project: blocks {config['num_blocks']},
{config['m_channels']} channels, {config['feat_dim']} mel bins, {config['pooling']}, {config['embed_dim']}-d.
{config['parameters'] / 1e6:.2f} M parameters, {config['multiply_adds_148_frames'] / 1e9:.2f} G multiply-adds for
1.5 s; {config['dtype']} in the file, WeSpeaker's tensor names. Licence: MIT, with attribution to the corpora and the teacher.

## Training

{training}

Teachers: 3D-Speaker's CAM++ of Chinese and English voices, and before it Resemblyzer's GE2E encoder (both Apache-2.0). The recipe is in `training/`.

## Data

{DATA}
{held_out_text(data.read_held_out())}

## Equal error rate

Cosine; one window a recording, the loudest, or the whole recording (full); all pairs; speakers not trained on.
Noise: ESC-10 clips at 10 dB; telephone: 300 to 3,400 Hz through mu-law, one side of each pair. `training/measure.py` has the
definitions and reproduces the table.

{rows(measured)}

Threshold {config.get('threshold')}: on held-out training speakers, one 1.5 s window against 10 s of enrolment,
1 % of {threshold.get('impostor_trials', 0):,} impostor trials reach it and {100 * threshold.get('miss_at_threshold', 0):.0f} %
of {threshold.get('genuine_trials', 0):,} genuine trials do not (EER {100 * threshold.get('eer', 0):.1f} %).

{two_at_once(config)}
## Known weaknesses

{WEAK}

## Use and misuse

{USE}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="export")
    parser.add_argument("--measured", required=True)
    parser.add_argument("--settings", required=True, help="versions/NAME.toml")
    parser.add_argument("--curve", required=True, help="curve.tsv of the run")
    args = parser.parse_args()
    folder = pathlib.Path(args.folder)
    config = json.loads((folder / "config.json").read_text())
    text = card(config, json.loads(pathlib.Path(args.measured).read_text()),
                training_text(versions.read(args.settings), read_curve(args.curve)))
    (folder / "MODEL_CARD.md").write_text(text)


if __name__ == "__main__":
    main()
