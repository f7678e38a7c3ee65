// SimAM: attention by how far a value lies from its channel's mean, without parameters.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"

namespace whospeaks {

/// Both images have the same border.
class SimAm final : public Layer {
 public:
  explicit SimAm(const SimAmSpec& spec) : spec_(spec) {}

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  SimAmSpec spec_;
};

}  // namespace whospeaks
