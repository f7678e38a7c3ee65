"""EER by scikit-learn, DER and JER by pyannote.metrics. Reads one JSON object from stdin, writes one to stdout."""

import json
import sys
import warnings

import numpy as np
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import det_curve, roc_curve

warnings.filterwarnings("ignore")


def equal_error_rate(case):
    scores = np.array(case["targets"] + case["impostors"])
    labels = np.array([1] * len(case["targets"]) + [0] * len(case["impostors"]))
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    rate = brentq(lambda x: 1 - x - interp1d(fpr, tpr)(x), 0, 1, xtol=1e-14)
    p, fnr = case["targetPrior"], 1 - tpr
    cost = np.min(p * fnr + (1 - p) * fpr) / min(p, 1 - p)
    det_fpr, det_fnr, _ = det_curve(labels, scores)
    targets, impostors = np.array(case["targets"]), np.array(case["impostors"])
    # The best rising function of the scores: posteriors by isotonic regression, less the odds of the classes.
    posterior = IsotonicRegression(y_min=0, y_max=1).fit(scores, labels).predict
    prior_odds = np.log(len(targets) / len(impostors))
    best = [np.log(p) - np.log1p(-p) - prior_odds for p in (posterior(targets), posterior(impostors))]
    return {
        "rate": float(rate),
        "cost": float(cost),
        "det": np.stack([det_fpr, det_fnr], 1).tolist(),
        "likelihoodCost": cllr(targets, impostors),
        "minimumLikelihoodCost": cllr(*best),
    }


def cllr(targets, impostors):
    mean = np.mean(np.logaddexp(0, -targets)) + np.mean(np.logaddexp(0, impostors))
    return float(mean / 2 / np.log(2))


def annotation(turns):
    out = Annotation()
    for i, turn in enumerate(turns):
        out[Segment(turn["startSeconds"], turn["endSeconds"]), i] = turn["speaker"]
    return out


def diarization(case):
    reference, hypothesis = annotation(case["reference"]), annotation(case["hypothesis"])
    uem = Timeline([Segment(r["startSeconds"], r["endSeconds"]) for r in case["scored"]])
    for region in case["unscored"]:
        uem = uem.extrude(Segment(region["startSeconds"], region["endSeconds"]))
    # pyannote's collar is the sum of both sides.
    options = {"collar": 2 * case["collarSeconds"], "skip_overlap": case["skipOverlap"]}
    der = DiarizationErrorRate(**options)(reference, hypothesis, uem=uem, detailed=True)
    jer = JaccardErrorRate(**options)(reference, hypothesis, uem=uem)
    return {
        "rate": der["diarization error rate"],
        "totalSeconds": der["total"],
        "missSeconds": der["missed detection"],
        "falseAlarmSeconds": der["false alarm"],
        "confusionSeconds": der["confusion"],
        "jaccard": jer,
    }


cases = json.load(sys.stdin)
json.dump(
    {
        "detection": [equal_error_rate(c) for c in cases["detection"]],
        "diarization": [diarization(c) for c in cases["diarization"]],
    },
    sys.stdout,
)
