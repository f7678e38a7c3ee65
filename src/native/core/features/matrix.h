// A matrix that many vectors are multiplied with, in double precision: each row's products are added in the order of the
// columns, so that the bits are the same everywhere.
#pragma once

#include <cstddef>

#include "features/front_end.h"
#include "simd/buffer.h"

namespace whospeaks {

class Matrix {
 public:
  /// `values`: rows x columns, row-major; copied.
  Matrix(const float* values, std::size_t rows, std::size_t columns);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  /// `vector`: columns; `out`: receives rows.
  void times(const float* vector, double* out);

 private:
  const FrontEndKernels& kernels_;
  std::size_t rows_;
  std::size_t columns_;
  /// Panels of kMatrixPanel rows, column by column; rows of zeros fill the last.
  Buffer panels_;
};

}  // namespace whospeaks
