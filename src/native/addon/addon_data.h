// What the addon keeps for one environment: the main thread and every worker thread have their own.
#pragma once

#include <napi.h>

namespace whospeaks {

struct AddonData {
  Napi::FunctionReference engineClass;
  Napi::FunctionReference gateNetworkClass;
  Napi::FunctionReference logMelClass;
  Napi::FunctionReference maskedPoolingClass;
  Napi::FunctionReference matrixClass;
  Napi::FunctionReference vectorIndexClass;
};

}  // namespace whospeaks
