"""`python3 -m pytest training` (or `python3 training/test_compare.py`): how two networks are compared. Generated voices only."""
import pathlib
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import compare  # noqa: E402
import evaluate  # noqa: E402
import model  # noqa: E402
from tiny import tiny_corpus  # noqa: E402

torch.set_num_threads(1)


def drawn(noise, people=8, each=4, seed=0):
    """Unit rows of made-up speakers, and whose they are."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.standard_normal((people, 16)), each, 0) + noise * rng.standard_normal((people * each, 16))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), [f"s{at // each}" for at in range(people * each)]


def test_the_rate_is_that_of_all_pairs():
    rows, speakers = drawn(1.5)
    expected = evaluate.eer(*evaluate.pair_scores(rows, speakers))[0]
    assert 0 < expected < 0.5 and abs(compare.Trials(rows, speakers).rate() - expected) < 1e-12
    others = rows[:, ::-1]
    expected = evaluate.eer(*evaluate.pair_scores(rows, speakers, others))[0]
    assert abs(compare.Trials(rows, speakers, others).rate() - expected) < 1e-12


def test_a_speaker_drawn_twice_counts_as_two():
    rows, speakers = drawn(1.5, people=4)
    trials, times = compare.Trials(rows, speakers), np.array([2, 1, 3, 0])
    genuine, impostor = [], []
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            one, two = times[a // 4], times[b // 4]
            if a // 4 == b // 4:
                genuine += [rows[a] @ rows[b]] * one
            else:
                impostor += [rows[a] @ rows[b]] * (one * two)
    genuine, impostor = np.array(genuine), np.array(impostor)
    rates = [((genuine < t).mean(), (impostor >= t).mean()) for t in np.unique(np.concatenate([genuine, impostor]))]
    miss, alarm = min(rates, key=lambda pair: abs(pair[0] - pair[1]))
    assert abs(trials.rate(times) - (miss + alarm) / 2) < 1e-9
    assert trials.rate(times) != trials.rate()


def test_both_networks_are_measured_on_the_same_draws():
    good, bad = (compare.Trials(*drawn(noise, people=20)) for noise in (1.0, 2.0))
    assert compare.compare(good, good, draws=50)["less"] == (0, 0, 0)
    got = compare.compare(bad, good, draws=200)
    value, low, high = got["less"]
    assert 0 < low < value < high and abs(value - (got["rate"][0] - got["other"][0])) < 1e-9, got
    assert got["rate"][1] < got["rate"][0] < got["rate"][2]


def test_children_and_adults_are_told_by_pitch():
    def voice(hz):
        return (0.3 * (2 * (np.arange(16000) * hz / 16000 % 1) - 1)).astype(np.float32)

    got = compare.by_pitch([voice(120), voice(300), voice(130), voice(310)], ["a", "b", "a", "b"])
    assert got == {"children": [1, 3], "adults": [0, 2]}


def test_the_table_of_two_networks():
    waves, names = evaluate.by_corpus(tiny_corpus(clips=3), range(6))["tiny"]
    torch.manual_seed(3)
    nets = [model.ResNet([1, 1, 1, 1], 4).eval() for _ in range(2)]
    rows = compare.table(nets, {"tiny": (waves, names)}, lengths=("1.5 s",), draws=20)
    (condition, name, people, pairs, _), = rows
    assert (condition, name, people, pairs) == ("1.5 s", "tiny", 6, (18, 135))
    noisy = compare.table(nets, {"tiny": (waves, names)}, [waves[0]], lengths=("1.5 s",), draws=20)
    assert [row[0] for row in noisy] == [f"1.5 s{rest}" for rest in ("", ", noise 10 dB", ", one in noise 10 dB", ", one by telephone")]
    assert noisy[0] == rows[0]
    text = compare.markdown(rows, ("new", "old"))
    assert text.splitlines()[0].endswith("| new, % | old, % | difference |") and "tiny: 6 | 18, 135 |" in text, text
    parts = [("1.5 s", name, 6, pairs, {"less": (value, 0, 0)})
             for name, value in (("a", 1.0), ("b", -0.4), ("a, children", 9.0), ("c", 0.3))]
    assert compare.summary(parts).splitlines()[2:] == ["| 1.5 s | 3 | +0.3 | 1 | 2 |"]
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.md"
        page.write_text("before\n<!-- compare -->\nold\n<!-- end of compare -->\nafter\n")
        compare.write_between(page, text)
        assert page.read_text() == f"before\n<!-- compare -->\n\n{text}\n\n<!-- end of compare -->\nafter\n"
        page.write_text("no place")
        try:
            compare.write_between(page, text)
        except ValueError as error:
            assert "page.md" in str(error)
        else:
            raise AssertionError("a page without a place was written")
        assert page.read_text() == "no place"


if __name__ == "__main__":
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name)
