"""A version trained from end to end on generated voices: `python3 -m pytest training` or this file, in seconds."""
import hashlib
import json
import pathlib
import sys
import tempfile
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import align  # noqa: E402
import card  # noqa: E402
import checkpoint  # noqa: E402
import data  # noqa: E402
import device_batches  # noqa: E402
import export  # noqa: E402
import grow  # noqa: E402
import material  # noqa: E402
import pools  # noqa: E402
import reset  # noqa: E402
import settings as versions  # noqa: E402
import teacher  # noqa: E402
import train  # noqa: E402
import train_gpu  # noqa: E402
import trainer  # noqa: E402
from model import ResNet  # noqa: E402
from tiny import tiny_corpus  # noqa: E402

torch.set_num_threads(1)
DRY = {"network": {"blocks": [1, 1, 1, 1], "channels": 4}, "data": {"pools": ["a"]},
       "batch": {"people": 3, "crops": 2, "processes": 1, "seconds": {1.5: 0.7, 2.0: 0.3}},
       "augment": {"roomy": 0.3, "noisy": 0.5, "untouched": 0.2},
       "loss": {"margin": 0.2, "margin_steps": 10, "last_margin": 0.3, "distil": 10.0, "aam": 0.5, "proto": 1.0, "centres": 2},
       "schedule": {"rate": 3e-3, "warmup": 4, "frozen": 0, "last": ["layer4.", "seg_1."], "decay": 4, "ema": 0.9}, "keep": {"save_every": 4, "measure_every": 8}}


def lay_out(folder):
    """A data folder, its cache with a teacher's embeddings, and a list of held-out speakers."""
    corpus, noise = tiny_corpus(), tiny_corpus(speakers=1, clips=2)
    cache = folder / "cache"
    cache.mkdir()
    audio = np.concatenate([corpus.audio, noise.audio])
    audio.tofile(cache / "audio.i16")
    rows = [f"tiny-00.opus\t{corpus.speakers[who]}\t{first}\t{length}" for who, first, length in
            zip(corpus.speaker, corpus.start, corpus.length)]
    rows += [f"tiny-00.opus\tnoise\t{first + len(corpus.audio)}\t{length}" for first, length in zip(noise.start, noise.length)]
    (folder / "clips.tsv").write_text("\n".join(["file\tspeaker\tstart_sample\tnum_samples", *rows]) + "\n")
    digest = hashlib.sha256((folder / "clips.tsv").read_bytes()).hexdigest()
    (cache / "audio.json").write_text(json.dumps({"manifest_sha256": digest, "offsets": {"tiny-00.opus": 0}}))
    (folder / "held-out.tsv").write_text("speaker\tcorpus\tpart\n" + "".join(f"{corpus.speakers[who]}\ttiny\ttrials\n" for who in (1, 4)))
    np.save(cache / material.TEACHER, heard_by_teacher(corpus))
    return cache


def heard_by_teacher(corpus):
    rng = np.random.default_rng(2)
    heard = rng.standard_normal((len(corpus.speakers), 192))[corpus.speaker] + 0.1 * rng.standard_normal((len(corpus), 192))
    return material.unit(heard).astype(np.float32)


def figures(log):
    """(steps, columns) of a log without its remarks."""
    return np.array([[float(x) for x in line.split("\t")[1:]] for line in log.read_text().splitlines() if line[0] != "#"])


def test_a_version_is_trained_stopped_continued_decayed_and_packed():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cache = lay_out(folder)

        def go(run, *more):
            (folder / run).mkdir(exist_ok=True)
            given = ["dry.toml", "--data", str(folder), "--cache", str(cache), "--run", str(folder / run), "--dev",
                     str(folder / "none"), "--held-out", str(folder / "held-out.tsv"), *more]
            train.work(0, train.arguments(given), DRY)

        go("run", "--steps", "12")
        state = checkpoint.read(folder / "run/last.pt")
        assert state["step"] == 12 and 48 <= state["crops"] <= 72 and state["classes"] == ["s0", "s2", "s3", "s5"], state
        # Stopped after 12 steps and started again, it is where a run that never stopped is.
        go("run", "--steps", "24")
        go("once", "--steps", "24")
        again, once = (checkpoint.read(folder / run / "last.pt") for run in ("run", "once"))
        assert all(torch.allclose(again["ema"][k].float(), once["ema"][k].float(), atol=1e-6) for k in again["ema"])
        log = figures(folder / "run/log.tsv")
        assert log[-1, 6] < 0.8 * log[0, 6], log  # the distance to the teacher falls
        # Weights to use: the rate falls, and what training goes on from stays.
        go("run", "--decay")
        assert checkpoint.read(folder / "run/decayed.pt")["step"] == 28 and checkpoint.read(folder / "run/last.pt")["step"] == 24
        assert figures(folder / "run/decay.tsv")[-1, 2] < 0.5 * log[-1, 2]
        curve = (folder / "run/curve.tsv").read_text().splitlines()
        assert curve[0].startswith("time\tstep\tcrops") and any("\tdecay\theld-out tiny\t" in line for line in curve), curve
        # A packed checkpoint is what another machine goes on from; a pool that is new brings classes of its own.
        checkpoint.pack(again, folder / "packed")
        corpus = data.load(folder, cache)[0]
        people = data.split_held_out(corpus, folder / "held-out.tsv")[0]
        made = material.pool_folder(cache, "a")
        pools.make(corpus, material.edges_of(cache, corpus), people, "a", made)
        np.save(made / material.TEACHER, heard_by_teacher(material.load_pool(made)))
        go("on", "--steps", "26", "--init", str(folder / "packed"))
        on = checkpoint.read(folder / "on/last.pt")
        assert on["step"] == 26 and on["crops"] > again["crops"] and "s0~a" in on["classes"] and "s1~a" not in on["classes"]
        assert len(on["classes"]) == 8
        net = export.load_checkpoint(folder / "packed")
        assert torch.allclose(net.seg_1.weight, again["ema"]["seg_1.weight"], atol=2e-3)
        unpacked = checkpoint.read(folder / "packed")["trainer"]
        assert set(unpacked) == set(again["trainer"])
        assert torch.allclose(unpacked["aam.weight"], again["trainer"]["aam.weight"], atol=2e-2)


def test_a_start_from_other_weights_learns_its_last_layers_first():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cache = lay_out(folder)
        torch.manual_seed(3)
        old = ResNet([1, 1, 1, 1], 4).eval()
        begun = reset.reset(old)
        checkpoint.save(folder / "reset.pt", begun)
        kept = {name for name, value in old.state_dict().items() if torch.equal(begun["ema"][name], value)}
        assert "layer3.0.conv1.weight" in kept and not kept & {"layer4.0.conv1.weight", "seg_1.weight"}

        def go(run, steps):
            (folder / run).mkdir(exist_ok=True)
            settings = {**DRY, "schedule": {**DRY["schedule"], "frozen": 6, "warmup": 1}}
            given = ["dry.toml", "--data", str(folder), "--cache", str(cache), "--run", str(folder / run), "--dev", str(folder / "none"),
                     "--held-out", str(folder / "held-out.tsv"), "--init", str(folder / "reset.pt"), "--steps", str(steps)]
            train.work(0, train.arguments(given), settings)
            return checkpoint.read(folder / run / "last.pt")["trainer"]

        frozen, all_of_it = go("run", 6), go("run", 10)
        first, last = "net.layer1.0.conv1.weight", "net.seg_1.weight"
        assert torch.equal(frozen[first], old.layer1[0].conv1.weight) and not torch.equal(frozen[last], begun["trainer"][last])
        assert not torch.equal(all_of_it[first], frozen[first])
        # From random weights nothing is frozen.
        (folder / "random").mkdir()
        settings = {**DRY, "schedule": {**DRY["schedule"], "frozen": 6, "warmup": 1}}
        given = ["dry.toml", "--data", str(folder), "--cache", str(cache), "--run", str(folder / "random"), "--dev", str(folder / "none"),
                 "--held-out", str(folder / "held-out.tsv")]
        train.work(0, train.arguments([*given, "--steps", "1"]), settings)
        begun = checkpoint.read(folder / "random/last.pt")["trainer"][first].clone()
        train.work(0, train.arguments([*given, "--steps", "3"]), settings)
        assert not torch.equal(checkpoint.read(folder / "random/last.pt")["trainer"][first], begun)
        # Stopped where all layers begin to learn, it is where a run that never stopped is.
        once = go("once", 10)
        assert all(torch.allclose(once[name].float(), value.float(), atol=1e-6) for name, value in all_of_it.items())


def test_the_teacher_hears_each_clip_as_if_alone():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        torch.manual_seed(5)
        torch.save(teacher.CamPlusPlus().state_dict(), folder / "teacher.pt")
        net, corpus = teacher.Teacher(folder / "teacher.pt").eval(), tiny_corpus()
        edges = np.stack([corpus.start, corpus.length])
        heard = teacher.embed_corpus(net, corpus, edges)
        assert heard.shape == (len(corpus), teacher.DIM) and np.allclose(np.linalg.norm(heard, axis=1), 1, atol=1e-5)
        clip = 7 % len(corpus)
        alone = data.Corpus(corpus.audio, corpus.files[[clip]], ["x"], corpus.start[[clip]], corpus.length[[clip]])
        assert np.allclose(teacher.embed_corpus(net, alone, edges[:, [clip]])[0], heard[clip], atol=1e-4)
        # A short clip is repeated, a long one cut to its loudest seconds.
        wave = np.random.default_rng(1).standard_normal(100000).astype(np.float32)
        wave[30000:78000] *= 4
        assert len(teacher.heard_part(wave[:9000])) == teacher.LEAST_SAMPLES
        assert np.array_equal(teacher.heard_part(wave), wave[30400:78400])


def test_turning_towards_the_teacher_changes_no_cosine():
    rng = np.random.default_rng(4)
    torch.manual_seed(4)
    net = ResNet([1, 1, 1, 1], 2).eval()
    centres = material.unit(rng.standard_normal((300, 256)).astype(np.float32))
    rotation = np.linalg.qr(rng.standard_normal((256, 256)))[0].astype(np.float32)
    targets = material.unit(centres @ rotation + 0.02 * rng.standard_normal((300, 256)).astype(np.float32))
    names = [f"s{at}" for at in range(300)]
    state = {"trainer": {**{checkpoint.NET + name: value for name, value in net.state_dict().items()},
                         "aam.weight": torch.from_numpy(np.repeat(centres, 2, 0)), "proto.scale": torch.tensor(10.0)},
             "ema": net.state_dict(), "classes": names, "step": 5}
    turned = align.align(state, ["new", *names[:290]], np.concatenate([targets[:1], targets[:290]]))
    assert turned["classes"] == [] and len(turned["trainer"]["aam.weight"]) == 0
    assert turned["step"] == 0 and turned["frozen"]  # the layers that read the turned ones learn first
    after = ResNet([1, 1, 1, 1], 2).eval()
    after.load_state_dict(turned["ema"])
    wave = torch.randn(4, 148, 80)
    with torch.no_grad():
        old, new = net(wave).numpy(), after(wave).numpy()
    assert np.allclose(old @ old.T, new @ new.T, rtol=1e-3, atol=1e-3 * (old ** 2).sum(1).max())
    assert (material.unit(old @ rotation) * material.unit(new)).sum(1).min() > 0.9


def test_a_gpus_program_goes_on_from_the_same_checkpoint_on_any_device():
    class Unchanged(torch.nn.Module):
        """What the teacher says of crops, without a teacher: each clip's own target."""

        def __init__(self, *_, **__):
            super().__init__()

        def forward(self, waves, clips, of_clips, known):
            return of_clips

    with tempfile.TemporaryDirectory() as folder, mock.patch.multiple(device_batches, CURVES=20, PIECES=3), \
            mock.patch.object(train_gpu, "Together", Unchanged), mock.patch.object(versions, "read", lambda _: DRY):
        folder = pathlib.Path(folder)
        cache = lay_out(folder)
        places = ["dry.toml", "--data", str(folder), "--cache", str(cache), "--run", str(folder / "run"), "--dev",
                  str(folder / "none"), "--held-out", str(folder / "held-out.tsv")]
        gpu = [*places, "--device", "cpu", "--seconds", "3", "--people", "4", "--rooms", "4"]
        with mock.patch("sys.argv", ["train_gpu.py", *gpu]):
            train_gpu.main()
        state = checkpoint.read(folder / "run/last.pt")
        # Then a processor's program goes on, and then a grown network.
        train.work(0, train.arguments([*places, "--steps", str(state["step"] + 2)]), DRY)
        last = checkpoint.read(folder / "run/last.pt")
        assert last["step"] == state["step"] + 2 and last["crops"] > state["crops"] > 12
        larger = {**DRY, "network": {"blocks": [1, 1, 2, 1], "channels": 6}}
        checkpoint.save(folder / "grown.pt", grow.grow_state(last, [1, 1, 2, 1], 6))
        places[6] = str(folder / "larger")
        (folder / "larger").mkdir()
        train.work(0, train.arguments([*places, "--init", str(folder / "grown.pt"), "--steps", str(last["step"] + 1)]), larger)
        wave = torch.randn(2, 148, 80)
        with torch.no_grad():
            before, after = (export.load_checkpoint(folder / name)(wave) for name in ("run/last.pt", "grown.pt"))
        assert torch.allclose(before, after, atol=1e-4 * before.abs().max())


def test_the_card_reads_its_figures():
    rows = [{"step": str(step), "crops": str(64 * step), "rate": "steady", "set": name, "seconds": seconds, "eer_percent": eer}
            for step in range(500, 10001, 500) for seconds, eer in (("1.5", "12.34"), ("4.0", "5.67")) for name in ("dev x", "mean")]
    text = card.training_text(DRY, rows)
    assert "10,000 steps, 640,000 crops" in text and text.count("| 12.3 % | 5.7 % |") in (10, 11, 12)
    assert text.splitlines()[-1].startswith("| 10,000 |")
    assert "515 speakers" in card.held_out_text(data.read_held_out())
    config = {"name": "n", "version": "6", "num_blocks": [1, 1, 1, 1], "m_channels": 4, "feat_dim": 80, "pooling": "TSTP",
              "embed_dim": 256, "parameters": 1e6, "multiply_adds_148_frames": 4e8, "dtype": "float16"}
    cell = {"eer": 5.0, "genuine": 10, "impostor": 2000}
    written = card.card(config, {"version 6": {"1.5 s": {"mixed": cell}}}, text)
    assert "| 1.5 s | mixed | 5.0 % | 10 / 2,000 |" in written and "never trained on" in written


def test_class_centres_are_taken_over_by_name():
    net = train.ResNet([1, 1, 1, 1], 2)
    old, new = trainer.Trainer(net, 3), trainer.Trainer(net, 4)
    state = {"trainer": old.state_dict(), "classes": ["a", "b", "c"]}
    assert checkpoint.resume(new, state, ["b", "x", "c", "a"]) == [1]
    rows, before = new.aam.weight.view(4, 2, -1), old.aam.weight.view(3, 2, -1)
    assert torch.equal(rows[0], before[1]) and torch.equal(rows[3], before[0])


def test_the_rate_stays_until_a_decay_is_asked_for():
    rates = [trainer.plan(step, since, left, DRY) for step, since, left in ((0, 0, 1), (1000, 1000, 1), (1000, 1, 1), (1004, 1004, 0.5),
                                                                            (1008, 1008, 0))]
    assert np.allclose([rate for rate, _ in rates], [7.5e-4, 3e-3, 1.5e-3, 1.5e-3, 3e-5])
    assert np.allclose([margin for _, margin in rates], [0, 0.2, 0.2, 0.25, 0.3])


def test_the_versions_in_the_repository_are_well_formed():
    for path in sorted((pathlib.Path(__file__).parent / "versions").glob("*.toml")):
        assert abs(sum(versions.read(path)["batch"]["seconds"].values()) - 1) < 1e-9, path


def test_an_unknown_setting_is_refused_by_name():
    wrong = {**DRY, "loss": {**DRY["loss"], "margim": 1}}
    try:
        versions.check(wrong, "x.toml")
    except ValueError as error:
        assert "loss.margim" in str(error)
    else:
        raise AssertionError("accepted")


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
