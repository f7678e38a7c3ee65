"""sherpa-onnx's OfflineSpeakerDiarization over WAV or FLAC files, with given networks and its own defaults.

    python sherpa.py SEGMENTATION.onnx EMBEDDING.onnx THREADS FILE...

Prints JSON, one entry a file, in order: its segments, seconds of work and of sound; and the peak memory, MiB.
"""

import json
import resource
import sys
import time

import sherpa_onnx
import soundfile


def main(segmentation, embedding, threads, *paths):
    config = sherpa_onnx.OfflineSpeakerDiarizationConfig(
        segmentation=sherpa_onnx.OfflineSpeakerSegmentationModelConfig(
            pyannote=sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(model=segmentation),
            num_threads=int(threads),
        ),
        embedding=sherpa_onnx.SpeakerEmbeddingExtractorConfig(model=embedding, num_threads=int(threads)),
        clustering=sherpa_onnx.FastClusteringConfig(num_clusters=-1),
    )
    diarization = sherpa_onnx.OfflineSpeakerDiarization(config)
    files = []
    for path in paths:
        samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
        mono = samples.mean(axis=1)
        start = time.perf_counter()
        segments = diarization.process(mono).sort_by_start_time()
        files.append(
            {
                "workSeconds": time.perf_counter() - start,
                "seconds": len(mono) / 16000,
                "turns": [
                    {"startSeconds": s.start, "endSeconds": s.end, "speaker": f"s{s.speaker}"} for s in segments
                ],
            }
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"files": files, "peakMiB": peak, "version": sherpa_onnx.__version__}))


main(*sys.argv[1:])
