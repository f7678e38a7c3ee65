// A network as a description: layers in order and named outputs. Engines run it; nothing but the file that writes a
// description knows an architecture.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "layers/spec.h"
#include "tensor.h"

namespace whospeaks {

/// What flows between layers lies in numbered places. A place holds one value at a time and has one shape, whichever
/// layer writes it; place 0 is the input.
constexpr int kInput = 0;

struct Step {
  LayerSpec layer;
  int from;
  int to;
};

struct Output {
  std::string name;
  int place;
};

struct Network {
  /// Numbers in one step of the input (mel bins in a frame, say).
  int inputSize;
  /// Steps of the input that a window has.
  int leastFrames;
  int mostFrames;
  int places;
  std::vector<Step> steps;
  std::vector<Output> outputs;
  /// Whether it holds in bf16, fp16 and int8; else engines refuse all but fp32.
  bool reducedPrecision = true;
};

/// Which network, and its sizes by name.
struct NetworkConfig {
  std::string name;
  std::map<std::string, std::vector<int>> sizes;
};

/// The network that a config asks for. Throws `model-shape` where there is none of that name or a size is absurd.
Network describe(const NetworkConfig& config);

/// The shape of each place for a window of `frames`.
std::vector<Shape> shapesOf(const Network& network, int frames);

/// Numbers that an output has for one window of `frames`.
std::size_t outputSize(const Network& network, const Output& output, int frames);

/// Every tensor that the network needs, in order.
std::vector<WeightSpec> weightsOf(const Network& network);

/// Throws `model-shape` unless every weight is there in its shape.
void checkWeights(const Network& network, const TensorMap& weights);

/// Throws `engine-failed` where a batch or a number of frames cannot be run.
void checkWindow(const Network& network, int batch, int frames);

/// Whether steps of time wait for one another in it, so that windows gain most by going together.
bool isRecurrent(const Network& network);

/// Whether what this step reads comes out of a ReLU, so that nothing in it is below 0.
bool readsRectified(const Network& network, std::size_t step);

/// Steps `first` to `last` - 1, which need nothing of what came before but the place `from`.
struct Part {
  std::size_t first;
  std::size_t last;
  int from;
};

/// The network cut, between one resolution in time and the next, where a single value goes on.
std::vector<Part> partsOf(const Network& network);

}  // namespace whospeaks
