// A decoder of the Llama shape for a few tokens at once: every phase of a layer is shared out to a team.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "attention.h"
#include "linear.h"
#include "team.h"

namespace paceline {

constexpr int WIDEST = 64;         // tokens of one step
constexpr int MOST_SHARING = 64;   // query heads that share a key head
constexpr int ROWS_TOGETHER = 8;   // rows of a weight that are not parted between ranks
constexpr int CHUNK_OF_SUMS = 128;  // rows of a product that a rank holds at once

struct Layer {
    Linear qkv, out, gate_up, down;
    const float* input_norm;
    const float* mlp_norm;
    const float* head_norm;  // [heads + kv_heads, head_dim] or null
    int32_t window;          // 0: sees all
};

struct Shape {
    int32_t vocab, dim, hidden, layers, heads, kv_heads, head_dim;
    Type weights, keys;
    float eps;
    Linear head;
    const void* embedding;         // [vocab, dim] of `weights`
    const float* embedding_scale;  // [vocab] for i8, else null
    const float* norm;
    const float* rotary;  // [context, 2 * head_dim]: cosines, then signed sines
};

// Keys and values of one sequence: [layers, 2 * kv_heads, capacity, head_dim], the keys of each block of BLOCK
// positions transposed, both in pairs where their type is PAIRED; `capacity` is a multiple of BLOCK.
struct Store {
    void* buffer;
    int64_t capacity;
};

// The likeliest token of a position and the natural logarithm of its probability.
struct Choice {
    int32_t token;
    float log_probability;
};

// What one step is asked: `width` tokens to append at `start`, and which logits of the last `keep` to give.
struct Task {
    Store store;
    const int32_t* tokens;
    int32_t start, width, keep, limit;
    Choice* choices;  // [keep]
    float* logits;    // [keep, limit] or null
};

template <class K> inline void keep_key(const float* from, K* block, int place, int width) {
    constexpr int SIDE_BY_SIDE = PAIRED<K> ? 2 : 1;
    K kept[WIDEST_HEAD];
    for (int d = 0; d < width; d += LANES) store(kept + d, load(from + d));
    for (int d = 0; d < width; d += SIDE_BY_SIDE)
        std::memcpy(block + size_t(d) * BLOCK + place * SIDE_BY_SIDE, kept + d, SIDE_BY_SIDE * sizeof(K));
}

template <class K> inline void keep_value(const float* from, K* values, int position, int width) {
    if constexpr (PAIRED<K>) {
        K kept[WIDEST_HEAD];
        for (int d = 0; d < width; d += LANES) store(kept + d, load(from + d));
        K* to = values + size_t(position / 2 * 2) * width + position % 2;
        for (int d = 0; d < width; d++) to[2 * d] = kept[d];
    } else {
        for (int d = 0; d < width; d += LANES) store(values + size_t(position) * width + d, load(from + d));
    }
}

// The blocks of keys that a layer's attention reads in a step.
struct Blocks {
    int first, count;
    Blocks(const Task& task, const Layer& layer)
        : first((layer.window ? std::max(0, task.start + 1 - layer.window) : 0) / BLOCK),
          count((task.start + task.width + BLOCK - 1) / BLOCK - first) {}
};

class Decoder {
public:
    Decoder(const Shape& shape, const Layer* layers, Team& team);
    void step(const Task& task);

private:
    template <class W> void run(int rank);
    template <class W> void embed(int rank);
    template <class W> void attention(int rank, const Layer& layer, int index);
    template <class W> void feed_forward(int rank, const Layer& layer);
    template <class W> void predict(int rank);
    template <class W> void normalise(const float* weight, int from, int rank);
    template <class W> void add(int rank, const Linear& m, const Inputs<W>& x);
    template <class K> void turn(int rank, const Layer& layer, int index);
    template <class K> void attend(int rank, const Layer& layer, int index);
    void choose(int rank, int n, const float* row, int first, int last);
    void merge();

    template <class W> Inputs<W> inputs(int rank) {
        return {reinterpret_cast<Act<W>*>(own_[rank].data()), scales_[rank].data()};
    }
    int heads_in_all() const { return shape_.heads + 2 * shape_.kv_heads; }
    int group() const { return shape_.heads / shape_.kv_heads; }
    int mixed_width() const { return shape_.heads * shape_.head_dim; }
    int step_of_partials() const { return shape_.head_dim + 2; }
    size_t block_of_partials() const { return size_t(task_.width) * group() * step_of_partials(); }

    const Shape shape_;
    const std::vector<Layer> layers_;
    Team& team_;
    std::vector<float> x_, heads_, queries_, partials_, hidden_, logits_;  // shared by the team
    std::vector<std::vector<float>> own_, scales_, row_, sums_;            // of one rank
    std::vector<Choice> found_;                                            // [ranks, WIDEST]
    std::vector<float> totals_;                                            // [ranks, WIDEST]
    Task task_{};
    Sharing sharing_;
};

inline Decoder::Decoder(const Shape& shape, const Layer* layers, Team& team)
    : shape_(shape), layers_(layers, layers + shape.layers), team_(team) {
    const int widest_input = std::max({shape.dim, shape.hidden, mixed_width()});
    x_.resize(size_t(WIDEST) * shape.dim);
    heads_.resize(size_t(WIDEST) * heads_in_all() * shape.head_dim);
    queries_.resize(size_t(WIDEST) * mixed_width());
    hidden_.resize(size_t(WIDEST) * shape.hidden);
    own_.assign(team.size(), std::vector<float>(size_t(WIDEST) * widest_input));
    scales_.assign(team.size(), std::vector<float>(WIDEST));
    row_.assign(team.size(), std::vector<float>(widest_input));
    sums_.assign(team.size(), std::vector<float>(size_t(WIDEST) * 2 * CHUNK_OF_SUMS));
    found_.resize(size_t(team.size()) * WIDEST);
    totals_.resize(found_.size());
}

inline void Decoder::step(const Task& task) {
    task_ = task;
    const int most = (task.start + task.width + BLOCK - 1) / BLOCK;
    if (!task.logits) logits_.resize(std::max(logits_.size(), size_t(task.keep) * task.limit));
    partials_.resize(std::max(partials_.size(), size_t(shape_.kv_heads) * most * block_of_partials()));
    const bool together = team_.size() > 1 && sharing_.next();
    const auto begun = std::chrono::steady_clock::now();
    team_.run(together, [this](int rank) {
        switch (shape_.weights) {
            case Type::f32: return run<float>(rank);
            case Type::bf16: return run<BFloat16>(rank);
            case Type::f16: return run<_Float16>(rank);
            case Type::i8: return run<int8_t>(rank);
        }
    });
    if (team_.size() > 1)
        sharing_.note(together, task.width, task.start, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
}

template <class W> void Decoder::run(int rank) {
    embed<W>(rank);
    team_.meet();
    for (int i = 0; i < shape_.layers; i++) {
        attention<W>(rank, layers_[i], i);
        feed_forward<W>(rank, layers_[i]);
    }
    if (task_.keep > 0) predict<W>(rank);
}

template <class W> void Decoder::embed(int rank) {
    const auto [first, last] = team_.share(rank, task_.width, 1);
    for (int n = first; n < last; n++) {
        const size_t row = task_.tokens[n];
        const W* from = static_cast<const W*>(shape_.embedding) + row * shape_.dim;
        const float scale = shape_.embedding_scale ? shape_.embedding_scale[row] : 1.0f;
        float* x = x_.data() + size_t(n) * shape_.dim;
        for (int d = 0; d < shape_.dim; d += LANES) store(x + d, load(from + d) * scale);
    }
}

inline float inverse_root_mean_square(const float* x, int width, float eps) {
    Vector squares = {};
    for (int d = 0; d < width; d += LANES) squares += load(x + d) * load(x + d);
    return 1.0f / std::sqrt(sum(squares) / width + eps);
}

// Root-mean-square norm of the tokens from `from` on into the rank's own activations; every rank does all.
template <class W> void Decoder::normalise(const float* weight, int from, int rank) {
    const Inputs<W> out = inputs<W>(rank);
    float* row = row_[rank].data();
    for (int n = from; n < task_.width; n++) {
        const float* x = x_.data() + size_t(n) * shape_.dim;
        const float scale = inverse_root_mean_square(x, shape_.dim, shape_.eps);
        for (int d = 0; d < shape_.dim; d += LANES) store(row + d, load(x + d) * scale * load(weight + d));
        take(row, shape_.dim, out, n - from);
    }
}

template <class W> void Decoder::attention(int rank, const Layer& layer, int index) {
    const int wide = heads_in_all() * shape_.head_dim;
    normalise<W>(layer.input_norm, 0, rank);
    const auto [first, last] = team_.share(rank, wide, ROWS_TOGETHER);
    multiply(layer.qkv, first, last, inputs<W>(rank), task_.width, heads_.data() + first, wide);
    team_.meet();
    switch (shape_.keys) {
        case Type::f32: attend<float>(rank, layer, index); break;
        case Type::bf16: attend<BFloat16>(rank, layer, index); break;
        default: attend<_Float16>(rank, layer, index);
    }
    const int blocks = Blocks(task_, layer).count;
    float* mixed = row_[rank].data();
    for (int n = 0; n < task_.width; n++) {
        for (int h = 0; h < shape_.heads; h++) {
            const size_t row = size_t(n) * group() + h % group();
            const float* from = partials_.data() + size_t(h / group()) * blocks * block_of_partials() + row * step_of_partials();
            combine(from, blocks, block_of_partials(), shape_.head_dim, mixed + size_t(h) * shape_.head_dim);
        }
        take(mixed, mixed_width(), inputs<W>(rank), n);
    }
    add(rank, layer.out, inputs<W>(rank));
    team_.meet();
}

// Rotate the new queries and keys (after their norm, where the family has one), and store keys and values.
template <class K> void Decoder::turn(int rank, const Layer& layer, int index) {
    const int width = shape_.head_dim, half = width / 2, turning = shape_.heads + shape_.kv_heads;
    K* base = static_cast<K*>(task_.store.buffer) + size_t(index) * 2 * shape_.kv_heads * task_.store.capacity * width;
    const float scale = 1.0f / std::sqrt(float(width));
    const auto [first, last] = team_.share(rank, task_.width * heads_in_all(), 1);
    for (int item = first; item < last; item++) {
        const int n = item / heads_in_all(), h = item % heads_in_all(), position = task_.start + n;
        float* head = heads_.data() + size_t(item) * width;
        float turned[WIDEST_HEAD];
        if (h < turning) {
            if (layer.head_norm) {
                const float factor = inverse_root_mean_square(head, width, shape_.eps);
                for (int d = 0; d < width; d += LANES)
                    store(head + d, load(head + d) * factor * load(layer.head_norm + size_t(h) * width + d));
            }
            const float* cosines = shape_.rotary + size_t(position) * 2 * width;
            const float* sines = cosines + width;
            for (int d = 0; d < width; d++) turned[d] = head[d] * cosines[d] + head[(d + half) % width] * sines[d];
        }
        if (h < shape_.heads) {
            Factor<K>* to = reinterpret_cast<Factor<K>*>(queries_.data());
            to += ((size_t(h / group()) * task_.width + n) * group() + h % group()) * width;
            for (int d = 0; d < width; d += LANES) store(to + d, load(turned + d) * scale);
            continue;
        }
        K* to = base + size_t(h - shape_.heads) * task_.store.capacity * width;
        if (h < turning) keep_key(turned, to + size_t(position / BLOCK * BLOCK) * width, position % BLOCK, width);
        else keep_value(head, to, position, width);
    }
}

template <class K> void Decoder::attend(int rank, const Layer& layer, int index) {
    turn<K>(rank, layer, index);
    team_.meet();
    const int width = shape_.head_dim, count = task_.width * group();
    const Blocks blocks(task_, layer);
    int firsts[WIDEST * MOST_SHARING], lasts[WIDEST * MOST_SHARING];
    for (int row = 0; row < count; row++) {
        lasts[row] = task_.start + row / group();
        firsts[row] = layer.window ? std::max(0, lasts[row] + 1 - layer.window) : 0;
    }
    const K* base = static_cast<K*>(task_.store.buffer) + size_t(index) * 2 * shape_.kv_heads * task_.store.capacity * width;
    const size_t head_size = size_t(task_.store.capacity) * width;
    const int tiles = (count + TILE - 1) / TILE;
    const auto [first, last] = team_.share(rank, shape_.kv_heads * blocks.count * tiles, 1);
    for (int item = first, next; item < last; item = next) {
        const int pair = item / tiles, head = pair / blocks.count, block = blocks.first + pair % blocks.count;
        next = std::min(last, (pair + 1) * tiles);
        const int row = item % tiles * TILE, rows = std::min(count, (next - pair * tiles) * TILE) - row;
        const Factor<K>* queries = reinterpret_cast<const Factor<K>*>(queries_.data()) + (size_t(head) * count + row) * width;
        const size_t at = size_t(block) * BLOCK * width;
        attend_rows(Rows<K>{queries, firsts + row, lasts + row, rows}, base + head * head_size + at,
                    base + (shape_.kv_heads + head) * head_size + at, block * BLOCK, width,
                    partials_.data() + size_t(pair) * block_of_partials() + size_t(row) * step_of_partials(), step_of_partials());
    }
    team_.meet();
}

// Add the rank's share of the product with x [width, in] to the residual stream.
template <class W> void Decoder::add(int rank, const Linear& m, const Inputs<W>& x) {
    float* out = sums_[rank].data();
    const auto [first, last] = team_.share(rank, m.out, ROWS_TOGETHER);
    for (int r = first; r < last; r += CHUNK_OF_SUMS) {
        const int count = std::min(CHUNK_OF_SUMS, last - r);
        multiply(m, r, r + count, x, task_.width, out, count);
        for (int n = 0; n < task_.width; n++)
            for (int i = 0; i < count; i++) x_[size_t(n) * shape_.dim + r + i] += out[size_t(n) * count + i];
    }
}

template <class W> void Decoder::feed_forward(int rank, const Layer& layer) {
    normalise<W>(layer.mlp_norm, 0, rank);
    using Kept = std::conditional_t<INTEGERS<W>, float, Act<W>>;
    Kept* hidden = reinterpret_cast<Kept*>(hidden_.data());
    float* gate = sums_[rank].data();
    const auto [first, last] = team_.share(rank, shape_.hidden, LANES);
    for (int r = first; r < last; r += CHUNK_OF_SUMS) {
        const int count = std::min(CHUNK_OF_SUMS, last - r);
        float* up = gate + size_t(task_.width) * count;
        multiply(layer.gate_up, r, r + count, inputs<W>(rank), task_.width, gate, count);
        multiply(layer.gate_up, shape_.hidden + r, shape_.hidden + r + count, inputs<W>(rank), task_.width, up, count);
        for (int n = 0; n < task_.width; n++)
            for (int i = 0; i < count; i += LANES) {
                const Vector g = load(gate + size_t(n) * count + i), u = load(up + size_t(n) * count + i);
                store(hidden + size_t(n) * shape_.hidden + r + i, g / (1.0f + exponential(-g)) * u);
            }
    }
    team_.meet();
    if constexpr (INTEGERS<W>) {  // a token's scale is known only now
        for (int n = 0; n < task_.width; n++) take(hidden + size_t(n) * shape_.hidden, shape_.hidden, inputs<W>(rank), n);
        add(rank, layer.down, inputs<W>(rank));
    } else {
        add(rank, layer.down, Inputs<W>{hidden, nullptr});
    }
    team_.meet();
}

template <class W> void Decoder::predict(int rank) {
    normalise<W>(shape_.norm, task_.width - task_.keep, rank);
    float* logits = task_.logits ? task_.logits : logits_.data();
    const auto [first, last] = team_.share(rank, task_.limit, ROWS_TOGETHER);
    multiply(shape_.head, first, last, inputs<W>(rank), task_.keep, logits + first, task_.limit);
    for (int n = 0; n < task_.keep; n++) choose(rank, n, logits + size_t(n) * task_.limit, first, last);
    team_.meet();
    if (rank == 0) merge();
}

// The rank's best token of a row and the sum of exponentials relative to it; the lowest id wins a tie.
inline void Decoder::choose(int rank, int n, const float* row, int first, int last) {
    const int whole = first + (last - first) / LANES * LANES;
    Vector tops = splat(-INFINITY), totals = {};
    for (int i = first; i < whole; i += LANES) tops = larger(tops, load(row + i));
    float top = largest(tops), total = 0.0f;
    for (int i = whole; i < last; i++) top = std::max(top, row[i]);
    for (int i = first; i < whole; i += LANES) totals += exponential(load(row + i) - top);
    for (int i = whole; i < last; i++) total += std::exp(row[i] - top);
    const int best = int(std::find(row + first, row + last, top) - row);
    found_[size_t(rank) * WIDEST + n] = {best, top};
    totals_[size_t(rank) * WIDEST + n] = total + sum(totals);
}

inline void Decoder::merge() {
    for (int n = 0; n < task_.keep; n++) {
        Choice best = found_[n];
        for (int rank = 1; rank < team_.active(); rank++) {
            const Choice& other = found_[size_t(rank) * WIDEST + n];
            if (other.log_probability > best.log_probability) best = other;
        }
        float total = 0.0f;
        for (int rank = 0; rank < team_.active(); rank++) {
            const size_t place = size_t(rank) * WIDEST + n;
            total += totals_[place] * std::exp(found_[place].log_probability - best.log_probability);
        }
        task_.choices[n] = {best.token, -std::log(total)};
    }
}

}  // namespace paceline
