// Attention of a few query rows over cached keys, in blocks of keys that are combined in order.
//
// The keys of a block lie transposed, so that scores are summed up side by side, sixteen keys at a time. Where
// the processor multiplies pairs of bfloat16, two dimensions of a key lie side by side, and so do two values of
// a dimension; queries and weights are then rounded to bfloat16, as torch does. Blocks lie at fixed places and a row meets each on its own, so its result does not depend on how many
// rows are computed beside it (the partial softmax of Milakov and Gimelshein 1805.02867).
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "vectors.h"

namespace paceline {

constexpr int BLOCK = 64;  // keys
constexpr int WIDEST_HEAD = 256;
constexpr int TILE = REGISTERS == 32 ? 6 : 2;  // rows that share what is loaded
constexpr int STRIP = 4;                       // vectors a row of a tile sums up at once
constexpr int MANY = 2 * TILE;                 // rows from which a block is widened to float once for all

// A row's share of a block: its largest score and the sum of exponentials after that.
struct Partial { float top, total; };

#if PACELINE_BF16_DOT
template <class K> constexpr bool PAIRED = std::is_same_v<K, BFloat16>;
#else
template <class K> constexpr bool PAIRED = false;
#endif
// What multiplies keys and values.
template <class K> using Factor = std::conditional_t<PAIRED<K>, BFloat16, float>;

// Query rows that share a key head, and the first and last key each may see.
template <class K> struct Rows {
    const Factor<K>* queries;  // [count, head_dim], scaled
    const int* first;          // [count]
    const int* last;           // [count]
    int count;
};

#if PACELINE_BF16_DOT
// As below, for an even `depth` and pairs: right[d * width + 2 * i] and the next belong to d and d + 1.
template <int ROWS, int PARTS>
inline void accumulate(Vector (&acc)[ROWS][PARTS], const BFloat16* left, int stride, const BFloat16* right, int depth, int width) {
    for (int d = 0; d < depth; d += 2) {
        __m512bh value[PARTS];
        PACELINE_UNROLL
        for (int part = 0; part < PARTS; part++) value[part] = pairs(right + size_t(d) * width + part * 2 * LANES);
        PACELINE_UNROLL
        for (int r = 0; r < ROWS; r++) {
            int32_t both;
            std::memcpy(&both, left + size_t(r) * stride + d, sizeof both);
            const __m512bh factor = (__m512bh)_mm512_set1_epi32(both);
            PACELINE_UNROLL
            for (int part = 0; part < PARTS; part++)
                acc[r][part] = (Vector)_mm512_dpbf16_ps((__m512)acc[r][part], factor, value[part]);
        }
    }
}
#endif

template <int ROWS, int PARTS, class T>
inline void accumulate(Vector (&acc)[ROWS][PARTS], const float* left, int stride, const T* right, int depth, int width) {
    for (int d = 0; d < depth; d++) {
        Vector value[PARTS];
        PACELINE_UNROLL
        for (int part = 0; part < PARTS; part++) value[part] = load(right + size_t(d) * width + part * LANES);
        PACELINE_UNROLL
        for (int r = 0; r < ROWS; r++) {
            const Vector factor = splat(left[size_t(r) * stride + d]);
            PACELINE_UNROLL
            for (int part = 0; part < PARTS; part++) acc[r][part] += factor * value[part];
        }
    }
}

// PARTS vectors of each of ROWS rows: out[r * step + i] = sum over d of left[r * stride + d] * right[d * width + i].
template <int ROWS, int PARTS, class T>
inline void strip(const Factor<T>* left, int stride, const T* right, int depth, int width, float* out, int step) {
    Vector acc[ROWS][PARTS] = {};
    accumulate(acc, left, stride, right, depth, width);
    PACELINE_UNROLL
    for (int r = 0; r < ROWS; r++)
        PACELINE_UNROLL
        for (int part = 0; part < PARTS; part++) store(out + size_t(r) * step + part * LANES, acc[r][part]);
}

// The same for all `width` columns.
template <int ROWS, class T>
inline void outer(const Factor<T>* left, int stride, const T* right, int depth, int width, float* out, int step) {
    constexpr int NEXT = PAIRED<T> ? 2 : 1;
    int i = 0;
    for (; i + STRIP * LANES <= width; i += STRIP * LANES)
        strip<ROWS, STRIP>(left, stride, right + NEXT * i, depth, width, out + i, step);
    for (; i < width; i += LANES) strip<ROWS, 1>(left, stride, right + NEXT * i, depth, width, out + i, step);
}

template <class T>
void outer_rows(int rows, const Factor<T>* left, int stride, const T* right, int depth, int width, float* out, int step) {
    switch (rows) {
        case 1: return outer<1>(left, stride, right, depth, width, out, step);
        case 2: return outer<2>(left, stride, right, depth, width, out, step);
        case 3: return outer<std::min(3, TILE)>(left, stride, right, depth, width, out, step);
        case 4: return outer<std::min(4, TILE)>(left, stride, right, depth, width, out, step);
        case 5: return outer<std::min(5, TILE)>(left, stride, right, depth, width, out, step);
        default: return outer<TILE>(left, stride, right, depth, width, out, step);
    }
}

// Turn the scores of keys start, start + 1, ... into weights in place; keys outside first ... last get 0.
inline Partial soften(float* scores, int start, int first, int last) {
    if (last < start || first >= start + BLOCK) {
        std::fill(scores, scores + BLOCK, 0.0f);
        return {-INFINITY, 0.0f};
    }
    Integers lane;
    for (int i = 0; i < LANES; i++) lane[i] = i;
    Vector top = splat(-INFINITY), total = {};
    for (int j = 0; j < BLOCK; j += LANES) {
        const Integers place = lane + (start + j);
        const Vector found = (place >= first) & (place <= last) ? load(scores + j) : splat(-INFINITY);
        top = larger(top, found);
        store(scores + j, found);
    }
    const float most = largest(top);
    for (int j = 0; j < BLOCK; j += LANES) {
        const Vector weight = exponential(load(scores + j) - most);
        total += weight;
        store(scores + j, weight);
    }
    return {most, sum(total)};
}

// A block for all rows: partials[row * step] = Partial, then head_dim floats. `keys` is [head_dim, BLOCK],
// `values` [BLOCK, head_dim], in pairs where K is PAIRED; both begin at the key `start`.
template <class K>
void attend_block(const Rows<K>& rows, const K* keys, const K* values, int start, int width, float* partials, int step) {
    float scores[TILE * BLOCK];
    Factor<K> rounded[PAIRED<K> ? TILE * BLOCK : 1];
    for (int from = 0; from < rows.count; from += TILE) {
        const int count = std::min(TILE, rows.count - from);
        int used = 0;
        outer_rows(count, rows.queries + size_t(from) * width, width, keys, width, BLOCK, scores, BLOCK);
        for (int r = 0; r < count; r++) {
            const Partial found = soften(scores + r * BLOCK, start, rows.first[from + r], rows.last[from + r]);
            std::memcpy(partials + size_t(from + r) * step, &found, sizeof found);
            used = std::max(used, std::min(rows.last[from + r] + 1 - start, BLOCK));
        }
        const Factor<K>* weights;
        if constexpr (PAIRED<K>) {
            for (int i = 0; i < count * BLOCK; i += LANES) store(rounded + i, load(scores + i));
            weights = rounded;
            used += used % 2;
        } else {
            weights = scores;
        }
        outer_rows(count, weights, BLOCK, values, used, width, partials + size_t(from) * step + 2, step);
    }
}

// The same, widening the block to float first where many rows will read it; exact, so it changes no result.
template <class K>
void attend_rows(const Rows<K>& rows, const K* keys, const K* values, int start, int width, float* partials, int step) {
    if constexpr (!PAIRED<K> && !std::is_same_v<K, float>) {
        if (rows.count > MANY) {
            float wide_keys[BLOCK * WIDEST_HEAD], wide_values[BLOCK * WIDEST_HEAD];
            for (int i = 0; i < BLOCK * width; i += LANES) {
                store(wide_keys + i, load(keys + i));
                store(wide_values + i, load(values + i));
            }
            const Rows<float> same{rows.queries, rows.first, rows.last, rows.count};
            return attend_block(same, wide_keys, wide_values, start, width, partials, step);
        }
    }
    attend_block(rows, keys, values, start, width, partials, step);
}

// Combine a row's partials of `blocks` blocks, `stride` floats apart, into out [head_dim].
inline void combine(const float* partials, int blocks, size_t stride, int width, float* out) {
    float top = -INFINITY, total = 0.0f;
    for (int b = 0; b < blocks; b++) top = std::max(top, partials[b * stride]);
    Vector acc[WIDEST_HEAD / LANES] = {};
    for (int b = 0; b < blocks; b++) {
        const float* one = partials + b * stride;
        if (one[1] == 0.0f) continue;
        const float weight = std::exp(one[0] - top);
        total += weight * one[1];
        for (int d = 0; d < width; d += LANES) acc[d / LANES] += load(one + 2 + d) * weight;
    }
    for (int d = 0; d < width; d += LANES) store(out + d, acc[d / LANES] / total);
}

}  // namespace paceline
