"""Train a version on a GPU, for a given time: `python train_gpu.py versions/6.toml --run runs/6 --seconds 430 --compile`.

The same settings and checkpoints as `train.py`, so that either goes on from what the other left; everything lies on
the device (`device_batches.py`), thousands of crops a second. Most people are heard at another speed and are of no
class; each crop's target is what the teacher says of it, heard clean, and is averaged over a person's crops, so that what was said in each counts less. Pools of pseudo-speakers are not used.
"""
import argparse
import json
import pathlib
import time

import numpy as np
import torch
from torch.nn.functional import normalize

import checkpoint
import curve
import data
import material
import settings as versions
from device_batches import DeviceAugment, DeviceSampler, mask_on_device
from frontend import FrontEnd
from sampler import NO_CLASS
from together import Together
from train import Run
from trainer import crop_length, plan


def arguments(given=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="versions/NAME.toml")
    parser.add_argument("--data", default="../../shared/train", help="folder of clips.tsv and its recordings")
    parser.add_argument("--dev", default="../../shared/audio-dev", help="sets of folders of speakers, for the curve")
    parser.add_argument("--cache", default="runs/cache", help="decoded audio and teacher embeddings")
    parser.add_argument("--held-out", default=str(data.HELD_OUT_FILE), help="speakers that are not trained on")
    parser.add_argument("--run", default="runs/6", help="checkpoints, log and curve")
    parser.add_argument("--init", help="begin from a packed checkpoint or another run's last.pt")
    parser.add_argument("--teacher", default="runs/teacher.pt")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=420, help="of training")
    parser.add_argument("--decay", type=float, default=0.0, help="share of the time over which the rate falls, at the end")
    parser.add_argument("--people", type=int, default=256, help="a batch, at 1.5 s")
    parser.add_argument("--crops", type=int, default=4, help="a person")
    parser.add_argument("--changed", type=float, default=0.6, help="share of people at another speed")
    parser.add_argument("--span", default="0.78,1.28")
    parser.add_argument("--rooms", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args(given)


class Batches:
    """What a step learns from: features, labels and targets, all on the device."""

    def __init__(self, sampler, augment, together, of_clips, settings, args):
        """of_clips (clips, 256): the unit target of each clip as a whole, by the teacher."""
        device = of_clips.device
        self.sampler, self.augment, self.together, self.of_clips = sampler, augment, together, of_clips
        self.settings, self.args = settings, args
        self.front_end, self.chance = FrontEnd().to(device), torch.Generator(device).manual_seed(args.seed)

    @torch.no_grad()
    def draw(self, samples, people):
        """(n, frames, 80), (n,) and (n, 256)."""
        args = self.args
        waves, labels, clips = self.sampler.batch(people, args.crops, samples, args.changed, self.chance)
        each = self.together(waves, clips, self.of_clips[clips], (labels != NO_CLASS).float())
        feats = self.front_end(self.augment(waves, self.chance))
        return mask_on_device(feats, self.chance), labels, person_targets(each, args.crops)


def person_targets(each, crops):
    """(n, d) unit targets of crops -> of each crop and, twice as much, the mean of its person's crops."""
    mean = each.view(-1, crops, each.shape[1]).mean(1).repeat_interleave(crops, 0)
    return normalize(each + 2 * normalize(mean))


def train(batches, run, args, folder, sets, tell):
    """Until the time is over; the clock starts when every length was learnt from once, and so compiled."""
    settings, device = run.settings, batches.of_clips.device
    forward = torch.compile(run.net, dynamic=False) if args.compile else run.net
    lengths, first = np.random.default_rng([args.seed, run.step]), sorted(settings["batch"]["seconds"])
    began, share, tally, since = None, 0.0, [], (time.time(), run.crops)
    while share < 1:
        left = min(1.0, (1 - share) / args.decay) if args.decay else 1.0
        rate, margin = plan(run.step, run.step - run.began, left, settings)
        here = {**settings, "batch": {**settings["batch"], "people": args.people}}
        if first:
            here["batch"]["seconds"] = {first.pop(0): 1.0}
        _, samples, people = crop_length(here, lengths)
        tally.append(run.learn(forward, *batches.draw(samples, people), rate, margin, 1, device.type == "cuda"))
        if began is None and not first:
            began, since = time.time(), (time.time(), run.crops)
        if began is None:
            continue
        share = (time.time() - began) / args.seconds
        if run.step % 50 == 0:
            figures = "\t".join(f"{x:.4f}" for x in np.mean(tally, 0))
            tell(f"{run.step}\t{run.crops}\t{rate:.2e}\t{figures}\t{(run.crops - since[1]) / (time.time() - since[0]):.0f}")
            tally, since = [], (time.time(), run.crops)
    checkpoint.save(folder / ("decayed.pt" if args.decay else "last.pt"), run.state())
    curve.append(folder / "curve.tsv", run.average, sets, run.step, run.crops, "decay" if args.decay else "steady")


def main():
    args = arguments()
    settings, device, folder = versions.read(args.version), torch.device(args.device), pathlib.Path(args.run)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    corpus, noise, edges, raw, _ = material.load(args.data, args.cache)
    train_speakers, held_out = data.split_held_out(corpus, args.held_out)
    targets = material.teacher_targets(raw, corpus, train_speakers)
    sampler = DeviceSampler(corpus, train_speakers, edges, device, tuple(float(s) for s in args.span.split(",")))
    run = Run(settings, sampler, targets, args, device)
    run.crops_each = args.crops
    if args.compile:
        sampler.read_at_speed = torch.compile(sampler.read_at_speed, dynamic=False)
    chosen = settings["augment"]
    augment = DeviceAugment(noise, sampler, device, args.rooms, roomy=chosen["roomy"], noisy=chosen["noisy"],
                            untouched=chosen["untouched"])
    together = Together(args.teacher, raw, corpus, train_speakers, bf16=device.type == "cuda").to(device)
    batches = Batches(sampler, augment, together, torch.from_numpy(targets).to(device), settings, args)
    with open(folder / "log.tsv", "a", buffering=1) as log:
        def tell(line):
            log.write(time.strftime("%T") + "\t" + line + "\n")
            print(line, flush=True)

        tell(f"# {len(train_speakers)} people, {json.dumps(vars(args))}")
        train(batches, run, args, folder, curve.sets(corpus, held_out, args.dev), tell)


if __name__ == "__main__":
    main()
