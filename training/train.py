"""Train the speaker network: `python train.py --data ../../shared/train --run runs/a`.

One process a core, gradients averaged each step. Every step's chance comes from
(seed, rank, step) alone, so a run resumed from its checkpoint draws the same crops as
one never stopped. `last.pt` is replaced whole, so the run may be killed at any moment.
"""
import argparse
import contextlib
import copy
import json
import os
import pathlib
import signal
import sys
import time

import numpy as np
import torch
from torch import distributed, nn

import data
import evaluate
import losses
from augment import Augment, mask
from frontend import FrontEnd
from model import FrozenLow, ResNet
from sampler import NO_CLASS, Sampler, trim_edges
from teacher import Whitening, corpus_means
from tensors import read_tensors
from together import Together

# seconds: {crop length: chance}. `decay`: the last steps, over which the rate falls to a hundredth.
STAGES = {
    "distil": dict(steps=1500, decay=800, warmup=60, rate=6e-4, margin=0.0, distil=30.0, aam=0.3, proto=1.0,
                   seconds={1.5: 1.0}, changed=0.25),
    "label": dict(steps=1200, decay=800, warmup=30, rate=4e-4, margin=0.1, distil=12.0, aam=1.0, proto=1.0,
                  seconds={1.5: 1.0}, changed=0.25),
    "together": dict(steps=800, decay=400, warmup=30, rate=4e-4, margin=0.1, distil=30.0, aam=0.5, proto=1.0,
                     seconds={1.5: 1.0}, changed=0.5),
    "voices": dict(steps=2150, decay=1100, warmup=30, rate=4e-4, margin=0.2, distil=20.0, aam=0.7, proto=1.0,
                   seconds={1.5: 0.7, 3.0: 0.3}, changed=0.6),
    "noise": dict(steps=1200, decay=700, warmup=30, rate=3e-4, margin=0.2, distil=10.0, aam=1.0, proto=1.0,
                  seconds={1.5: 0.7, 3.0: 0.3}, changed=0.0),
    "refine": dict(steps=300, decay=250, warmup=20, rate=1.5e-4, margin=0.35, distil=10.0, aam=1.0, proto=1.0,
                   seconds={1.5: 0.5, 3.0: 0.5}, changed=0.0),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/train", help="folder of clips.tsv and its recordings")
    parser.add_argument("--cache", default="runs/cache", help="decoded audio and teacher embeddings")
    parser.add_argument("--run", default="runs/a", help="checkpoints and log")
    parser.add_argument("--stage", default="distil", choices=sorted(STAGES))
    parser.add_argument("--init", help="a checkpoint or model.safetensors to begin from")
    parser.add_argument("--blocks", default="2,2,2,2")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--teacher", default="../../shared/train/teacher/ge2e-weights.bin")
    parser.add_argument("--peer", help="exported weights; each crop's target is then what the teacher, these weights and the "
                                       "clip's own target say of it together, heard clean")
    parser.add_argument("--speeds", default="1.0,0.9", help="each a new set of speakers; the first must be 1.0")
    parser.add_argument("--span", help="slowest,fastest: people at another speed get any between these and are of no class, "
                                       "so that few are the same; with --peer, which has targets for them")
    parser.add_argument("--roomy", type=float, default=0.3, help="share of crops that are heard in a room")
    parser.add_argument("--noisy", type=float, default=0.5, help="share of crops that are heard in noise")
    parser.add_argument("--people", type=int, default=24, help="people a batch and process, at 1.5 s")
    parser.add_argument("--crops", type=int, default=2, help="crops a person")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--threads", type=int, default=1, help="threads a process")
    parser.add_argument("--freeze", type=int, default=-1,
                        help="keep the first conv and this many stages as they are: -1 trains everything")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--decay", type=int)
    parser.add_argument("--warmup", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ema", type=float, default=0.995)
    parser.add_argument("--validate-every", type=int, default=250)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--bf16", action="store_true", help="bfloat16 convolutions")
    parser.add_argument("--compile", action="store_true", help="torch.compile (PyTorch 2)")
    parser.add_argument("--port", type=int, default=29417)
    return parser.parse_args()


def teacher_targets(cache, corpus, train_speakers, speeds):
    """(speeds, clips, 256) unit targets and (speeds,) which are known.

    Whitened with a fit on training speakers, then centred by corpus, or the network would
    learn first what is easiest, how each corpus was recorded, and hear its speakers as
    alike. Each clip's own embedding is averaged with its speaker's mean, which a window's
    noise does not reach.
    """
    targets = np.zeros((len(speeds), len(corpus), 256), np.float32)
    known = np.zeros(len(speeds), bool)
    usable = np.isin(corpus.speaker, train_speakers)
    whiten = None
    for index, speed in enumerate(speeds):
        path = pathlib.Path(cache) / f"teacher_{round(100 * speed)}.npy"
        if not path.exists():
            continue
        raw = np.load(path)
        whiten = whiten or Whitening.fit(raw[usable], corpus.speaker[usable])
        white = whiten(raw)
        white -= corpus_means(white, corpus, usable)[corpus.corpus]
        white /= np.linalg.norm(white, axis=1, keepdims=True) + 1e-9
        mean = np.zeros((len(corpus.speakers), white.shape[1]), np.float32)
        np.add.at(mean, corpus.speaker, white)
        mean /= np.linalg.norm(mean, axis=1, keepdims=True) + 1e-9
        both = white + mean[corpus.speaker]
        targets[index] = both / (np.linalg.norm(both, axis=1, keepdims=True) + 1e-9)
        known[index] = True
    return targets, known


class Trainer(nn.Module):
    """Everything that has parameters."""

    def __init__(self, net, classes):
        super().__init__()
        self.net = net
        self.aam = losses.AamSoftmax(classes, net.embed_dim)
        self.proto = losses.AngularPrototypical()

    def start_classes(self, sampler, targets, known):
        """Class centres at the mean teacher target of each speaker and speed."""
        with torch.no_grad():
            centres = self.aam.weight.view(self.aam.classes, self.aam.centres, -1)
            for which in range(len(sampler.speeds)):
                if known[which]:
                    for position, speaker in enumerate(sampler.speakers):
                        mean = targets[which][sampler.corpus.clips_of[speaker]].mean(0)
                        jitter = torch.randn(self.aam.centres, len(mean)) * 0.01
                        centres[position + which * len(sampler.speakers)] = torch.from_numpy(mean) + jitter
            # Only directions count. Long centres turn slowly under Adam, which else takes the rarely
            # drawn classes as far as the others, on their negative gradients alone.
            self.aam.weight.mul_(20 / self.aam.weight.norm(dim=1, keepdim=True))

    def losses(self, embedding, labels, target, known, crops, weights):
        """Of a batch: in all, angular softmax, prototypes, distillation. `weights` has their names, and the margin."""
        classed = labels != NO_CLASS
        aam = self.aam(embedding[classed], labels[classed], weights["margin"])
        proto = self.proto(embedding, crops)
        distil = losses.distillation(embedding, target, known)
        return weights["aam"] * aam + weights["proto"] * proto + weights["distil"] * distil, aam, proto, distil


def load_weights(net, path):
    """A network's weights from a checkpoint of this program (averaged weights) or a safetensors file."""
    if str(path).endswith(".safetensors"):
        state = {k: torch.from_numpy(v) for k, v in read_tensors(path).items()}
        state = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
    else:
        state = torch.load(path, map_location="cpu")["ema"]
    for name, value in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state.setdefault(name, value)
    net.load_state_dict(state)


def decay_groups(module):
    """What is trained, for AdamW: matrices decay, biases and norms do not."""
    trained = [p for p in module.parameters() if p.requires_grad]
    return [{"params": [p for p in trained if p.dim() > 1], "weight_decay": 0.02},
            {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0}]


@torch.no_grad()
def follow(average, net, steps, most):
    """Move the tensors of a state `average` towards the network's, in place; nearly all the way in the first steps."""
    keep = min(most, (1 + steps) / (10 + steps))
    for name, value in net.state_dict().items():
        if value.is_floating_point():
            average[name].mul_(keep).add_(value, alpha=1 - keep)
        else:
            average[name].copy_(value)


def rate_at(step, stage):
    if step < stage["warmup"]:
        return stage["rate"] * (step + 1) / stage["warmup"]
    left = (stage["steps"] - step) / max(1, stage["decay"])
    return stage["rate"] * max(0.01, min(1.0, left))


def average_gradients(parameters, workers):
    if workers == 1:
        return
    grads = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in grads])
    distributed.all_reduce(flat)
    flat /= workers
    at = 0
    for grad in grads:
        grad.copy_(flat[at:at + grad.numel()].view_as(grad))
        at += grad.numel()


def save(path, value):
    partial = path.with_suffix(".part")
    torch.save(value, partial)
    os.replace(partial, path)


def work(rank, args):
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    if args.workers > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
        import datetime
        distributed.init_process_group("gloo", rank=rank, world_size=args.workers,
                                       timeout=datetime.timedelta(hours=3))
    run = pathlib.Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    if rank == 0:
        (run / "train.pid").write_text(f"{os.getpgid(0)}\n")  # the process group: kill -STOP -- -PID pauses it
    stage = dict(STAGES[args.stage])
    for key in ("steps", "decay", "warmup", "rate"):
        if getattr(args, key) is not None:
            stage[key] = getattr(args, key)

    speech, noise = data.load(args.data, args.cache)
    train_speakers, held_out = data.split_speakers(speech, data.HELD_OUT)
    edges_file = pathlib.Path(args.cache) / "edges.npy"
    if rank == 0 and not edges_file.exists():
        np.save(edges_file, np.stack(trim_edges(speech)))
    if args.workers > 1:
        distributed.barrier()
    sampler = Sampler(speech, train_speakers, edges=np.load(edges_file),
                      speeds=tuple(float(s) for s in args.speeds.split(",")),
                      span=tuple(float(s) for s in args.span.split(",")) if args.span else None)
    targets, known = teacher_targets(args.cache, speech, train_speakers, sampler.speeds)
    together = None
    if args.peer:
        together = Together(args.teacher, args.peer, args.cache, speech, train_speakers, args.bf16)
    groups = evaluate.validation_set(speech, held_out, most_clips=6) if rank == 0 else {}

    net = ResNet([int(b) for b in args.blocks.split(",")], args.channels)
    trainer = Trainer(net, sampler.classes)
    trainer.start_classes(sampler, targets, known)
    if args.freeze >= 0:
        for part in [net.conv1, net.bn1] + [getattr(net, f"layer{i + 1}") for i in range(args.freeze)]:
            part.requires_grad_(False)
    optimiser = torch.optim.AdamW(decay_groups(trainer), lr=stage["rate"])
    step = 0
    last = run / "last.pt"
    if last.exists():
        state = torch.load(last, map_location="cpu")
        trainer.load_state_dict(state["trainer"])
        optimiser.load_state_dict(state["optimiser"])
        ema, step = state["ema"], state["step"]
    else:
        if args.init:
            load_weights(net, args.init)
            began = {} if args.init.endswith(".safetensors") else torch.load(args.init, map_location="cpu")
            if "trainer" in began:  # a whole checkpoint: its class centres too
                began = began["trainer"]
                trainer.load_state_dict({k: v for k, v in began.items() if not k.startswith("net.")}, strict=False)
        ema = copy.deepcopy(net.state_dict())
    average = copy.deepcopy(net).eval()
    forward, front_end = net, FrontEnd()
    if args.freeze >= 0:
        low, forward = FrozenLow(net, args.freeze, torch.bfloat16 if args.bf16 else torch.float32), net.high
        low = low.to(memory_format=torch.channels_last)
    if args.compile:
        forward, front_end = torch.compile(forward, dynamic=False), torch.compile(front_end, dynamic=False)
    lengths = sorted(stage["seconds"])
    chances = np.array([stage["seconds"][s] for s in lengths])

    def speech_for_babble(count, samples):
        return sampler.clean(count, samples, babble_rng)

    augment = Augment(noise, speech_for_babble, roomy=args.roomy, noisy=args.noisy)
    log = open(run / "log.tsv", "a", buffering=1) if rank == 0 else None
    parameters = [p for p in trainer.parameters() if p.requires_grad]
    seen, since, tally = 0, time.time(), []
    while step < stage["steps"]:
        shared = np.random.default_rng([args.seed, step])
        rng = np.random.default_rng([args.seed, step, rank + 1])
        babble_rng = np.random.default_rng([args.seed, step, rank + 1, 1])
        seconds = float(shared.choice(lengths, p=chances / chances.sum()))
        people = max(2, int(round(args.people * 1.5 / seconds)))
        samples = 240 + 160 * int(seconds * 100)
        waves, labels, clips = sampler.batch(people, args.crops, samples, rng, stage["changed"])
        speed = torch.div(labels, len(sampler.speakers), rounding_mode="floor").numpy()
        target = torch.from_numpy(targets[speed, clips])
        has = torch.from_numpy(known[speed].astype(np.float32)) * (labels != NO_CLASS)
        if together is not None:
            target, has = together(waves, clips, target, has), torch.ones_like(has)
        with torch.no_grad():
            feats = mask(front_end(augment(waves, rng)), rng)
        trainer.train()
        rate = rate_at(step, stage)
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16) if args.bf16 else contextlib.nullcontext():
            embedding = forward(low(feats), args.freeze) if args.freeze >= 0 else forward(feats)
        loss, *parts = trainer.losses(embedding.float(), labels, target, has, args.crops, stage)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        average_gradients(parameters, args.workers)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        follow(ema, net, step, args.ema)
        seen += len(labels) * args.workers
        tally.append([x.item() for x in (loss, *parts)])
        if rank == 0 and (step % 10 == 0 or step < 5):
            mean = np.mean(tally, 0)
            speed_now = seen / (time.time() - since)
            line = f"{step}\t{rate:.2e}\t" + "\t".join(f"{m:.4f}" for m in mean) + f"\t{speed_now:.1f}"
            log.write(time.strftime("%H:%M:%S") + "\t" + line + "\n")
            seen, since, tally = 0, time.time(), []
        if rank == 0 and (step % args.save_every == 0 or step == stage["steps"]):
            save(last, {"trainer": trainer.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema,
                        "step": step, "stage": args.stage, "blocks": list(net.num_blocks), "channels": net.channels})
        if rank == 0 and (step % args.validate_every == 0 or step == stage["steps"]):
            average.load_state_dict(ema)
            figures = evaluate.validate(average, groups, seconds=(1.5,))
            log.write("# " + json.dumps({"step": step, **{k: round(100 * v, 2) for k, v in figures.items()}}) + "\n")
            save(run / f"ema-{args.stage}-{step:06d}.pt",
                 {"ema": ema, "step": step, "blocks": list(net.num_blocks), "channels": net.channels})
            since = time.time()


def main():
    args = arguments()
    if args.workers > 1:
        started = torch.multiprocessing.spawn(work, (args,), args.workers, join=False, daemon=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        while not started.join():
            pass
    else:
        work(0, args)


if __name__ == "__main__":
    main()
