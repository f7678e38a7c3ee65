// Engines and masked pooling, for JavaScript: see calls.h. Inputs are written into memory that a call gives, outputs are
// read from memory that another names; both stay valid until the next call on the same handle.
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "calls.h"
#include "engines/engine.h"
#include "layers/masked_pooling.h"
#include "networks/resnet.h"

namespace whospeaks {
namespace {

/// A network on its way in.
struct Loading {
  NetworkConfig network;
  std::list<std::vector<float>> storage;
  TensorMap tensors;
};

struct RunningEngine {
  std::unique_ptr<Engine> engine;
  CancelFlag never{false};
  std::vector<float> input;
  std::vector<std::vector<float>> outputs;
  std::string device;
};

struct RunningPooling {
  std::unique_ptr<MaskedPooling> pooling;
  std::vector<float> columns;
  std::vector<float> masks;
  std::vector<float> embeddings;
};

}  // namespace

LastError& lastError() {
  static LastError error;
  return error;
}

WS_EXPORT const char* ws_error_code() { return lastError().code.c_str(); }
WS_EXPORT const char* ws_error_message() { return lastError().message.c_str(); }

WS_EXPORT Loading* ws_loading_new(const char* name) {
  return guarded<Loading*>(nullptr, [&] {
    auto loading = std::make_unique<Loading>();
    loading->network.name = name;
    return loading.release();
  });
}

WS_EXPORT void ws_loading_size(Loading* loading, const char* name, int value) {
  loading->network.sizes[name].push_back(value);
}

/// Where the tensor's numbers go; null where there is no memory for them.
WS_EXPORT float* ws_loading_tensor(Loading* loading, const char* name, const std::int32_t* shape, int axes) {
  return guarded<float*>(nullptr, [&] {
    TensorView view{{}, nullptr};
    std::size_t count = 1;
    for (int axis = 0; axis < axes; ++axis) {
      view.shape.push_back(shape[axis]);
      count *= static_cast<std::size_t>(shape[axis]);
    }
    loading->storage.emplace_back(count);
    view.data = loading->storage.back().data();
    loading->tensors.insert_or_assign(name, std::move(view));
    return loading->storage.back().data();
  });
}

WS_EXPORT void ws_loading_free(Loading* loading) { delete loading; }

WS_EXPORT RunningEngine* ws_engine_new(const Loading* loading, const char* name, int precision) {
  return guarded<RunningEngine*>(nullptr, [&] {
    auto running = std::make_unique<RunningEngine>();
    EngineOptions options;
    options.threads = 1;
    options.precision = static_cast<Precision>(precision);
    running->engine = makeEngine(name, loading->network, loading->tensors, options);
    running->outputs.resize(running->engine->network().outputs.size());
    running->device = running->engine->device();
    return running.release();
  });
}

WS_EXPORT int ws_engine_input_size(const RunningEngine* running) { return running->engine->network().inputSize; }
WS_EXPORT int ws_engine_least_frames(const RunningEngine* running) { return running->engine->network().leastFrames; }
WS_EXPORT int ws_engine_most_frames(const RunningEngine* running) { return running->engine->network().mostFrames; }
WS_EXPORT int ws_engine_outputs(const RunningEngine* running) { return static_cast<int>(running->outputs.size()); }
WS_EXPORT const char* ws_engine_output_name(const RunningEngine* running, int index) {
  return running->engine->network().outputs[static_cast<std::size_t>(index)].name.c_str();
}
WS_EXPORT const char* ws_engine_device(const RunningEngine* running) { return running->device.c_str(); }

/// Room for batch x frames x input size.
WS_EXPORT float* ws_engine_input(RunningEngine* running, int batch, int frames) {
  return guarded<float*>(nullptr, [&] {
    checkWindow(running->engine->network(), batch, frames);
    running->input.resize(static_cast<std::size_t>(batch) * static_cast<std::size_t>(frames) *
                          static_cast<std::size_t>(running->engine->network().inputSize));
    return running->input.data();
  });
}

WS_EXPORT int ws_engine_run(RunningEngine* running, int batch, int frames) {
  return guarded<int>(0, [&] {
    const Network& network = running->engine->network();
    std::vector<float*> to;
    for (std::size_t i = 0; i < running->outputs.size(); ++i) {
      running->outputs[i].resize(static_cast<std::size_t>(batch) * outputSize(network, network.outputs[i], frames));
      to.push_back(running->outputs[i].data());
    }
    running->engine->run(running->input.data(), batch, frames, to, running->never);
    return 1;
  });
}

WS_EXPORT const float* ws_engine_output(const RunningEngine* running, int index) {
  return running->outputs[static_cast<std::size_t>(index)].data();
}
WS_EXPORT int ws_engine_output_length(const RunningEngine* running, int index) {
  return static_cast<int>(running->outputs[static_cast<std::size_t>(index)].size());
}
WS_EXPORT void ws_engine_free(RunningEngine* running) { delete running; }

WS_EXPORT RunningPooling* ws_pooling_new(const Loading* loading) {
  return guarded<RunningPooling*>(nullptr, [&] {
    auto running = std::make_unique<RunningPooling>();
    running->pooling = std::make_unique<MaskedPooling>(poolingOf(loading->network), embeddingOf(loading->network),
                                                       loading->tensors);
    return running.release();
  });
}

WS_EXPORT int ws_pooling_column_size(const RunningPooling* running) { return running->pooling->columnSize(); }
WS_EXPORT int ws_pooling_dimension(const RunningPooling* running) { return running->pooling->dimension(); }

/// Room for width x column size; `ws_pooling_masks` then gives that for count x width.
WS_EXPORT float* ws_pooling_columns(RunningPooling* running, int width, int count) {
  return guarded<float*>(nullptr, [&] {
    running->columns.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(running->pooling->columnSize()));
    running->masks.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(width));
    running->embeddings.resize(static_cast<std::size_t>(count) *
                               static_cast<std::size_t>(running->pooling->dimension()));
    return running->columns.data();
  });
}
WS_EXPORT float* ws_pooling_masks(RunningPooling* running) { return running->masks.data(); }

/// The embeddings, count x dimension.
WS_EXPORT const float* ws_pooling_run(RunningPooling* running, int width, int count) {
  return guarded<const float*>(nullptr, [&]() -> const float* {
    running->pooling->run(running->columns.data(), width, running->masks.data(), count, running->embeddings.data());
    return running->embeddings.data();
  });
}
WS_EXPORT void ws_pooling_free(RunningPooling* running) { delete running; }

/// One line an engine: name, device, reason, version, accelerated (0 or 1), tab-separated.
WS_EXPORT const char* ws_engines() {
  static std::string text;
  text.clear();
  for (const EngineInfo& info : listEngines()) {
    text += info.name + '\t' + info.device + '\t' + info.reason + '\t' + info.version + '\t' +
            (info.accelerated ? '1' : '0') + '\n';
  }
  return text.c_str();
}

}  // namespace whospeaks
