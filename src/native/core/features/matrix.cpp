#include "features/matrix.h"

#include <algorithm>

namespace whospeaks {

Matrix::Matrix(const float* values, std::size_t rows, std::size_t columns)
    : kernels_(selectFrontEnd()),
      rows_(rows),
      columns_(columns),
      panels_((rows + kMatrixPanel - 1) / kMatrixPanel * kMatrixPanel * columns) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* panel = panels_.data() + row / kMatrixPanel * kMatrixPanel * columns + row % kMatrixPanel;
    for (std::size_t k = 0; k < columns; ++k) panel[k * kMatrixPanel] = values[row * columns + k];
  }
}

void Matrix::times(const float* vector, double* out) {
  for (std::size_t row = 0; row < rows_; row += kMatrixPanel) {
    double sums[kMatrixPanel];
    kernels_.panelTimes(panels_.data() + row * columns_, columns_, vector, sums);
    std::copy_n(sums, std::min<std::size_t>(kMatrixPanel, rows_ - row), out + row);
  }
}

}  // namespace whospeaks
