// PyanNet of pyannote.audio: who of a few local speakers speaks, from raw samples.
#pragma once

#include "networks/network.h"

namespace whospeaks {

/// Sizes: `filters` (of the first convolution), `channels` (of the two after it), `units` (of an LSTM layer, a multiple
/// of 16), `layers` (of the LSTM), `linear` (of the two linear layers), `classes`.
/// The input is samples at 16 kHz, one a step. Output: `activity`, the log-probabilities of the classes at each frame,
/// frames x classes. Frames are 270 samples apart, each hears 991. Throws `model-shape` where a size is absurd.
Network pyannet(const NetworkConfig& config);

}  // namespace whospeaks
