#include "engines/mlx/compiled_shapes.h"

#include <algorithm>

namespace whospeaks {

const std::vector<CompiledShapes::CompiledPart>& CompiledShapes::at(int batch, int frames) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.batch == batch && entry.frames == frames;
  });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().parts;
  }
  if (entries_.size() == kMost) entries_.pop_back();
  Entry entry{batch, frames, {}};
  for (std::size_t index = 0; index < network_.parts(); ++index) {
    const CompiledPart plain = [this, index](const std::vector<mx::array>& inputs) {
      return network_.run(index, inputs[0]);
    };
    entry.parts.push_back(compiling_ && !network_.isRecurrent() ? mx::compile(plain) : plain);
  }
  entries_.push_front(std::move(entry));
  return entries_.front().parts;
}

void CompiledShapes::stopCompiling() {
  compiling_ = false;
  entries_.clear();
}

}  // namespace whospeaks
