// Attention of a few query rows over cached keys, in blocks of keys that are combined in order.
//
// Blocks lie at fixed places and a row meets each on its own, so its result does not depend on how many
// rows are computed beside it (the partial softmax of Milakov and Gimelshein 1805.02867).
#pragma once

#include <algorithm>
#include <cmath>

#include "vectors.h"

namespace paceline {

constexpr int BLOCK = 64;  // keys
constexpr int WIDEST_HEAD = 256;

// One row's share of a block: largest score, sum of exponentials, and the weighted sum of values after it.
struct Partial { float top, total; };

// Query rows that share a key head, and the first and last key each may see.
struct Rows {
    const float* queries;  // [count, head_dim], scaled
    const int* first;      // [count]
    const int* last;       // [count]
    int count;
};

template <class K> inline Vector product(const float* q, const K* k, int width) {
    Vector acc = {};
    for (int d = 0; d < width; d += LANES) acc += load(q + d) * load(k + d);
    return acc;
}

// Scores of one row against BLOCK keys; keys it may not see get -inf. Returns the largest.
template <class K>
inline float score(const float* q, const K* keys, int width, int start, int first, int last, float* scores) {
    Integers lane;
    for (int i = 0; i < LANES; i++) lane[i] = i;
    Vector top = splat(-INFINITY);
    for (int j = 0; j < BLOCK; j += LANES) {
        Vector v[LANES];
        const Integers place = lane + (start + j);
        for (int i = 0; i < LANES; i++) v[i] = product(q, keys + size_t(std::min(j + i, last - start)) * width, width);
        const Vector found = (place >= first) & (place <= last) ? sums<LANES>(v) : splat(-INFINITY);
        top = larger(top, found);
        store(scores + j, found);
    }
    return largest(top);
}

// Weighted sums of BLOCK values for `count` rows of weights [count, BLOCK], into out [count, step].
template <int ROWS, class K>
inline void mix(const float* weights, const K* values, int used, int width, float* out, int step) {
    for (int d = 0; d < width; d += 4 * LANES) {
        const int wide = std::min(4, (width - d) / LANES);
        Vector acc[ROWS][4] = {};
        for (int j = 0; j < used; j++)
            for (int part = 0; part < wide; part++) {
                const Vector value = load(values + size_t(j) * width + d + part * LANES);
                for (int r = 0; r < ROWS; r++) acc[r][part] += value * weights[r * BLOCK + j];
            }
        for (int r = 0; r < ROWS; r++)
            for (int part = 0; part < wide; part++) store(out + size_t(r) * step + d + part * LANES, acc[r][part]);
    }
}

template <class K>
void mix_rows(const float* weights, const K* values, int used, int width, float* out, int step, int count) {
    switch (count) {
        case 1: return mix<1>(weights, values, used, width, out, step);
        case 2: return mix<2>(weights, values, used, width, out, step);
        case 3: return mix<3>(weights, values, used, width, out, step);
        default: return mix<4>(weights, values, used, width, out, step);
    }
}

// Turn the scores of a block into weights in place.
inline Partial soften(float* scores, float top) {
    Vector total = {};
    for (int j = 0; j < BLOCK; j += LANES) {
        const Vector weight = exponential(load(scores + j) - top);
        total += weight;
        store(scores + j, weight);
    }
    return {top, sum(total)};
}

// The block of keys from `start` for all rows: partials[row * step] = Partial, then head_dim floats.
template <class Q, class K>
void attend_block(const Rows& rows, const Q* keys, const K* values, int start, int width, float* partials, int step) {
    constexpr int TILE = 4;
    float weights[TILE * BLOCK];
    for (int from = 0; from < rows.count; from += TILE) {
        const int count = std::min(TILE, rows.count - from);
        int used = 0;
        for (int r = 0; r < count; r++) {
            const int row = from + r, first = rows.first[row], last = rows.last[row];
            float* scores = weights + r * BLOCK;
            Partial found = {-INFINITY, 0.0f};
            if (last < start || first >= start + BLOCK) {
                std::fill(scores, scores + BLOCK, 0.0f);
            } else {
                const float* query = rows.queries + size_t(row) * width;
                found = soften(scores, score(query, keys, width, start, first, last, scores));
                used = std::max(used, std::min(last + 1 - start, BLOCK));
            }
            std::memcpy(partials + size_t(row) * step, &found, sizeof found);
        }
        mix_rows(weights, values, used, width, partials + size_t(from) * step + 2, step, count);
    }
}

// The same from a whole store [capacity, width]; where many rows read the keys they are widened once.
template <class K>
void attend_store(const Rows& rows, const K* keys, const K* values, int start, int width, float* partials, int step) {
    keys += size_t(start) * width;
    values += size_t(start) * width;
    const int held = std::min(BLOCK, *std::max_element(rows.last, rows.last + rows.count) + 1 - start);
    if (std::is_same_v<K, float> || rows.count < 3) return attend_block(rows, keys, values, start, width, partials, step);
    float wide[BLOCK * WIDEST_HEAD];
    for (int i = 0; i < held * width; i += LANES) store(wide + i, load(keys + i));
    attend_block(rows, static_cast<const float*>(wide), values, start, width, partials, step);
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
