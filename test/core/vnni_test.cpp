// Each kernel of convolutions in integers beside its formula, written out.
#include <cmath>
#include <cstdio>
#include <random>

#include "engines/vnni/vnni_direct.h"
#include "engines/vnni/vnni_kernels.h"
#include "engines/vnni/vnni_layer.h"
#include "harness.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

constexpr int kSide = kVnniTile + 2;
constexpr int kBt[kSide][kSide] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                   {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
constexpr int kAt[kVnniTile][kSide] = {
    {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};

std::mt19937 source(7);

template <class Number>
std::vector<Number> numbers(std::size_t count, int least, int most) {
  std::uniform_int_distribution<int> uniform(least, most);
  std::vector<Number> list(count);
  for (Number& number : list) number = static_cast<Number>(uniform(source));
  return list;
}
std::vector<float> floats(std::size_t count, float most) {
  std::uniform_real_distribution<float> uniform(-most, most);
  std::vector<float> list(count);
  for (float& value : list) value = uniform(source);
  return list;
}

bool available() {
  if (vnniAvailable()) return true;
  std::printf("     this processor has no AVX-512 VNNI\n");
  return false;
}

std::int16_t rounded(std::int16_t number, std::int16_t factor) {
  return static_cast<std::int16_t>((number * factor + (1 << 14)) >> 15);
}

/// What the epilogue makes of a sum.
struct Finish {
  const int group;
  const bool add;
  const bool relu;
  std::vector<float> scale = floats(static_cast<std::size_t>(group), 0.01f);
  std::vector<float> bias = floats(static_cast<std::size_t>(group), 2000);
  std::vector<std::int16_t> greatest = std::vector<std::int16_t>(kVnniChannels, 0);

  Finish(int channels, bool isAdded, bool isRectified) : group(channels), add(isAdded), relu(isRectified) {}

  std::int16_t of(double sum, int channel, std::int16_t before) const {
    double y = std::nearbyint(static_cast<float>(sum) + bias[static_cast<std::size_t>(vnniSlot(channel, group))]);
    y = std::min(std::max(y, -32768.0), 32767.0);
    if (add) y = std::min(std::max(y + rounded(before, 21'000), -32768.0), 32767.0);
    return static_cast<std::int16_t>(std::max(y, relu ? 0.0 : -32767.0));
  }
  VnniEpilogue task(const float* scale, std::int16_t* out) {
    return {scale, bias.data(), out, add, 21'000, relu, greatest.data()};
  }
  void check(const std::vector<std::int16_t>& out) const {
    int most = 0;
    for (const std::int16_t number : out) most = std::max(most, std::abs(static_cast<int>(number)));
    int told = 0;
    for (const std::int16_t number : greatest) told = std::max(told, static_cast<int>(number));
    CHECK(told == most, told << " and " << most);
  }
};

}  // namespace

TEST(vnniInputIsTheTransform) {
  if (!available()) return;
  for (const int channels : {16, 32, 96}) {
    const int group = vnniGroup(channels);
    const int together = group == kVnniNarrow ? 2 : 1;
    for (const int tiles : {1, 2, 5, 6}) {
      // Columns that a second tile of two would read, too.
      const int width = (tiles + 1) * kVnniTile + 2;
      const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(width) * channels;
      // The greatest number that may come, at random places, and an extreme one in the first tile.
      auto in = numbers<std::int16_t>(static_cast<std::size_t>(stride) * kSide, 0, 32'767);
      for (std::size_t i = 0; i < in.size(); i += 3) in[i] = i % 2 ? 32'767 : 0;
      const std::int16_t factor = 480;
      const std::ptrdiff_t step = together * kVnniPoints * channels + 32;
      std::vector<std::int16_t> v(static_cast<std::size_t>(step) * (tiles + 1));
      (group == kVnniNarrow ? vnniNarrowInput
                            : vnniInput)({in.data(), stride, channels, factor, tiles, v.data(), step});
      for (int tile = 0; tile < tiles; ++tile) {
        for (int point = 0; point < kVnniPoints; ++point) {
          for (int c = 0; c < channels; ++c) {
            int expected = 0;
            for (int h = 0; h < kSide; ++h) {
              for (int w = 0; w < kSide; ++w) {
                const auto at = static_cast<std::size_t>(h * stride + (tile * kVnniTile + w) * channels + c);
                expected += kBt[point / kSide][h] * kBt[point % kSide][w] * rounded(in[at], factor);
              }
            }
            const auto at = tile / together * step + (point * together + tile % together) * channels + c;
            CHECK(v[static_cast<std::size_t>(at)] == expected,
                  channels << " channels, tile " << tile << ", point " << point << ": "
                           << v[static_cast<std::size_t>(at)] << " and " << expected);
          }
        }
      }
    }
  }
}

TEST(vnniGreatestInputFitsSixteenBitsAtEveryPoint) {
  for (int h = 0; h < kSide; ++h) {
    for (int w = 0; w < kSide; ++w) {
      int above = 0;
      int below = 0;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          const int coefficient = kBt[h][i] * kBt[w][j];
          (coefficient > 0 ? above : below) += std::abs(coefficient);
        }
      }
      CHECK(std::max(above, below) * kVnniMost <= 32'767, h << ", " << w << ": " << above << ", " << below);
    }
  }
}

TEST(vnniProductsAreExact) {
  if (!available()) return;
  for (const int group : {kVnniNarrow, kVnniChannels}) {
    const int together = group == kVnniNarrow ? 2 : 1;
    for (int rows = 1; rows <= kVnniRows; ++rows) {
      const int points = rows % 3 + 1;
      const int steps = group == kVnniNarrow ? kVnniNarrow / kVnniPair : 24;
      const int inputs = steps * kVnniPair;
      const std::ptrdiff_t aRow = together * points * inputs + 6;
      const std::ptrdiff_t cRow = points * group + 16;
      const auto a = numbers<std::int16_t>(static_cast<std::size_t>(aRow) * (rows + 1), -3000, 3000);
      const auto b = numbers<std::int16_t>(static_cast<std::size_t>(points * inputs * group), -4000, 4000);
      std::vector<std::int32_t> c(static_cast<std::size_t>(cRow) * rows);
      (group == kVnniNarrow ? vnniNarrowProduct : vnniProduct)(
          {a.data(), aRow, points, steps, b.data(), c.data(), cRow, b.data(), 0}, rows);
      for (int r = 0; r < rows; ++r) {
        for (int point = 0; point < points; ++point) {
          for (int slot = 0; slot < group; ++slot) {
            long long sum = 0;
            for (int k = 0; k < inputs; ++k) {
              const std::size_t in =
                  static_cast<std::size_t>(r / together * aRow + (point * together + r % together) * inputs + k);
              const std::size_t weight = static_cast<std::size_t>(
                  ((point * steps + k / kVnniPair) * group + slot) * kVnniPair + k % kVnniPair);
              sum += static_cast<long long>(a[in]) * b[weight];
            }
            const std::int32_t got = c[static_cast<std::size_t>(r * cRow + point * group + slot)];
            CHECK(got == sum, rows << " rows, " << r << ", " << point << ", " << slot << ": " << got << " and " << sum);
          }
        }
      }
    }
  }
}

TEST(vnniOutputIsTheTransformBack) {
  if (!available()) return;
  for (const int group : {kVnniNarrow, kVnniChannels}) {
    const bool isNarrow = group == kVnniNarrow;
    for (const bool add : {false, true}) {
      for (int rows = 1; rows <= kVnniTile; ++rows) {
        for (int columns = 1; columns <= kVnniTile; ++columns) {
          Finish finish(group, add, rows != 2);
          const auto m = numbers<std::int32_t>(static_cast<std::size_t>(kVnniPoints * group), -200'000, 200'000);
          const auto scale = floats(m.size(), 0.002f);
          std::vector<float> half(static_cast<std::size_t>(kSide * kVnniTile * group));
          for (int h = 0; h < kSide; ++h) {
            (isNarrow ? vnniNarrowOutputRow
                      : vnniOutputRow)({m.data() + h * kSide * group, 0, scale.data() + h * kSide * group, 1,
                                        half.data() + h * kVnniTile * group, 0});
          }
          const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(kVnniTile + 1) * group;
          const auto before = numbers<std::int16_t>(static_cast<std::size_t>(stride) * kVnniTile, -20'000, 20'000);
          auto out = before;
          const float all = 0.7f;
          (isNarrow ? vnniNarrowOutput : vnniOutput)({half.data(), stride, group, rows, columns},
                                                     finish.task(&all, out.data()));
          std::vector<std::int16_t> written;
          for (int h = 0; h < kVnniTile; ++h) {
            for (int w = 0; w <= kVnniTile; ++w) {
              for (int c = 0; c < group; ++c) {
                const auto at = static_cast<std::size_t>(h * stride + w * group + c);
                if (h >= rows || w >= columns) {
                  CHECK(out[at] == before[at], "beyond the tile, " << h << ", " << w);
                  continue;
                }
                double sum = 0;
                for (int point = 0; point < kVnniPoints; ++point) {
                  const auto from = static_cast<std::size_t>(point * group + vnniSlot(c, group));
                  sum += kAt[h][point / kSide] * kAt[w][point % kSide] * (double{scale[from]} * m[from]);
                }
                const int expected = finish.of(all * sum, c, before[at]);
                CHECK(std::abs(out[at] - expected) <= 1,
                      group << ", " << h << ", " << w << ", " << c << ": " << out[at] << " and " << expected);
                written.push_back(out[at]);
              }
            }
          }
          finish.check(written);
        }
      }
    }
  }
}

TEST(vnniDirectConvolutionsAreExact) {
  if (!available()) return;
  for (int rows = 1; rows <= kVnniRows; ++rows) {
    const int segments = rows % 2 == 0 ? 3 : 1;
    const int steps = 10;
    const std::ptrdiff_t aRow = 24;
    const std::ptrdiff_t aSegment = aRow * kVnniRows + steps * kVnniBytes;
    const auto a = numbers<std::uint8_t>(static_cast<std::size_t>(aSegment) * segments, 0, 255);
    const auto b =
        numbers<std::int8_t>(static_cast<std::size_t>(segments * steps * kVnniChannels * kVnniBytes), -127, 127);
    Finish finish(kVnniChannels, rows % 3 == 0, rows != 5);
    const std::ptrdiff_t outRow = kVnniChannels + 8;
    const auto before = numbers<std::int16_t>(static_cast<std::size_t>(outRow) * rows, -20'000, 20'000);
    auto out = before;
    vnniDirect({a.data(), aRow, aSegment, segments, steps, b.data(), outRow},
               finish.task(finish.scale.data(), out.data()), rows);
    std::vector<std::int16_t> written;
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < kVnniChannels; ++c) {
        long long sum = 0;
        for (int segment = 0; segment < segments; ++segment) {
          for (int k = 0; k < steps * kVnniBytes; ++k) {
            const std::size_t weight = static_cast<std::size_t>(
                ((segment * steps + k / kVnniBytes) * kVnniChannels + vnniSlot(c, kVnniChannels)) * kVnniBytes +
                k % kVnniBytes);
            sum += a[static_cast<std::size_t>(r * aRow + segment * aSegment + k)] * static_cast<long long>(b[weight]);
          }
        }
        const auto at = static_cast<std::size_t>(r * outRow + c);
        const float scale = finish.scale[static_cast<std::size_t>(vnniSlot(c, kVnniChannels))];
        const int expected = finish.of(static_cast<double>(sum) * scale, c, before[at]);
        CHECK(std::abs(out[at] - expected) <= 1,
              rows << " rows, " << r << ", " << c << ": " << out[at] << " and " << expected);
        written.push_back(out[at]);
      }
    }
    finish.check(written);
  }
}

TEST(vnniDirectIsLeftAloneWhereSumsCouldOverflow) {
  CHECK(VnniDirectConv::fits({"", 7367, 64, 3, 2}), "9 x 7367 x 255 x 127 fits 32 bits");
  CHECK(!VnniDirectConv::fits({"", 7368, 64, 3, 2}), "9 x 7368 x 255 x 127 does not");
}

TEST(vnniFirstLayerIsTheConvolution) {
  if (!available()) return;
  for (const int group : {kVnniNarrow, kVnniChannels}) {
    for (const int width : {1, 7, 8}) {
      const std::ptrdiff_t stride = width + 4;
      const auto in = floats(static_cast<std::size_t>(3 * stride), 5);
      const auto weights = floats(static_cast<std::size_t>(9 * group), 1);
      Finish finish(group, false, true);
      for (float& scale : finish.scale) scale = 700;
      std::vector<std::int16_t> out(static_cast<std::size_t>((width + 1) * group), 77);
      (group == kVnniNarrow ? vnniNarrowStem : vnniStem)({in.data(), stride, weights.data(), group, width},
                                                         finish.task(finish.scale.data(), out.data()));
      std::vector<std::int16_t> written;
      for (int t = 0; t < width; ++t) {
        for (int c = 0; c < group; ++c) {
          double sum = 0;
          for (int tap = 0; tap < 9; ++tap) {
            sum += double{in[static_cast<std::size_t>(tap / 3 * stride + t + tap % 3)]} *
                   weights[static_cast<std::size_t>(tap * group + vnniSlot(c, group))];
          }
          const int expected = finish.of(700 * sum, c, 0);
          written.push_back(out[static_cast<std::size_t>(t * group + c)]);
          CHECK(std::abs(written.back() - expected) <= 1,
                width << ", " << t << ", " << c << ": " << written.back() << " and " << expected);
        }
      }
      for (int c = 0; c < group; ++c) CHECK(out[static_cast<std::size_t>(width * group + c)] == 77, "beyond the row");
      finish.check(written);
    }
  }
}

TEST(vnniLinearLayersAndConversionsAreTheirFormulas) {
  if (!available()) return;
  const int inputs = 51;
  const auto in = floats(inputs, 1);
  const auto weights = numbers<std::int16_t>(static_cast<std::size_t>(inputs * kVnniOutputs), -32'767, 32'767);
  const auto scale = floats(kVnniOutputs, 1e-4f);
  const auto bias = floats(kVnniOutputs, 1);
  for (const bool relu : {false, true}) {
    std::vector<float> out(kVnniOutputs);
    vnniLinear({in.data(), inputs, weights.data(), scale.data(), bias.data(), out.data(), relu});
    for (std::size_t o = 0; o < out.size(); ++o) {
      double sum = 0;
      for (int k = 0; k < inputs; ++k)
        sum += double{in[static_cast<std::size_t>(k)]} * weights[static_cast<std::size_t>(k) * kVnniOutputs + o];
      const double expected = sum * scale[o] + bias[o];
      CHECK(std::abs(out[o] - (relu ? std::max(expected, 0.0) : expected)) < 1e-3,
            o << ": " << out[o] << " and " << expected);
    }
  }
  const auto from = numbers<std::int16_t>(48, -32'767, 32'767);
  std::vector<std::uint8_t> bytes(from.size());
  std::vector<float> values(from.size());
  vnniToBytes(from.data(), from.size(), 255, bytes.data());
  vnniToFloats(from.data(), from.size(), 0.25f, values.data());
  auto wide = floats(from.size(), 100);
  wide[7] = -5000;
  std::vector<std::int16_t> narrow(wide.size());
  vnniFromFloats(wide.data(), wide.size(), 100, narrow.data());
  CHECK(vnniGreatest(wide.data(), wide.size(), 1) == 5000, "the greatest");
  CHECK(vnniGreatest(wide.data(), wide.size(), 6000) == 6000, "no less than told");
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const double expected = i == 7 ? -32767 : std::nearbyint(wide[i] * 100);
    CHECK(narrow[i] == expected, wide[i] << ": " << narrow[i]);
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    CHECK(bytes[i] == std::max<int>(rounded(from[i], 255), 0), from[i] << ": " << int{bytes[i]});
    CHECK(values[i] == 0.25f * from[i], from[i] << ": " << values[i]);
  }
}

namespace {

std::unique_ptr<Engine> engineIn(const RandomModel& model, Precision precision, int threads) {
  return makeEngine("cpu", model.config, model.weights, {threads, precision});
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

}  // namespace

TEST(int8GivesAWindowTheSameBitsInAnyBatchOnAnyThreads) {
  if (!available()) return;
  for (const int channels : {16, 24, 32}) {
    RandomModel model(resnetConfig({2, 1, 1, 2}, channels, 24, 64));
    for (const int frames : {9, 37, 61}) {
      const int window = frames * model.net.inputSize;
      auto features = model.features(5 * window);
      // One of another loudness beside the others.
      for (int i = window; i < 2 * window; ++i) features[static_cast<std::size_t>(i)] *= 40;
      const auto one = engineIn(model, Precision::int8, 1);
      const auto three = engineIn(model, Precision::int8, 3);
      const auto all = runEngine(*three, features.data(), 5, frames)[0];
      for (int i = 0; i < 5; ++i) {
        const auto alone = runEngine(*one, features.data() + i * window, 1, frames)[0];
        CHECK(std::equal(alone.begin(), alone.end(), all.begin() + i * 64),
              channels << " channels, " << frames << " frames, window " << i);
      }
    }
  }
}

TEST(int8HoldsWhereWeightsAndInputsAreExtreme) {
  if (!available()) return;
  // All weights of one sign reach as far as sums can; silence and a single spike are the least and the most uneven input.
  for (const float sign : {1.0f, -1.0f}) {
    RandomModel model(resnetConfig({1, 1, 1, 1}, 32, 24, 64));
    for (auto& [name, tensor] : model.weights) {
      if (tensor.shape.size() != 4) continue;
      std::size_t size = 1;
      for (const auto n : tensor.shape) size *= static_cast<std::size_t>(n);
      // Every second layer, so that something is left to see.
      if (name.find("conv2") == std::string::npos) continue;
      for (std::size_t i = 0; i < size; ++i) const_cast<float*>(tensor.data)[i] = sign * std::fabs(tensor.data[i]);
    }
    const auto exact = engineIn(model, Precision::fp32, 1);
    const auto reduced = engineIn(model, Precision::int8, 1);
    for (const int kind : {0, 1, 2}) {
      auto features = model.features(40 * 24);
      if (kind == 0) std::fill(features.begin(), features.end(), 0.0f);
      if (kind == 1) features[500] = 1e4f;
      if (kind == 2) std::fill(features.begin(), features.end(), 1e-6f);
      const auto a = runEngine(*exact, features.data(), 1, 40)[0];
      const auto b = runEngine(*reduced, features.data(), 1, 40)[0];
      CHECK(cosine(a, b) >= 0.999, "sign " << sign << ", kind " << kind << ": 1 - cosine " << 1 - cosine(a, b));
    }
  }
}

TEST(int8KeepsTheFirstSoundAfterZerosExact) {
  if (!available()) return;
  // Where the first layer gives nothing but zeros, what is added to them must not become as coarse as 1.
  for (const int block : {0, 1, 2}) {
    RandomModel model(with(resnetConfig({2, 1, 1, 1}, 32, 24, 64), {{"block", block}}));
    for (auto& [name, tensor] : model.weights) {
      if (name != "conv1.bias") continue;
      for (int c = 0; c < 32; ++c) const_cast<float*>(tensor.data)[c] = -0.1f;
    }
    const std::vector<float> silence(40 * 24);
    const auto a = runEngine(*engineIn(model, Precision::fp32, 1), silence.data(), 1, 40)[0];
    const auto b = runEngine(*engineIn(model, Precision::int8, 1), silence.data(), 1, 40)[0];
    CHECK(cosine(a, b) >= 0.999, "block " << block << ": 1 - cosine " << 1 - cosine(a, b));
  }
}

TEST(int8TakesWeightsTooSmallToDivideByForZeros) {
  if (!available()) return;
  // Those of a channel that training has left behind are often as small.
  CHECK(vnniScale(0, 127) == 1 && vnniScale(1e-37f, 32767) == 1, "too small to divide by");
  CHECK(vnniScale(2, 4) == 0.5f, "what a number is worth");
  RandomModel model(resnetConfig({1, 1, 1, 1}, 32, 24, 64));
  for (auto& [name, tensor] : model.weights) {
    std::int64_t size = 1;
    for (const auto n : tensor.shape) size *= n;
    if (tensor.shape.size() == 1) continue;
    for (std::int64_t i = 0; i < size / tensor.shape[0]; ++i) const_cast<float*>(tensor.data)[i] *= 1e-39f;
  }
  const auto features = model.features(40 * 24);
  const auto a = runEngine(*engineIn(model, Precision::fp32, 1), features.data(), 1, 40)[0];
  const auto b = runEngine(*engineIn(model, Precision::int8, 1), features.data(), 1, 40)[0];
  CHECK(cosine(a, b) >= 0.999, "1 - cosine " << 1 - cosine(a, b));
}
