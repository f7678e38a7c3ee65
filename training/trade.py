"""What size costs and gains: a table of exported networks, in the section "Size" of a model card.

    python trade.py ../models/MODEL_CARD.md "version 2=../models" "continued=runs/18-16" ... \
      --measured trade.json --how "continued for ..."

EERs are those that `measure.py --out trade.json` measured of the same folders; the time is that of
the SDK's own engine (`whospeaks doctor`), beside the first folder's: the least of `--rounds` in turn.
"""
import argparse
import json
import math
import pathlib
import shlex
import subprocess

COLUMNS = {"1.5 s": ("1.5 s", "mixed"), "4 s": ("4 s", "mixed"), "1.5 s, noise": ("1.5 s, noise 10 dB", "mixed"),
           "4 s, noise": ("4 s, noise 10 dB", "mixed"), "held out, Common Voice": ("1.5 s", "held out, commonvoice"),
           "held out, speechocean": ("1.5 s", "held out, speechocean"), "Coswara": ("1.5 s", "coswara")}


def milliseconds(whospeaks, folder):
    """Time of one 1.5 s window on the cpu engine."""
    told = subprocess.run([*whospeaks, "doctor", "--model", str(folder), "--json"], check=True, stdout=subprocess.PIPE)
    return next(e["chunkMs"] for e in json.loads(told.stdout)["engines"] if e["name"] == "cpu")


def shape(folder):
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    return f"{config['num_blocks']}, {config['m_channels']}"


def row(title, folder, measured, time):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    megabytes = (folder / "model.safetensors").stat().st_size / 1e6
    cells = [title, shape(folder),
             f"{config['multiply_adds_148_frames'] / 1e9:.2f} G", f"{megabytes:.1f} MB", f"{time:.1f}"]
    return cells + [f"{measured[condition][part]['eer']:.1f} %" for condition, part in COLUMNS.values()]


def table(rows):
    head = ["", "blocks, channels", "multiply-adds, 1.5 s", "file", "time", *(f"EER {name}" for name in COLUMNS)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows]) + "\n"


def with_section(card, title, text):
    """The card with the section replaced, or put before "Known weaknesses" where there is none."""
    start = card.find(f"## {title}\n")
    if start < 0:
        start = end = card.index("## Known weaknesses\n")
    else:
        end = card.index("\n## ", start) + 1
    return f"{card[:start]}## {title}\n\n{text.strip()}\n\n{card[end:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card")
    parser.add_argument("networks", nargs="+", help="TITLE=FOLDER")
    parser.add_argument("--measured", required=True)
    parser.add_argument("--how", required=True, help="a paragraph above the table")
    parser.add_argument("--whospeaks", default="node ../dist/cli/main.js")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    networks = [each.rsplit("=", 1) for each in args.networks]
    measured = json.loads(pathlib.Path(args.measured).read_text())
    whospeaks = shlex.split(args.whospeaks)
    rounds = [[milliseconds(whospeaks, folder) for _, folder in networks] for _ in range(args.rounds)]
    least = {}  # by shape: weights do not change it
    for (_, folder), column in zip(networks, zip(*rounds)):
        least[shape(folder)] = min(column + (least.get(shape(folder), math.inf),))
    first = least[shape(networks[0][1])]
    rows = [row(title, folder, measured[folder], least[shape(folder)] / first) for title, folder in networks]
    card = pathlib.Path(args.card)
    card.write_text(with_section(card.read_text(), "Size", f"{args.how}\n\n{table(rows)}"))


if __name__ == "__main__":
    main()
