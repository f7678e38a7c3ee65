"""The model card of an exported folder, from its config and the measurements of `measure.py`.

    python card.py export --measured measured.json --training "1,150 steps of 96 crops ..."
"""
import argparse
import json
import pathlib

DATA = """Public speech, about 20 hours from about 4,400 speaker labels: Common Voice (CC0), LibriSpeech train-clean-100
(CC BY 4.0; V. Panayotov, G. Chen, D. Povey, S. Khudanpur), speechocean762, its training half only (CC BY 4.0 /
Apache-2.0; J. Zhang and others), Speech Commands (CC BY 4.0; P. Warden), DSPSpeech-20 (MIT); noise from ESC-10
(CC BY; K. J. Piczak, freesound.org contributors). Most Common Voice speakers have one clip, and a client there is
not a proven person. 99 speakers were held out for validation, threshold and calibration. The cohort that scores are
normalised with is of the others: 200 windows each of Common Voice, LibriSpeech and speechocean762."""

WEAK = """- Trained on little data: expect far more errors than from models trained on thousands of hours.
- Children: only speechocean762's are in the data, all with one accent; they were not measured apart.
- Whispering, shouting, singing and a voice changed by illness are not in the data.
- Telephone and strongly reverberant sound were only simulated.
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


def card(config, measured, training):
    threshold = config.get("calibration", {})
    return f"""# {config['name']}, version {config['version']}

A speaker-embedding network of the WeSpeaker ResNet family, trained by this project: blocks {config['num_blocks']},
{config['m_channels']} channels, {config['feat_dim']} mel bins, {config['pooling']}, {config['embed_dim']}-d.
{config['parameters'] / 1e6:.2f} M parameters, {config['multiply_adds_148_frames'] / 1e9:.2f} G multiply-adds for
1.5 s; {config['dtype']} in the file, WeSpeaker's tensor names. Licence: MIT, with attribution to the corpora and the teacher.

## Training

{training}

Teacher: Resemblyzer's GE2E encoder (Apache-2.0). The recipe is in `training/`.

## Data

{DATA}

## Equal error rate

Cosine; one window a recording, the loudest, or the whole recording (full); all pairs; speakers not trained on.
Noise: ESC-10 clips at 10 dB. `training/measure.py` reproduces the table.

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
    parser.add_argument("--training", required=True, help="a paragraph: steps, crops, machine, time")
    args = parser.parse_args()
    folder = pathlib.Path(args.folder)
    config = json.loads((folder / "config.json").read_text())
    text = card(config, json.loads(pathlib.Path(args.measured).read_text()), args.training)
    (folder / "MODEL_CARD.md").write_text(text)


if __name__ == "__main__":
    main()
