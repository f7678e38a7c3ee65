"""Train on a GPU, for a given time: `python train_gpu.py --run runs/gpu --init v4/model.safetensors --peer v4`.

The stage `voices` of train.py with everything on the device (`device_batches.py`), thousands of
crops a second. What a person's crops are said to be by the teacher and the peer together is
averaged over them, so that what was said in each counts less. Several networks, of one shape
each, learn from the same crops. At each of `--renew` the peer becomes the last one's averaged weights.
"""
import argparse
import contextlib
import copy
import json
import pathlib
import time

import numpy as np
import torch
from torch.nn.functional import normalize

import data
import evaluate
from device_batches import DeviceAugment, DeviceSampler, mask_on_device
from frontend import FrontEnd
from model import ResNet
from sampler import NO_CLASS, trim_edges
from together import Together
from train import Trainer, decay_groups, follow, load_weights, save, teacher_targets


def arguments(given=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/train", help="folder of clips.tsv and its recordings")
    parser.add_argument("--cache", default="runs/cache", help="decoded audio and teacher embeddings")
    parser.add_argument("--run", default="runs/gpu", help="checkpoints and log")
    parser.add_argument("--init", required=True, help="weights to begin from; several, by commas, are trained side by side")
    parser.add_argument("--shapes", default="2,2,2,2x16", help="blocks x channels of each, by semicolons")
    parser.add_argument("--teacher", default="../../shared/train/teacher/ge2e-weights.bin")
    parser.add_argument("--peer", required=True, help="exported weights")
    parser.add_argument("--renew", default="0.4,0.7", help="shares of the time after which the peer is renewed")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=420, help="of training")
    parser.add_argument("--people", type=int, default=256, help="a batch, at 1.5 s")
    parser.add_argument("--crops", type=int, default=4, help="a person")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.6, help="share of the time over which the rate falls")
    parser.add_argument("--warmup", type=int, default=100, help="steps")
    parser.add_argument("--margin", type=float, default=0.2)
    parser.add_argument("--distil", type=float, default=30.0)
    parser.add_argument("--aam", type=float, default=0.5)
    parser.add_argument("--proto", type=float, default=1.0)
    parser.add_argument("--changed", type=float, default=0.6, help="share of people at another speed")
    parser.add_argument("--span", default="0.78,1.28")
    parser.add_argument("--longer", type=float, default=0.3, help="share of batches of 3 s")
    parser.add_argument("--roomy", type=float, default=0.4)
    parser.add_argument("--noisy", type=float, default=0.6)
    parser.add_argument("--rooms", type=int, default=600)
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--saves", type=int, default=3, help="checkpoints, the last of them at the end")
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args(given)


class Student:
    """A network, its losses, its optimiser and its averaged weights."""

    def __init__(self, shape, init, sampler, targets, args, device):
        blocks, channels = shape.split("x")
        self.net = ResNet([int(b) for b in blocks.split(",")], int(channels))
        self.trainer = Trainer(self.net, sampler.classes)
        self.trainer.start_classes(sampler, targets, [True])
        if init:
            load_weights(self.net, init)
        self.trainer.to(device, memory_format=torch.channels_last if device.type == "cuda" else torch.preserve_format)
        self.average = copy.deepcopy(self.net).eval()
        self.args, self.name, self.steps = args, f"{sum(self.net.num_blocks)}-{channels}", 0
        self.forward = torch.compile(self.net, dynamic=False) if args.compile else self.net
        fused = {"fused": True} if device.type == "cuda" else {}  # PyTorch 1.13 does not know the word
        self.optimiser = torch.optim.AdamW(decay_groups(self.trainer), lr=args.rate, **fused)

    def learn(self, feats, labels, target, rate):
        """One step; returns (4,) its losses: in all, softmax, prototypes, distillation."""
        args = self.args
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.trainer.train()
        with torch.autocast("cuda", torch.bfloat16) if feats.is_cuda else contextlib.nullcontext():
            embedding = self.forward(feats)
        known = torch.ones_like(target[:, 0])
        parts = self.trainer.losses(embedding.float(), labels, target, known, args.crops, vars(args))
        self.optimiser.zero_grad(set_to_none=True)
        parts[0].backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        follow(self.average.state_dict(), self.net, self.steps, args.ema)
        return torch.stack(parts).detach()

    def save(self, run, share):
        state = {k: v.cpu() for k, v in self.average.state_dict().items()}
        save(run / f"ema-{self.name}-{round(100 * share):03d}.pt",
             {"ema": state, "step": self.steps, "blocks": list(self.net.num_blocks), "channels": self.net.channels})


class Batches:
    """What a step learns from: features, labels and targets, all on the device."""

    def __init__(self, sampler, augment, together, of_clips, args):
        """of_clips (clips, 256): the unit target of each clip as a whole, by the teacher."""
        device = of_clips.device
        self.sampler, self.augment, self.together, self.of_clips, self.args = sampler, augment, together, of_clips, args
        self.front_end, self.chance = FrontEnd().to(device), torch.Generator(device).manual_seed(args.seed)

    @torch.no_grad()
    def draw(self, longer):
        """Of 1.5 s, or half as many crops of 3 s: (n, frames, 80), (n,) and (n, 256)."""
        args = self.args
        samples, people = (48240, args.people // 2) if longer else (24240, args.people)
        waves, labels, clips = self.sampler.batch(people, args.crops, samples, args.changed, self.chance)
        each = self.together(waves, clips, self.of_clips[clips], (labels != NO_CLASS).float())
        feats = self.front_end(self.augment(waves, self.chance))
        return mask_on_device(feats, self.chance), labels, person_targets(each, args.crops)


def person_targets(each, crops):
    """(n, d) unit targets of crops -> of each crop and, twice as much, the mean of its person's crops."""
    mean = each.view(-1, crops, each.shape[1]).mean(1).repeat_interleave(crops, 0)
    return normalize(each + 2 * normalize(mean))


def rate_at(share, steps, args):
    """The rate when `share` of the time is over: it rises over the first steps and falls to a hundredth at the end."""
    if steps < args.warmup:
        return args.rate * (steps + 1) / args.warmup
    return args.rate * max(0.01, min(1.0, (1 - share) / args.decay))


def train(batches, students, args, run, groups, tell):
    """Until the time is over; the clock starts when batches of both lengths were learnt from once, and so compiled."""
    renewals = sorted(float(s) for s in args.renew.split(",") if s)
    saves = [(i + 1) / args.saves for i in range(args.saves)]
    lengths = np.random.default_rng(args.seed)
    step, crops, share, tally = 0, 0, 0.0, []
    began = since = None

    def validate(when):
        for student in students:
            figures = evaluate.validate(student.average, groups, seconds=(1.5,))
            tell("# " + json.dumps({"net": student.name, "at": when, **{k: round(100 * v, 2) for k, v in figures.items()}}))

    validate("start")
    while share < 1:
        feats, labels, target = batches.draw(lengths.random() < args.longer if step > 1 else step == 1)
        rate = rate_at(share, step, args)
        tally.append(torch.stack([student.learn(feats, labels, target, rate) for student in students]))
        step, crops = step + 1, crops + len(labels)
        if step == 2:
            began, since = time.time(), (time.time(), crops)
        if step < 3:
            continue
        if step % 50 == 0:
            mean = torch.stack(tally).mean(0).flatten().tolist()  # waits for the device
            speed = (crops - since[1]) / (time.time() - since[0])
            tell(f"{step}\t{rate:.2e}\t" + "\t".join(f"{m:.4f}" for m in mean) + f"\t{speed:.0f}")
            tally, since = [], (time.time(), crops)
        share = (time.time() - began) / args.seconds
        if renewals and share >= renewals[0]:
            renewals.pop(0)
            batches.together.peer = copy.deepcopy(students[-1].average)
            tell("# the peer is " + students[-1].name)
        if share >= saves[0]:
            for student in students:
                student.save(run, saves[0])
            validate(f"{share:.2f}, {crops} crops")
            saves.pop(0)


def main():
    args = arguments()
    device, run = torch.device(args.device), pathlib.Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    speech, noise = data.load(args.data, args.cache)
    train_speakers, held_out = data.split_speakers(speech, data.HELD_OUT)
    targets, _ = teacher_targets(args.cache, speech, train_speakers, (1.0,))
    sampler = DeviceSampler(speech, train_speakers, trim_edges(speech), device,
                            tuple(float(s) for s in args.span.split(",")))
    if args.compile:
        sampler.read_at_speed = torch.compile(sampler.read_at_speed, dynamic=False)
    augment = DeviceAugment(noise, sampler, device, args.rooms, roomy=args.roomy, noisy=args.noisy)
    together = Together(args.teacher, args.peer, args.cache, speech, train_speakers,
                        bf16=device.type == "cuda").to(device)
    batches = Batches(sampler, augment, together, torch.from_numpy(targets[0]).to(device), args)
    students = [Student(shape, init, sampler, targets, args, device)
                for shape, init in zip(args.shapes.split(";"), args.init.split(","), strict=True)]
    with open(run / "log.tsv", "a", buffering=1) as log:
        def tell(line):
            log.write(time.strftime("%H:%M:%S") + "\t" + line + "\n")
            print(line, flush=True)

        tell(f"# {len(train_speakers)} people, {vars(args)}")
        train(batches, students, args, run, evaluate.validation_set(speech, held_out, most_clips=6), tell)


if __name__ == "__main__":
    main()
