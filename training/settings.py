"""A version's settings, from `versions/NAME.toml`. An unknown or missing key is refused by name."""
import pathlib
import tomllib

KEYS = {
    "network": {"blocks", "channels"},
    "data": {"pools"},
    "batch": {"people", "crops", "processes", "seconds"},
    "augment": {"roomy", "noisy", "untouched"},
    "loss": {"margin", "margin_steps", "last_margin", "distil", "aam", "proto", "centres"},
    "schedule": {"rate", "warmup", "frozen", "last", "decay", "ema"},
    "keep": {"save_every", "measure_every"},
}


def read(path):
    """{section: {key: value}}; `batch.seconds` becomes {seconds: share}."""
    with open(pathlib.Path(path), "rb") as handle:
        return check(tomllib.load(handle), path)


def check(found, path):
    wrong = [f"[{section}]" for section in set(found) ^ set(KEYS)]
    wrong += [f"{section}.{key}" for section in set(found) & set(KEYS) for key in set(found[section]) ^ KEYS[section]]
    if wrong:
        raise ValueError(f"{path}: unknown or missing: {', '.join(sorted(wrong))}; expected {KEYS}")
    found["batch"]["seconds"] = {float(seconds): share for seconds, share in found["batch"]["seconds"].items()}
    return found
