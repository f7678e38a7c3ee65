"""A whole run in seconds: generated voices, a tiny network, an export to load elsewhere.

    python3 tiny.py OUT     writes OUT/{model.safetensors, config.json, cohort.safetensors,
                            overlap.safetensors, voice.wav, expected.json}

`expected.json` holds the unit embedding of all of `voice.wav` (1.5 s, 16-bit, 16 kHz), and the share of it in which two
voices are estimated to be heard, which
whoever reads the weights should get too.
"""
import json
import pathlib
import sys

import numpy as np
import torch

import augment
import calibrate
import data
import evaluate
import export
import frontend
import losses
import model
import overlap
import sampler


def voice(rng, pitch_hz, formants_hz, seconds):
    """A buzz with a pitch and formants: enough of a person for a tiny network."""
    time = np.arange(int(seconds * 16000)) / 16000
    pitch = pitch_hz * (1 + 0.05 * np.sin(2 * np.pi * rng.uniform(2, 5) * time + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    wave = np.zeros(len(time))
    for harmonic in range(1, int(7500 / pitch_hz)):
        gain = sum(np.exp(-((harmonic * pitch_hz - f) / 300) ** 2) for f in formants_hz) + 0.02
        wave += gain * np.cos(harmonic * phase + rng.uniform(0, 6))
    wave *= 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(3, 5) * time) ** 2
    return (wave / np.abs(wave).max() * 0.5 + 0.003 * rng.standard_normal(len(time))).astype(np.float32)


def tiny_corpus(speakers=6, clips=4, seconds=2.5):
    rng = np.random.default_rng(0)
    pieces, names, starts, lengths, at = [], [], [], [], 0
    for speaker in range(speakers):
        pitch, formants = rng.uniform(90, 280), rng.uniform([300, 900, 2200], [900, 2000, 3500])
        for _ in range(clips):
            wave = voice(rng, pitch, formants, seconds)
            pieces.append(np.round(wave * 32767).astype(np.int16))
            names.append(f"s{speaker}")
            starts.append(at)
            lengths.append(len(wave))
            at += len(wave)
    return data.Corpus(np.concatenate(pieces), ["tiny-00.opus"] * len(names), names, starts, lengths)


def learn(corpus, steps=30):
    """(network in evaluation mode, the loss of every step)."""
    torch.manual_seed(0)
    draw = sampler.Sampler(corpus, np.arange(len(corpus.speakers)))
    change, front = augment.Augment(None, None, rooms=4), frontend.FrontEnd()
    net, loss = model.ResNet([1, 1, 1, 1], 4), losses.AamSoftmax(draw.classes)
    optimiser = torch.optim.AdamW([*net.parameters(), *loss.parameters()], lr=3e-3)
    history = []
    for step in range(steps):
        rng = np.random.default_rng([1, step])
        waves, labels, _ = draw.batch(len(corpus.speakers), 2, 16240, rng)
        value = loss(net(front(change(waves, rng))), labels, 0.1)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        history.append(value.item())
    return net.eval(), history


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(sys.argv[1])
    corpus = tiny_corpus()
    net, history = learn(corpus)
    if not np.mean(history[-5:]) < 0.6 * np.mean(history[:5]):
        raise SystemExit(f"the loss did not fall: {history}")
    export.export(net, folder, "tiny", "0")
    everybody = np.arange(len(corpus.speakers))
    calibrate.calibrate(folder, corpus, everybody, everybody)
    back = export.load_exported(folder)
    mixer = overlap.Mixer(corpus, None, everybody, None)
    weight, bias = overlap.fit(*overlap.statistics(back, mixer, 200, 1))
    overlap.write(folder, weight, bias, {})
    samples = corpus.clip(0)[:24000]
    data.write_wav(folder / "voice.wav", samples)
    vector = evaluate.embed(back, [samples])[0]
    with torch.no_grad():
        heard = back.statistics(frontend.FrontEnd()(torch.from_numpy(samples)[None]))
    share = torch.sigmoid(heard @ weight + bias).item()
    expected = {"file": "voice.wav", "embedding": vector.tolist(), "overlap": share}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(f"loss {history[0]:.2f} to {history[-1]:.2f}; wrote {folder}")


if __name__ == "__main__":
    main()
