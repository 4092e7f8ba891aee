// Products of a few rows of activations with a weight matrix, read once and in place.
//
// Each output is one dot product whose terms are added in the same order whatever the number of rows, so a
// token's result does not depend, not in one bit, on how many others are computed beside it.
#pragma once

#include <algorithm>
#include <type_traits>

#include "vectors.h"

namespace paceline {

constexpr int AHEAD = 24 << 10;  // bytes of a weight that are on their way from memory before they are needed

enum class Type : int32_t { f32 = 0, bf16 = 1, f16 = 2, i8 = 3 };

// A weight [out, in], row after row; i8 has a scale per row. `bias` may be null.
struct Linear {
    const void* weight;
    const float* scale;
    const float* bias;
    int32_t out, in;
};

// Keep a value in a register: GCC would load it again for each of its uses, and loads are what is scarce.
#if defined(__x86_64__)
#define PACELINE_HOLD(value) asm("" : "+v"(value))
#else
#define PACELINE_HOLD(value) asm("" : "+w"(value))
#endif

// Into the second-level cache, for the first is too small; past the end of a weight it does no harm.
template <class W> inline void fetch_ahead(const W* w) {
    __builtin_prefetch(reinterpret_cast<const char*>(w) + AHEAD, 0, 2);
}

// Whether weights W meet activations as integers. Their products of 8 and up to 16 bits are summed up exactly.
template <class W> constexpr bool INTEGERS = PACELINE_INT_DOT && std::is_same_v<W, int8_t>;
template <class W> constexpr bool PAIRS = PACELINE_BF16_DOT && std::is_same_v<W, BFloat16>;
template <class W> using Act = std::conditional_t<INTEGERS<W>, int16_t, std::conditional_t<PAIRS<W>, BFloat16, float>>;
template <class W> using Sum = std::conditional_t<INTEGERS<W>, Integers, Vector>;

// Tokens of activations [width, in]; integers have a scale for each token.
template <class W> struct Inputs {
    Act<W>* values;
    float* scales;
};

// A token's activations as the product with W takes them, into the place of token n.
template <class W> inline void take(const float* from, int in, const Inputs<W>& to, int n) {
    Act<W>* values = to.values + size_t(n) * in;
    if constexpr (INTEGERS<W>) {
        const int products = 2 * ((in + 2 * LANES - 1) / (2 * LANES));  // in each lane of a sum
        const float most = float(std::min(INT16_MAX, INT32_MAX / (127 * products)));
        Vector top = {};
        for (int d = 0; d < in; d += LANES) top = larger(top, larger(load(from + d), -load(from + d)));
        const float largest_value = largest(top), factor = largest_value > 0.0f ? most / largest_value : 0.0f;
        for (int d = 0; d < in; d += LANES) store(values + d, load(from + d) * factor);
        to.scales[n] = largest_value / most;
    } else {
        for (int d = 0; d < in; d += LANES) store(values + d, load(from + d));
    }
}

#if PACELINE_INT_DOT
template <int ROWS, int WIDTH, class... Left>
inline void accumulate(Integers (&acc)[WIDTH][ROWS], const int8_t* w, const int16_t* x, int in, Left... left) {
    __m512i value[WIDTH];
    PACELINE_UNROLL
    for (int n = 0; n < WIDTH; n++) {
        value[n] = integers(x + size_t(n) * in, left...);
        PACELINE_HOLD(value[n]);
    }
    PACELINE_UNROLL
    for (int r = 0; r < ROWS; r++) {
        __m512i row = widened(w + size_t(r) * in, left...);
        PACELINE_HOLD(row);
        fetch_ahead(w + size_t(r) * in);
        PACELINE_UNROLL
        for (int n = 0; n < WIDTH; n++) acc[n][r] = (Integers)_mm512_dpwssd_epi32((__m512i)acc[n][r], value[n], row);
    }
}
#endif

#if PACELINE_BF16_DOT
template <int ROWS, int WIDTH, class... Left>
inline void accumulate(Vector (&acc)[WIDTH][ROWS], const BFloat16* w, const BFloat16* x, int in, Left... left) {
    __m512bh value[WIDTH];
    PACELINE_UNROLL
    for (int n = 0; n < WIDTH; n++) {
        value[n] = pairs(x + size_t(n) * in, left...);
        PACELINE_HOLD(value[n]);
    }
    PACELINE_UNROLL
    for (int r = 0; r < ROWS; r++) {
        __m512bh row = pairs(w + size_t(r) * in, left...);
        PACELINE_HOLD(row);
        fetch_ahead(w + size_t(r) * in);
        PACELINE_UNROLL
        for (int n = 0; n < WIDTH; n++) acc[n][r] = (Vector)_mm512_dpbf16_ps((__m512)acc[n][r], value[n], row);
    }
}
#endif

constexpr int power_of_two(int least) { return least <= 1 ? 1 : 2 * power_of_two((least + 1) / 2); }

inline Vector floats(Vector v) { return v; }
inline Vector floats(Integers v) { return __builtin_convertvector(v, Vector); }

// The lanes of acc[n][r] added up, into out[n * stride + r]; up to LANES of them are added at a time.
template <int ROWS, int WIDTH, int FROM = 0, class S>
inline void write_sums(const S (&acc)[WIDTH][ROWS], float* out, int stride) {
    constexpr int COUNT = std::min(LANES, ROWS * (WIDTH - FROM)) / ROWS, ALL = power_of_two(COUNT * ROWS);
    Vector v[ALL] = {};
    PACELINE_UNROLL
    for (int i = 0; i < COUNT * ROWS; i++) v[i] = floats(acc[FROM + i / ROWS][i % ROWS]);
    const Vector total = sums<ALL>(v);
    PACELINE_UNROLL
    for (int n = 0; n < COUNT; n++)
        std::memcpy(out + size_t(FROM + n) * stride, reinterpret_cast<const float*>(&total) + n * ROWS, ROWS * sizeof(float));
    if constexpr (FROM + COUNT < WIDTH) write_sums<ROWS, WIDTH, FROM + COUNT>(acc, out, stride);
}

// out[n][r] for ROWS rows of weights from w and WIDTH rows of x [WIDTH, in].
template <int ROWS, int WIDTH, class W>
inline void tile(const W* w, const Act<W>* x, int in, float* out, int stride) {
    Sum<W> acc[WIDTH][ROWS] = {};
    if constexpr (INTEGERS<W> || PAIRS<W>) {
        int i = 0;
        for (; i + 2 * LANES <= in; i += 2 * LANES) accumulate(acc, w + i, x + i, in);
        if (i < in) accumulate(acc, w + i, x + i, in, in - i);
    } else
        for (int i = 0; i < in; i += LANES) {
            Vector value[WIDTH];
            PACELINE_UNROLL
            for (int n = 0; n < WIDTH; n++) {
                value[n] = load(x + size_t(n) * in + i);
                PACELINE_HOLD(value[n]);
            }
            PACELINE_UNROLL
            for (int r = 0; r < ROWS; r++) {
                Vector row = load(w + size_t(r) * in + i);
                PACELINE_HOLD(row);
                fetch_ahead(w + size_t(r) * in + i);
                PACELINE_UNROLL
                for (int n = 0; n < WIDTH; n++) acc[n][r] += value[n] * row;
            }
        }
    write_sums<ROWS, WIDTH>(acc, out, stride);
}

template <int WIDTH, class W>
void rows_of_width(const W* w, const Act<W>* x, int in, int rows, float* out, int stride) {
    constexpr int FIT = (REGISTERS - 1 - WIDTH) / WIDTH;  // of accumulators, beside a row's and all of x's values
    constexpr int ROWS = FIT >= 8 ? 8 : FIT >= 4 ? 4 : FIT >= 2 ? 2 : 1;
    int r = 0;
    for (; r + ROWS <= rows; r += ROWS) tile<ROWS, WIDTH>(w + size_t(r) * in, x, in, out + r, stride);
    for (; r < rows; r++) tile<1, WIDTH>(w + size_t(r) * in, x, in, out + r, stride);
}

template <class W>
void rows_of(const W* w, const Act<W>* x, int in, int rows, int width, float* out, int stride) {
    switch (width) {
        case 1: return rows_of_width<1>(w, x, in, rows, out, stride);
        case 2: return rows_of_width<2>(w, x, in, rows, out, stride);
        case 3: return rows_of_width<3>(w, x, in, rows, out, stride);
        case 4: return rows_of_width<4>(w, x, in, rows, out, stride);
        case 5: return rows_of_width<5>(w, x, in, rows, out, stride);
        default: return rows_of_width<6>(w, x, in, rows, out, stride);
    }
}

// Scale and shift rows [first, last) of a token's sums.
inline void finish(const Linear& m, int first, int last, float scale, float* out) {
    const int count = last - first, whole = count / LANES * LANES;
    for (int i = 0; i < whole; i += LANES) {
        Vector value = load(out + i);
        if (m.scale) value *= load(m.scale + first + i) * scale;
        if (m.bias) value += load(m.bias + first + i);
        store(out + i, value);
    }
    for (int i = whole; i < count; i++) {
        if (m.scale) out[i] *= m.scale[first + i] * scale;
        if (m.bias) out[i] += m.bias[first + i];
    }
}

// Rows [first, last) of the product with x [width, in], scaled, with bias: out[n * stride + r - first].
template <class W>
void multiply(const Linear& m, int first, int last, const Inputs<W>& x, int width, float* out, int stride) {
    constexpr int WIDEST = 6, CHUNK = 96 << 10;  // bytes of rows that stay near while all of x goes by
    const int parts = (width + WIDEST - 1) / WIDEST, most = (width + parts - 1) / parts;
    const int together = std::max(16, int(CHUNK / (m.in * sizeof(W))) / 16 * 16);
    for (int r = first; r < last; r += together) {
        const W* w = static_cast<const W*>(m.weight) + size_t(r) * m.in;
        const int rows = std::min(together, last - r);
        for (int n = 0; n < width; n += most)
            rows_of<W>(w, x.values + size_t(n) * m.in, m.in, rows, std::min(most, width - n),
                       out + size_t(n) * stride + (r - first), stride);
    }
    if (m.scale || m.bias)
        for (int n = 0; n < width; n++) finish(m, first, last, INTEGERS<W> ? x.scales[n] : 1.0f, out + size_t(n) * stride);
}

}  // namespace paceline
