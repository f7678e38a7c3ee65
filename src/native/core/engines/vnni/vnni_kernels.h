// Convolutions in integers on the dot-product instructions of AVX-512 (VNNI): products of 16-bit pairs between Winograd's
// transforms of 3x3 convolutions, products of 8-bit numbers elsewhere. `no-vnni/` stands in where the compiler knows
// none of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace whospeaks {

/// Channels of images are padded to this many: a cache line in 16 bits.
constexpr int kVnniChannels = 32;
/// Outputs of a 3x3 convolution that a tile has each way, and points of its transform.
constexpr int kVnniTile = 4;
constexpr int kVnniPoints = (kVnniTile + 2) * (kVnniTile + 2);
/// Rows of a matrix product that go together at most.
constexpr int kVnniRows = 12;
/// 8-bit numbers of a row that one step of k takes, and 16-bit ones.
constexpr int kVnniBytes = 4;
constexpr int kVnniPair = 2;

/// Where a channel of a group of kVnniChannels lies in weights, scales and sums: packing two vectors of 32-bit numbers
/// into one of 16 bits takes four of each in turn.
constexpr int vnniSlot(int channel) { return channel / 4 % 2 * 16 + channel / 8 * 4 + channel % 4; }

/// How sums become what an image holds: out = relu?(sum * scale + bias [+ out * residual / 2^15]), saturated. Of
/// kVnniChannels channels; scale and bias lie in slots.
struct VnniEpilogue {
  const float* scale;  // of the sums
  const float* bias;   // in units of the output
  std::int16_t* out;
  bool add;
  std::int16_t residual;
  bool relu;
  /// The greatest magnitude of each channel so far, in order.
  std::int16_t* greatest;
};

/// V = Bt x B of `tiles` tiles side by side, exact: x is round(in * factor / 2^15), of at most kVnniMost where nothing in
/// `in` is below 0.
struct VnniInput {
  const std::int16_t* in;  // one row and column before the first tile's first output
  std::ptrdiff_t rowStride;
  int channels;  // a multiple of kVnniChannels; neighbours in time are as far apart
  std::int16_t factor;
  int tiles;        // at most kVnniTiles
  std::int16_t* v;  // of a tile: points x channels
  std::ptrdiff_t tileStride;
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

/// Y = At h of one tile and kVnniChannels channels, h being what `vnniOutputRow` gave of each row of points.
struct VnniOutput {
  const float* half;  // kVnniTile + 2 rows x kVnniTile x kVnniChannels
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

/// One row of a 3x3 convolution of one channel in fp32.
struct VnniStem {
  const float* in;  // one row and column before the first output
  std::ptrdiff_t rowStride;
  const float* weights;  // 9 x kVnniChannels, in slots
  std::ptrdiff_t columnStride;
  int width;
};

/// Whether this processor has them.
bool vnniAvailable();

void vnniInput(const VnniInput& task);
void vnniProduct(const VnniProduct& task, int rows);
/// half = m A of one row of points, kVnniChannels channels each, times `scale`.
void vnniOutputRow(const std::int32_t* m, const float* scale, float* half);
/// The epilogue's scale is a single one, of all channels.
void vnniOutput(const VnniOutput& task, const VnniEpilogue& epilogue);
void vnniDirect(const VnniDirect& task, const VnniEpilogue& epilogue, int rows);
void vnniStem(const VnniStem& task, const VnniEpilogue& epilogue);

/// to = round(from * factor / 2^15) in 0 to 255; count is a multiple of kVnniChannels.
void vnniToBytes(const std::int16_t* from, std::size_t count, std::int16_t factor, std::uint8_t* to);
/// to = from * scale; count is a multiple of kVnniChannels.
void vnniToFloats(const std::int16_t* from, std::size_t count, float scale, float* to);

}  // namespace whospeaks
