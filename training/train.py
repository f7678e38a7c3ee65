"""Train a version on processor cores: `python train.py versions/6.toml --run runs/6 --bf16 --compile`.

Stops at no step of its own: the rate stays, and the run may be killed at any moment and goes on from `last.pt`
when started again. `--decay` makes usable weights: from `last.pt`, which stays as it is, the rate falls and the
averaged weights are written to `decayed.pt`. One process a core, gradients averaged each step; every step's chance
comes from (seed, step, process) alone.
"""
import argparse
import contextlib
import copy
import datetime
import os
import pathlib
import signal
import sys
import time

import numpy as np
import torch
from torch import distributed

import checkpoint
import curve
import data
import material
import settings as versions
from augment import Augment, mask
from frontend import FrontEnd
from model import ResNet
from sampler import Sampler
from trainer import Trainer, crop_length, decay_groups, follow, plan


def arguments(given=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="versions/NAME.toml")
    parser.add_argument("--data", default="../../shared/train", help="folder of clips.tsv and its recordings")
    parser.add_argument("--dev", default="../../shared/audio-dev", help="sets of folders of speakers, for the curve")
    parser.add_argument("--cache", default="runs/cache", help="decoded audio, pools and teacher embeddings")
    parser.add_argument("--held-out", default=str(data.HELD_OUT_FILE), help="speakers that are not trained on")
    parser.add_argument("--run", default="runs/6", help="checkpoints, log and curve")
    parser.add_argument("--init", help="begin from a packed checkpoint or another run's last.pt")
    parser.add_argument("--decay", action="store_true", help="let the rate fall and write decayed.pt")
    parser.add_argument("--steps", type=int, help="stop at this step; with --decay, the steps of the decay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bf16", action="store_true", help="bfloat16 convolutions")
    parser.add_argument("--compile", action="store_true", help="torch.compile (PyTorch 2)")
    parser.add_argument("--port", type=int, default=29417)
    return parser.parse_args(given)


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


class Batches:
    """Features, labels and targets of a step, on this process."""

    def __init__(self, sampler, noise, targets, settings, args, rank):
        chosen = settings["augment"]
        self.augment = Augment(noise, sampler.clean, seed=args.seed * 100 + rank, roomy=chosen["roomy"],
                               noisy=chosen["noisy"], untouched=chosen["untouched"])
        self.sampler, self.targets, self.settings, self.seed, self.rank = sampler, targets, settings, args.seed, rank
        self.front_end = torch.compile(FrontEnd(), dynamic=False) if args.compile else FrontEnd()

    @torch.no_grad()
    def draw(self, step):
        """All processes draw crops of one length, each its own crops."""
        rng = np.random.default_rng([self.seed, step, self.rank + 1])
        _, samples, people = crop_length(self.settings, np.random.default_rng([self.seed, step]))
        waves, labels, clips = self.sampler.batch(people, self.settings["batch"]["crops"], samples, rng)
        feats = mask(self.front_end(self.augment(waves, rng)), rng)
        return feats, labels, torch.from_numpy(self.targets[clips])


class Run:
    """A trainer, its optimiser and its averaged weights, from wherever they begin."""

    def __init__(self, settings, sampler, targets, args, device=torch.device("cpu")):
        shape, folder = settings["network"], pathlib.Path(args.run)
        self.net = ResNet(shape["blocks"], shape["channels"])
        self.classes, self.settings = sampler.names, settings
        self.trainer = Trainer(self.net, sampler.classes, settings["loss"]["centres"])
        self.step = self.crops = self.began = 0
        self.crops_each = settings["batch"]["crops"]
        last = folder / "last.pt"
        state = checkpoint.read(last if last.exists() else args.init) if last.exists() or args.init else None
        fresh = None
        if state:
            fresh = checkpoint.resume(self.trainer, state, self.classes)
            self.step, self.crops, self.began = state["step"], state["crops"], state.get("began", state["step"])
        self.trainer.start_classes(sampler.corpus, sampler.speakers, targets, fresh)
        # On processors PyTorch 2.15's gradients of small convolutions in that order write where they must not.
        self.trainer.to(device, memory_format=torch.channels_last if device.type == "cuda" else torch.preserve_format)
        # From random weights all layers learn: only a start of `reset.py` or `align.py` has first layers to keep.
        begun = state is not None and state.get("frozen", False)
        self.optimise(begun and self.step < settings["schedule"]["frozen"], device)
        same = state and "optimiser" in state and state.get("frozen") == self.frozen and state["classes"] == self.classes
        if same and not fresh:
            self.optimiser.load_state_dict(state["optimiser"])
        elif state:
            self.began = self.step  # its moments are found anew, in a warm-up
        self.average = copy.deepcopy(self.net).eval()
        if state:
            self.average.load_state_dict(state["ema"])

    def optimise(self, frozen, device):
        """An optimiser of all parameters, or, `frozen`, of the settings' `last` layers and the classes."""
        self.frozen = frozen
        for name, parameter in self.net.named_parameters():
            parameter.requires_grad_(not frozen or name.startswith(tuple(self.settings["schedule"]["last"])))
        # PyTorch 1.13 does not know the word `fused`.
        self.optimiser = torch.optim.AdamW(decay_groups(self.trainer), lr=self.settings["schedule"]["rate"],
                                           **({"fused": True} if device.type == "cuda" else {}))

    def learn(self, forward, feats, labels, target, rate, margin, workers=1, bf16=False):
        """One step on whole people's crops; returns its losses."""
        if self.frozen and self.step >= self.settings["schedule"]["frozen"]:
            self.optimise(False, feats.device)
            self.began = self.step
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.trainer.train()
        with torch.autocast(feats.device.type, torch.bfloat16) if bf16 else contextlib.nullcontext():
            embedding = forward(feats)
        losses = self.trainer.losses(embedding.float(), labels, target, torch.ones_like(target[:, 0]),
                                     self.crops_each, self.settings["loss"], margin)
        self.optimiser.zero_grad(set_to_none=True)
        losses[0].backward()
        average_gradients([p for p in self.trainer.parameters() if p.requires_grad], workers)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self.crops += len(labels) * workers
        follow(self.average.state_dict(), self.net, self.step, self.settings["schedule"]["ema"])
        return [loss.item() for loss in losses]

    def state(self):
        trainer, average = ({name: value.cpu() for name, value in module.state_dict().items()}
                            for module in (self.trainer, self.average))
        return {"trainer": trainer, "optimiser": self.optimiser.state_dict(), "ema": average, "step": self.step, "crops": self.crops,
                "began": self.began, "classes": self.classes, "blocks": list(self.net.num_blocks), "channels": self.net.channels, "frozen": self.frozen}


def work(rank, args, settings):
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    workers, folder = settings["batch"]["processes"], pathlib.Path(args.run)
    if workers > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
        distributed.init_process_group("gloo", rank=rank, world_size=workers, timeout=datetime.timedelta(hours=12))
    corpus, noise, edges, raw, pools = material.load(args.data, args.cache, settings["data"]["pools"])
    train_speakers, held_out = data.split_held_out(corpus, args.held_out)
    targets = material.teacher_targets(raw, corpus, train_speakers)
    sampler = Sampler(corpus, train_speakers, edges)
    run, batches = Run(settings, sampler, targets, args), Batches(sampler, noise, targets, settings, args, rank)
    forward = torch.compile(run.net, dynamic=False) if args.compile else run.net
    decay = (args.steps or settings["schedule"]["decay"]) if args.decay else None
    last = run.step + decay if decay else args.steps
    log = open(folder / ("decay.tsv" if args.decay else "log.tsv"), "a", buffering=1) if rank == 0 else None
    sets = curve.sets(corpus, held_out, args.dev) if rank == 0 else None
    if rank == 0:
        log.write(f"# {time.strftime('%F %T')} step {run.step}, {sampler.classes} classes, pools {pools}, pid {os.getpid()}\n")
    seen, since, tally = 0, time.time(), []
    while last is None or run.step < last:
        left = (last - run.step) / decay if decay else 1.0
        rate, margin = plan(run.step, run.step - run.began, left, settings)
        feats, labels, target = batches.draw(run.step)
        tally.append(run.learn(forward, feats, labels, target, rate, margin, workers, args.bf16))
        seen += len(labels) * workers
        if rank:
            continue
        ended, keep = run.step == last, settings["keep"]
        if run.step % 10 == 0 or ended:
            figures = "\t".join(f"{x:.4f}" for x in np.mean(tally, 0))
            log.write(f"{time.strftime('%T')}\t{run.step}\t{run.crops}\t{rate:.2e}\t{figures}\t{seen / (time.time() - since):.1f}\n")
            seen, since, tally = 0, time.time(), []
        if not args.decay and (run.step % keep["save_every"] == 0 or ended):
            checkpoint.save(folder / "last.pt", run.state())
        if ended and args.decay:
            checkpoint.save(folder / "decayed.pt", run.state())
        if run.step % keep["measure_every"] == 0 or ended:
            curve.append(folder / "curve.tsv", run.average, sets, run.step, run.crops, "decay" if args.decay else "steady")
            since = time.time()


def main():
    args = arguments()
    settings = versions.read(args.version)
    folder = pathlib.Path(args.run)
    folder.mkdir(parents=True, exist_ok=True)
    if settings["batch"]["processes"] == 1:
        work(0, args, settings)
        return
    started = torch.multiprocessing.spawn(work, (args, settings), settings["batch"]["processes"], join=False, daemon=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    (folder / "pids").write_text("".join(f"{pid}\n" for pid in [os.getpid(), *started.pids()]))
    while not started.join():
        pass


if __name__ == "__main__":
    main()
