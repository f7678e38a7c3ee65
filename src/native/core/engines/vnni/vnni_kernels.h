// Convolutions in integers on the dot-product instructions of AVX-512 (VNNI): products of 16-bit pairs between Winograd's
// transforms of 3x3 convolutions, products of 8-bit numbers elsewhere. `no-vnni/` stands in where the compiler knows
// none of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace whospeaks {

/// Channels are computed in groups of this many, a cache line in 16 bits. An image of at most half as many has one narrow
/// group.
constexpr int kVnniChannels = 32;
constexpr int kVnniNarrow = 16;
/// Channels of a group, where an image has `channels`, and channels that it stores: whole groups.
constexpr int vnniGroup(int channels) { return channels <= kVnniNarrow ? kVnniNarrow : kVnniChannels; }
constexpr int vnniStored(int channels) {
  const int group = vnniGroup(channels);
  return (channels + group - 1) / group * group;
}
/// Outputs of a 3x3 convolution that a tile has each way, and points of its transform.
constexpr int kVnniTile = 4;
constexpr int kVnniPoints = (kVnniTile + 2) * (kVnniTile + 2);
/// Rows of a matrix product that go together at most.
constexpr int kVnniRows = 12;
/// 8-bit numbers of a row that one step of k takes, and 16-bit ones.
constexpr int kVnniBytes = 4;
constexpr int kVnniPair = 2;

/// Where a channel lies in weights, scales and sums: packing two vectors of 32-bit numbers into one of 16 bits takes four
/// of each in turn. Those of a narrow group lie in order.
constexpr int vnniSlot(int channel, int group) {
  const int c = channel % group;
  return channel - c + (group == kVnniNarrow ? c : c / 4 % 2 * 16 + c / 8 * 4 + c % 4);
}

/// How sums become what an image holds: out = relu?(sum * scale + bias [+ out * residual / 2^15]), saturated. Of
/// a group's channels; scale and bias lie in slots.
struct VnniEpilogue {
  const float* scale;  // of the sums
  const float* bias;   // in units of the output
  std::int16_t* out;
  bool add;
  std::int16_t residual;
  bool relu;
  /// The greatest magnitude so far, in kVnniChannels lanes.
  std::int16_t* greatest;
};

/// V = Bt x B of `tiles` tiles side by side, exact: x is round(in * factor / 2^15), of at most kVnniMost where nothing in
/// `in` is below 0.
struct VnniInput {
  const std::int16_t* in;  // one row and column before the first tile's first output
  std::ptrdiff_t rowStride;
  int channels;  // as stored; neighbours in time are as far apart
  std::int16_t factor;
  int tiles;                  // at most kVnniTiles
  std::int16_t* v;            // of a tile: points x channels; of two narrow ones: points x 2 x channels
  std::ptrdiff_t tileStride;  // from one, or two narrow ones, to the next
};
constexpr int kVnniTiles = 6;
/// Greatest x from 0 whose transform fits 16 bits at every point: 32767 / 68.
constexpr int kVnniMost = 481;

/// C[row][point][slot] = sum over k of A[row][point][k] * B[point][k][slot], in 16-bit pairs and 32-bit sums, for some
/// points and kVnniChannels slots.
struct VnniProduct {
  const std::int16_t* a;
  std::ptrdiff_t aRow;
  int points;
  int steps;              // pairs of k
  const std::int16_t* b;  // points x steps x kVnniChannels x kVnniPair
  std::int32_t* c;
  std::ptrdiff_t cRow;
  const std::int16_t* ahead;  // what will be read soon: one line is fetched a step
  std::ptrdiff_t aheadStep;
};

/// half = m A of one row of points of some tiles, a group's channels each, times `scale`.
struct VnniOutputRow {
  const std::int32_t* m;  // of a tile: kVnniTile + 2 points x group
  std::ptrdiff_t tileStride;
  const float* scale;  // as a tile of m
  int tiles;
  float* half;  // of a tile: kVnniTile x group
  std::ptrdiff_t halfStride;
};

/// Y = At h of one tile and a group's channels, h being what `vnniOutputRow` gave of each row of points.
struct VnniOutput {
  const float* half;  // kVnniTile + 2 rows x kVnniTile x group
  std::ptrdiff_t rowStride;
  std::ptrdiff_t columnStride;
  int rows;  // outputs of the tile that lie in the image
  int columns;
};

/// sum over segments and k of A[row][s][k] * B[s][k][slot], for A in 0 to 255 and B in -127 to 127.
struct VnniDirect {
  const std::uint8_t* a;
  std::ptrdiff_t aRow;
  std::ptrdiff_t aSegment;
  int segments;
  int steps;             // of kVnniBytes numbers, a segment
  const std::int8_t* b;  // segments x steps x kVnniChannels x kVnniBytes
  std::ptrdiff_t outRow;
};

constexpr int kVnniTaps = 9;
/// One row of a 3x3 convolution of one channel in fp32. The epilogue's scale is a single one, of all channels.
struct VnniStem {
  const float* in;  // one row and column before the first output
  std::ptrdiff_t rowStride;
  const float* weights;  // kVnniTaps x group, in slots
  std::ptrdiff_t columnStride;
  int width;
};

/// out = relu?(weights x in + bias), of kVnniOutputs outputs: weights of 16 bits, one scale an output, and sums in fp32.
struct VnniLinear {
  const float* in;
  int inputs;
  const std::int16_t* weights;  // inputs x kVnniOutputs
  const float* scale;
  const float* bias;
  float* out;
  bool relu;
};
constexpr int kVnniOutputs = 64;

/// Whether this processor has them.
bool vnniAvailable();

void vnniInput(const VnniInput& task);
/// The same of a narrow group: two neighbours in time fill a vector.
void vnniNarrowInput(const VnniInput& task);
void vnniNarrowProduct(const VnniProduct& task, int rows);
void vnniNarrowOutputRow(const VnniOutputRow& task);
void vnniNarrowOutput(const VnniOutput& task, const VnniEpilogue& epilogue);
void vnniNarrowStem(const VnniStem& task, const VnniEpilogue& epilogue);
void vnniProduct(const VnniProduct& task, int rows);
void vnniOutputRow(const VnniOutputRow& task);
/// The epilogue's scale is a single one, of all channels.
void vnniOutput(const VnniOutput& task, const VnniEpilogue& epilogue);
void vnniDirect(const VnniDirect& task, const VnniEpilogue& epilogue, int rows);
void vnniStem(const VnniStem& task, const VnniEpilogue& epilogue);

void vnniLinear(const VnniLinear& task);

/// to = round(from * factor / 2^15) in 0 to 255; count is a multiple of kVnniNarrow.
void vnniToBytes(const std::int16_t* from, std::size_t count, std::int16_t factor, std::uint8_t* to);
/// The greatest magnitude in `from`, or `least`; count is a multiple of kVnniNarrow.
float vnniGreatest(const float* from, std::size_t count, float least);
/// to = round(from * factor), saturated to -32767 to 32767; count is a multiple of kVnniNarrow.
void vnniFromFloats(const float* from, std::size_t count, float factor, std::int16_t* to);
/// to = from * scale; count is a multiple of kVnniNarrow.
void vnniToFloats(const std::int16_t* from, std::size_t count, float scale, float* to);

}  // namespace whospeaks
