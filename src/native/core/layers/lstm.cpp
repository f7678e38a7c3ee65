#include "layers/lstm.h"

#include <algorithm>

namespace whospeaks {
namespace {

constexpr int kGates = 4;
constexpr int kDirections = 2;
/// The most that any instruction set takes at once.
constexpr int kMostRows = 8;

}  // namespace

Lstm::Lstm(const LstmSpec& spec, const TensorMap& weights)
    : units_(spec.units),
      directionFloats_(static_cast<std::ptrdiff_t>(kGates) * spec.units * spec.units),
      weights_(static_cast<std::size_t>(kDirections * directionFloats_)) {
  const float* from = weights.at(spec.name + ".recurrent").data;
  for (int direction = 0; direction < kDirections; ++direction) {
    for (int gate = 0; gate < kGates; ++gate) {
      for (int unit = 0; unit < units_; ++unit) {
        float* column = weights_.data() + direction * directionFloats_ +
                        static_cast<std::ptrdiff_t>(unit / kPanel) * units_ * kGates * kPanel + gate * kPanel +
                        unit % kPanel;
        for (int k = 0; k < units_; ++k) column[static_cast<std::ptrdiff_t>(k) * kGates * kPanel] = *from++;
      }
    }
  }
}

WorkspaceSize Lstm::scratch() const {
  return {static_cast<std::size_t>(kMostRows) * units_, static_cast<std::size_t>(units_)};
}

void Lstm::run(const Cores& cores, const Image& in, const Image& out) const {
  // Fewer windows a step where threads would otherwise have nothing to do.
  const int wanted = (cores.pool.threads() + kDirections - 1) / kDirections;
  const int rows = std::clamp((in.count + wanted - 1) / wanted, 1, std::min(cores.kernels.lstmRows, kMostRows));
  const int groups = (in.count + rows - 1) / rows;
  cores.pool.parallelFor(groups * kDirections, [&](int unit, int worker) {
    const int first = unit / kDirections * rows;
    float* cells = cores.workspace.v(worker);
    float* zeros = cores.workspace.m(worker);
    std::fill_n(cells, kMostRows * units_, 0.0f);
    std::fill_n(zeros, units_, 0.0f);
    runDirection(cores.kernels, in, out, unit % kDirections, first, std::min(rows, in.count - first), cells, zeros);
  });
}

void Lstm::runDirection(const Kernels& kernels, const Image& in, const Image& out, int direction, int first, int rows,
                        float* cells, const float* zeros) const {
  LstmStep step{};
  step.inputsRow = in.imageStride();
  step.weights = weights_.data() + direction * directionFloats_;
  step.cell = cells;
  step.outRow = out.imageStride();
  step.units = units_;
  step.before = zeros;
  for (int i = 0; i < in.width; ++i) {
    const int t = direction == 0 ? i : in.width - 1 - i;
    step.inputs = in.at(first, 0, t) + static_cast<std::ptrdiff_t>(direction) * kGates * units_;
    step.out = out.at(first, 0, t) + static_cast<std::ptrdiff_t>(direction) * units_;
    step.backwards = i % 2 != 0;
    kernels.lstmStep(step, rows);
    step.before = step.out;
    step.beforeRow = step.outRow;
  }
}

}  // namespace whospeaks
