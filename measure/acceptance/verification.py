"""The verification figures once more, by implementations that are not ours: soundfile, kaldi-native-fbank,
torch and scikit-learn.

    python verification.py CROPS.json MODEL.safetensors   # prints {"set length": eer}
"""

import json
import pathlib
import sys

import kaldi_native_fbank as knf
import numpy as np
import soundfile
import torch
from safetensors.torch import load_file
from sklearn.metrics import roc_curve

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "test" / "parity"))
import resnet  # noqa: E402


def log_mel(samples):
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hamming"
    options.frame_opts.samp_freq = 16000
    options.mel_opts.num_bins = 80
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 8000
    options.energy_floor = 0
    computer = knf.OnlineFbank(options)
    computer.accept_waveform(16000, (samples * 32768).tolist())
    computer.input_finished()
    frames = np.stack([computer.get_frame(i) for i in range(computer.num_frames_ready)])
    return frames - frames.mean(axis=0)


def equal_error_rate(same, scores):
    false_accept, true_accept, _ = roc_curve(same, scores, drop_intermediate=False)
    gap = (1 - true_accept) - false_accept
    i = int(np.argmax(gap <= 0))
    # Where the two error rates cross, between the two thresholds around it.
    share = gap[i - 1] / (gap[i - 1] - gap[i])
    return float(false_accept[i - 1] + share * (false_accept[i] - false_accept[i - 1]))


def main():
    crops = json.loads(pathlib.Path(sys.argv[1]).read_text())
    state = {key: value.float() for key, value in load_file(sys.argv[2]).items()}
    network = resnet.load_resnet(state)
    audio, embeddings = {}, []
    with torch.no_grad():
        for crop in crops:
            if crop["file"] not in audio:
                audio = {crop["file"]: soundfile.read(crop["file"], dtype="float32")[0]}
            start = crop["startSample"]
            features = log_mel(audio[crop["file"]][start : start + crop["numSamples"]])
            embedding = network(torch.from_numpy(features).float()[None])[0].numpy()
            embeddings.append(embedding / np.linalg.norm(embedding))
    rates = {}
    for length in dict.fromkeys(crop["length"] for crop in crops):
        for corpus in ["librispeech", "speechocean", "mixed"]:
            members = [
                i for i, crop in enumerate(crops)
                if crop["length"] == length and corpus in ("mixed", crop["corpus"])
            ]
            matrix = np.stack([embeddings[i] for i in members])
            speakers = np.array([crops[i]["speaker"] for i in members])
            upper = np.triu_indices(len(members), 1)
            scores = (matrix @ matrix.T)[upper]
            same = (speakers[:, None] == speakers[None, :])[upper]
            rates[f"{corpus} {length}"] = equal_error_rate(same, scores)
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
