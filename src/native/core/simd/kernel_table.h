// All kernels over one vector type. Included by each isa_*.cpp; see simd.h for the rules.
#pragma once

#include "simd/attention_impl.h"
#include "simd/kernels_impl.h"
#include "simd/sequence_impl.h"
#include "simd/winograd_impl.h"

namespace whospeaks {
namespace {

/// @tparam VECTORS of columns that a matrix product holds at once: all of its panels, or a part of one
template <class V, int PANELS, int VECTORS = PANELS * kPanel / V::width>
Kernels kernelTable(const char* name) {
  return {name,
          V::maxRows,
          PANELS,
          gemm<V, PANELS, VECTORS>,
          winogradWeights<V>,
          winogradInput<V>,
          winogradOutput<V>,
          statistics<V>,
          weightedStatistics<V>,
          simAm<V>,
          attention<V>,
          hyperbolicTangent<V>,
          maxPool<V>,
          normalize<V>,
          normalizeLine<V>,
          sumAndDifference<V>,
          leakyRelu<V>,
          V::lstmRows,
          lstmStep<V>,
          dot<V>,
          hamming<V>};
}

}  // namespace
}  // namespace whospeaks
