// A convolution in whichever form is fastest for it.
#pragma once

#include <memory>

#include "layers/direct_conv.h"
#include "layers/int8_conv.h"
#include "layers/winograd_conv.h"

namespace whospeaks {

class Convolution {
 public:
  Convolution(const ConvSpec& spec, const TensorMap& weights, int paddedIn, const Kernels& kernels, ThreadPool& pool,
              Precision precision);

  WorkspaceSize scratch() const { return winograd_ ? winograd_->scratch() : WorkspaceSize{}; }

  void run(const Kernels& kernels, ThreadPool& pool, const Workspace& workspace, const Image& in, const Image& out,
           bool relu, bool addOut) const {
    if (int8_) {
      int8_->run(pool, workspace, in, out, relu, addOut);
    } else if (winograd_) {
      winograd_->run(kernels, pool, workspace, in, out, relu, addOut);
    } else {
      direct_->run(kernels, pool, in, out, relu, addOut);
    }
  }

 private:
  std::unique_ptr<DirectConv> direct_;
  std::unique_ptr<Int8Conv> int8_;
  std::unique_ptr<WinogradConv> winograd_;
};

}  // namespace whospeaks
