// Between what callers hold and images.
#pragma once

#include "layers/image.h"

namespace whospeaks {

/// count x frames x height, row-major, to images of height x frames of one channel.
void fromRows(const float* rows, const Image& image);

/// Images, whose channels may be padded, to count x height x width x `channels`, row-major.
void toRows(const Image& image, int channels, float* rows);

}  // namespace whospeaks
