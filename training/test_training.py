"""`python3 -m pytest training` (or `python3 training/test_training.py`): under a minute on one core.

Needs PyTorch 1.13 or later and NumPy only. The comparison with
kaldi-native-fbank runs where that package is installed, and must where
TRAINING_FULL=1 is set.
"""
import json
import os
import pathlib
import sys
import tempfile
import wave as wav
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import calibrate  # noqa: E402
import cohort_voices  # noqa: E402
import data  # noqa: E402
import evaluate  # noqa: E402
import export  # noqa: E402
import frontend  # noqa: E402
import grow  # noqa: E402
import held_out  # noqa: E402
import material  # noqa: E402
import losses  # noqa: E402
import measure  # noqa: E402
import model  # noqa: E402
import overlap  # noqa: E402
import refit  # noqa: E402
import sampler  # noqa: E402
import scoring  # noqa: E402
import whitening  # noqa: E402
import trade  # noqa: E402
import voices  # noqa: E402
from tensors import read_tensors  # noqa: E402
from tiny import learn, tiny_corpus  # noqa: E402

torch.set_num_threads(1)


def test_front_end_equals_its_definition():
    """Frame by frame in float64, straight from the definition."""
    rng = np.random.default_rng(1)
    wave = (0.1 * rng.standard_normal(4000)).astype(np.float32)
    bank = frontend.mel_bank().double().numpy()
    ramp = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 399)
    rows = []
    for first in range(0, len(wave) - 399, 160):
        frame = wave[first:first + 400].astype(np.float64) * 32768
        frame = frame - frame.mean()
        frame = np.concatenate([[frame[0] * 0.03], frame[1:] - 0.97 * frame[:-1]]) * ramp
        power = np.abs(np.fft.rfft(frame, 512)[:256]) ** 2
        rows.append(np.log(np.maximum(power @ bank, frontend.FLOOR)))
    got = frontend.FrontEnd().log_mel(torch.from_numpy(wave)[None])[0].numpy()
    assert got.shape == (frontend.frame_count(4000), 80)
    worst = np.abs(got - np.stack(rows)).max()
    assert worst < 1e-3, worst


def test_front_end_equals_kaldi():
    try:
        import kaldi_native_fbank as knf
    except ImportError:
        assert os.environ.get("TRAINING_FULL") != "1", "kaldi-native-fbank is not installed"
        return
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins, options.mel_opts.low_freq, options.mel_opts.high_freq = 80, 20, 8000
    options.use_energy = False
    wave = tiny_corpus(1, 1).clip(0)
    reference = knf.OnlineFbank(options)
    reference.accept_waveform(16000, (wave * 32768).tolist())
    reference.input_finished()
    want = np.stack([reference.get_frame(i) for i in range(reference.num_frames_ready)])
    got = frontend.FrontEnd().log_mel(torch.from_numpy(wave)[None])[0].numpy()
    worst = np.abs(got - want).max()
    assert got.shape == want.shape and worst < 1e-3, worst


def test_manifest_and_split():
    corpus = tiny_corpus()
    train, held = data.split_speakers(corpus, {"tiny": (2, 4)})
    assert len(train) == 4 and len(held) == 2 and not set(train) & set(held)
    assert data.split_speakers(corpus, {"tiny": (2, 4)})[1].tolist() == held.tolist()
    assert data.corpus_name("commonvoice-fa-01.opus") == "commonvoice-fa"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "clips.tsv"
        path.write_text("file\tspeaker\na\tb\n")
        try:
            data.read_manifest(path)
        except ValueError as error:
            assert "num_samples" in str(error)
        else:
            raise AssertionError("a manifest without its columns was taken")


def test_eer():
    assert evaluate.eer(np.array([0.9, 0.8]), np.array([0.1, 0.2]))[0] == 0
    assert evaluate.eer(np.array([0.1, 0.2]), np.array([0.8, 0.9]))[0] == 1
    assert abs(evaluate.eer(np.array([0.9, 0.3]), np.array([0.5, 0.1]))[0] - 0.5) < 1e-9


def test_margin_makes_the_loss_larger():
    torch.manual_seed(0)
    loss = losses.AamSoftmax(5, 8)
    x, label = torch.randn(6, 8), torch.arange(6) % 5
    assert loss(x, label, 0.2) > loss(x, label, 0.0)


def test_a_batch_without_classes_costs_nothing():
    loss = losses.AamSoftmax(5, 8)
    x, label = torch.randn(6, 8, requires_grad=True), torch.full((6,), sampler.NO_CLASS)
    classed = label != sampler.NO_CLASS
    cost = loss(x[classed], label[classed], 0.2)
    cost.backward()
    assert cost.item() == 0 and (x.grad == 0).all() and (loss.weight.grad == 0).all()


def random_norms(net):
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net.eval()


def test_growth_keeps_the_embeddings():
    torch.manual_seed(0)
    net, feats = random_norms(model.ResNet([1, 1, 1, 1], 4)), torch.randn(2, 50, 80)
    for blocks, channels in (([1, 1, 1, 1], 6), ([2, 3, 1, 2], 4), ([1, 2, 1, 2], 8)):
        grown = grow.grow(net, blocks, channels)
        assert list(grown.num_blocks) == blocks and grown.channels == channels
        with torch.no_grad():
            want, got = net(feats), grown(feats)
        assert (want - got).abs().max() < 1e-4 * want.abs().max(), (blocks, channels)
        # Copies must not learn in step: the weights that read them differ.
        loss = grown.train()(feats).pow(2).sum()
        loss.backward()
        assert grown.layer1[0].conv1.weight.grad.flatten(1).unique(dim=0).shape[0] == channels


def test_recordings_for_the_calibration_of_scores():
    corpus = tiny_corpus(clips=8)
    with tempfile.TemporaryDirectory() as folder:
        scoring.write_recordings(folder, corpus, [1, 4], None)
        names = sorted(str(f.relative_to(folder)) for f in pathlib.Path(folder).rglob("*.wav"))
        # As many are enrolled as heard, and the enrolled come first: that is how `calibrate` parts them.
        assert names == [f"s0000{s}/{kind}-{i}.wav" for s in (1, 4) for kind in ("1-enrolled", "2-heard")
                         for i in range(3)], names
        with wav.open(str(pathlib.Path(folder) / names[3])) as heard:
            assert heard.getframerate() == 16000 and heard.getnframes() == corpus.length[0]


def test_every_kind_of_speech_has_its_share_of_the_cohort():
    corpus = tiny_corpus(clips=3)
    corpus.corpus_of_speaker = lambda speaker: "read" if speaker < 2 else "own"
    asked = []
    with mock.patch.object(evaluate, "embed", lambda net, waves: asked.extend(waves) or np.zeros((len(waves), 256))):
        assert calibrate.cohort(None, corpus, range(5), each=4).shape == (8, 256)
        heard = [next(s for s in range(5) if any(holds(corpus.clip(c), w) for c in corpus.clips_of[s])) for w in asked]
        # Four windows of three speakers, then four of two: no speaker has two before each has one.
        assert sorted(heard[:3]) == [2, 3, 4] and sorted(heard[4:]) == [0, 0, 1, 1], heard
        # Who has few recordings gives several windows of them.
        assert calibrate.cohort(None, tiny_corpus(speakers=2, clips=1, seconds=8), range(2), each=9).shape == (9, 256)


def holds(wave, window):
    return any(np.array_equal(wave[at:at + len(window)], window) for at in range(0, len(wave) - len(window) + 1, 1600))


def test_words_are_joined_and_a_single_recording_is_halved():
    words = tiny_corpus(speakers=1, clips=9, seconds=1.0)
    assert [len(w) for w in evaluate.recordings_of(words, 0)] == [48000] * 3
    assert [len(w) for w in evaluate.recordings_of(tiny_corpus(1, 1, 8), 0)] == [64000] * 2
    found = evaluate.by_corpus(tiny_corpus(), range(6), most_speakers=4, most_recordings=2)
    assert len(found["tiny"][0]) == 8 and len(set(found["tiny"][1])) == 4


def test_the_held_out_list():
    rows = data.read_held_out()
    names = [row["speaker"] for row in rows]
    assert len(names) == len(set(names)) and {row["part"] for row in rows} == {"trials", "cohort", "alias"}
    assert sum(row["part"] != "alias" for row in rows) >= 500
    corpus = tiny_corpus()
    chosen = held_out.choose(corpus, {"tiny": (4, 4)}, {"tiny": (2, 4)})
    earlier = data.split_speakers(corpus, {"tiny": (2, 4)})[1]
    assert len(chosen) == 4 and all(chosen[s] == "trials" for s in earlier) and list(chosen.values()).count("cohort") == 1
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "held-out.tsv"
        path.write_text("speaker\tpart\ns1\ttrials\ns4\tcohort\ns5\talias\n")
        train, held = data.split_held_out(corpus, path)
        assert held.tolist() == [1, 4] and train.tolist() == [0, 2, 3] and data.held_out_part(corpus, "cohort", path).tolist() == [4]
        # A pseudo-speaker is held out with the speaker that it is made of.
        corpus.speakers = np.array(["s0", "s1", "s2", "s4~a", "s4", "s5"])
        assert data.split_held_out(corpus, path)[1].tolist() == [1, 3, 4]
    try:
        data.split_held_out(corpus)
    except ValueError as error:
        assert "none of its speakers" in str(error)
    else:
        raise AssertionError("a list of other data was taken")


def test_one_person_of_two_labels_is_found():
    corpus = tiny_corpus()
    rng = np.random.default_rng(3)
    voices_heard = rng.standard_normal((6, 256))
    voices_heard[5] = voices_heard[1]
    raw = material.unit(voices_heard[corpus.speaker] + 0.05 * rng.standard_normal((len(corpus), 256)))
    with mock.patch.object(held_out, "BY_CLIENT", ("tiny",)):
        assert held_out.aliases(corpus, raw, {1: "trials", 4: "trials"}) == [5]
        assert held_out.aliases(corpus, raw, {1: "trials", 5: "trials"}) == [5]
        assert held_out.aliases(corpus, raw, {0: "trials", 4: "trials"}) == []


def test_conditions_of_a_measurement():
    corpus = tiny_corpus(clips=3)
    waves, names = evaluate.by_corpus(corpus, range(6))["tiny"]
    net = model.ResNet([1, 1, 1, 1], 4).eval()
    sets = {"librispeech": (waves[:9], names[:9]), "speechocean": (waves[9:], names[9:]), "other": (waves, names)}
    got = measure.table(lambda part: evaluate.embed(net, part), sets, [corpus.clip(0)], ["1.5 s"])
    assert list(got) == [f"1.5 s{rest}" for rest in ("", ", noise 10 dB", ", one in noise 10 dB", ", one by telephone")]
    for row in got.values():
        assert list(row) == ["librispeech", "speechocean", "other", "mixed"] and row["mixed"]["genuine"] == 18, row
        assert row["mixed"]["impostor"] == row["other"]["impostor"] == 18 * 17 // 2 - 18
    assert got["1.5 s"]["mixed"] != got["1.5 s, one by telephone"]["mixed"]


def test_pairs_of_two_conditions():
    rows, others = np.eye(3)[[0, 0, 1]], np.eye(3)[[0, 2, 1]]
    genuine, impostor = evaluate.pair_scores(rows, ["a", "a", "b"], others)
    # Each with each later one of the other condition: the first of a with the second, and either with b.
    assert genuine.tolist() == [0] and impostor.tolist() == [0, 0]


def test_voices_as_folders():
    corpus, noise = tiny_corpus(clips=5), tiny_corpus(speakers=2, clips=1)
    with tempfile.TemporaryDirectory() as folder:
        assert voices.write_voices(folder, corpus, noise, [0, 3]) == 2
        names = sorted(str(f.relative_to(folder)) for f in pathlib.Path(folder).rglob("*.wav"))
        heard = [f"librispeech/s{s}/{index:02d}.wav" for s in (0, 3) for index in range(5)]
        assert names == heard + ["noise/000.wav", "noise/001.wav"], names
        # Who has too few clips is left out.
        assert voices.write_voices(folder, tiny_corpus(clips=3), noise, [0, 3]) == 0


def test_the_loudest_windows_of_two_recordings():
    wave = np.zeros(3 * cohort_voices.WINDOW_SAMPLES, np.float32)
    wave[60000:60000 + cohort_voices.WINDOW_SAMPLES] = 0.5
    window = cohort_voices.loudest_window(wave)
    assert len(window) == cohort_voices.WINDOW_SAMPLES and window.min() == 0.5
    assert cohort_voices.loudest_window(wave[:1000]) is None
    corpus = tiny_corpus(clips=3, seconds=4)
    pair = cohort_voices.windows_of(corpus, 0, (corpus.start, corpus.length))
    levels = [float(np.sqrt(np.mean(np.square(window)))) for window in pair]
    assert np.allclose(levels, cohort_voices.LEVEL, rtol=0.05), levels
    assert not np.array_equal(pair[0], pair[1])
    short = tiny_corpus(clips=3, seconds=2.5)
    assert cohort_voices.windows_of(short, 0, (short.start, short.length)) is None


def test_the_size_section_of_the_card():
    net = model.ResNet([1, 1, 1, 1], 4)
    cell = {"eer": 7.64}
    measured = {part: cell for _, part in trade.COLUMNS.values()}
    measured["coswara"] = {"eer": 9.1}
    with tempfile.TemporaryDirectory() as folder:
        config = export.export(net, folder, "tiny", "0")
        cells = trade.row("tiny", folder, {condition: measured for condition, _ in trade.COLUMNS.values()}, 1.5)
    assert cells[:2] == ["tiny", "[1, 1, 1, 1], 4"] and cells[4:6] == ["1.5", "7.6 %"] and cells[-1] == "9.1 %", cells
    assert cells[2] == f"{config['multiply_adds_148_frames'] / 1e9:.2f} G"
    once = trade.with_section("# A\n\n## Known weaknesses\n\n- b\n", "Size", "old")
    assert trade.with_section(once, "Size", "new\n") == "# A\n\n## Size\n\nnew\n\n## Known weaknesses\n\n- b\n"


def test_multiply_adds_of_the_full_resnet34():
    net = model.ResNet([3, 4, 6, 3], 32)
    assert abs(model.multiply_adds(net, 148) / 3.36e9 - 1) < 0.01
    assert abs(sum(p.numel() for p in net.parameters()) / 6.63e6 - 1) < 0.01


def test_whitening_evens_the_spread_within_speakers():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 6)
    x = rng.standard_normal((40, 4))[labels] + rng.standard_normal((240, 4)) * [0.1, 0.1, 3, 0.1]
    before = evaluate.eer(*evaluate.pair_scores(x / np.linalg.norm(x, axis=1, keepdims=True), labels))[0]
    after = evaluate.eer(*evaluate.pair_scores(whitening.Whitening.fit(x, labels, 0.01)(x), labels))[0]
    assert after < before


def test_refit_folds_into_the_last_layer():
    torch.manual_seed(0)
    net = model.ResNet([1, 1, 1, 1], 4).eval()
    feats = torch.randn(12, 60, 80)
    with torch.no_grad():
        before = net(feats)
        mean, project = refit.whitening(before, torch.arange(12) % 4, 1.0)
        refit.apply(net, mean, project)
        want = torch.from_numpy((before.double().numpy() - mean) @ project).float()
        likeness = torch.nn.functional.cosine_similarity(net(feats), want)
    assert likeness.min() > 0.9999, likeness


def test_the_mean_of_a_checkpoint_and_an_export():
    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(5)
        nets = [model.ResNet((1, 1, 1, 1), 2) for _ in range(2)]
        checkpoint = pathlib.Path(folder) / "last.pt"
        torch.save({"ema": nets[0].state_dict(), "blocks": [1, 1, 1, 1], "channels": 2}, checkpoint)
        export.export(nets[1], pathlib.Path(folder) / "out", "tiny", "1", torch.float32)
        mean = export.average_checkpoints([checkpoint, pathlib.Path(folder) / "out"])
        wanted = (nets[0].seg_1.weight + nets[1].seg_1.weight) / 2
        assert torch.allclose(mean.seg_1.weight, wanted, atol=1e-6)


def test_mixed_windows_know_how_much_of_them_is_two_voices():
    corpus = tiny_corpus()
    mixer = overlap.Mixer(corpus, None, np.arange(6), None, rooms=4)
    both = np.stack([mixer.tracks(np.random.default_rng([1, i])) for i in range(200)])
    spoken = [(tracks ** 2).mean(1) > 1e-6 for tracks in both]
    assert 0.35 < np.mean([two.all() for two in spoken]) < 0.6  # two at once, or one after another
    # Who interrupts goes on alone in some, and in others the first does.
    ends = [overlap.heard(tracks) for tracks in both]
    last = {tuple(end[:, -10:].any(1)) for end in ends if (end[0] & end[1]).mean() > overlap.MOST_NONE}
    assert {(True, False), (False, True)} <= last, last
    waves, shares = mixer.batch(200, np.random.default_rng(2))
    again, _ = mixer.batch(200, np.random.default_rng(2))
    assert torch.equal(waves, again) and waves.shape == (200, overlap.WINDOW) and torch.isfinite(waves).all()
    assert 0.1 < (shares > overlap.MOST_NONE).float().mean() < 0.35, shares
    # Of one voice nothing is shared, and of two what both say.
    track = np.zeros((2, overlap.WINDOW), np.float32)
    track[0, :16000] = 1
    track[1, 8000:] = 0.2
    heard = overlap.heard(track)
    assert heard.shape == (2, 150) and (heard[0] & heard[1]).mean() == 50 / 150
    assert not overlap.heard(np.zeros((1, overlap.WINDOW), np.float32)).any()


def test_overlap_readout_is_logistic_regression():
    """Against Newton's method written out, and its AUC against every pair."""
    rng = np.random.default_rng(3)
    pooled = rng.normal(1, [0.5, 2, 1], (400, 3)).astype(np.float32)
    logits = 2 * pooled[:, 0] - 0.5 * pooled[:, 1] - 2
    shares = torch.from_numpy((1 / (1 + np.exp(-logits)) > rng.random(400)).astype(np.float32))
    weight, bias = overlap.fit(torch.from_numpy(pooled), shares, ridge=1e-9)
    design, at = np.column_stack([pooled, np.ones(400)]).astype(np.float64), np.zeros(4)
    for _ in range(30):
        p = 1 / (1 + np.exp(-design @ at))
        at -= np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, design.T @ (p - shares.numpy()))
    assert np.abs(np.append(weight.numpy(), bias) - at).max() < 0.01, (weight, bias, at)
    scores = torch.from_numpy(pooled) @ weight + bias
    two, one = scores[shares > 0.5], scores[shares < 0.5]
    pairs = (two[:, None] > one[None]).float().mean().item()
    assert abs(overlap.measure(scores, shares)["auc"] - pairs) < 1e-4
    held = overlap.fit(torch.from_numpy(pooled), shares, ridge=1.0)[0]
    assert held.norm() < 0.5 * weight.norm()


def test_tiny_run_learns_and_exports():
    """A few generated voices: the loss falls, and the file has the right tensors and embeds the same."""
    corpus = tiny_corpus()
    net, history = learn(corpus)
    assert np.mean(history[-5:]) < 0.6 * np.mean(history[:5]), history
    with tempfile.TemporaryDirectory() as folder:
        config = export.export(net, folder, "tiny", "0")
        assert config["num_blocks"] == [1, 1, 1, 1] and config["m_channels"] == 4
        back = export.load_exported(folder)
        names = set(back.state_dict())
        for name in ("conv1.weight", "bn1.running_var", "layer2.0.shortcut.0.weight", "layer4.0.conv2.weight",
                     "seg_1.weight", "seg_1.bias"):
            assert name in names, name
        waves = [corpus.clip(i)[:24000] for i in range(4)]
        likeness = (evaluate.embed(net, waves) * evaluate.embed(back, waves)).sum(1)
        assert likeness.min() > 0.9999, likeness
        calibrated = calibrate.calibrate(folder, corpus, np.arange(6), np.arange(6))
        assert calibrated["calibration"]["scale"] > 0
        weights = (pathlib.Path(folder) / "model.safetensors").read_bytes()
        overlap.write(folder, torch.ones(8), torch.tensor(-1.0), {"auc": 0.9})
        written = json.loads((pathlib.Path(folder) / "config.json").read_text())
        assert written["cohort"]["tensor"] == "embeddings" and written["overlap"]["held_out"]["auc"] == 0.9
        assert read_tensors(pathlib.Path(folder) / "overlap.safetensors")["overlap.weight"].shape == (1, 8)
        assert (pathlib.Path(folder) / "model.safetensors").read_bytes() == weights


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
