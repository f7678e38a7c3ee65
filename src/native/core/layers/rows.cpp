#include "layers/rows.h"

#include <algorithm>

namespace whospeaks {

void fromRows(const float* rows, const Image& image) {
  for (int i = 0; i < image.count; ++i) {
    for (int h = 0; h < image.height; ++h) {
      float* to = image.at(i, h, 0);
      const float* from = rows + static_cast<std::ptrdiff_t>(i) * image.width * image.height + h;
      for (int t = 0; t < image.width; ++t) to[t] = from[static_cast<std::ptrdiff_t>(t) * image.height];
    }
  }
}

void toRows(const Image& image, int channels, float* rows) {
  for (int i = 0; i < image.count; ++i) {
    for (int h = 0; h < image.height; ++h) {
      for (int t = 0; t < image.width; ++t) rows = std::copy_n(image.at(i, h, t), channels, rows);
    }
  }
}

}  // namespace whospeaks
