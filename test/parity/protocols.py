"""One speaker's detection, and identification, by pyannote.metrics. Reads one JSON object from stdin, writes one to stdout."""

import itertools
import json
import sys
import warnings

from pyannote.core import Annotation, Segment
from pyannote.metrics.detection import DetectionAccuracy, DetectionErrorRate
from pyannote.metrics.identification import IdentificationErrorRate

warnings.filterwarnings("ignore")


def annotation(turns, mapping=None):
    out = Annotation()
    for i, turn in enumerate(turns):
        label = turn["speaker"]
        out[Segment(turn["startSeconds"], turn["endSeconds"]), i] = (mapping or {}).get(label, label)
    return out


def detection(cases):
    metrics = [DetectionAccuracy(skip_overlap=True), DetectionErrorRate(skip_overlap=True)]
    for case in cases:
        for metric in metrics:
            metric(annotation(case["reference"]), annotation(case["hypothesis"]))
    return [abs(metric) for metric in metrics]


def identification(case):
    """The least error over all ways to take unknown labels for the speakers who are not enrolled."""
    enrolled, reference = case["enrolled"], annotation(case["reference"])
    labels = sorted({t["speaker"] for t in case["hypothesis"] if t["speaker"].startswith("unknown")})
    strangers = sorted({t["speaker"] for t in case["reference"]} - set(enrolled))
    # Labels may be more than strangers.
    names = strangers + [None] * len(labels)
    rates = []
    for chosen in set(itertools.permutations(names, len(labels))):
        mapping = {label: name for label, name in zip(labels, chosen) if name is not None}
        rates.append(IdentificationErrorRate()(reference, annotation(case["hypothesis"], mapping)))
    return min(rates)


cases = json.load(sys.stdin)
json.dump(
    {
        "detection": detection(cases["detection"]),
        "identification": [identification(case) for case in cases["identification"]],
    },
    sys.stdout,
)
