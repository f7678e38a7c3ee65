"""Train the speech gate: a recurrent network on log-mel frames, taught by Silero VAD and by the level of clean clips.

usage: train.py --train DIR --exclude DIR --out FILE.ts [--minutes M] [--resume] [--audible]

DIR of --train holds Ogg files and clips.tsv (file, speaker, start_sample, num_samples, source); --exclude is a folder of
recordings kept for measuring, whose like must not be trained on. Speech is laid out with pauses, then made worse; the
target of a frame is what is known of the sound *before* that (`truth.py`). One process lays out sequences without end,
another learns from the last `POOL` of them. Needs torch, numpy, soundfile, onnxruntime and silero-vad (for its ONNX file).
"""
import argparse
import time

import numpy as np
import torch

import network
import sequences
import sounds

POOL = 6000
FIRST = 1200
BATCH, CROP = 64, 400
HELD_OUT = 400
# Frames that a step does not learn from, where the network has heard too little.
WAKING = 10


def laid_out(rng, of, audible):
    """Features (frames, 80) and probabilities (frames,) of a sequence."""
    x, told = sequences.sequence(rng, of, audible)
    return network.log_mel(x[None])[0].half(), torch.from_numpy(told)


def fill(pool, told, made, seed, of, audible):
    """For ever: one sequence after another into the pool."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    while True:
        at = made.item() % len(pool)
        pool[at], told[at] = laid_out(rng, of, audible)
        made += 1


def start_filling(seed, of, audible):
    pool = torch.zeros(POOL, sequences.FRAMES, network.MELS, dtype=torch.half).share_memory_()
    told = torch.zeros(POOL, sequences.FRAMES).share_memory_()
    made = torch.zeros((), dtype=torch.long).share_memory_()
    args = pool, told, made, seed, of, audible
    worker = torch.multiprocessing.get_context("fork").Process(target=fill, args=args, daemon=True)
    worker.start()
    while made.item() < FIRST:
        if not worker.is_alive():
            raise RuntimeError("the process that lays out sequences has ended")
        time.sleep(1)
    return pool, told, made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True)
    parser.add_argument("--exclude", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--audio-cache", default="../runs/cache")
    parser.add_argument("--truth-cache", default="../runs/gate/truth.npz")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--rate", type=float, default=4e-3, help="of learning; falls to 0")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the weights in --out")
    parser.add_argument("--audible", action="store_true", help="what the noise covers is no speech")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    train, held = sounds.load(args.train, args.audio_cache, args.truth_cache, args.exclude)
    rng = np.random.default_rng(0)
    held_inputs, held_told = (torch.stack(part) for part in zip(*(laid_out(rng, held, args.audible) for _ in range(HELD_OUT))))
    pool, told, made = start_filling(args.seed, train, args.audible)

    net = network.Net()
    if args.resume:
        network.read(net, args.out)
    optimiser = torch.optim.Adam(net.parameters(), lr=args.rate)
    loss_of = torch.nn.BCEWithLogitsLoss()
    began, step = time.time(), 0
    while (spent := (time.time() - began) / (60 * args.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = args.rate * (1 - spent) + 1e-5
        # Crops begin anywhere, also in the middle of a word, as streams do.
        pick = torch.randint(min(made.item(), POOL), (BATCH,))
        start = int(torch.randint(0, sequences.FRAMES - CROP + 1, ()))
        crop = slice(start, start + CROP)
        scores = net(pool[pick, crop].float())
        loss = loss_of(scores[:, WAKING:], told[pick, crop][:, WAKING:])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 500 == 0:
            report(net, step, made.item(), held_inputs, held_told, loss_of)
            network.write(net, args.out)
    network.write(net, args.out)


@torch.no_grad()
def report(net, step, made, inputs, told, loss_of):
    scores = torch.cat([net(some.float()) for some in inputs.split(50)])
    speech, silence = told > 0.5, told < 0.1
    heard = scores > np.log(0.3 / 0.7)
    print(f"step {step}, {made} sequences: held out {loss_of(scores, told):.4f}, above 0.3: missed "
          f"{1 - heard[speech].float().mean():.4f}, false {heard[silence].float().mean():.4f}", flush=True)


if __name__ == "__main__":
    main()
